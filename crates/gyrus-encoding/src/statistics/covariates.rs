//! Slopes of scores over what is known of people: least squares, and orders of people that another order could have been.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, s};

use super::distributions::student_two_sided;
use super::stream::shuffled;
use super::{Exceedances, Purpose, stream, student_quantile};
use crate::EncodingError;
use crate::backend::Backend;

/// Targets whose orders are held at a time.
const PIECE: usize = 256;

/// How a target's scores go with one covariate, the others held.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slope {
    /// Difference of score per unit of the covariate.
    pub slope: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// slope / standard error.
    pub t: f64,
    /// People with a score, less covariates, less one.
    pub degrees_of_freedom: f64,
    /// Two-sided p of t.
    pub p: f64,
    /// People with a score and every covariate.
    pub n: usize,
}

impl Slope {
    /// Lower and upper end of the interval by Student's t.
    #[must_use]
    pub fn interval(&self, level: f64) -> [f64; 2] {
        let reach = student_quantile((1.0 - level) / 2.0, self.degrees_of_freedom) * self.standard_error;
        [self.slope - reach, self.slope + reach]
    }

    const NONE: Self = Self {
        slope: f64::NAN,
        standard_error: f64::NAN,
        t: f64::NAN,
        degrees_of_freedom: f64::NAN,
        p: f64::NAN,
        n: 0,
    };
}

/// y = b₀ + Σ b_j x_j + e by least squares, for the slope b_j of one covariate and every target.
///
/// # Shapes
/// `scores`: (n_participants, n_targets), NaN where there is none; `covariates`: (n_participants, n_covariates). People without
/// a score or with a covariate that is not finite are left out of a target.
///
/// # Numerics
/// Double precision, by orthogonal columns. A covariate that the others and the constant explain, and a target with no
/// degree of freedom left, have NaN.
///
/// # Errors
/// - [`EncodingError::ParticipantMismatch`] if there are not as many covariates as scores,
/// - [`EncodingError::TargetMismatch`] if there is no such covariate.
pub fn slopes(
    scores: ArrayView2<f64>,
    covariates: ArrayView2<f64>,
    which: usize,
) -> Result<Vec<Slope>, EncodingError> {
    check(scores, covariates, which)?;
    let slope = |column| People::of(column, covariates, which).map_or(Slope::NONE, |people| people.slope());
    Ok(scores.columns().into_iter().map(slope).collect())
}

/// |t| of the slope where what the other covariates leave of the scores is given to people in another order.
///
/// Every draw orders people alike for all targets, so that the maximum over targets keeps how they go together. Orders
/// are random; the observed one counts as one of them.
///
/// # Errors
/// - as [`slopes`].
///
/// # References
/// Freedman & Lane (1983), J Bus Econ Stat 1:292; Winkler et al. (2014), NeuroImage 92:381.
pub fn permuted_slopes(
    backend: &Backend,
    (scores, covariates, which): (ArrayView2<f64>, ArrayView2<f64>, usize),
    (permutations, seed): (usize, u64),
) -> Result<Exceedances, EncodingError> {
    check(scores, covariates, which)?;
    let mut all = Exceedances::new(Array1::zeros(0), permutations);
    for first in (0..scores.ncols()).step_by(PIECE) {
        let some = scores.slice(s![.., first..(first + PIECE).min(scores.ncols())]);
        all.join(&piece(backend, (some, covariates, which), (permutations, seed))?)?;
    }
    Ok(all)
}

/// The same for some targets.
fn piece(
    backend: &Backend,
    (scores, covariates, which): (ArrayView2<f64>, ArrayView2<f64>, usize),
    (permutations, seed): (usize, u64),
) -> Result<Exceedances, EncodingError> {
    let people: Vec<Option<People>> =
        scores.columns().into_iter().map(|column| People::of(column, covariates, which)).collect();
    let observed = people.iter().map(|people| people.as_ref().map_or(f64::NAN, |of| of.slope().t.abs()));
    let observed = observed.collect();
    let drawn = backend.map(permutations, |draw| {
        let mut random = stream(seed, Purpose::OrderOfPeople, 0, draw as u64);
        let order = shuffled(&mut random, scores.nrows());
        let t = |people: &Option<People>| people.as_ref().map_or(f64::NAN, |people| people.permuted(&order));
        Ok::<_, EncodingError>(people.iter().map(t).collect::<Array1<f64>>())
    })?;
    let mut reached = Exceedances::new(observed, permutations);
    drawn.iter().enumerate().for_each(|(draw, t)| reached.record(draw, t.view()));
    Ok(reached)
}

fn check(scores: ArrayView2<f64>, covariates: ArrayView2<f64>, which: usize) -> Result<(), EncodingError> {
    let (found, expected) = (covariates.nrows(), scores.nrows());
    if found != expected {
        return Err(EncodingError::ParticipantMismatch { found, expected });
    }
    match which < covariates.ncols() {
        true => Ok(()),
        false => Err(EncodingError::TargetMismatch { found: which, expected: covariates.ncols() }),
    }
}

