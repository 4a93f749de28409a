//! Random designs and responses for the tests.

use std::sync::Arc;

use gyrus_core::{FoldRule, Folds, InMemory, TargetBlocks, Timeline};
use gyrus_encoding::EncodingError;
use gyrus_encoding::backend::Backend;
use gyrus_encoding::ridge::{
    self, Alphas, AtEdge, Band, Choice, Design, Fit, FittedBlock, Mixtures, RidgeSettings, Scaling,
};
use ndarray::{Array2, s};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

pub struct Random(ChaCha8Rng);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub fn uniform(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.uniform()).cos()
    }

    pub fn matrix(&mut self, rows: usize, columns: usize) -> Array2<f32> {
        Array2::from_shape_simple_fn((rows, columns), || self.normal() as f32)
    }

    /// Columns times powers of ten from 1 down to `10^-decades`.
    pub fn graded(&mut self, rows: usize, columns: usize, decades: f64) -> Array2<f32> {
        let mut matrix = self.matrix(rows, columns);
        for (column, mut values) in matrix.columns_mut().into_iter().enumerate() {
            values *= 10_f64.powf(-decades * column as f64 / columns as f64) as f32;
        }
        matrix
    }

    /// X W + noise.
    pub fn responses(&mut self, features: &Array2<f32>, targets: usize, noise: f32) -> Array2<f32> {
        let weights = self.matrix(features.ncols(), targets) / (features.ncols() as f32).sqrt();
        features.dot(&weights) + self.matrix(features.nrows(), targets) * noise
    }
}

pub fn backend(threads: usize) -> Backend {
    Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap()))
}

/// Two runs and blocks of one run: contiguous folds with a gap.
pub fn one_run(samples: usize) -> Timeline {
    Timeline::new([(samples, "story".to_owned())])
}

pub fn folds(samples: usize, gap: usize) -> Folds {
    Folds::new(&one_run(samples), &FoldRule::Blocks { count: 4, gap }).unwrap()
}

pub fn design(bands: &[&Array2<f32>]) -> Design {
    let band =
        |(index, features): (usize, &&Array2<f32>)| Band::new(format!("band {index}"), (*features).clone());
    let timeline = one_run(bands[0].nrows());
    Design {
        bands: bands.iter().enumerate().map(band).collect(),
        timeline,
        drift: Vec::new(),
        scaling: Scaling::ZScore,
    }
}

pub fn settings(alphas: &[f64]) -> RidgeSettings {
    RidgeSettings {
        alphas: Alphas::new(alphas.to_vec()).unwrap(),
        mixtures: Mixtures::Same(vec![vec![1.0]]),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: 3,
        at_edge: AtEdge::Count,
    }
}

/// A fit with everything it hands out put together.
pub struct Whole {
    pub fit: Fit,
    pub predictions: Array2<f32>,
}

pub fn fit(
    backend: &Backend,
    design: &Design,
    folds: &Folds,
    settings: &RidgeSettings,
    responses: &dyn TargetBlocks,
) -> Result<Whole, EncodingError> {
    let mut predictions = Array2::from_elem((responses.n_samples(), responses.n_targets()), 7.0);
    let mut sink = |block: FittedBlock| {
        predictions.slice_mut(s![.., block.targets.clone()]).assign(block.predictions.get());
        Ok(())
    };
    let fit = ridge::fit(backend, design, folds, settings, (responses, &mut sink))?;
    Ok(Whole { fit, predictions })
}

pub fn fit_one(features: &Array2<f32>, responses: &Array2<f32>, alphas: &[f64]) -> Whole {
    let folds = folds(features.nrows(), 3);
    fit(&backend(2), &design(&[features]), &folds, &settings(alphas), &InMemory(responses.clone())).unwrap()
}

pub fn bits(values: &Array2<f32>) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

pub fn largest_difference(a: &Array2<f32>, b: &Array2<f32>) -> f64 {
    let difference = |(a, b): (&f32, &f32)| f64::from((a - b).abs());
    a.iter().zip(b).filter(|(a, b)| a.is_finite() || b.is_finite()).map(difference).fold(0.0, f64::max)
}
