//! Penalties, mixtures of bands, and how they are chosen.

use std::ops::Range;

use rand_chacha::rand_core::Rng;
use serde::{Deserialize, Serialize};

use super::choices::Place;
use crate::EncodingError;
use crate::statistics::{Purpose, below, shuffled, stream};

/// Penalties α > 0, ascending. α is added to the squared singular value: ‖Xw − y‖² + α‖w‖².
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<f64>", into = "Vec<f64>")]
pub struct Alphas(Vec<f64>);

impl Alphas {
    /// Penalties in any order.
    ///
    /// # Errors
    /// - [`EncodingError::Penalty`] if there is none, or one is not positive and finite.
    pub fn new(mut alphas: Vec<f64>) -> Result<Self, EncodingError> {
        if alphas.is_empty() {
            return Err(EncodingError::Penalty { found: f64::NAN });
        }
        if let Some(found) = alphas.iter().copied().find(|alpha| !(*alpha > 0.0 && alpha.is_finite())) {
            return Err(EncodingError::Penalty { found });
        }
        alphas.sort_by(f64::total_cmp);
        alphas.dedup();
        Ok(Self(alphas))
    }

    /// `count` penalties from `from` to `to`, evenly spaced on a logarithmic axis.
    ///
    /// # Errors
    /// - as [`Alphas::new`].
    pub fn logspace(from: f64, to: f64, count: usize) -> Result<Self, EncodingError> {
        if !(from > 0.0 && to >= from && to.is_finite()) {
            return Err(EncodingError::Penalty { found: if from > 0.0 { to } else { from } });
        }
        let (low, high) = (libm::log10(from), libm::log10(to));
        let step = |index: usize| low + (high - low) * index as f64 / count.saturating_sub(1).max(1) as f64;
        Self::new((0..count).map(|index| libm::pow(10.0, step(index))).collect())
    }

    /// The values.
    #[must_use]
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }
}

impl TryFrom<Vec<f64>> for Alphas {
    type Error = EncodingError;

    fn try_from(alphas: Vec<f64>) -> Result<Self, EncodingError> {
        Self::new(alphas)
    }
}

impl From<Alphas> for Vec<f64> {
    fn from(alphas: Alphas) -> Self {
        alphas.0
    }
}

/// Candidate mixtures. A mixture has one weight per band, at least 0, with sum 1; a pure end is plain ridge on
/// that band.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Mixtures {
    /// The same candidates in every fold.
    Same(Vec<Vec<f64>>),
    /// Candidates of each outer fold.
    PerFold(Vec<Vec<Vec<f64>>>),
}

impl Mixtures {
    /// Each band alone, and equal shares of all.
    #[must_use]
    pub fn ends(bands: usize) -> Self {
        Self::search(bands, 0, 0)
    }

    /// Each band alone, equal shares of all, and `count` random mixtures: uniform on the simplex of all bands (a flat
    /// Dirichlet distribution), every second one on a face of it, where some bands take no part. The first draws of a
    /// longer search are those of a shorter one.
    #[must_use]
    pub fn search(bands: usize, count: usize, seed: u64) -> Self {
        let alone = |band: usize| (0..bands).map(|other| f64::from(u8::from(other == band))).collect();
        let mut mixtures: Vec<Vec<f64>> = (0..bands).map(alone).collect();
        if bands > 1 {
            mixtures.push(vec![1.0 / bands as f64; bands]);
            mixtures.extend((0..count).map(|draw| drawn(bands, draw, seed)));
        }
        Self::Same(mixtures)
    }

    /// The candidates of an outer fold.
    pub(crate) fn of_fold(&self, fold: usize) -> &[Vec<f64>] {
        match self {
            Self::Same(mixtures) => mixtures,
            Self::PerFold(folds) => folds.get(fold).map_or(&[], Vec::as_slice),
        }
    }

    /// The same mixtures in a design of `n_bands` bands, of which `positions` are theirs; the others take no part.
    #[must_use]
    pub fn placed(self, positions: &[usize], n_bands: usize) -> Self {
        let place = |mixture: Vec<f64>| {
            let mut placed = vec![0.0; n_bands];
            positions.iter().zip(mixture).for_each(|(position, weight)| placed[*position] = weight);
            placed
        };
        let place_all = |mixtures: Vec<Vec<f64>>| mixtures.into_iter().map(place).collect();
        match self {
            Self::Same(mixtures) => Self::Same(place_all(mixtures)),
            Self::PerFold(folds) => Self::PerFold(folds.into_iter().map(place_all).collect()),
        }
    }

