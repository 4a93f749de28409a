//! Scores by person and by block of the story, and digests of what must be the same: what `gyrus compare` takes from a study.

use gyrus_core::{Fold, Timeline};
use gyrus_encoding::statistics::{block_means, blocks_of_story, widening};
use ndarray::{Array1, Array2, Axis};

use super::super::prepare::Prepare;
use super::super::projected::Projected;
use super::gather::{Gathered, WithNull};
use super::language_model::Work;
use super::nested::Chosen;
use super::pilot::MOST_REGIONS;
use crate::plan::Design;
use crate::results::{ComparedBlocks, ComparedPerson, ComparedScores, SideBySide};
use crate::store::Digest;

/// Everything but the scores, which language models bring.
pub(super) fn of(work: &Work<'_>, scores: Vec<ComparedScores>) -> SideBySide {
    let none: Vec<Array2<f64>> =
        work.plan.designs.iter().map(|design| Array2::zeros((design.n_samples(), 1))).collect();
    let everybody = Array2::zeros((work.layout.participants.len(), 1));
    let (_, timeline, folds) = work.estimator.stack(&none, everybody.view());
    let blocks = blocks_of_story(&timeline, &folds, work.estimator.block_samples());
    SideBySide {
        people: work.plan.designs.iter().flat_map(|design| people(work, design)).collect(),
        blocks: ComparedBlocks {
            samples: blocks.iter().map(|block| block.rows.len()).collect(),
            folds: blocks.iter().map(|block| block.fold).collect(),
            widened: widening(&folds),
        },
        scores,
    }
}

fn people(work: &Work<'_>, design: &Design) -> Vec<ComparedPerson> {
    let rows: Vec<(&Vec<usize>, &Vec<usize>)> =
        design.folds.as_slice().iter().map(|fold| (&fold.train, &fold.test)).collect();
    let runs: Vec<_> =
        design.runs.iter().map(|run| (run.sampling.count, run.sampling.interval.get())).collect();
    let folds = digest(&serde_json::json!([runs, rows]));
    let person = |(name, recordings): &(String, Vec<usize>)| {
        let sources: Vec<&Digest> =
            recordings.iter().map(|recording| &work.inputs.recordings[*recording].source).collect();
        let cleaned: Vec<&str> = recordings
            .iter()
            .flat_map(|recording| {
                let is_whole =
                    |task: &&Prepare| task.recording == *recording && task.projected == Projected::Everything;
                work.plan.prepare.iter().filter(is_whole)
            })
            .map(|task| task.key.digest())
            .collect();
        ComparedPerson {
            name: name.clone(),
            recordings: digest(&serde_json::json!(sources)),
            responses: digest(&serde_json::json!(cleaned)),
            folds: folds.clone(),
        }
    };
    design.participants.iter().map(person).collect()
}

fn digest(content: &serde_json::Value) -> String {
    Digest::of(content.to_string().as_bytes()).as_str().to_owned()
}

/// One language model by region and, last, for the mean over regions.
pub(super) fn rows(
    work: &Work<'_>,
    language_model: &str,
    [score, gain]: [&[WithNull]; 2],
) -> Vec<ComparedScores> {
    let n_regions = work.layout.regions.len();
    let first = if n_regions > MOST_REGIONS { n_regions } else { 0 };
    let scored: Vec<&Gathered> = score.iter().map(|layer| &layer.observed).collect();
    let gained: Vec<&Gathered> = gain.iter().map(|layer| &layer.observed).collect();
    let nulls: Vec<Array2<f64>> = score.iter().map(|layer| work.layout.by_region(&layer.null_mean)).collect();
    let row = |column: usize| {
        let regions = if column < n_regions { vec![column] } else { (0..n_regions).collect() };
        let chosen = Chosen::of((work.layout, work.plan), &scored, regions);
        let null = |(design, of): (usize, &Design)| {
            let first = work.layout.first[design];
            let people = first..first + of.participants.len();
            people.map(|place| chosen.mean_of(design, &nulls, (place, column))).collect::<Vec<_>>()
        };
        let blocks = |layers: &[&Gathered]| {
            let values = Array1::from(chosen.values(layers)).insert_axis(Axis(1));
            let (products, timeline, folds) = work.estimator.stack(&chosen.products(layers), values.view());
            by_block(work, &products, (&timeline, &folds))
        };
        ComparedScores {
            language_model: language_model.to_owned(),
            region: work.layout.region_name(column),
            score: chosen.values(&scored),
            null: work.plan.designs.iter().enumerate().flat_map(null).collect(),
            unique_gain: chosen.values(&gained),
            score_blocks: blocks(&scored),
            unique_gain_blocks: blocks(&gained),
        }
    };
    (first..=n_regions).map(row).collect()
}

fn by_block(work: &Work<'_>, products: &Array2<f64>, (timeline, folds): (&Timeline, &[Fold])) -> Vec<f64> {
    let samples = work.estimator.block_samples();
    block_means(products.view(), timeline, folds, samples).column(0).to_vec()
}
