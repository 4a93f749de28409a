//! An orthonormal basis of a constant and named groups of regressors, and projection away from it.

use std::ops::Range;

use faer::linalg::matmul::matmul;
use faer::{Accum, Mat, Par};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis};
use rayon::ThreadPool;
use rayon::prelude::*;

use super::condition::condition_number;
use crate::EncodingError;

/// Targets that are projected together; the last block is padded, so that every product has one shape.
pub(super) const BLOCK: usize = 64;

/// A column of which less than this share is new is a combination of those before it.
const NEW: f64 = 1e-7;

/// A named group of regressors of one run: drift, motion, physiology, …
#[derive(Debug, Clone, PartialEq)]
pub struct Regressors {
    /// What the group is called in reports.
    pub name: String,
    /// The name of each column.
    pub columns: Vec<String>,
    /// Shape (n_samples, n_columns).
    pub values: Array2<f64>,
}

/// A column that the columns before it already contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// The group that it stands in.
    pub group: String,
    /// Its name.
    pub column: String,
}

/// An orthonormal basis of a constant and groups of regressors, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Basis {
    vectors: Array2<f64>,
    groups: Vec<(String, Range<usize>)>,
    dropped: Vec<Dropped>,
    condition: f64,
}

/// What a block of targets is made of.
pub(super) struct Projected {
    /// Shape (n_samples, [`BLOCK`]).
    pub(super) residuals: Array2<f64>,
    /// Shape (rank, [`BLOCK`]).
    pub(super) coefficients: Array2<f64>,
}

impl Basis {
    /// Orthonormalises a constant and then the columns of `regressors` in order (Gram–Schmidt, each column twice).
    /// Columns are scaled to unit length first; one of which less than 10⁻⁷ is new is dropped and named.
    ///
    /// # Errors
    /// - [`EncodingError::RegressorShape`] if a group does not have `n_samples` rows or one name per column,
    /// - [`EncodingError::RegressorNonFinite`] with the first value that is NaN or infinite.
    pub fn new(n_samples: usize, regressors: &[Regressors]) -> Result<Self, EncodingError> {
        let mut made = Orthonormal { n_samples, basis: Vec::new(), scaled: Vec::new() };
        made.add(ArrayView1::from(&vec![1.0; n_samples]));
        let mut groups = vec![("constant".to_owned(), 0..made.basis.len())];
        let mut dropped = Vec::new();
        for group in regressors {
            check(group, n_samples)?;
            let first = made.basis.len();
            for (name, column) in group.columns.iter().zip(group.values.axis_iter(Axis(1))) {
                if !made.add(column) {
                    dropped.push(Dropped { group: group.name.clone(), column: name.clone() });
                }
            }
            groups.push((group.name.clone(), first..made.basis.len()));
        }
        let vectors =
            Array2::from_shape_fn((n_samples, made.basis.len()), |(row, column)| made.basis[column][row]);
        Ok(Self { vectors, groups, dropped, condition: condition_number(&made.scaled) })
    }

