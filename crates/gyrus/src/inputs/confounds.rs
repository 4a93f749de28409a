//! Regressors of a recording: columns of its confounds table by their names, in groups that the noise report shows.

use std::ops::Range;
use std::path::Path;

use gyrus_encoding::denoise::{Expansion, expand_motion};
use gyrus_io::table::{self, Matrix};
use gyrus_io::{bids, confounds};
use ndarray::{Array2, s};

use crate::Error;
use crate::study::{DenoiseSection, MotionChoice, Noted, Resolved, ResolvedRun, Tissue};

/// Some regressors of one source.
#[derive(Debug, Clone)]
pub struct Confounds {
    /// What the source is called in reports.
    pub source: String,
    /// Names of the columns.
    pub names: Vec<String>,
    /// Shape (n_samples, n_confounds).
    pub values: Array2<f64>,
}

/// The six realignment parameters as fMRIPrep calls them.
const MOTION: [&str; 6] = ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"];
const SIGNALS: [&str; 3] = ["csf", "white_matter", "global_signal"];
const DISPLACEMENT: &str = "framewise_displacement";
const DVARS: &str = "std_dvars";

/// Reads the confounds of `rows` of a recording of `volumes`; none if the study asks for none.
pub(super) fn open(
    resolved: &Resolved,
    run: &ResolvedRun,
    (volumes, rows): (usize, Range<usize>),
    noted: &mut Noted,
) -> Result<Vec<Confounds>, Error> {
    let section = &resolved.study.denoise;
    let wanted = Wanted::of(section);
    let is_table = run.volumes.is_none() && run.confounds.is_some();
    let whole = is_table && section.confound_columns.is_none() && wanted.is_empty();
    if wanted.is_empty() && section.confound_columns.is_none() && !whole {
        return Ok(Vec::new());
    }
    let Some(path) = &run.confounds else { return Err(no_table(resolved, run)) };
    let mut table = Table { resolved, run, path, volumes, rows, noted };
    if whole {
        let read = table::read_matrix(path, &table::MatrixOptions::responses())?;
        return Ok(vec![table.confounds("confounds", read)?]);
    }
    let mut groups = wanted.read(section, &mut table)?;
    if let Some(columns) = &section.confound_columns {
        let read = table.columns(columns)?;
        groups.push(table.confounds("confounds", read)?);
    }
    Ok(groups)
}

fn no_table(resolved: &Resolved, run: &ResolvedRun) -> Error {
    let found = format!("no confounds table beside {}", resolved.named(&run.responses));
    let expected = "a file that ends in _desc-confounds_timeseries.tsv; add it, leave the participant out with \
                    responses.exclude, or ask for no confounds";
    resolved.setting("denoise", found, expected.to_owned())
}

/// The confounds table of a recording.
struct Table<'a> {
    resolved: &'a Resolved,
    run: &'a ResolvedRun,
    path: &'a Path,
    volumes: usize,
    rows: Range<usize>,
    noted: &'a mut Noted,
}

impl Table<'_> {
    fn columns(&mut self, names: &[String]) -> Result<Matrix, Error> {
        let read = confounds::read(self.path, names)?;
        let name = self.resolved.named(self.path);
        for warning in &read.warnings {
            self.noted.note(&name, &warning.to_string());
        }
        Ok(read.value)
    }

    /// The rows of the volumes that the recording had when the table was made.
    fn of_volumes(&self, values: &Array2<f64>) -> Result<Array2<f64>, Error> {
        let skipped = self.resolved.study.denoise.confounds_skip_rows.min(values.nrows());
        let found = values.nrows() - skipped;
        if found != self.volumes {
            return Err(Error::ConfoundsLength {
                path: self.path.to_owned(),
                responses: self.run.responses.clone(),
                found,
                skipped,
                expected: self.volumes,
            });
        }
        Ok(values.slice(s![skipped.., ..]).to_owned())
    }

    fn confounds(&self, source: &str, Matrix { names, values }: Matrix) -> Result<Confounds, Error> {
        let values = self.of_volumes(&values)?;
        let numbered = || (0..values.ncols()).map(|column| format!("confound {}", column + 1)).collect();
        Ok(Confounds {
            source: source.to_owned(),
            names: names.unwrap_or_else(numbered),
            values: values.slice(s![self.rows.clone(), ..]).to_owned(),
        })
    }
}

/// What the study asks for by name.
struct Wanted {
    motion: Vec<String>,
    tissue: Vec<String>,
    censor: bool,
    compcor: bool,
}

