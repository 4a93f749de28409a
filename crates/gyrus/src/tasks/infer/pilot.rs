//! Scores by person and fold, and of the group by block of the story: what a later study is planned from.

use gyrus_core::Seconds;
use gyrus_encoding::statistics::block_means;
use ndarray::Array2;

use super::estimate::STIMULUS_BLOCK;
use super::gather::{Gathered, WithNull};
use super::language_model::Work;
use super::nested::Chosen;
use crate::results::PilotScores;

/// Of more regions than this only their mean is kept by person and block: nobody plans or compares studies on each of many.
pub(super) const MOST_REGIONS: usize = 60;

/// Scores less each person's null mean and unique gains, of the regions and of their mean, in the design that most people have.
pub(super) fn rows(
    work: &Work<'_>,
    language_model: &str,
    [score, gain]: [&[WithNull]; 2],
) -> Vec<PilotScores> {
    let n_regions = work.layout.regions.len();
    let first = if n_regions > MOST_REGIONS { n_regions } else { 0 };
    let scored: Vec<&Gathered> = score.iter().map(|layer| &layer.observed).collect();
    let gained: Vec<&Gathered> = gain.iter().map(|layer| &layer.observed).collect();
    let nulls: Vec<Array2<f64>> = score.iter().map(|layer| work.layout.by_region(&layer.null_mean)).collect();
    let mut rows = Vec::new();
    for column in first..=n_regions {
        let regions = if column < n_regions { vec![column] } else { (0..n_regions).collect() };
        let chosen = Chosen::of((work.layout, work.plan), &scored, regions);
        for (effect, layers, nulls) in [("score", &scored, Some(&nulls)), ("unique_gain", &gained, None)] {
            let found = Found { work, chosen: &chosen, layers, nulls, column };
            rows.extend(found.row(language_model, effect));
        }
    }
    rows
}

/// One quantity in one region.
struct Found<'a> {
    work: &'a Work<'a>,
    chosen: &'a Chosen<'a>,
    layers: &'a [&'a Gathered],
    /// By layer: null means of participants by region.
    nulls: Option<&'a Vec<Array2<f64>>>,
    column: usize,
}

impl Found<'_> {
    fn row(&self, language_model: &str, effect: &str) -> Option<PilotScores> {
        let (designs, layout) = (&self.work.plan.designs, self.work.layout);
        let most = (0..designs.len())
            .max_by_key(|design| (designs[*design].participants.len(), designs.len() - design))?;
        let (design, folds) = (&designs[most], self.chosen.by_fold(self.layers, most));
        let repetition = self.work.inputs.repetition_time()?;
        let products = &self.chosen.products(self.layers)[most];
        let samples = repetition.volumes_spanning(Seconds::new(STIMULUS_BLOCK).ok()?);
        let blocks = block_means(products.view(), &design.timeline, design.folds.as_slice(), samples);
        let blocks: Vec<f64> = blocks.column(0).to_vec();
        let (mut participants, mut kept) = (Vec::new(), Vec::new());
        for (person, row) in folds.rows().into_iter().enumerate() {
            let place = layout.first[most] + person;
            let null = self.nulls.map_or(0.0, |nulls| self.chosen.mean_of(most, nulls, (place, self.column)));
            let own: Vec<f64> = row.iter().map(|score| score - null).collect();
            if own.iter().all(|score| score.is_finite()) {
                participants.push(layout.participants[place].clone());
                kept.push(own);
            }
        }
        if participants.is_empty() || !blocks.iter().all(|block| block.is_finite()) {
            return None;
        }
        let held_out: usize = design.folds.as_slice().iter().map(|fold| fold.test.len()).sum();
        let hours = held_out as f64 * repetition.get() / 3600.0;
        Some(PilotScores {
            language_model: language_model.to_owned(),
            effect: effect.to_owned(),
            region: layout.region_name(self.column),
            n_left_out: layout.participants.len() - participants.len(),
            participants,
            fold_hours: hours / design.folds.len() as f64,
            folds: kept,
            block_hours: hours / blocks.len() as f64,
            blocks,
        })
    }
}
