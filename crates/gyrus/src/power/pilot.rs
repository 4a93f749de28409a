//! What a pilot study measured: its results, and the variances that they hold.

use std::path::Path;

use gyrus_encoding::statistics::{MeanSquares, Pilot};
use ndarray::Array2;

use super::Known;
use crate::Error;
use crate::results::{PilotScores, Results};

/// Variances, what they are made from in words, and the mean of the effect.
pub(super) fn read(
    output: &Path,
    wanted: (Option<&str>, &str, Option<&String>),
) -> Result<(Known, String, Option<f64>), Error> {
    let results = crate::outputs::results(output)?;
    let scores = chosen(&results, output, wanted)?;
    let n_folds = scores.folds.first().map_or(0, Vec::len);
    let shape = (scores.folds.len(), n_folds);
    let folds = Array2::from_shape_vec(shape, scores.folds.concat()).unwrap_or_default();
    let pilot = Pilot {
        folds: folds.view(),
        fold_hours: scores.fold_hours,
        blocks: &scores.blocks,
        block_hours: scores.block_hours,
    };
    let measured = MeanSquares::of(&pilot).ok_or_else(|| Error::Unusable {
        path: output.to_owned(),
        found: format!(
            "scores of {} participants in {n_folds} folds and {} blocks of the stimulus",
            shape.0,
            scores.blocks.len()
        ),
        expected: "two of each or more, to see how they vary; plan from numbers (--sd-people, --sd-stimulus, --sd-residual)".to_owned(),
    })?;
    let known =
        Known { variances: measured.variances(), measured: Some(measured), block_hours: scores.block_hours };
    Ok((known, words(&results.study, scores), folds.mean()))
}

fn words(study: &str, scores: &PilotScores) -> String {
    let left_out = match scores.n_left_out {
        0 => String::new(),
        count => format!(" ({count} more heard other runs or lack a fold)"),
    };
    format!(
        "{study}: {} of {} in {}, {} participants{left_out}, {} folds, {} blocks of {:.0} s",
        scores.effect,
        scores.language_model,
        scores.region.as_deref().unwrap_or("the mean over regions"),
        scores.participants.len(),
        scores.folds.first().map_or(0, Vec::len),
        scores.blocks.len(),
        3600.0 * scores.block_hours,
    )
}

fn chosen<'a>(
    results: &'a Results,
    output: &Path,
    (language_model, quantity, region): (Option<&str>, &str, Option<&String>),
) -> Result<&'a PilotScores, Error> {
    let is_wanted = |scores: &&PilotScores| {
        language_model.is_none_or(|name| name == scores.language_model)
            && scores.effect == quantity
            && scores.region.as_ref() == region
    };
    let found: Vec<&PilotScores> = results.pilot.iter().filter(is_wanted).collect();
    if let [one] = found[..] {
        return Ok(one);
    }
    let mut known: Vec<String> = results.pilot.iter().map(known_as).collect();
    known.dedup();
    let expected = match known.len() {
        0 => "scores by person, fold and block; run `gyrus analyze` again with this version (finished fits are kept)".to_owned(),
        _ => format!("one of: {}; name it with --language-model, --quantity and --region", known.join("; ")),
    };
    let found = format!(
        "{} sets of scores that are meant",
        if found.is_empty() { "no".to_owned() } else { found.len().to_string() }
    );
    Err(Error::Unusable { path: output.to_owned(), found, expected })
}

fn known_as(scores: &PilotScores) -> String {
    let region = scores.region.as_deref().unwrap_or("mean over regions");
    format!("{}, {}, {region}", scores.language_model, scores.effect)
}
