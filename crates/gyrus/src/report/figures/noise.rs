//! What taking out each source of noise adds to the score, mean over regions.

use super::super::book::Book;
use super::super::number::Format;
use super::super::prose::prose;
use super::Figure;
use super::differences::{Difference, Titles, differences};
use crate::results::{LanguageModelResults, NoiseRow, Results};
use crate::tables;

/// One row per source; None where the study did not compare.
pub(in crate::report) fn noise(
    name: String,
    book: &Book,
    results: &Results,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let is_shown = |row: &&NoiseRow| {
        row.language_model == model.name && row.region.is_none() && row.difference.value.is_finite()
    };
    let key = tables::words(&model.name);
    let line = |row: &NoiseRow| {
        let cells = book.row("noise.tsv", &[&key, &tables::words(&row.source), "mean"]);
        Difference {
            label: row.source.clone(),
            printed: cells.estimate("difference"),
            about: prose![", for ", cells.number("variance_removed", Format::Percent), " of the variance"],
        }
    };
    let lines: Vec<Difference> = results.noise.iter().filter(is_shown).map(line).collect();
    let title = prose!["What taking out each source of noise adds to the score, ", model.name.clone()];
    differences(Titles { name, title, below: "what taking it out adds to held-out r" }, &lines)
}
