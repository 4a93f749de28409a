//! Removal of what is not the brain from responses: one least-squares projection per run, then z-scoring.

mod condition;
mod drift;
mod motion;
mod projection;

pub use drift::{by_stretch, cosines, polynomials};
pub use motion::{Expansion, expand_motion, framewise_displacement};
pub use projection::{Basis, Dropped, Regressors};

use gyrus_core::NoScore;
use ndarray::{Array2, ArrayView2, ArrayViewMut2, Axis};
use rayon::ThreadPool;
use rayon::prelude::*;

use crate::EncodingError;
use projection::BLOCK;

/// Responses of one run after cleaning, and what was done to them.
#[derive(Debug, Clone)]
pub struct Cleaned {
    /// Mean 0 and standard deviation 1 (with n) per target, shape (n_samples, n_targets); NaN for a target
    /// that has a reason.
    pub values: Array2<f32>,
    /// The orthonormal basis of everything that was projected out.
    pub basis: Basis,
    /// Why a target has no values.
    pub reasons: Vec<Option<NoScore>>,
    /// Share of each target's variance that each group took, shape (n_groups, n_targets), groups as in
    /// [`Basis::groups`] without the constant. A group is credited with what groups before it left over. NaN
    /// for a target that has a reason.
    pub variance_removed: Array2<f32>,
}

impl Cleaned {
    /// Samples less everything projected out, the constant included.
    #[must_use]
    pub fn degrees_of_freedom(&self) -> usize {
        self.values.nrows() - self.basis.rank()
    }
}

/// Cleans the responses of one run: y − Q Qᵀ y, then (· − mean) / sd, with Q an orthonormal basis of a constant
/// and all regressors. One projection: filtering after regression would bring noise back (Lindquist et al. 2019).
///
/// # Shapes
/// | name      | shape                  | unit |
/// |-----------|------------------------|------|
/// | responses | (n_samples, n_targets) | any  |
/// | values    | the same               | SD of the cleaned run |
///
/// # Numerics
/// f64 throughout, twice projected. Blocks of a fixed number of targets: a target's bits depend neither on the
/// threads of `pool` nor on the other targets. A target whose standard deviation, before or after cleaning, is
/// below 4·2⁻²³ of its root mean square varies only by the rounding of f32 and has no values.
///
/// # Errors
/// - as [`Basis::new`],
/// - [`EncodingError::DegreesOfFreedom`] if fewer than `least_freedom` (at least 2) are left.
pub fn clean(
    pool: &ThreadPool,
    responses: ArrayView2<f32>,
    regressors: &[Regressors],
    least_freedom: usize,
) -> Result<Cleaned, EncodingError> {
    let (samples, targets) = responses.dim();
    let basis = Basis::new(samples, regressors)?;
    basis.require_freedom(least_freedom)?;
    let groups = basis.groups().len() - 1;
    let mut cleaned = Cleaned {
        values: Array2::zeros((samples, targets)),
        basis,
        reasons: vec![None; targets],
        variance_removed: Array2::zeros((groups, targets)),
    };
    let Cleaned { values, basis, reasons, variance_removed } = &mut cleaned;
    let blocks: Vec<Block> = values
        .axis_chunks_iter_mut(Axis(1), BLOCK)
        .zip(variance_removed.axis_chunks_iter_mut(Axis(1), BLOCK))
        .zip(reasons.chunks_mut(BLOCK))
        .zip(responses.axis_chunks_iter(Axis(1), BLOCK))
        .map(|(((values, removed), reasons), raw)| Block { values, removed, reasons, raw })
        .collect();
    pool.install(|| blocks.into_par_iter().for_each(|block| block.clean(basis)));
    Ok(cleaned)
}

struct Block<'a> {
    values: ArrayViewMut2<'a, f32>,
    removed: ArrayViewMut2<'a, f32>,
    reasons: &'a mut [Option<NoScore>],
    raw: ArrayView2<'a, f32>,
}

impl Block<'_> {
    fn clean(mut self, basis: &Basis) {
        let projected = basis.project_block(self.raw);
        for target in 0..self.raw.ncols() {
            let before = Moments::of(self.raw.column(target).iter().map(|value| f64::from(*value)));
            let after = Moments::of(projected.residuals.column(target).iter().copied());
            self.reasons[target] = before.reason(&after);
            let is_kept = self.reasons[target].is_none();
            for (value, residual) in
                self.values.column_mut(target).iter_mut().zip(projected.residuals.column(target))
            {
                *value = if is_kept { ((residual - after.mean) / after.deviation) as f32 } else { f32::NAN };
            }
            for (group, (_, columns)) in basis.groups().iter().skip(1).enumerate() {
                let taken: f64 =
                    projected.coefficients.column(target).slice(ndarray::s![columns.clone()]).pow2().sum();
                let share = taken / (before.deviation * before.deviation * self.raw.nrows() as f64);
                self.removed[(group, target)] = if is_kept { share as f32 } else { f32::NAN };
            }
        }
    }
}

struct Moments {
    mean: f64,
    deviation: f64,
    size: f64,
}

impl Moments {
    fn of(values: impl ExactSizeIterator<Item = f64> + Clone) -> Self {
        let n = values.len() as f64;
        let mean = values.clone().sum::<f64>() / n;
        let squares: f64 = values.clone().map(|value| (value - mean) * (value - mean)).sum();
        let size: f64 = values.map(|value| value * value).sum();
        Self { mean, deviation: (squares / n).sqrt(), size: (size / n).sqrt() }
    }

    fn reason(&self, after: &Self) -> Option<NoScore> {
        let rounding = 4.0 * f64::from(f32::EPSILON) * self.size;
        if !self.size.is_finite() {
            Some(NoScore::NonFinite)
        } else if self.size == 0.0 {
            Some(NoScore::AllZero)
        } else if self.deviation <= rounding || after.deviation <= rounding {
            Some(NoScore::Constant)
        } else {
            None
        }
    }
}
