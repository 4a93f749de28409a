//! Differences that the study asks for: between layers, between language models.

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::{interval, prose};
use super::table::{Cell, every_region, table};
use super::{Section, downloads, note, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    if results.contrasts.is_empty() {
        return None;
    }
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "Difference of held-out correlations, paired within participants and within blocks of the story; each fold at the layer that its inner folds choose where no layer is named. p: signs of participants, two-sided, corrected over regions. It reaches listeners like these, for this story; whether a difference holds for other words is for the interval over the story."
    ]));
    let is_mean = |row: &Row<'_>| row.cell("region") == "mean";
    let rows = |of_mean: bool| -> Vec<Vec<Cell>> {
        book.rows("contrasts.tsv").filter(|row| is_mean(row) == of_mean).map(|row| cells(&row)).collect()
    };
    let header = ["contrast", "region", "of", "minus", "difference [participants]", "[story]", "p corrected"];
    content.push(table("Contrasts, mean over regions", header, rows(true)));
    let about = ("Every region", "Contrasts by region", "contrasts.tsv");
    content.push(every_region(about, header, rows(false)));
    content.push(note(Markup::from(downloads(None, &["contrasts.tsv"]))));
    Some(Section { id: "contrasts", title: "Contrasts", short: "Contrasts", content })
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let side = |name: &'static str, features: &'static str, layer: &'static str| {
        let mut side = match row.cell(name) {
            "n/a" => prose![row.quoted(features)],
            _ => prose![row.quoted(name)],
        };
        if row.cell(features) != "layer" && row.cell(name) != "n/a" {
            side.add(prose![", ", row.quoted(features)]);
        }
        if row.cell(layer) != "n/a" {
            side.add(prose![", layer ", row.number(layer, Format::Count)]);
        }
        Cell::Prose(side)
    };
    let difference = row.estimate("difference");
    let mut people = prose![difference.value.clone(), " "];
    people.add(interval(&difference.people));
    vec![
        Cell::Prose(prose![row.quoted("contrast")]),
        Cell::Prose(prose![row.quoted("region")]),
        side("of", "of_features", "of_layer"),
        side("minus", "minus_features", "minus_layer"),
        Cell::Prose(people),
        Cell::Prose(interval(&difference.story)),
        Cell::Number(row.number("p_sign_flip_corrected", Format::P)),
    ]
}
