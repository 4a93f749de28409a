//! Voxels that are significant together with their neighbours.

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::prose;
use super::table::{Cell, table};
use super::{Section, downloads, model_heading, note, paragraph, shown_layer};
use crate::results::Results;
use crate::tables;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    if results.clusters.is_empty() {
        return None;
    }
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "Neighbours support each other: p is of ",
        book.row("methods.tsv", &["clusters"]).quoted("value"),
        ", against the maximum over the map and layers. A small p says that something is there, and not where its edge is."
    ]));
    for model in &results.language_models {
        content.push(model_heading(results, model));
        let name = tables::words(&model.name);
        let layer = shown_layer(model).to_string();
        let is_shown = |row: &Row<'_>| row.cell("language_model") == name && row.cell("layer") == layer;
        let rows: Vec<Vec<Cell>> =
            book.rows("clusters.tsv").filter(is_shown).map(|row| cells(&row)).collect();
        let header = [
            "quantity",
            "null",
            "layer",
            "targets",
            "significant",
            "sets",
            "largest",
            "smallest p",
            "peak",
            "r",
        ];
        content.push(table(
            "Targets with their neighbours, at the layer that inner folds choose",
            header,
            rows,
        ));
    }
    content.push(note(Markup::from(downloads(None, &["clusters.tsv"]))));
    Some(Section { id: "clusters", title: "Targets with their neighbours", short: "Clusters", content })
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let count = |column| Cell::Number(row.number(column, Format::Count));
    let null = match row.cell("null") {
        "stimulus" => prose!["surrogate features: the story is a sample"],
        _ => prose!["signs of participants: this story"],
    };
    let quantity = match row.cell("quantity") {
        "unique_gain" => prose!["unique gain"],
        "contextual_gain" => prose!["contextual gain"],
        _ => prose!["score"],
    };
    vec![
        Cell::Words(quantity),
        Cell::Words(null),
        count("layer"),
        count("n_voxels"),
        count("n_significant"),
        count("n_clusters"),
        count("largest"),
        Cell::Number(row.number("smallest_p", Format::P)),
        Cell::Prose(prose![row.quoted("peak"), " (", row.quoted("peak_region"), ")"]),
        Cell::Number(row.number("peak_value", Format::Correlation)),
    ]
}
