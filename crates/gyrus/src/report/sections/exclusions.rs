//! What was left out and why.

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::{Prose, prose};
use super::table::{Cell, folded, table};
use super::{Section, downloads, note, paragraph};
use crate::results::Results;

/// More rows than this open on demand.
const MOST_ROWS: usize = 20;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    let count = |item| book.used(item, Format::Count);
    content.push(paragraph(prose![
        count("n_participants"),
        " of ",
        count("n_participants_found"),
        " participants were analysed. What is missing has no score and a reason; it is never counted as 0."
    ]));
    if !results.exclusions.is_empty() {
        let rows: Vec<Vec<Cell>> = book.rows("excluded.tsv").map(cells).collect();
        let is_long = rows.len() > MOST_ROWS;
        let table = table("Excluded", ["participant", "stimulus", "target", "reason"], rows);
        match is_long {
            true => content.push(folded("Everything that was left out", table)),
            false => content.push(table),
        }
    }
    content.push(note(Markup::from(downloads(None, &["excluded.tsv"]))));
    Some(Section { id: "excluded", title: "What was excluded", short: "Excluded", content })
}

fn cells(row: Row<'_>) -> Vec<Cell> {
    let words = |column: &str, all: &'static str| match row.cell(column) {
        "n/a" => Cell::Words(prose![all]),
        _ => Cell::Words(prose![row.quoted(column)]),
    };
    vec![words("participant", "–"), words("run", "all"), words("target", "all"), Cell::Words(reason(row))]
}

/// The reason code in words, and the code; the study file's own reason as it stands.
fn reason(row: Row<'_>) -> Prose {
    let words = match row.cell("reason") {
        "all_zero" => "every value is zero",
        "constant" => "the values never change",
        "non_finite" => "not a number, or infinite",
        "constant_in_fold" => "constant within a fold, so that no correlation is defined",
        "excluded" => "left out by the study",
        _ => return prose![row.quoted("reason")],
    };
    prose![words, " (", row.quoted("reason"), ")"]
}
