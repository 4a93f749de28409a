//! A sweep of contexts or orders of the text, mean over regions: what each level scores, and what it scores more than the one before.

use super::super::book::Book;
use super::super::prose::{Prose, prose};
use super::Figure;
use super::differences::{Difference, Titles, differences};
use crate::results::{Results, SweepRow};
use crate::tables;

/// The sweeps of a study: the language model that all levels share, and the kind.
pub(in crate::report) fn sweeps(results: &Results) -> Vec<(&str, &str)> {
    let mut sweeps: Vec<(&str, &str)> = Vec::new();
    for row in &results.sweeps {
        let sweep = (row.language_model.as_str(), row.sweep.as_str());
        if !sweeps.contains(&sweep) {
            sweeps.push(sweep);
        }
    }
    sweeps
}

/// Scores of the levels of the sweep at a place in the list, and their differences; fewer where none are defined.
pub(in crate::report) fn sweep(book: &Book, results: &Results, place: usize) -> Vec<Figure> {
    let Some((model, sweep)) = sweeps(results).get(place).copied() else { return Vec::new() };
    let name = |stem: &str| match place {
        0 => stem.to_owned(),
        more => format!("{stem}-{}", more + 1),
    };
    let shown = |row: &&SweepRow| {
        (row.language_model.as_str(), row.sweep.as_str()) == (model, sweep) && row.region.is_none()
    };
    let line = |row: &SweepRow, label: String, column: &str| {
        let key = [&row.language_model, &row.sweep, &row.level].map(|cell| tables::words(cell));
        let cells = book.row("sweeps.tsv", &[&key[0], &key[1], &key[2], "mean"]);
        Difference { label, printed: cells.estimate(column), about: Prose::default() }
    };
    let rows = || results.sweeps.iter().filter(shown);
    let scores: Vec<Difference> = rows()
        .filter(|row| row.score.value.is_finite())
        .map(|row| line(row, short(&row.level), "score"))
        .collect();
    let steps: Vec<Difference> = rows()
        .filter(|row| row.difference.is_some_and(|difference| difference.value.is_finite()))
        .map(|row| line(row, short(&row.level), "difference"))
        .collect();
    let title = |what: &'static str| prose![what, model.to_owned()];
    let drawings = [
        (Titles { name: name("sweep"), title: title("Score by level, "), below: "held-out r" }, scores),
        (
            Titles {
                name: name("sweep-differences"),
                title: title("What each level scores beyond the one before, "),
                below: "held-out r beyond the level before",
            },
            steps,
        ),
    ];
    drawings.into_iter().filter_map(|(titles, lines)| differences(titles, &lines)).collect()
}

/// A level beside an axis.
fn short(level: &str) -> String {
    let level = level.trim_end_matches(" scrambled");
    if level.starts_with("paragraphs") { level.trim_end_matches(" sentences") } else { level }.to_owned()
}