/// People who count for a target.
struct People {
    /// The place of each of all people among them.
    places: Vec<Option<usize>>,
    /// What the constant and the other covariates leave of their scores.
    left: Vec<f64>,
    /// Orthonormal: the constant and the other covariates.
    others: Vec<Vec<f64>>,
    /// What they leave of the covariate, of length 1.
    own: Vec<f64>,
    /// Its length before.
    length: f64,
    degrees_of_freedom: f64,
}

impl People {
    fn of(scores: ArrayView1<f64>, covariates: ArrayView2<f64>, which: usize) -> Option<Self> {
        let counts = |row: &usize| {
            scores[*row].is_finite() && covariates.row(*row).iter().all(|value| value.is_finite())
        };
        let rows: Vec<usize> = (0..scores.len()).filter(counts).collect();
        let column =
            |index: usize| -> Vec<f64> { rows.iter().map(|row| covariates[(*row, index)]).collect() };
        let mut others = Vec::new();
        let constant = vec![1.0; rows.len()];
        let before = (0..covariates.ncols()).filter(|index| *index != which).map(column);
        for values in std::iter::once(constant).chain(before) {
            others.extend(direction(&others, values).map(|(unit, _)| unit));
        }
        let (own, length) = direction(&others, column(which))?;
        let degrees_of_freedom = rows.len() as f64 - others.len() as f64 - 1.0;
        let mut left: Vec<f64> = rows.iter().map(|row| scores[*row]).collect();
        others.iter().for_each(|unit| take_out(&mut left, unit));
        let mut places = vec![None; covariates.nrows()];
        rows.iter().enumerate().for_each(|(place, row)| places[*row] = Some(place));
        (degrees_of_freedom >= 1.0).then_some(Self { places, left, others, own, length, degrees_of_freedom })
    }

    fn slope(&self) -> Slope {
        let (along, across) = self.along(&self.left);
        let degrees_of_freedom = self.degrees_of_freedom;
        let standard_error = (across / degrees_of_freedom).sqrt() / self.length;
        let t = along / self.length / standard_error;
        let p = student_two_sided(t, degrees_of_freedom);
        Slope { slope: along / self.length, standard_error, t, degrees_of_freedom, p, n: self.left.len() }
    }

    /// The part along the covariate, and the square of what is across it.
    fn along(&self, left: &[f64]) -> (f64, f64) {
        let along = dot(&self.own, left);
        let apart: Vec<f64> = left.iter().zip(&self.own).map(|(value, own)| value - along * own).collect();
        let across = dot(&apart, &apart);
        (along, across)
    }

    /// |t| where person k has what is left of person order[k]; people who do not count are passed over.
    fn permuted(&self, order: &[usize]) -> f64 {
        let given = order.iter().filter_map(|row| self.places[*row]);
        let mut moved: Vec<f64> = given.map(|place| self.left[place]).collect();
        self.others.iter().for_each(|unit| take_out(&mut moved, unit));
        let (along, across) = self.along(&moved);
        along.abs() / (across / self.degrees_of_freedom).sqrt()
    }
}

/// The part of a column that others do not have, of length 1, and its length; None where they have all of it.
fn direction(others: &[Vec<f64>], values: Vec<f64>) -> Option<(Vec<f64>, f64)> {
    let size = dot(&values, &values).sqrt();
    let mut left = values;
    // Twice: once leaves what rounding leaves.
    for _ in 0..2 {
        others.iter().for_each(|unit| take_out(&mut left, unit));
    }
    let length = dot(&left, &left).sqrt();
    let is_new = length > 1e-10 * size && length.is_finite();
    is_new.then(|| (left.iter().map(|value| value / length).collect(), length))
}

fn take_out(values: &mut [f64], unit: &[f64]) {
    let along = dot(values, unit);
    values.iter_mut().zip(unit).for_each(|(value, unit)| *value -= along * unit);
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// A column of zeros and ones for every level of a label but the first, in the order of the alphabet.
///
/// # Shapes
/// Returns the levels, the first of which the others are compared with, and (n_participants, n_levels − 1); a person without a
/// label is NaN.
#[must_use]
pub fn levels(labels: &[Option<String>]) -> (Vec<String>, Array2<f64>) {
    let mut levels: Vec<String> = labels.iter().flatten().cloned().collect();
    levels.sort_unstable();
    levels.dedup();
    let cell = |(row, column): (usize, usize)| match &labels[row] {
        None => f64::NAN,
        Some(label) => f64::from(u8::from(*label == levels[column + 1])),
    };
    let columns = levels.len().saturating_sub(1);
    let table = Array2::from_shape_fn((labels.len(), columns), cell);
    (levels, table)
}
