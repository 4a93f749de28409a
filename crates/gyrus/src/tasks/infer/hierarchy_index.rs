//! Does depth in the network follow the order of the brain that the study names, beyond ceilings, and do untrained copies?

use gyrus_encoding::hierarchy::{
    Regions, RegionsNull, group_hierarchy_index, hierarchy_correlation, hierarchy_index, own_depths,
};
use gyrus_encoding::statistics::bootstrap_participants;
use ndarray::{Array2, Array3, ArrayView2, Axis};

use super::controls::Copy;
use super::depth;
use super::estimate::LEVEL;
use super::gather::Gathered;
use super::language_model::Work;
use crate::Error;
use crate::inputs::Reference;
use crate::results::{Hierarchy, IndexResults, IndexRow, Interval, ParticipantIndex, ParticipantsIndex};

const MAPS: usize = 9999;
/// With fewer regions than this any order agrees with any other: two have no other correlation than 1 or −1, and three
/// none beside a ceiling.
const FEWEST_FOR_AN_ORDER: usize = 5;

/// Adds reference and ceilings to the regions, and the index over those that are significant; nothing where the study names
/// no order. `ceilings` has one value per region of the layout.
pub(super) fn add(
    work: &Work<'_>,
    hierarchy: &mut Hierarchy,
    (layers, scored): (&[usize], &[&Gathered]),
    (untrained, ceilings): (&[&Copy], &[f64]),
) -> Result<(), Error> {
    let Some(reference) = &work.inputs.reference else { return Ok(()) };
    let at = |name: &str| work.layout.regions.iter().position(|known| known == name);
    for region in &mut hierarchy.regions {
        let Some(index) = at(&region.region) else { continue };
        region.reference = reference.values[index];
        region.ceiling = Some(ceilings[index]).filter(|ceiling| ceiling.is_finite());
    }
    let significant = hierarchy.regions.iter().filter(|region| region.significant);
    let mut regions: Vec<usize> = significant.filter_map(|region| at(&region.region)).collect();
    regions.sort_unstable();
    let shared = Shared::new(work, reference, (layers, regions), ceilings);
    let trained = shared.index(scored)?;
    let participants = work.layout.participants.iter().zip(&trained.people);
    let participants =
        participants.map(|(name, rho)| ParticipantIndex { participant: name.clone(), rho: *rho }).collect();
    let mut rows = vec![trained.row];
    for copy in untrained {
        let scored: Vec<&Gathered> = copy.layers.iter().collect();
        rows.push(IndexRow { seed: copy.training.seed(), ..shared.index(&scored)?.row });
    }
    hierarchy.index = Some(IndexResults {
        reference: reference.name.clone(),
        null: shared.null_name().to_owned(),
        has_ceiling: shared.ceiling.is_some(),
        rows,
        participants,
    });
    Ok(())
}

/// What all networks are compared with, region by region.
struct Shared<'a> {
    work: &'a Work<'a>,
    reference: &'a Reference,
    layers: Vec<f64>,
    regions: Vec<usize>,
    values: Vec<f64>,
    ceiling: Option<Vec<f64>>,
    positions: Option<Array2<f64>>,
    is_right: Vec<bool>,
}

/// An index and those of the participants, in the order of the layout.
struct Found {
    row: IndexRow,
    people: Vec<f64>,
}

impl Found {
    /// Too few regions for an order.
    fn none(n_regions: usize, people: usize) -> Self {
        let row = IndexRow {
            seed: None,
            n_regions,
            rho: f64::NAN,
            over_participants: Interval::NOWHERE,
            over_stimulus: Interval::NOWHERE,
            null: None,
            p: None,
            reason: Some("too_few_regions".to_owned()),
            participants: None,
        };
        Self { row, people: vec![f64::NAN; people] }
    }
}

impl<'a> Shared<'a> {
    fn new(
        work: &'a Work<'a>,
        reference: &'a Reference,
        (layers, regions): (&[usize], Vec<usize>),
        ceilings: &[f64],
    ) -> Self {
        let of = |all: &[f64]| regions.iter().map(|region| all[*region]).collect::<Vec<f64>>();
        let values: Vec<f64> = reference.values.iter().map(|value| value.unwrap_or(f64::NAN)).collect();
        let ceiling =
            Some(of(ceilings)).filter(|all| !all.is_empty() && all.iter().all(|ceiling| ceiling.is_finite()));
        let is_right = reference.is_right();
        Self {
            work,
            reference,
            layers: layers.iter().map(|layer| *layer as f64).collect(),
            values: of(&values),
            ceiling,
            positions: reference.positions().map(|all| all.select(Axis(0), &regions)),
            is_right: match is_right.is_empty() {
                true => Vec::new(),
                false => regions.iter().map(|region| is_right[*region]).collect(),
            },
            regions,
        }
    }

