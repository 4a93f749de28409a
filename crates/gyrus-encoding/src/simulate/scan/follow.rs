//! What each area hears: the components of its planted layer through its haemodynamics, run by run.

use faer::Mat;
use gyrus_core::{RepetitionTime, Sampling, Seconds, Word};
use ndarray::{Array2, Axis, concatenate, s};

use super::Experiment;
use crate::EncodingError;
use crate::simulate::drive::{Convolution, whitened};
use crate::simulate::haemodynamics::Haemodynamics;

/// Whitened components of the layers that drive something, run by run.
pub(super) struct Drives {
    /// Layer, and one (n_words, n_components) matrix per run.
    layers: Vec<(usize, Vec<Array2<f64>>)>,
}

impl Drives {
    /// Components are whitened over the words of all runs together.
    ///
    /// # Errors
    /// - [`EncodingError::NoLayer`] if the map names a layer that is not there,
    /// - [`EncodingError::WordMismatch`] if a layer has not one vector per word,
    /// - [`EncodingError::Decomposition`] if word vectors hold NaN or infinity.
    pub(super) fn new(experiment: &Experiment) -> Result<Self, EncodingError> {
        let map = &experiment.map;
        let mut wanted: Vec<usize> =
            (0..map.depths.len()).filter_map(|area| map.layer(area)).map(|layer| layer.0).collect();
        wanted.sort_unstable();
        wanted.dedup();
        let components = |layer: usize| Ok((layer, components(experiment, layer)?));
        Ok(Self { layers: wanted.into_iter().map(components).collect::<Result<_, EncodingError>>()? })
    }

    fn of(&self, layer: usize) -> &[Array2<f64>] {
        self.layers.iter().find(|(known, _)| *known == layer).map_or(&[], |(_, runs)| runs)
    }
}

fn components(experiment: &Experiment, layer: usize) -> Result<Vec<Array2<f64>>, EncodingError> {
    let mut parts = Vec::new();
    for part in &experiment.parts {
        let vectors = part.layers.get(layer).ok_or(EncodingError::NoLayer { layer })?;
        if vectors.nrows() != part.words.len() {
            return Err(EncodingError::WordMismatch { vectors: vectors.nrows(), words: part.words.len() });
        }
        parts.push(vectors.view());
    }
    let all = concatenate(Axis(0), &parts).map_err(|_| EncodingError::NoLayer { layer })?;
    let all = whitened(all.view(), experiment.signal.components)?;
    let mut start = 0;
    let cut = |part: &super::Part| {
        let rows = start..start + part.words.len();
        start = rows.end;
        all.slice(s![rows, ..]).to_owned()
    };
    Ok(experiment.parts.iter().map(cut).collect())
}

/// What one area of one participant hears.
pub(super) struct Follows {
    /// Per run, (n_volumes, n_components + 1): each component, and the words as such, all less their mean over the runs.
    pub runs: Vec<Array2<f32>>,
    /// Mean of the products of those columns over all volumes.
    pub products: Mat<f64>,
}

impl Follows {
    /// None where nothing is planted.
    pub(super) fn new(
        experiment: &Experiment,
        drives: &Drives,
        participant: u32,
        area: usize,
    ) -> Result<Option<Self>, EncodingError> {
        let Some(layer) = experiment.map.layer(area) else { return Ok(None) };
        let haemodynamics = Haemodynamics::of(experiment.seed, participant, area);
        let mut runs = Vec::new();
        for (part, components) in experiment.parts.iter().zip(drives.of(layer.0)) {
            let sampling = sampling(experiment, part)?;
            runs.push(heard(
                &part.words,
                components,
                &Convolution::new(&part.words, &sampling, &haemodynamics),
            ));
        }
        Ok(Some(Self::centred(&runs)))
    }

    fn centred(runs: &[Array2<f64>]) -> Self {
        let columns = runs.first().map_or(0, Array2::ncols);
        let volumes: usize = runs.iter().map(Array2::nrows).sum();
        let over_all = |sum: &dyn Fn(&Array2<f64>) -> f64| runs.iter().map(sum).sum::<f64>() / volumes as f64;
        let means: Vec<f64> = (0..columns).map(|column| over_all(&|run| run.column(column).sum())).collect();
        let centred: Vec<Array2<f64>> = runs
            .iter()
            .map(|run| Array2::from_shape_fn(run.dim(), |(row, column)| run[(row, column)] - means[column]))
            .collect();
        let product = |one: usize, other: usize| {
            centred.iter().map(|run| run.column(one).dot(&run.column(other))).sum::<f64>() / volumes as f64
        };
        Self {
            products: Mat::from_fn(columns, columns, product),
            runs: centred.iter().map(|run| run.mapv(|value| value as f32)).collect(),
        }
    }
}

/// When the volumes of a run stand for, half an interval early: [`Convolution`] looks at the middle of a volume.
fn sampling(experiment: &Experiment, part: &super::Part) -> Result<Sampling, EncodingError> {
    let interval: RepetitionTime = experiment.acquisition.interval;
    let first = experiment.acquisition.reference - part.onset - interval.get() / 2.0;
    Ok(Sampling { first: Seconds::new(first)?, interval, count: part.volumes })
}

fn heard(words: &[Word], components: &Array2<f64>, convolution: &Convolution) -> Array2<f64> {
    let mut columns: Vec<Vec<f64>> =
        components.columns().into_iter().map(|column| convolution.apply(&column.to_vec())).collect();
    columns.push(convolution.apply(&vec![1.0; words.len()]));
    let volumes = columns.first().map_or(0, Vec::len);
    Array2::from_shape_fn((volumes, columns.len()), |(volume, column)| columns[column][volume])
}
