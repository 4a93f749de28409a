//! Rank correlation over regions of a layer profile's centre of mass with a reference order of the brain.

use ndarray::{ArrayView1, ArrayView2, Axis};

use super::surrogate_maps::{RegionsNull, surrogate_maps};
use crate::EncodingError;
use crate::statistics::{Interval, Tail, bootstrap_participants, pearson, permutation_p, ranks, signed_rank};

/// Fewer regions than this do not carry a p value: with six, the smallest two-sided p is 2/720, and sampling
/// error is larger than the spread between regions.
pub const FEWEST_REGIONS: usize = 20;

/// What is compared over regions. NaN where a region has no value.
#[derive(Debug, Clone, Copy)]
pub struct Regions<'a> {
    /// Centre of mass (or best layer) of each region.
    pub depth: &'a [f64],
    /// Reference rank of each region, which must not come from the same scores of the same language model.
    pub reference: &'a [f64],
    /// Noise ceiling of each region, to be regressed out of both; regions of high signal have profiles that are
    /// further from flat, whatever their order.
    pub ceiling: Option<&'a [f64]>,
}

/// The p value of a hierarchy, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum RegionsP {
    /// Too few regions for a p value: only the order and its reliability are reported.
    TooFewRegions {
        /// Regions with values.
        regions: usize,
        /// Regions needed.
        needed: usize,
    },
    /// Depth or reference is the same in all regions, or says no more than the ceiling.
    Constant,
    /// Two-sided, against surrogates of the reference.
    Found {
        /// p = (1 + b) / (1 + M).
        p: f64,
        /// M.
        surrogates: usize,
        /// Where the middle 95 % of the surrogates' correlations lie.
        middle: Interval,
    },
}

impl RegionsP {
    /// The p value, if there is one.
    #[must_use]
    pub fn value(self) -> Option<f64> {
        match self {
            Self::Found { p, .. } => Some(p),
            Self::TooFewRegions { .. } | Self::Constant => None,
        }
    }

    /// Where the middle 95 % of the surrogates' correlations lie, if there are any.
    #[must_use]
    pub fn middle(self) -> Option<Interval> {
        match self {
            Self::Found { middle, .. } => Some(middle),
            Self::TooFewRegions { .. } | Self::Constant => None,
        }
    }

    /// Why there is no p.
    #[must_use]
    pub fn reason(self) -> Option<&'static str> {
        match self {
            Self::Found { .. } => None,
            Self::TooFewRegions { .. } => Some("too_few_regions"),
            Self::Constant => Some("constant"),
        }
    }
}

/// How depth in the language model follows the reference order.
#[derive(Debug, Clone, PartialEq)]
pub struct HierarchyIndex {
    /// Spearman's correlation over regions, partial if ceilings are given; NaN if a side is constant.
    pub rho: f64,
    /// Number of regions with values.
    pub regions: usize,
    /// Rank of each region's depth from 1, shallowest first; NaN for a region without value.
    pub ranks: Vec<f64>,
    /// p over regions, if there are enough.
    pub p: RegionsP,
}

/// Spearman's correlation of depth with the reference over regions; with ceilings, the correlation of the ranks
/// after the ranks of the ceilings have been regressed out of both.
///
/// p against surrogates of the reference (of its residuals, with ceilings; Freedman & Lane 1983) from 20 regions on, never
/// below. Regions without a finite value in any of the given lists are left out.
///
/// # Errors
/// - as [`surrogate_maps`], for positions that do not fit the regions.
///
/// # References
/// Burt et al. (2020), NeuroImage 220:117038; Alexander-Bloch et al. (2018), NeuroImage 178:540.
pub fn hierarchy_index(
    regions: Regions<'_>,
    null: RegionsNull<'_>,
    draws: (usize, u64),
) -> Result<HierarchyIndex, EncodingError> {
    let depths = ArrayView1::from(regions.depth).insert_axis(Axis(0));
    let shared = Shared::new(depths, (regions.reference, regions.ceiling), null)?;
    let depth = shared.depth(regions.depth);
    let rho = pearson(&depth, &shared.reference);
    let p = shared.p(&[depth], rho, draws)?;
    let mut all_ranks = vec![f64::NAN; regions.depth.len()];
    let own: Vec<f64> = shared.with.iter().map(|region| regions.depth[*region]).collect();
    shared.with.iter().zip(ranks(&own)).for_each(|(region, rank)| all_ranks[*region] = rank);
    Ok(HierarchyIndex { rho: rho.unwrap_or(f64::NAN), regions: shared.with.len(), ranks: all_ranks, p })
}

