//! What is known of people, and people with stories: slopes of scores, and means that reach other people and other stories.

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::{interval, prose};
use super::table::{Cell, every_region, table};
use super::{Section, downloads, note, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, _: &Results) -> Option<Section> {
    let mut content = Markup::default();
    let mut tables = Vec::new();
    if book.rows("covariates.tsv").next().is_some() {
        covariates(book, &mut content);
        tables.push("covariates.tsv");
    }
    if book.rows("people_and_stories.tsv").next().is_some() {
        people_and_stories(book, &mut content);
        tables.push("people_and_stories.tsv");
    }
    if tables.is_empty() {
        return None;
    }
    content.push(note(Markup::from(downloads(None, &tables))));
    Some(Section { id: "people", title: "People", short: "People", content })
}

fn covariates(book: &Book, content: &mut Markup) {
    content.push(paragraph(prose![
        "How scores go with what is known of people: difference of r per unit of a number, or between two groups, the other columns held, each fold at the layer that its inner folds choose. p: two-sided, over orders of people, corrected over regions. People differ in much else; a slope is no cause."
    ]));
    let rows = |of_mean: bool| -> Vec<Vec<Cell>> {
        let is_wanted = |row: &Row<'_>| (row.cell("region") == "mean") == of_mean;
        book.rows("covariates.tsv").filter(is_wanted).map(|row| slope(&row)).collect()
    };
    let header =
        ["covariate", "groups", "model", "quantity", "region", "n", "slope [interval]", "p corrected"];
    content.push(table("Slopes over people, mean over regions", header, rows(true)));
    let about = ("Every region", "Slopes over people by region", "covariates.tsv");
    content.push(every_region(about, header, rows(false)));
}

fn slope(row: &Row<'_>) -> Vec<Cell> {
    let mut slope = prose![row.number("slope", Format::Significant), " "];
    slope.add(interval(&[
        row.number("slope_low", Format::Significant),
        row.number("slope_high", Format::Significant),
    ]));
    let words = |column: &str| Cell::Words(prose![row.quoted(column)]);
    vec![
        words("covariate"),
        words("compared"),
        words("language_model"),
        words("quantity"),
        words("region"),
        Cell::Number(row.number("n_participants", Format::Count)),
        Cell::Prose(slope),
        Cell::Number(row.number("p_permutation_corrected", Format::P)),
    ]
}

fn people_and_stories(book: &Book, content: &mut Markup) {
    content.push(paragraph(prose![
        "People and stories as samples together, at the layer that inner folds choose most often: the mean that other people would have in other stories, with how much r varies between people and between stories (standard deviations; restricted maximum likelihood). p: one-sided, Satterthwaite, of scores less the mean of each person's surrogates, uncorrected."
    ]));
    let rows = |of_mean: bool| -> Vec<Vec<Cell>> {
        // At the layer that inner folds choose most often: every layer would be a page of its own.
        let is_chosen = |row: &Row<'_>| {
            let best = book.row("best_layer.tsv", &[row.cell("language_model"), row.cell("region")]);
            best.cell("layer") == row.cell("layer")
        };
        let is_wanted = |row: &Row<'_>| (row.cell("region") == "mean") == of_mean && is_chosen(row);
        book.rows("people_and_stories.tsv").filter(is_wanted).map(|row| both(&row)).collect()
    };
    let header =
        ["model", "layer", "region", "quantity", "r [people and stories]", "p", "SD people", "SD stories"];
    content.push(table("Means over people and stories, mean over regions", header, rows(true)));
    let about = ("Every region", "Means over people and stories by region", "people_and_stories.tsv");
    content.push(every_region(about, header, rows(false)));
}

fn both(row: &Row<'_>) -> Vec<Cell> {
    let end = |name: &str| row.number(name, Format::Correlation);
    let mut mean = prose![end("value"), " "];
    mean.add(interval(&[end("value_low"), end("value_high")]));
    let words = |column: &str| Cell::Words(prose![row.quoted(column)]);
    vec![
        words("language_model"),
        Cell::Number(row.number("layer", Format::Count)),
        words("region"),
        words("quantity"),
        Cell::Prose(mean),
        Cell::Number(row.number("p", Format::P)),
        Cell::Number(end("sd_people")),
        Cell::Number(end("sd_stories")),
    ]
}
