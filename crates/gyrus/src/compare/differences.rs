//! Paired differences between language models of the same people, targets and folds.

use gyrus_encoding::statistics::{
    Draws, StoryBlocks, Tail, benjamini_hochberg, bootstrap_blocks, one_sample, signed_rank,
};

use super::pair::{self, BASELINES_DIFFER, Pair};
use super::studies::Row;
use super::{DRAWS, DifferenceRow, LEVEL, Quantity, SEED, mean, over_people};
use crate::results::{ComparedBlocks, ComparedScores, Estimate, Interval};

/// Every later row less every earlier one, or less the first alone.
pub(super) fn rows(rows: &[Row<'_>], only_first: bool) -> Vec<DifferenceRow> {
    let mut found = Vec::new();
    for (place, minus) in rows.iter().enumerate() {
        if place == 0 || !only_first {
            rows[place + 1..].iter().for_each(|of| found.extend(of_pair(of, minus)));
        }
    }
    for quantity in Quantity::ALL {
        let places: Vec<usize> =
            (0..found.len()).filter(|place| found[*place].quantity == quantity).collect();
        let p: Vec<f64> = places.iter().map(|place| found[*place].p[0]).collect();
        // Every p is one of a test, or NaN.
        let adjusted = benjamini_hochberg(&p).unwrap_or_default();
        places.iter().zip(adjusted).for_each(|(place, q)| found[*place].p[1] = q);
    }
    found
}

fn of_pair(of: &Row<'_>, minus: &Row<'_>) -> Vec<DifferenceRow> {
    let paired = match pair::pair(of, minus) {
        Ok(paired) => paired,
        Err(reason) => return Quantity::ALL.map(|quantity| refused((of, minus), quantity, reason)).into(),
    };
    let bands = [of, minus].map(|row| &row.study.results.baseline.bands);
    let mut rows = Vec::new();
    for region in of.regions() {
        for quantity in Quantity::ALL {
            let (Some(one), Some(other)) = (of.scores(region.as_ref()), minus.scores(region.as_ref())) else {
                continue;
            };
            let mut row = refused((of, minus), quantity, BASELINES_DIFFER);
            if quantity != Quantity::UniqueGain || bands[0] == bands[1] {
                row.reason = None;
                fill(&mut row, &paired, (one, other), of.side_by_side().map(|found| &found.blocks));
            }
            rows.push(DifferenceRow { region: region.clone(), ..row });
        }
    }
    rows
}

/// A row that says why there is no difference.
fn refused((of, minus): (&Row<'_>, &Row<'_>), quantity: Quantity, reason: &'static str) -> DifferenceRow {
    DifferenceRow {
        of: of.name(),
        minus: minus.name(),
        region: None,
        quantity,
        n_participants: 0,
        n_left_out: 0,
        difference: Estimate {
            value: f64::NAN,
            over_participants: Interval::NOWHERE,
            over_stimulus: Interval::NOWHERE,
            stimulus_interval_reliable: false,
        },
        p: [f64::NAN; 3],
        note: None,
        story_reason: None,
        reason: Some(reason),
    }
}

fn fill(
    row: &mut DifferenceRow,
    paired: &Pair,
    (of, minus): (&ComparedScores, &ComparedScores),
    blocks: Option<&ComparedBlocks>,
) {
    let (one, other) = (by_person(of, row.quantity), by_person(minus, row.quantity));
    let differences: Vec<f64> = paired
        .people
        .iter()
        .map(|(of, minus)| one[*of] - other[*minus])
        .filter(|difference| difference.is_finite())
        .collect();
    row.n_participants = differences.len();
    row.n_left_out = paired.n_left_out;
    row.note.clone_from(&paired.note);
    row.difference.value = mean(differences.iter().copied());
    row.difference.over_participants =
        over_people(differences.len(), |people| mean(people.iter().map(|person| differences[*person])));
    match differences.len() {
        0 => row.reason = Some("no_scores"),
        1 => row.reason = Some("one_participant"),
        _ => {
            row.p[0] = signed_rank(&differences, Tail::TwoSided).p;
            row.p[2] = one_sample(&differences, Tail::TwoSided).p;
        }
    }
    over_story(row, paired, (of, minus), blocks);
}

/// Means over surrogates are not known by block, so that an excess has no interval over the story.
fn over_story(
    row: &mut DifferenceRow,
    paired: &Pair,
    (of, minus): (&ComparedScores, &ComparedScores),
    blocks: Option<&ComparedBlocks>,
) {
    let (one, other) = match row.quantity {
        Quantity::Score => (&of.score_blocks, &minus.score_blocks),
        Quantity::UniqueGain => (&of.unique_gain_blocks, &minus.unique_gain_blocks),
        Quantity::Excess => {
            row.story_reason = Some("not_by_block");
            return;
        }
    };
    row.story_reason = paired.story;
    let Some(blocks) = blocks.filter(|_| paired.story.is_none()) else { return };
    let means: Vec<f64> = one.iter().zip(other).map(|(of, minus)| of - minus).collect();
    let drawn = StoryBlocks {
        means: &means,
        samples: &blocks.samples,
        folds: &blocks.folds,
        widened: blocks.widened,
    };
    match bootstrap_blocks(&drawn, &Draws { count: DRAWS, seed: SEED, level: LEVEL }) {
        None => row.story_reason = Some("no_scores"),
        Some(found) => {
            row.difference.over_stimulus = found.interval.into();
            row.difference.stimulus_interval_reliable = !found.unreliable;
            row.story_reason = found.unreliable.then_some("few_blocks");
        }
    }
}

/// A quantity of everybody.
pub(super) fn by_person(scores: &ComparedScores, quantity: Quantity) -> Vec<f64> {
    match quantity {
        Quantity::Score => scores.score.clone(),
        Quantity::Excess => scores.score.iter().zip(&scores.null).map(|(score, null)| score - null).collect(),
        Quantity::UniqueGain => scores.unique_gain.clone(),
    }
}
