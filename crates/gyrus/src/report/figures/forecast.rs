//! What windows of words around each word add to a layer, mean over regions.

use super::super::book::Book;
use super::super::prose::{Prose, prose};
use super::Figure;
use super::differences::{Difference, Titles, differences};
use crate::results::{ForecastRow, LanguageModelResults, Results};
use crate::tables;

/// One row per window; None where the study asked for none.
pub(in crate::report) fn forecast(
    name: String,
    book: &Book,
    results: &Results,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let is_shown = |row: &&ForecastRow| {
        row.language_model == model.name && row.region.is_none() && row.forecast.value.is_finite()
    };
    let key = tables::words(&model.name);
    let line = |row: &ForecastRow| {
        let cells = book.row("forecast.tsv", &[&key, &tables::words(&row.window), "mean"]);
        Difference { label: called(row), printed: cells.estimate("forecast"), about: Prose::default() }
    };
    let lines: Vec<Difference> = results.forecast.iter().filter(is_shown).map(line).collect();
    let title = prose!["What windows of words add to the score, ", model.name.clone()];
    differences(Titles { name, title, below: "what the window adds to held-out r" }, &lines)
}

/// Where the last word of a window stands.
pub(in crate::report) fn called(row: &ForecastRow) -> String {
    let counted = |count: u64| if count == 1 { "1 word".to_owned() } else { format!("{count} words") };
    match row.distance {
        None => row.window.clone(),
        Some(0) => "up to the word".to_owned(),
        Some(distance @ 1..) => format!("{} ahead", counted(distance.unsigned_abs())),
        Some(distance) => format!("{} before", counted(distance.unsigned_abs())),
    }
}