    /// Shape (n_samples, rank), columns orthonormal, in the order of the groups.
    #[must_use]
    pub fn vectors(&self) -> ArrayView2<'_, f64> {
        self.vectors.view()
    }

    /// Names of the groups and the vectors that each added; the constant is first.
    #[must_use]
    pub fn groups(&self) -> &[(String, Range<usize>)] {
        &self.groups
    }

    /// Columns left out because those before them contain them.
    #[must_use]
    pub fn dropped(&self) -> &[Dropped] {
        &self.dropped
    }

    /// Number of dimensions projected out, the constant included.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.vectors.ncols()
    }

    /// Whether enough dimensions are left beside those projected out.
    ///
    /// # Errors
    /// - [`EncodingError::DegreesOfFreedom`] if fewer than `least` (at least 2) are left.
    pub fn require_freedom(&self, least: usize) -> Result<(), EncodingError> {
        let (samples, rank) = self.vectors.dim();
        let (left, needed) = (samples - rank, least.max(2));
        if left < needed {
            return Err(EncodingError::DegreesOfFreedom { samples, rank, left, needed });
        }
        Ok(())
    }

    /// Largest over smallest singular value of the kept columns, each scaled to unit length.
    #[must_use]
    pub fn condition(&self) -> f64 {
        self.condition
    }

    /// The basis of the constant and of the groups up to the first one called `group`: with drift as the first
    /// group, what is projected out of features too. `None` if there is no such group.
    #[must_use]
    pub fn up_to(&self, group: &str) -> Option<Self> {
        let last = self.groups.iter().position(|(name, _)| name == group)?;
        let end = self.groups[last].1.end;
        let is_kept =
            |dropped: &&Dropped| self.groups[..=last].iter().any(|(name, _)| *name == dropped.group);
        let vectors = self.vectors.slice(ndarray::s![.., ..end]).to_owned();
        Some(Self {
            vectors,
            groups: self.groups[..=last].to_vec(),
            dropped: self.dropped.iter().filter(is_kept).cloned().collect(),
            condition: f64::NAN,
        })
    }

    /// Projects the columns of one run in place: x − Q Qᵀ x. Linear, and so applies to features and to their
    /// alignment of ones alike. A column that holds NaN becomes NaN.
    ///
    /// # Errors
    /// - [`EncodingError::SampleMismatch`] if `values` has other rows than the basis.
    pub fn project(&self, pool: &ThreadPool, mut values: ArrayViewMut2<f32>) -> Result<(), EncodingError> {
        let (found, expected) = (values.nrows(), self.vectors.nrows());
        if found != expected {
            return Err(EncodingError::SampleMismatch { found, expected });
        }
        let blocks: Vec<_> = values.axis_chunks_iter_mut(Axis(1), BLOCK).collect();
        pool.install(|| {
            blocks.into_par_iter().for_each(|mut block| {
                let residuals = self.project_block(block.view()).residuals;
                block.indexed_iter_mut().for_each(|(place, value)| *value = residuals[place] as f32);
            });
        });
        Ok(())
    }

    pub(super) fn project_block(&self, raw: ArrayView2<f32>) -> Projected {
        let (samples, rank) = self.vectors.dim();
        let q = Mat::from_fn(samples, rank, |row, column| self.vectors[(row, column)]);
        let mut block = Mat::<f64>::zeros(samples, BLOCK);
        for ((row, column), value) in raw.indexed_iter() {
            block[(row, column)] = f64::from(*value);
        }
        let mut total = Mat::<f64>::zeros(rank, BLOCK);
        // The second pass takes out what rounding left of a large mean.
        for _ in 0..2 {
            let mut coefficients = Mat::<f64>::zeros(rank, BLOCK);
            matmul(&mut coefficients, Accum::Replace, q.transpose(), &block, 1.0, Par::Seq);
            matmul(&mut block, Accum::Add, &q, &coefficients, -1.0, Par::Seq);
            total += coefficients;
        }
        Projected {
            residuals: Array2::from_shape_fn((samples, BLOCK), |place| block[place]),
            coefficients: Array2::from_shape_fn((rank, BLOCK), |place| total[place]),
        }
    }
}

fn check(group: &Regressors, n_samples: usize) -> Result<(), EncodingError> {
    let found = group.values.dim();
    if found != (n_samples, group.columns.len()) {
        let expected = (n_samples, group.columns.len());
        return Err(EncodingError::RegressorShape { group: group.name.clone(), found, expected });
    }
    match group.values.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), _)) => Err(EncodingError::RegressorNonFinite {
            group: group.name.clone(),
            column: group.columns[column].clone(),
            row,
        }),
        None => Ok(()),
    }
}

struct Orthonormal {
    n_samples: usize,
    basis: Vec<Vec<f64>>,
    scaled: Vec<Vec<f64>>,
}

impl Orthonormal {
    /// Adds what is new in a column; false if nothing is.
    fn add(&mut self, column: ArrayView1<f64>) -> bool {
        let largest = column.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
        if largest == 0.0 || self.basis.len() >= self.n_samples {
            return false;
        }
        let column: Vec<f64> = column.iter().map(|value| value / largest).collect();
        let length = norm(&column);
        let scaled: Vec<f64> = column.iter().map(|value| value / length).collect();
        let mut new = scaled.clone();
        for _ in 0..2 {
            for vector in &self.basis {
                let along: f64 = vector.iter().zip(&new).map(|(a, b)| a * b).sum();
                new.iter_mut().zip(vector).for_each(|(value, q)| *value -= along * q);
            }
        }
        let left = norm(&new);
        if left < NEW {
            return false;
        }
        self.basis.push(new.into_iter().map(|value| value / left).collect());
        self.scaled.push(scaled);
        true
    }
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}