/// [`hierarchy_index`]'s correlation alone; None where a side is constant.
///
/// # Errors
/// - [`EncodingError::RegionMismatch`]: lists of different lengths.
pub fn hierarchy_correlation(regions: Regions<'_>) -> Result<Option<f64>, EncodingError> {
    let depths = ArrayView1::from(regions.depth).insert_axis(Axis(0));
    let shared = Shared::new(depths, (regions.reference, regions.ceiling), RegionsNull::Exchangeable)?;
    Ok(pearson(&shared.depth(regions.depth), &shared.reference))
}

/// The index of every participant, and what they have in common.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupIndex {
    /// Index of each participant; NaN where depth is constant.
    pub rho: Vec<f64>,
    /// Mean over participants.
    pub mean: f64,
    /// Its 95 % interval (BCa over participants).
    pub interval: Interval,
    /// Two-sided signed ranks of the participants' indices: would other people show it, these regions and this story taken for
    /// given? NaN below [`FEWEST_REGIONS`].
    pub p_participants: f64,
    /// Number of regions in which everybody has a value.
    pub regions: usize,
    /// Of the mean against surrogates of the reference, the same for everybody: would a map as smooth show it?
    pub p: RegionsP,
}

/// [`hierarchy_index`] of each participant over the regions that all have, its mean, and p over people and over maps.
///
/// # Shapes
/// `depths` is (n_participants, n_regions); `reference` and the ceiling have n_regions.
///
/// # Errors
/// - [`EncodingError::TooFewParticipants`]: fewer than two.
/// - as [`hierarchy_index`].
pub fn group_hierarchy_index(
    depths: ArrayView2<'_, f64>,
    shared: (&[f64], Option<&[f64]>),
    null: RegionsNull<'_>,
    draws: (usize, u64),
) -> Result<GroupIndex, EncodingError> {
    if depths.nrows() < 2 {
        return Err(EncodingError::TooFewParticipants { found: depths.nrows(), needed: 2 });
    }
    let shared = Shared::new(depths, shared, null)?;
    let people: Vec<Vec<f64>> = depths.rows().into_iter().map(|row| shared.depth(&row.to_vec())).collect();
    let rho: Vec<f64> =
        people.iter().map(|own| pearson(own, &shared.reference).unwrap_or(f64::NAN)).collect();
    let finite: Vec<f64> = rho.iter().copied().filter(|rho| rho.is_finite()).collect();
    let mean_of = |sample: &[usize]| sample.iter().map(|one| finite[*one]).sum::<f64>() / sample.len() as f64;
    let mean = finite.iter().sum::<f64>() / finite.len() as f64;
    Ok(GroupIndex {
        mean,
        interval: bootstrap_participants(finite.len(), 2000, draws.1, 0.95, mean_of),
        p_participants: match shared.with.len() < FEWEST_REGIONS {
            // Whoever heard one story shares its accidents, and with few regions these make an order.
            true => f64::NAN,
            false => signed_rank(&finite, Tail::TwoSided).p,
        },
        regions: shared.with.len(),
        p: shared.p(&people, Some(mean).filter(|mean| mean.is_finite()), draws)?,
        rho,
    })
}

/// What all participants share: the regions with values, the reference, and how ceilings are taken out.
struct Shared<'a> {
    /// Of all, with and without values.
    n_regions: usize,
    with: Vec<usize>,
    reference: Vec<f64>,
    ceiling: Option<Vec<f64>>,
    null: RegionsNull<'a>,
}

impl<'a> Shared<'a> {
    fn new(
        depths: ArrayView2<'_, f64>,
        (reference, ceiling): (&[f64], Option<&[f64]>),
        null: RegionsNull<'a>,
    ) -> Result<Self, EncodingError> {
        let expected = depths.ncols();
        let lists = [Some(reference), ceiling];
        if let Some(list) = lists.into_iter().flatten().find(|list| list.len() != expected) {
            return Err(EncodingError::RegionMismatch { found: list.len(), expected });
        }
        let has = |region: &usize| {
            depths.column(*region).iter().all(|depth| depth.is_finite())
                && lists.into_iter().flatten().all(|list| list[*region].is_finite())
        };
        let with: Vec<usize> = (0..expected).filter(has).collect();
        let ranked = |list: &[f64]| ranks(&with.iter().map(|region| list[*region]).collect::<Vec<_>>());
        let ceiling = ceiling.map(ranked);
        let reference = ranked(reference);
        let reference = ceiling.as_ref().map_or(reference.clone(), |ceiling| without(&reference, ceiling));
        Ok(Self { n_regions: expected, with, reference, ceiling, null })
    }