    pub(crate) fn check(&self, folds: usize, bands: usize) -> Result<(), EncodingError> {
        for fold in 0..folds {
            let mixtures = self.of_fold(fold);
            let is_sound = |mixture: &Vec<f64>| {
                mixture.len() == bands
                    && mixture.iter().all(|weight| *weight >= 0.0 && weight.is_finite())
                    && (mixture.iter().sum::<f64>() - 1.0).abs() < 1e-9
            };
            if mixtures.is_empty() || !mixtures.iter().all(is_sound) {
                return Err(EncodingError::Mixture { fold, bands });
            }
        }
        Ok(())
    }
}

fn drawn(bands: usize, draw: usize, seed: u64) -> Vec<f64> {
    let mut random = stream(seed, Purpose::Mixtures, 0, draw as u64);
    let size = if draw % 2 == 1 && bands > 2 { 2 + below(&mut random, bands - 2) } else { bands };
    let members = shuffled(&mut random, bands);
    let mut mixture = vec![0.0; bands];
    for member in &members[..size] {
        // Exponential variates over their sum are uniform on the simplex.
        let uniform = (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        mixture[*member] = f64::MIN_POSITIVE - libm::log(1.0 - uniform);
    }
    let sum: f64 = mixture.iter().sum();
    mixture.iter_mut().for_each(|weight| *weight /= sum);
    mixture
}

/// Who chooses the mixture. The penalty is always chosen per target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Choice {
    /// Each target.
    PerTarget,
    /// All targets of a fold together, by their mean inner score.
    SharedMixture,
}

/// What happens where the best penalty lies at an end of the grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtEdge {
    /// It is taken and counted.
    #[default]
    Count,
    /// The grid goes on by four decades in the same steps, for that target; what lies at the new end is counted.
    Extend,
}

/// What a fit chooses from, and how.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RidgeSettings {
    /// Penalties.
    pub alphas: Alphas,
    /// Mixtures of bands.
    pub mixtures: Mixtures,
    /// Rounds of up to sixteen more mixtures, down the slope of the error of what targets chose; only where each target
    /// chooses its own. Targets look for mixtures together, so that those of one depend on the others. A round decomposes
    /// up to thirty-two mixtures, and every mixture that is chosen is decomposed again in the end.
    #[serde(default)]
    pub refinements: usize,
    /// Who chooses the mixture.
    pub choice: Choice,
    /// Inner folds.
    pub inner_folds: usize,
    /// What happens at the ends of the grid.
    #[serde(default)]
    pub at_edge: AtEdge,
}

/// Penalties as asked for, with what an extension adds on both sides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Candidates {
    alphas: Vec<f64>,
    asked: Range<usize>,
}

const EXTENSION_DECADES: f64 = 4.0;

impl RidgeSettings {
    pub(super) fn candidates(&self) -> Candidates {
        let asked = self.alphas.as_slice();
        let (first, last) = (asked[0], asked[asked.len() - 1]);
        if self.at_edge == AtEdge::Count || asked.len() < 2 {
            return Candidates { alphas: asked.to_vec(), asked: 0..asked.len() };
        }
        let step = libm::log10(last / first) / (asked.len() - 1) as f64;
        let added = (EXTENSION_DECADES / step).ceil() as usize;
        let times = |from: f64, steps: f64| from * libm::pow(10.0, steps * step);
        let below = (1..=added).rev().map(|steps| times(first, -(steps as f64)));
        let above = (1..=added).map(|steps| times(last, steps as f64));
        let alphas = below.chain(asked.iter().copied()).chain(above).collect();
        Candidates { alphas, asked: added..added + asked.len() }
    }
}

impl Candidates {
    /// All penalties, ascending.
    pub(super) fn alphas(&self) -> &[f64] {
        &self.alphas
    }

