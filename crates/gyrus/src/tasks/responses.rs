//! Cleaned responses on disk, target by target: written by prepare, read in blocks of targets by everything after it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::PathBuf;

use gyrus_core::{CoreError, TargetBlocks};
use ndarray::{Array2, s};

use super::prepare::Prepare;
use crate::Error;
use crate::store::Store;

/// Targets that are turned from rows to columns at a time.
const TILE: usize = 64;
/// Bytes before the first value: the shape.
const HEADER: u64 = 16;

/// Writes a table (n_samples, n_targets) so that the samples of a target stand together: two whole numbers of 64 bits for its
/// shape (targets, samples), then single precision, all little-endian.
pub(super) fn write(writer: &mut dyn Write, values: &Array2<f32>) -> io::Result<()> {
    let (samples, targets) = values.dim();
    writer.write_all(&(targets as u64).to_le_bytes())?;
    writer.write_all(&(samples as u64).to_le_bytes())?;
    let mut bytes = Vec::with_capacity(4 * samples * TILE);
    for first in (0..targets).step_by(TILE) {
        bytes.clear();
        for target in first..targets.min(first + TILE) {
            values.column(target).iter().for_each(|value| bytes.extend(value.to_le_bytes()));
        }
        writer.write_all(&bytes)?;
    }
    Ok(())
}

/// One recording's file.
#[derive(Debug, Clone)]
struct Stored {
    path: PathBuf,
    targets: usize,
    samples: usize,
}

impl Stored {
    fn open(path: PathBuf) -> Result<Self, Error> {
        let damaged = |reason: String| Error::Store { path: path.clone(), reason };
        let mut header = [0; HEADER as usize];
        let mut file = File::open(&path).map_err(|error| damaged(error.to_string()))?;
        file.read_exact(&mut header).map_err(|error| damaged(error.to_string()))?;
        let [targets, samples] = [0, 8].map(|at| {
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&header[at..at + 8]);
            u64::from_le_bytes(bytes)
        });
        let found = file.metadata().map_err(|error| damaged(error.to_string()))?.len();
        let expected =
            targets.checked_mul(samples).and_then(|count| count.checked_mul(4)?.checked_add(HEADER));
        if expected != Some(found) {
            return Err(damaged(format!("{found} bytes for {targets} targets of {samples} samples")));
        }
        Ok(Self { path, targets: targets as usize, samples: samples as usize })
    }

    /// Samples of some targets, one target after the other.
    fn read(&self, targets: Range<usize>) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(HEADER + 4 * (targets.start * self.samples) as u64))?;
        let mut bytes = vec![0; 4 * targets.len() * self.samples];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }
}

/// Responses of the participants of a design side by side, shape (n_samples, n_participants · n_targets), read from the store.
///
/// A target without a value in some run has none in the design: constant responses, zeros, give it NaN as its score.
#[derive(Debug, Clone)]
pub(super) struct Responses {
    /// Per participant and run.
    runs: Vec<Vec<Stored>>,
    /// The targets of each participant that are shown.
    targets: Range<usize>,
    n_samples: usize,
}

impl Responses {
    pub(super) fn open(tasks: &[Vec<Prepare>], store: &Store) -> Result<Self, Error> {
        let of_run = |task: &Prepare| Stored::open(task.file(store)?);
        let of_person = |runs: &Vec<Prepare>| runs.iter().map(of_run).collect::<Result<Vec<_>, Error>>();
        let runs = tasks.iter().map(of_person).collect::<Result<Vec<_>, Error>>()?;
        let first = runs.first().and_then(|runs| runs.first());
        let targets = 0..first.map_or(0, |stored| stored.targets);
        let n_samples = runs.first().map_or(0, |runs| runs.iter().map(|stored| stored.samples).sum());
        Ok(Self { runs, targets, n_samples })
    }

    /// The same responses, of some of each participant's targets only.
    pub(super) fn of_targets(&self, targets: Range<usize>) -> Self {
        Self { targets, ..self.clone() }
    }

    /// The responses of one participant.
    pub(super) fn of_participant(&self, participant: usize) -> Self {
        Self { runs: vec![self.runs[participant].clone()], ..self.clone() }
    }

