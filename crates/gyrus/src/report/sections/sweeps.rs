//! Scores over contexts and orders of the text.

use super::super::book::{Book, Row};
use super::super::figures;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{interval, prose, with_people};
use super::table::{Cell, every_region, table};
use super::{Section, figure, paragraph};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    if results.sweeps.is_empty() {
        return None;
    }
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "The same language model with more or less of the text before each word: contexts of several lengths, or the words, sentences or paragraphs of the history in random order. Each level is fitted by itself, each fold at the layer that its inner folds choose; differences are from the next level that knows less, paired within participants and within blocks of the story. p: signs of participants, two-sided, corrected over levels and regions."
    ]));
    for place in 0..figures::sweeps(results).len() {
        let caption = || {
            prose![
                "Mean over regions. Thick bars: 95 % interval over participants; thin dashed bars: over the story. "
            ]
        };
        let drawings = figures::sweep(book, results, place);
        let drawings = drawings.iter().map(|drawing| figure(drawing, caption(), &["sweeps.tsv"]));
        content.push(Element::classed("div", "pair").children(drawings));
    }
    let header = [
        "language model",
        "level",
        "region",
        "layer",
        "score [participants]",
        "[story]",
        "unique gain [participants]",
        "more than",
        "difference [participants]",
        "[story]",
        "p corrected",
    ];
    let is_mean = |row: &Row<'_>| row.cell("region") == "mean";
    let rows = |of_mean: bool| -> Vec<Vec<Cell>> {
        book.rows("sweeps.tsv").filter(|row| is_mean(row) == of_mean).map(|row| cells(&row)).collect()
    };
    content.push(table("Sweeps, mean over regions", header, rows(true)));
    let about = ("Every region", "Sweeps by region", "sweeps.tsv");
    content.push(every_region(about, header, rows(false)));
    Some(Section { id: "sweeps", title: "Sweeps", short: "Sweeps", content })
}

fn cells(row: &Row<'_>) -> Vec<Cell> {
    let score = row.estimate("score");
    let is_first = row.cell("finer") == "n/a";
    let none = || Cell::Prose(prose!["–"]);
    let difference = || row.estimate("difference");
    vec![
        Cell::Prose(prose![row.quoted("language_model")]),
        Cell::Prose(prose![row.quoted("level")]),
        Cell::Prose(prose![row.quoted("region")]),
        Cell::Number(row.number("layer", Format::Count)),
        Cell::Prose(with_people(&score)),
        Cell::Prose(interval(&score.story)),
        Cell::Prose(with_people(&row.estimate("unique_gain"))),
        if is_first { none() } else { Cell::Prose(prose![row.quoted("finer")]) },
        if is_first { none() } else { Cell::Prose(with_people(&difference())) },
        if is_first { none() } else { Cell::Prose(interval(&difference().story)) },
        if is_first { none() } else { Cell::Number(row.number("p_sign_flip_corrected", Format::P)) },
    ]
}