    /// The penalty with the smallest error, and that error: beyond the ends of the grid only from an end.
    pub(super) fn smallest(&self, error: impl Fn(usize) -> f64) -> (usize, f64) {
        let smallest = |from: (usize, f64), candidates: &mut dyn Iterator<Item = usize>| {
            candidates.fold(from, |best, alpha| {
                let error = error(alpha);
                if error < best.1 { (alpha, error) } else { best }
            })
        };
        let best = smallest((self.asked.start, f64::INFINITY), &mut self.asked.clone());
        if best.0 == self.asked.start {
            return smallest(best, &mut (0..self.asked.start).rev());
        }
        if best.0 + 1 == self.asked.end {
            return smallest(best, &mut (self.asked.end..self.alphas.len()));
        }
        best
    }

    /// Where a penalty lies.
    pub(super) fn place(&self, alpha: usize) -> Place {
        match alpha {
            _ if self.alphas.len() == 1 => Place::Inside,
            0 => Place::Low,
            last if last + 1 == self.alphas.len() => Place::High,
            inside if self.asked.contains(&inside) => Place::Inside,
            _ => Place::Extended,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logarithmic_grid_has_its_ends() {
        let alphas = Alphas::logspace(0.1, 1e8, 10).unwrap();
        assert_eq!(alphas.as_slice().len(), 10);
        assert!((alphas.as_slice()[0] - 0.1).abs() < 1e-12);
        assert!((alphas.as_slice()[9] / 1e8 - 1.0).abs() < 1e-12);
        assert!(Alphas::new(vec![1.0, 0.0]).is_err());
        assert!(Alphas::new(vec![]).is_err());
        let found = |from: f64, to: f64| match Alphas::logspace(from, to, 3) {
            Err(EncodingError::Penalty { found }) => Some(found),
            _ => None,
        };
        assert_eq!([found(-1.0, 1.0), found(0.0, 1.0), found(2.0, 1.0)], [Some(-1.0), Some(0.0), Some(1.0)]);
        assert_eq!(found(1.0, f64::INFINITY), Some(f64::INFINITY));
        assert_eq!(Vec::from(Alphas::logspace(10.0, 10.0, 1).unwrap()), [10.0]);
        assert_eq!(Vec::from(Alphas::new(vec![3.0, 1.0, 3.0]).unwrap()), [1.0, 3.0]);
    }

    #[test]
    fn a_grid_goes_on_only_from_its_ends() {
        let alphas = Alphas::new(vec![1.0, 10.0, 100.0]).unwrap();
        let mixtures = Mixtures::Same(vec![vec![1.0]]);
        let settings = |at_edge| RidgeSettings {
            alphas: alphas.clone(),
            mixtures: mixtures.clone(),
            refinements: 0,
            choice: Choice::PerTarget,
            inner_folds: 5,
            at_edge,
        };
        let extended = settings(AtEdge::Extend).candidates();
        assert_eq!(extended.alphas().len(), 11);
        assert!((extended.alphas()[0] / 1e-4 - 1.0).abs() < 1e-12);
        assert!((extended.alphas()[10] / 1e6 - 1.0).abs() < 1e-12);
        let best = |at: f64| extended.smallest(|alpha| (libm::log10(extended.alphas()[alpha]) - at).abs());
        assert_eq!((best(1.0).0, best(-2.0).0, best(5.0).0, best(9.0).0), (5, 2, 9, 10));
        // The smallest error of all lies outside, but the grid has a minimum inside: that one is taken.
        let two = |alpha: usize| if alpha == 0 { -1.0 } else { (alpha as f64 - 5.0).abs() };
        assert_eq!(extended.smallest(two).0, 5);
        assert_eq!(
            [0, 2, 5, 10].map(|alpha| extended.place(alpha)),
            [Place::Low, Place::Extended, Place::Inside, Place::High]
        );
        // Two penalties a half decade apart: eight more on each side, in the same steps.
        let two = RidgeSettings {
            alphas: Alphas::logspace(1.0, 10_f64.sqrt(), 2).unwrap(),
            ..settings(AtEdge::Extend)
        };
        let two = two.candidates();
        assert_eq!(two.alphas().len(), 18);
        for (index, alpha) in two.alphas().iter().enumerate() {
            let expected = 10_f64.powf(0.5 * (index as f64 - 8.0));
            assert!((alpha / expected - 1.0).abs() < 1e-12, "{index}: {alpha} {expected}");
        }
        let as_asked = settings(AtEdge::Count).candidates();
        assert_eq!(as_asked.alphas(), alphas.as_slice());
        assert_eq!(as_asked.smallest(|alpha| alpha as f64).0, 0);
        assert_eq!(as_asked.place(0), Place::Low);
        // Of equal errors the first, and a single penalty lies at no edge.
        assert_eq!(as_asked.smallest(|_| 1.0), (0, 1.0));
        let one = RidgeSettings { alphas: Alphas::new(vec![3.0]).unwrap(), ..settings(AtEdge::Extend) };
        assert_eq!((one.candidates().alphas(), one.candidates().place(0)), (&[3.0][..], Place::Inside));
    }

    #[test]
    fn a_search_has_the_ends_then_the_same_draws_however_long_it_is() {
        let Mixtures::Same(long) = Mixtures::search(4, 200, 7) else { panic!("the same in every fold") };
        let Mixtures::Same(short) = Mixtures::search(4, 50, 7) else { panic!("the same in every fold") };
        assert_eq!(long.len(), 4 + 1 + 200);
        assert_eq!(long[..55], short[..]);
        assert_eq!(long[1], [0.0, 1.0, 0.0, 0.0]);
        assert_eq!(long[4], [0.25; 4]);
        assert!(Mixtures::search(4, 200, 7).check(1, 4).is_ok());
        let inside = long[5..].iter().filter(|mixture| mixture.iter().all(|weight| *weight > 0.0)).count();
        assert_eq!(inside, 100);
        for band in 0..4 {
            let mean = long[5..].iter().map(|mixture| mixture[band]).sum::<f64>() / 200.0;
            assert!((mean - 0.25).abs() < 0.06, "band {band}: {mean}");
        }
        let Mixtures::Same(many) = Mixtures::search(5, 4000, 7) else { panic!("the same in every fold") };
        let size = |mixture: &Vec<f64>| mixture.iter().filter(|weight| **weight > 0.0).count();
        let of_size = |wanted: usize| many[6..].iter().filter(|mixture| size(mixture) == wanted).count();
        assert_eq!(
            [0, 1, 5].map(of_size),
            [0, 0, 2000],
            "every second one lies on a face, and none is an end"
        );
        assert!(
            [2, 3, 4].map(of_size).iter().all(|count| (550..780).contains(count)),
            "{:?}",
            [2, 3, 4].map(of_size)
        );
        // Uniform on the simplex of five: E[w²] = 2 / (5 · 6).
        let inside = many[6..].iter().filter(|mixture| size(mixture) == 5);
        let squares = inside.map(|mixture| mixture[0] * mixture[0]).sum::<f64>() / 2000.0;
        assert!((squares * 15.0 - 1.0).abs() < 0.12, "{squares}");
        assert_eq!([6, 7, 8].map(|draw: usize| size(&many[draw]) == 5), [true, false, true]);
        let Mixtures::Same(two) = Mixtures::search(2, 20, 7) else { panic!("the same in every fold") };
        assert!(two[3..].iter().all(|mixture| size(mixture) == 2), "two bands have no face but the ends");
        assert_ne!(Mixtures::search(4, 3, 8), Mixtures::search(4, 3, 7));
        assert_eq!(Mixtures::search(1, 9, 7), Mixtures::ends(1));
    }

    #[test]
    fn mixtures_have_one_weight_per_band_and_sum_to_one() {
        assert!(Mixtures::Same(vec![vec![0.5, 0.5]]).check(3, 2).is_ok());
        assert!(Mixtures::Same(vec![vec![0.5, 0.4]]).check(3, 2).is_err());
        assert!(Mixtures::Same(vec![vec![1.0]]).check(3, 2).is_err());
        assert!(Mixtures::Same(vec![vec![-0.5, 1.5]]).check(3, 2).is_err());
        assert!(Mixtures::Same(vec![vec![f64::NAN, 1.0]]).check(3, 2).is_err());
        assert!(Mixtures::PerFold(vec![vec![vec![1.0]]]).check(2, 1).is_err());
        let placed = Mixtures::Same(vec![vec![0.4, 0.6]]).placed(&[0, 2], 3);
        assert_eq!(placed, Mixtures::Same(vec![vec![0.4, 0.0, 0.6]]));
    }
}