    fn null_name(&self) -> &'static str {
        self.reference.null(self.positions.as_ref(), &self.is_right).name()
    }

    fn index(&self, scored: &[&Gathered]) -> Result<Found, Error> {
        let scores = depth::by_person_region_layer(self.work, scored).select(Axis(1), &self.regions);
        let everybody: Vec<usize> = (0..scores.dim().0).collect();
        let seed = self.work.inputs.resolved.study.statistics.seed;
        let null = self.reference.null(self.positions.as_ref(), &self.is_right);
        let depths = self.centres(&scores, &everybody);
        let regions = Regions { depth: &depths, reference: &self.values, ceiling: self.ceiling.as_deref() };
        let found = hierarchy_index(regions, null, (MAPS, seed))?;
        if found.regions < FEWEST_FOR_AN_ORDER {
            return Ok(Found::none(found.regions, everybody.len()));
        }
        let (participants, people) = self.people(&scores, seed)?;
        let over_participants =
            self.work.estimator.over_participants(|people| self.rho(&self.centres(&scores, people)));
        let row = IndexRow {
            seed: None,
            n_regions: found.regions,
            rho: found.rho,
            over_participants,
            over_stimulus: self.over_stimulus(scored),
            null: found.p.middle().map(Interval::from),
            p: found.p.value(),
            reason: found.p.reason().map(str::to_owned),
            participants,
        };
        Ok(Found { row, people })
    }

    /// Indices of the participants that have all scores, NaN for others, and what they have in common; None with less than two.
    fn people(
        &self,
        scores: &Array3<f64>,
        seed: u64,
    ) -> Result<(Option<ParticipantsIndex>, Vec<f64>), Error> {
        let is_complete =
            |row: &usize| scores.index_axis(Axis(0), *row).iter().all(|score| score.is_finite());
        let complete: Vec<usize> = (0..scores.dim().0).filter(is_complete).collect();
        let mut all = vec![f64::NAN; scores.dim().0];
        if complete.len() < 2 || self.regions.is_empty() {
            return Ok((None, all));
        }
        let own = own_depths(&self.layers, scores.select(Axis(0), &complete).view());
        // p over maps is that of the group's depths: no map is drawn.
        let shared = (&self.values[..], self.ceiling.as_deref());
        let found = group_hierarchy_index(own.view(), shared, RegionsNull::Exchangeable, (0, seed))?;
        if found.regions < FEWEST_FOR_AN_ORDER {
            return Ok((None, all));
        }
        complete.into_iter().zip(&found.rho).for_each(|(row, rho)| all[row] = *rho);
        let in_common = ParticipantsIndex {
            mean: found.mean,
            interval: found.interval.into(),
            p: found.p_participants,
            n_regions: found.regions,
        };
        Ok((Some(in_common), all))
    }

    /// The correlation alone.
    fn rho(&self, depth: &[f64]) -> f64 {
        let regions = Regions { depth, reference: &self.values, ceiling: self.ceiling.as_deref() };
        hierarchy_correlation(regions).ok().flatten().unwrap_or(f64::NAN)
    }

    /// Centres of mass of the mean profiles of some rows; NaN where no layer stands out.
    fn centres(&self, scores: &Array3<f64>, rows: &[usize]) -> Vec<f64> {
        let of = |profiles: ArrayView2<'_, f64>| depth::depth(&self.layers, &profiles.select(Axis(0), rows));
        scores.axis_iter(Axis(1)).map(|profiles| of(profiles).unwrap_or(f64::NAN)).collect()
    }

    /// Blocks of the story drawn with replacement, those of the design that most participants have.
    fn over_stimulus(&self, scored: &[&Gathered]) -> Interval {
        let Some(blocks) = depth::by_block_region_layer(self.work, scored, &self.regions) else {
            return Interval::NOWHERE;
        };
        let statistics = &self.work.inputs.resolved.study.statistics;
        let rho = |drawn: &[usize]| self.rho(&self.centres(&blocks, drawn));
        let count = blocks.dim().0;
        bootstrap_participants(count, statistics.bootstraps, statistics.seed, LEVEL, rho).into()
    }
}