    /// All of them in memory.
    pub(super) fn all(&self) -> Result<Array2<f32>, Error> {
        let every = 0..self.n_targets();
        self.read(every).map_err(Error::from)
    }

    fn fill(
        &self,
        participant: usize,
        targets: Range<usize>,
        out: &mut Array2<f32>,
        column: usize,
    ) -> Result<(), String> {
        let mut row = 0;
        for stored in &self.runs[participant] {
            let shown = |error: io::Error| format!("{}: {error}", stored.path.display());
            let bytes = stored.read(targets.clone()).map_err(shown)?;
            let (chunks, _) = bytes.as_chunks::<4>();
            for (target, series) in chunks.chunks_exact(stored.samples.max(1)).enumerate() {
                let mut cells = out.slice_mut(s![row..row + stored.samples, column + target]);
                cells.iter_mut().zip(series).for_each(|(cell, value)| *cell = f32::from_le_bytes(*value));
            }
            row += stored.samples;
        }
        Ok(())
    }
}

impl TargetBlocks for Responses {
    fn n_samples(&self) -> usize {
        self.n_samples
    }

    fn n_targets(&self) -> usize {
        self.runs.len() * self.targets.len()
    }

    fn read(&self, columns: Range<usize>) -> Result<Array2<f32>, CoreError> {
        let mut out = Array2::zeros((self.n_samples, columns.len()));
        let mut at = columns.start;
        while at < columns.end {
            let (participant, first) = (at / self.targets.len(), at % self.targets.len());
            let count = (columns.end - at).min(self.targets.len() - first);
            let targets = self.targets.start + first..self.targets.start + first + count;
            self.fill(participant, targets, &mut out, at - columns.start)
                .map_err(|reason| CoreError::Responses { first: columns.start, last: columns.end, reason })?;
            at += count;
        }
        for mut column in out.columns_mut() {
            if column.iter().any(|value| !value.is_finite()) {
                column.fill(0.0);
            }
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn stored(folder: &Path, name: &str, values: &Array2<f32>) -> Stored {
        let path = folder.join(name);
        write(&mut File::create(&path).unwrap(), values).unwrap();
        Stored::open(path).unwrap()
    }

    #[test]
    fn any_range_of_columns_is_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let value = |person: usize, run: usize| {
            Array2::from_shape_fn((3 + run, 130), |(row, target)| {
                (person * 10_000 + run * 1000 + target * 7 + row) as f32
            })
        };
        let run = |person: usize, run: usize| {
            stored(folder.path(), &format!("{person}-{run}"), &value(person, run))
        };
        let runs = vec![vec![run(0, 0), run(0, 1)], vec![run(1, 0), run(1, 1)]];
        let responses = Responses { runs, targets: 0..130, n_samples: 7 };
        let person =
            |person: usize| ndarray::concatenate![ndarray::Axis(0), value(person, 0), value(person, 1)];
        let whole = ndarray::concatenate![ndarray::Axis(1), person(0), person(1)];
        assert_eq!(responses.all().unwrap(), whole);
        for range in [0..1, 100..160, 129..131, 200..260, 5..5] {
            assert_eq!(responses.read(range.clone()).unwrap(), whole.slice(s![.., range]));
        }
        let some = responses.of_targets(64..70);
        assert_eq!(some.n_targets(), 12);
        assert_eq!(some.all().unwrap().slice(s![.., 6..]), whole.slice(s![.., 194..200]));
        assert_eq!(responses.of_participant(1).all().unwrap(), person(1));
    }

    #[test]
    fn a_target_that_lacks_a_value_is_zero_and_a_cut_file_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let mut values = Array2::ones((2, 3));
        values[(1, 1)] = f32::NAN;
        let responses =
            Responses { runs: vec![vec![stored(folder.path(), "a", &values)]], targets: 0..3, n_samples: 2 };
        assert_eq!(responses.all().unwrap(), ndarray::array![[1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]);
        let path = folder.path().join("a");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert!(Stored::open(path).unwrap_err().to_string().contains("39 bytes for 3 targets of 2 samples"));
    }
}
