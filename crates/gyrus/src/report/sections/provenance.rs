//! From which files, with which version and seed; and what to know before believing the numbers.

use super::super::PageContext;
use super::super::book::Book;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::prose;
use super::table::{Cell, folded, table};
use super::{Section, paragraph};
use crate::results::Results;

/// More inputs than this open on demand.
const MOST_ROWS: usize = 12;

pub(super) fn section(book: &Book, _: &Results, context: &PageContext) -> Option<Section> {
    let mut content = Markup::default();
    let version = book.row("methods.tsv", &["version"]).quoted("value");
    content.push(paragraph(prose![
        "gyrus ", version, ", seed ", book.used("seed", Format::Plain),
        ". The study with every default written out is study.resolved.toml; program, processor and the digests of all tasks are in provenance.json."
    ]));
    let row = |(name, digest): &(String, String)| vec![Cell::Name(name.clone()), Cell::Name(digest.clone())];
    let rows: Vec<Vec<Cell>> = context.inputs.iter().map(row).collect();
    let is_long = rows.len() > MOST_ROWS;
    if !rows.is_empty() {
        let table = table("Inputs and the digests of their content (BLAKE3)", ["input", "digest"], rows);
        let digests = Element::classed("div", "digests").child(table);
        content.push(if is_long { folded("Every input and its digest", digests) } else { digests });
    }
    Some(Section { id: "provenance", title: "Provenance", short: "Provenance", content })
}

/// Warnings of readers and of the plan.
pub(super) fn warnings(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    if results.warnings.is_empty() {
        content.push(paragraph(prose!["None."]));
    } else {
        let row = |row: super::super::book::Row<'_>| Element::new("li").child(&row.quoted("warning"));
        content.push(Element::new("ol").children(book.rows("warnings.tsv").map(row)));
    }
    if !results.notes.is_empty() {
        let row = |row: super::super::book::Row<'_>| Element::new("li").child(&row.quoted("note"));
        content.push(paragraph(prose!["Done as it should be, and worth a line:"]));
        content.push(Element::new("ul").children(book.rows("notes.tsv").map(row)));
    }
    Some(Section { id: "warnings", title: "Warnings", short: "Warnings", content })
}
