//! Reliability from two halves of the participants, and the ceilings that it gives.

use ndarray::ArrayView2;

use super::shared::CrossProducts;
use super::{NoCeiling, Participants};
use crate::statistics::{Purpose, shuffled, stream};

/// What two halves of the participants share at one target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SplitHalf {
    /// Mean over splits of the mean over folds of r between the means of both halves.
    pub half: f64,
    /// Reliability of one participant's response; negative where halves correlate negatively.
    pub reliability: f64,
    /// Participants in both halves.
    pub participants: usize,
}

impl SplitHalf {
    /// Reliability of the mean over all participants; with halves of one size 2r / (1 + r).
    #[must_use]
    pub fn of_mean(&self) -> f64 {
        let n = self.participants as f64;
        n * self.reliability / (1.0 + (n - 1.0) * self.reliability)
    }

    /// √reliability of one participant: the ceiling of a score against **one** participant's responses.
    ///
    /// # Errors
    /// - [`NoCeiling::NoSharedSignal`] if halves do not correlate positively.
    pub fn ceiling(&self) -> Result<f64, NoCeiling> {
        root(self.reliability)
    }

    /// √reliability of the mean: the ceiling of a score against the **mean** response of these participants.
    ///
    /// # Errors
    /// - [`NoCeiling::NoSharedSignal`] if halves do not correlate positively.
    pub fn ceiling_of_mean(&self) -> Result<f64, NoCeiling> {
        root(self.of_mean())
    }
}

fn root(reliability: f64) -> Result<f64, NoCeiling> {
    if reliability > 0.0 { Ok(reliability.sqrt()) } else { Err(NoCeiling::NoSharedSignal) }
}

/// Reliability of every target from `splits` divisions of its participants into halves.
///
/// With r the correlation of the means of m₁ and m₂ participants and ρ the reliability of one,
/// r² = m₁m₂ρ² / ((1 + (m₁ − 1)ρ)(1 + (m₂ − 1)ρ)); where m₁ = m₂ the mean of all has 2r / (1 + r) (Spearman and Brown).
/// r is averaged over folds and splits before it is stepped up or down, because both are curved.
///
/// # Shapes
/// One value per target.
///
/// # Numerics
/// All divisions where there are no more than `splits`, else random ones, the same for every target with as many
/// participants. With an odd number one half has one participant more.
///
/// # Errors
/// Per target:
/// - [`NoCeiling::Missing`], [`NoCeiling::TooFew`] if fewer than two participants have it,
/// - [`NoCeiling::Constant`] if fewer than two vary in every fold, or a half's mean does not vary.
///
/// # References
/// Spearman (1910), Br J Psychol 3:271; Brown (1910), Br J Psychol 3:296; Horst (1951), Educ Psychol Meas 11:368.
#[must_use]
pub fn split_half(
    participants: &Participants,
    splits: usize,
    seed: u64,
) -> Vec<Result<SplitHalf, NoCeiling>> {
    let divisions: Vec<Vec<Vec<bool>>> =
        (0..=participants.count()).map(|people| divisions(people, splits, seed)).collect();
    let of_target = |target: usize| {
        let products = CrossProducts::of(participants, target, 2)?;
        of_divisions(&products, &divisions[products.people])
    };
    (0..participants.n_targets()).map(of_target).collect()
}

fn of_divisions(products: &CrossProducts, divisions: &[Vec<bool>]) -> Result<SplitHalf, NoCeiling> {
    let mut sum = 0.0;
    for first in divisions {
        for fold in &products.folds {
            sum += between(fold.view(), first).ok_or(NoCeiling::Constant)?;
        }
    }
    let half = sum / (divisions.len() * products.folds.len()) as f64;
    let smaller = products.people / 2;
    let reliability = of_one(half, (smaller, products.people - smaller));
    Ok(SplitHalf { half, reliability, participants: products.people })
}

/// r between the means of those in the first half and of the others.
fn between(products: ArrayView2<'_, f64>, first: &[bool]) -> Option<f64> {
    let (mut own, mut other, mut across) = (0.0, 0.0, 0.0);
    for (one, row) in products.rows().into_iter().enumerate() {
        for (two, product) in row.iter().enumerate() {
            match (first[one], first[two]) {
                (true, true) => own += product,
                (false, false) => other += product,
                (true, false) => across += product,
                (false, true) => {}
            }
        }
    }
    let scale = products.diag().sum();
    (own.min(other) > 1e-24 * scale).then(|| across / (own * other).sqrt())
}

/// Reliability of one from r between means of m₁ and m₂: the root of the quadratic that has the sign of r.
fn of_one(r: f64, (smaller, larger): (usize, usize)) -> f64 {
    let (m1, m2, square) = (smaller as f64, larger as f64, r * r);
    let a = m1 * m2 - square * (m1 - 1.0) * (m2 - 1.0);
    let b = square * (m1 + m2 - 2.0);
    let root = (b * b + 4.0 * a * square).sqrt();
    (b + root.copysign(r)) / (2.0 * a)
}

/// Which participants are in the first, smaller half.
fn divisions(people: usize, most: usize, seed: u64) -> Vec<Vec<bool>> {
    if people < 2 {
        return Vec::new();
    }
    let all = every_division(people, most);
    all.unwrap_or_else(|| (0..most as u64).map(|draw| random_division(people, seed, draw)).collect())
}

fn random_division(people: usize, seed: u64, draw: u64) -> Vec<bool> {
    let order = shuffled(&mut stream(seed, Purpose::Halves, people as u32, draw), people);
    let mut first = vec![false; people];
    order[..people / 2].iter().for_each(|one| first[*one] = true);
    first
}

/// All divisions, if there are at most `most`. Of two halves of one size, that without participant 0 is the first.
fn every_division(people: usize, most: usize) -> Option<Vec<Vec<bool>>> {
    let half = people / 2;
    let is_even = people.is_multiple_of(2);
    let choose =
        (0..half).try_fold(1_usize, |ways, k| ways.checked_mul(people - k).map(|ways| ways / (k + 1)))?;
    if choose / (1 + usize::from(is_even)) > most.max(1) || people > 20 {
        return None;
    }
    let chosen = |bits: &u32| bits.count_ones() as usize == half && !(is_even && bits & 1 == 1);
    let first = |bits: u32| (0..people).map(|one| bits >> one & 1 == 1).collect();
    Some((0..1_u32 << people).filter(chosen).map(first).collect())
}