impl Wanted {
    fn of(section: &DenoiseSection) -> Self {
        let signal = |tissue: &Tissue| match tissue {
            Tissue::Csf => SIGNALS[0],
            Tissue::WhiteMatter => SIGNALS[1],
            Tissue::GlobalSignal => SIGNALS[2],
        };
        let mut tissue: Vec<String> = section.tissue.iter().map(|tissue| signal(tissue).to_owned()).collect();
        if section.motion == Some(MotionChoice::ThirtySix) {
            tissue.extend(expanded(&SIGNALS, 4));
        }
        let censor = section
            .censor
            .is_some_and(|censor| censor.framewise_displacement.is_some() || censor.dvars.is_some());
        Self {
            motion: section.motion.map_or_else(Vec::new, motion),
            tissue,
            censor,
            compcor: section.acompcor.is_some(),
        }
    }

    fn is_empty(&self) -> bool {
        self.motion.is_empty() && self.tissue.is_empty() && !self.censor && !self.compcor
    }

    fn read(&self, section: &DenoiseSection, table: &mut Table<'_>) -> Result<Vec<Confounds>, Error> {
        let mut groups = Vec::new();
        if !self.motion.is_empty() {
            let mut read = table.columns(&self.motion)?;
            if section.motion == Some(MotionChoice::Friston24) {
                let expanded = expand_motion(read.values.view(), Expansion::Friston24)?;
                read = Matrix { names: Some(expanded.columns), values: expanded.values };
            }
            groups.push(table.confounds("motion", read)?);
        }
        if !self.tissue.is_empty() {
            let read = table.columns(&self.tissue)?;
            groups.push(table.confounds("tissue signals", read)?);
        }
        let components = components(section, table.path)?;
        if !components.is_empty() {
            let read = table.columns(&components)?;
            groups.push(table.confounds("aCompCor", read)?);
        }
        if self.censor {
            groups.push(censored(section, table)?);
        }
        Ok(groups)
    }
}

/// Columns of the parameters; all four functions are columns of fMRIPrep's table, but for those of Friston et al.
fn motion(choice: MotionChoice) -> Vec<String> {
    match choice {
        MotionChoice::Six | MotionChoice::Friston24 => expanded(&MOTION, 1),
        MotionChoice::Twelve => expanded(&MOTION, 2),
        MotionChoice::TwentyFour | MotionChoice::ThirtySix => expanded(&MOTION, 4),
    }
}

fn expanded(names: &[&str], functions: usize) -> Vec<String> {
    let endings = ["", "_derivative1", "_power2", "_derivative1_power2"];
    let of_ending = |ending: &&str| names.iter().map(|name| format!("{name}{ending}")).collect::<Vec<_>>();
    endings[..functions].iter().flat_map(of_ending).collect()
}

fn components(section: &DenoiseSection, table: &Path) -> Result<Vec<String>, Error> {
    let wanted = section.acompcor.unwrap_or_default();
    let mut columns = Vec::new();
    for (mask, count) in [("CSF", wanted.csf), ("WM", wanted.white_matter), ("combined", wanted.combined)] {
        if count > 0 {
            columns.extend(bids::acompcor_columns(table, mask, count)?);
        }
    }
    Ok(columns)
}

/// One regressor for each volume whose displacement or DVARS is too large: it no longer counts in the projection, and
/// what is left of it is 0.
fn censored(section: &DenoiseSection, table: &mut Table<'_>) -> Result<Confounds, Error> {
    let censor = section.censor.unwrap_or_default();
    let mut is_censored = vec![false; table.volumes];
    for (column, limit) in [(DISPLACEMENT, censor.framewise_displacement), (DVARS, censor.dvars)] {
        let Some(limit) = limit else { continue };
        let read = table.columns(&[column.to_owned()])?;
        let values = table.of_volumes(&read.values)?;
        // The first volume of a run has no volume before it.
        for (volume, value) in values.column(0).iter().enumerate().skip(1) {
            is_censored[volume] |= *value > limit;
        }
    }
    let volumes: Vec<usize> = table.rows.clone().filter(|volume| is_censored[*volume]).collect();
    let mut values = Array2::zeros((table.rows.len(), volumes.len()));
    for (column, volume) in volumes.iter().enumerate() {
        values[(volume - table.rows.start, column)] = 1.0;
    }
    let names = volumes.iter().map(|volume| format!("volume {volume}")).collect();
    Ok(Confounds { source: "censored volumes".to_owned(), names, values })
}
