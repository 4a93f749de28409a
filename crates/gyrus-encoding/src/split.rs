//! Training, validation and held-out rows as types: what is held out cannot be fitted to, nor training rows scored.

use gyrus_core::Fold;

use crate::EncodingError;

/// Rows of a design, named by their index.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a>(&'a [usize]);

/// Something of the training rows. It comes only from a [`Split`], divides only into training and validation, and
/// cannot be taken out again: what is fitted to it goes on as parameters, never as a score.
#[derive(Debug, Clone, Copy)]
pub struct Train<T>(T);

/// Something of rows that choose penalties: held out of an inner fold, but never of the outer one.
#[derive(Debug, Clone, Copy)]
pub struct Validation<T>(T);

/// Something of held-out rows, the only thing that has a score.
#[derive(Debug, Clone, Copy)]
pub struct Test<T>(T);

/// One outer fold.
#[derive(Debug, Clone, Copy)]
pub struct Split<'a> {
    /// What may be fitted to.
    pub train: Train<Rows<'a>>,
    /// What is scored.
    pub test: Test<Rows<'a>>,
}

/// One inner fold.
#[derive(Debug, Clone, Copy)]
pub struct InnerSplit<'a> {
    /// What may be fitted to.
    pub train: Train<Rows<'a>>,
    /// What judges penalties.
    pub validation: Validation<Rows<'a>>,
}

impl<'a> Split<'a> {
    /// The two sides of a fold.
    ///
    /// # Errors
    /// - [`EncodingError::Leak`] if a row is on both sides.
    pub fn of(fold: &'a Fold) -> Result<Self, EncodingError> {
        require_apart(&fold.train, &fold.test)?;
        Ok(Self { train: Train(Rows(&fold.train)), test: Test(Rows(&fold.test)) })
    }
}

impl<'a> Train<Rows<'a>> {
    /// Divides training rows again, for choosing penalties.
    ///
    /// # Errors
    /// - [`EncodingError::Leak`] if an inner fold has a row that is not a training row, or one on both sides.
    pub fn divide(&self, inner: &'a [Fold]) -> Result<Vec<InnerSplit<'a>>, EncodingError> {
        let mut allowed: Vec<usize> = self.0.0.to_vec();
        allowed.sort_unstable();
        let divide = |fold: &'a Fold| {
            require_apart(&fold.train, &fold.test)?;
            let strange = |row: &&usize| allowed.binary_search(row).is_err();
            if let Some(row) = fold.train.iter().chain(&fold.test).find(strange) {
                return Err(EncodingError::Leak { row: *row });
            }
            Ok(InnerSplit { train: Train(Rows(&fold.train)), validation: Validation(Rows(&fold.test)) })
        };
        inner.iter().map(divide).collect()
    }
}

impl<T> Test<T> {
    /// What was held out: looking at it is allowed, fitting to it is not.
    pub fn get(&self) -> &T {
        &self.0
    }

    /// Declares as held out what was predicted elsewhere: whoever calls this vouches that nothing was fitted to it.
    pub fn declared(held_out: T) -> Self {
        Self(held_out)
    }
}

impl<T> Train<T> {
    pub(crate) fn get(&self) -> &T {
        &self.0
    }

    pub(crate) fn new(training: T) -> Self {
        Self(training)
    }
}

impl<'a> Rows<'a> {
    pub(crate) fn indices(self) -> &'a [usize] {
        self.0
    }
}

/// Rows that a fitted thing may be evaluated on: validation or held-out rows.
pub trait HeldOut: sealed::Indices {}

impl HeldOut for Validation<Rows<'_>> {}
impl HeldOut for Test<Rows<'_>> {}

pub(crate) mod sealed {
    use super::{Rows, Test, Validation};

    /// The indices of rows that are held out.
    pub trait Indices {
        /// Ascending.
        fn indices(&self) -> &[usize];
    }

    impl Indices for Validation<Rows<'_>> {
        fn indices(&self) -> &[usize] {
            self.0.0
        }
    }

    impl Indices for Test<Rows<'_>> {
        fn indices(&self) -> &[usize] {
            self.0.0
        }
    }
}

fn require_apart(train: &[usize], held_out: &[usize]) -> Result<(), EncodingError> {
    let mut sorted = train.to_vec();
    sorted.sort_unstable();
    match held_out.iter().find(|row| sorted.binary_search(row).is_ok()) {
        Some(row) => Err(EncodingError::Leak { row: *row }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(train: &[usize], test: &[usize]) -> Fold {
        Fold { train: train.to_vec(), test: test.to_vec() }
    }

    #[test]
    fn a_row_on_both_sides_is_a_leak() {
        assert!(Split::of(&fold(&[0, 1, 2], &[3])).is_ok());
        assert_eq!(Split::of(&fold(&[0, 1, 2], &[3, 2])).unwrap_err(), EncodingError::Leak { row: 2 });
    }

    #[test]
    fn an_inner_fold_has_only_training_rows() {
        let outer = fold(&[0, 1, 2, 3], &[4, 5]);
        let split = Split::of(&outer).unwrap();
        let sound = [fold(&[0, 1], &[2, 3])];
        let divided = split.train.divide(&sound).unwrap();
        assert_eq!(divided[0].train.get().indices(), [0, 1]);
        let leaking = [fold(&[0, 1], &[4])];
        assert_eq!(split.train.divide(&leaking).unwrap_err(), EncodingError::Leak { row: 4 });
    }
}
