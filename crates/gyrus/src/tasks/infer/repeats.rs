//! What participants of a design hear more than once: the samples of every hearing that folds hold out together.

use std::collections::BTreeMap;

use gyrus_encoding::ceilings::{self, NoCeiling, Repeatability, Repeats};
use ndarray::{ArrayView2, Axis};

use crate::Error;
use crate::plan::Design;

/// Rows of one piece of a stimulus, hearing by hearing.
pub(super) type Piece = Vec<Vec<usize>>;

/// Shorter pieces between the borders of folds say too little.
const LEAST_SAMPLES: usize = 20;

/// The pieces of every stimulus that a design holds more than once, sampled at the same times.
///
/// Samples belong together if the same folds hold them out in every hearing: with whole runs a piece is the stimulus,
/// with blocks it is what no border of a block cuts in any hearing.
pub(super) fn pieces(design: &Design) -> Vec<Piece> {
    let mut fold_of = vec![None; design.n_samples()];
    for (fold, division) in design.folds.as_slice().iter().enumerate() {
        division.test.iter().for_each(|row| fold_of[*row] = Some(fold));
    }
    let starts: Vec<usize> = design.timeline.runs().iter().map(|rows| rows.start).collect();
    let mut pieces = Vec::new();
    for (first, run) in design.runs.iter().enumerate() {
        let same = |other: &usize| design.runs[*other] == *run;
        let hearings: Vec<usize> = (0..design.runs.len()).filter(same).collect();
        if hearings.len() < 2 || hearings[0] != first {
            continue;
        }
        let mut together: BTreeMap<Vec<usize>, Piece> = BTreeMap::new();
        for sample in 0..run.sampling.count {
            let rows = hearings.iter().map(|hearing| starts[*hearing] + sample);
            let Some(folds) = rows.clone().map(|row| fold_of[row]).collect::<Option<Vec<usize>>>() else {
                continue;
            };
            let piece = together.entry(folds).or_insert_with(|| vec![Vec::new(); hearings.len()]);
            piece.iter_mut().zip(rows).for_each(|(rows, row)| rows.push(row));
        }
        pieces.extend(together.into_values().filter(|piece| piece[0].len() >= LEAST_SAMPLES));
    }
    pieces
}

/// Repeatability of one participant's targets; none without repeats.
pub(super) fn repeatability(
    pieces: &[Piece],
    responses: ArrayView2<'_, f32>,
) -> Result<Vec<Result<Repeatability, NoCeiling>>, Error> {
    if pieces.is_empty() {
        return Ok(Vec::new());
    }
    let of_piece = |piece: &Piece| piece.iter().map(|rows| responses.select(Axis(0), rows)).collect();
    let repeats = Repeats::new(pieces.iter().map(of_piece).collect())?;
    Ok(ceilings::repeatability(&repeats))
}

#[cfg(test)]
mod tests {
    use gyrus_core::{FoldRule, Folds, RepetitionTime, Sampling, Seconds, Timeline};

    use super::*;
    use crate::plan::DesignRun;

    fn design(stimuli: &[usize], count: usize, rule: &FoldRule) -> Design {
        let interval = RepetitionTime::new(Seconds::new(2.0).unwrap()).unwrap();
        let sampling = Sampling { first: Seconds::new(0.0).unwrap(), interval, count };
        let runs = stimuli.iter().map(|stimulus| DesignRun { stimulus: *stimulus, sampling }).collect();
        let timeline = Timeline::new(stimuli.iter().map(|stimulus| (count, format!("story {stimulus}"))));
        let folds = Folds::new(&timeline, rule).unwrap();
        Design { runs, participants: Vec::new(), timeline, folds }
    }

    #[test]
    fn with_whole_runs_a_piece_is_a_stimulus_in_all_of_its_hearings() {
        let found = pieces(&design(&[0, 1, 0, 2, 0], 30, &FoldRule::Runs));
        let hearing = |start: usize| (start..start + 30).collect::<Vec<_>>();
        assert_eq!(found, [vec![hearing(0), hearing(60), hearing(120)]]);
        assert!(pieces(&design(&[0, 1, 2], 30, &FoldRule::Runs)).is_empty());
    }

    #[test]
    fn with_blocks_a_piece_is_what_no_border_cuts_in_any_hearing() {
        let design = design(&[0, 0], 100, &FoldRule::Blocks { count: 4, gap: 2 });
        let found = pieces(&design);
        assert_eq!(
            found,
            [
                vec![(0..50).collect::<Vec<_>>(), (100..150).collect()],
                vec![(50..100).collect(), (150..200).collect()]
            ]
        );
        for (piece, hearing) in found.iter().flat_map(|piece| piece.iter().map(move |rows| (piece, rows))) {
            let folds = design.folds.as_slice().iter();
            let within = folds.filter(|fold| hearing.iter().all(|row| fold.test.contains(row))).count();
            assert_eq!(within, 1, "{piece:?}");
        }
    }

    #[test]
    fn what_is_never_held_out_or_too_short_is_no_piece() {
        let named = FoldRule::Named { test: vec!["story 1".to_owned()], gap: 2 };
        let found = pieces(&design(&[0, 1, 0, 1], 30, &named));
        assert_eq!(found, [vec![(30..60).collect::<Vec<_>>(), (90..120).collect()]]);
        assert!(pieces(&design(&[0, 1, 0, 1], 19, &FoldRule::Runs)).is_empty());
    }
}
