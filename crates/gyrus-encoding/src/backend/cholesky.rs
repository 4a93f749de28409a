//! Cholesky factor of a kernel with a penalty on its diagonal.

use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::{factor, solve};
use faer::traits::RealField;
use faer::{Conj, Mat, MatMut, Par};

use crate::EncodingError;

/// Single or double precision.
pub trait Real: RealField + Copy {
    /// One.
    const ONE: Self;
    /// Nearest value.
    fn of(value: f64) -> Self;
    /// The same in double precision.
    fn double(self) -> f64;
}

impl Real for f32 {
    const ONE: Self = 1.0;

    fn of(value: f64) -> Self {
        value as Self
    }

    fn double(self) -> f64 {
        f64::from(self)
    }
}

impl Real for f64 {
    const ONE: Self = 1.0;

    fn of(value: f64) -> Self {
        value
    }

    fn double(self) -> f64 {
        self
    }
}

/// L with L Lᵀ = K + αI.
pub struct Factor<T>(Mat<T>);

/// Factorises `kernel` + `alpha` · I in place of the kernel, of which only the lower half is read.
///
/// # Errors
/// - [`EncodingError::NotPositive`] if it is not positive definite.
pub fn factorise<T: Real>(kernel: Mat<T>, alpha: f64) -> Result<Factor<T>, EncodingError> {
    let mut lower = kernel;
    for index in 0..lower.nrows() {
        lower[(index, index)] = T::of(lower[(index, index)].double() + alpha);
    }
    let needed = factor::cholesky_in_place_scratch::<T>(lower.nrows(), Par::Seq, faer::Spec::default());
    let mut memory = MemBuffer::new(needed);
    let stack = MemStack::new(&mut memory);
    let done =
        factor::cholesky_in_place(lower.as_mut(), Default::default(), Par::Seq, stack, faer::Spec::default());
    match done {
        Ok(_) => Ok(Factor(lower)),
        Err(_) => Err(EncodingError::NotPositive { alpha }),
    }
}

impl<T: Real> Factor<T> {
    /// (K + αI)⁻¹ · `right`, in place.
    pub fn solve(&self, right: MatMut<'_, T>) {
        let needed = solve::solve_in_place_scratch::<T>(self.0.nrows(), right.ncols(), Par::Seq);
        let mut memory = MemBuffer::new(needed);
        solve::solve_in_place_with_conj(
            self.0.as_ref(),
            Conj::No,
            right,
            Par::Seq,
            MemStack::new(&mut memory),
        );
    }
}