    fn depth(&self, all: &[f64]) -> Vec<f64> {
        let own = ranks(&self.with.iter().map(|region| all[*region]).collect::<Vec<_>>());
        self.ceiling.as_ref().map_or(own.clone(), |ceiling| without(&own, ceiling))
    }

    /// p of the mean correlation of these depths with the reference.
    fn p(
        &self,
        people: &[Vec<f64>],
        observed: Option<f64>,
        draws: (usize, u64),
    ) -> Result<RegionsP, EncodingError> {
        let places = self.places()?;
        if self.with.len() < FEWEST_REGIONS {
            return Ok(RegionsP::TooFewRegions { regions: self.with.len(), needed: FEWEST_REGIONS });
        }
        let Some(observed) = observed else { return Ok(RegionsP::Constant) };
        let null = match (self.null, &places) {
            (RegionsNull::Variogram(_), Some((places, _))) => RegionsNull::Variogram(places.view()),
            (RegionsNull::Spins { .. }, Some((places, is_right))) => {
                RegionsNull::Spins { positions: places.view(), is_right }
            }
            _ => RegionsNull::Exchangeable,
        };
        let maps = surrogate_maps(&self.reference, null, draws)?;
        let mean = |map: ndarray::ArrayView1<'_, f64>| {
            let map =
                self.ceiling.as_ref().map_or_else(|| map.to_vec(), |ceiling| without(&map.to_vec(), ceiling));
            let found: Vec<f64> = people.iter().filter_map(|own| pearson(own, &map)).collect();
            found.iter().sum::<f64>() / found.len() as f64
        };
        let mut found: Vec<f64> = maps.rows().into_iter().map(mean).collect();
        let reached = found.iter().filter(|rho| rho.abs() >= observed.abs() - 1e-12).count();
        found.sort_by(f64::total_cmp);
        let at = |share: f64| found.get((share * draws.0 as f64) as usize).copied().unwrap_or(f64::NAN);
        let middle = Interval { low: at(0.025), high: at(0.975) };
        Ok(RegionsP::Found { p: permutation_p(reached as u64, draws.0 as u64), surrogates: draws.0, middle })
    }

    /// Positions and hemispheres of the regions with values.
    fn places(&self) -> Result<Option<Places>, EncodingError> {
        let (positions, is_right) = match self.null {
            RegionsNull::Exchangeable => return Ok(None),
            RegionsNull::Variogram(positions) => (positions, None),
            RegionsNull::Spins { positions, is_right } => (positions, Some(is_right)),
        };
        if positions.dim() != (self.n_regions, 3) {
            return Err(EncodingError::PlaceMismatch { found: positions.dim(), expected: self.n_regions });
        }
        if let Some(is_right) = is_right.filter(|is_right| is_right.len() != self.n_regions) {
            return Err(EncodingError::PlaceMismatch {
                found: (is_right.len(), 3),
                expected: self.n_regions,
            });
        }
        let sides =
            self.with.iter().map(|region| is_right.is_some_and(|is_right| is_right[*region])).collect();
        Ok(Some((positions.select(Axis(0), &self.with), sides)))
    }
}

/// Positions, (n_regions, 3), and whether each region lies on the right.
type Places = (ndarray::Array2<f64>, Vec<bool>);

/// What a straight line through `other` leaves of `values`.
fn without(values: &[f64], other: &[f64]) -> Vec<f64> {
    let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
    let (middle, centre) = (mean(values), mean(other));
    let squared = |difference: f64| difference * difference;
    let spread: f64 = other.iter().map(|x| squared(x - centre)).sum();
    let together: f64 = values.iter().zip(other).map(|(y, x)| (y - middle) * (x - centre)).sum();
    let slope = if spread > 0.0 { together / spread } else { 0.0 };
    // Ranks are whole or half, so that nothing at all is left of a perfect line.
    values.iter().zip(other).map(|(y, x)| y - middle - slope * (x - centre)).collect()
}
