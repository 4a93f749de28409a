//! Tables of scores: the layer that inner folds choose per region, then every layer.

use super::super::book::{Book, Row};
use super::super::figures;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{Prose, interval, prose, with_people};
use super::table::{Cell, folded, table};
use super::{Section, downloads, model_heading, note, paragraph};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

/// More rows than this, over all language models, stay in the tables beside the page.
const MOST_ROWS: usize = 400;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "The layer is chosen on inner folds, so that no layer is picked by the scores that are shown. r is the held-out correlation; brackets are 95 % intervals."
    ]));
    for model in &results.language_models {
        content.push(model_heading(results, model));
        content.push(best_layers(book, model));
        content.push(super::ceilings::shares(book, results, model));
        content.push(every_layer(book, results, model));
    }
    content.push(super::ceilings::kinds(book, results));
    let links = downloads(
        None,
        &["best_layer.tsv", "layers.tsv", "group.tsv", "ceilings.tsv", "normalised.tsv", "scores.parquet"],
    );
    content.push(note(Markup::from(links)));
    Some(Section { id: "scores", title: "Table of scores", short: "Scores", content })
}

pub(super) fn shown(region: Option<&String>) -> Cell {
    match region {
        Some(region) => Cell::Name(region.clone()),
        None => Cell::Words(prose!["mean over regions"]),
    }
}

fn best_layers(book: &Book, model: &LanguageModelResults) -> Element {
    let key = tables::words(&model.name);
    let row = |best: &crate::results::BestLayer| {
        let place = tables::region(best.region.as_ref());
        let row = book.row("best_layer.tsv", &[&key, &place]);
        let score = row.estimate("score");
        let ceiling = book.row("ceilings.tsv", &[&place]);
        let tests = book.row("group.tsv", &[&key, row.cell("layer"), &place, "score"]);
        vec![
            shown(best.region.as_ref()),
            Cell::Prose(prose![
                row.number("layer", Format::Count),
                " (",
                row.number("share", Format::Percent),
                ")"
            ]),
            Cell::Prose(with_people(&score)),
            Cell::Prose(interval(&score.story)),
            Cell::Number(tests.number("p_stimulus_corrected", Format::P)),
            Cell::Prose(with_people(&row.estimate("unique_gain"))),
            Cell::Prose(with_people(&row.estimate("beyond_untrained"))),
            Cell::Prose(ceilings(ceiling)),
        ]
    };
    let header = [
        "region",
        "layer (of folds)",
        "r [participants]",
        "[story]",
        "p corrected",
        "unique gain [participants]",
        "beyond untrained [participants]",
        "ceiling, lower – upper",
    ];
    let shown =
        table("The layer that inner folds choose", header, model.best_layer.iter().map(row).collect());
    match model.best_layer.len() > figures::MANY {
        true => folded("The layer that inner folds choose, region by region", shown),
        false => shown,
    }
}

fn ceilings(row: Row<'_>) -> Prose {
    let end = |column| row.number(column, Format::Correlation);
    prose![end("leave_one_out_isc"), " – ", end("root_pairwise_isc")]
}

fn every_layer(book: &Book, results: &Results, model: &LanguageModelResults) -> Markup {
    let rows: usize = results.language_models.iter().map(|model| model.profile.len()).sum();
    if rows > MOST_ROWS {
        return paragraph(prose!["Every layer in every region stands in the tables beside this page."])
            .into();
    }
    let key = tables::words(&model.name);
    let row = |found: &crate::results::ProfileRow| {
        let (layer, place) = (found.layer.to_string(), tables::region(found.region.as_ref()));
        let row = book.row("layers.tsv", &[&key, &layer, &place]);
        let p = |quantity: &str| {
            let tests = book.row("group.tsv", &[&key, &layer, &place, quantity]);
            tests.number("p_stimulus_corrected", Format::P)
        };
        let mut cells = vec![shown(found.region.as_ref()), Cell::Number(row.number("layer", Format::Count))];
        cells.extend(quantity(row, "score", p("score")));
        cells.push(Cell::Number(row.number("baseline_score", Format::Correlation)));
        cells.extend(quantity(row, "unique_gain", p("unique_gain")));
        match found.contextual_gain {
            Some(_) => cells.extend(quantity(row, "contextual_gain", p("contextual_gain"))),
            None => cells.extend((0..3).map(|_| Cell::Words(prose!["–"]))),
        }
        cells
    };
    let header = [
        "region",
        "layer",
        "r [participants]",
        "[story]",
        "p corrected",
        "baseline r",
        "unique gain [participants]",
        "[story]",
        "p corrected",
        "contextual gain [participants]",
        "[story]",
        "p corrected",
    ];
    let rows = model.profile.iter().map(row).collect();
    folded("Every layer in every region", table("Every layer in every region", header, rows)).into()
}

fn quantity(row: Row<'_>, name: &'static str, p: super::super::number::Number) -> [Cell; 3] {
    let estimate = row.estimate(name);
    [Cell::Prose(with_people(&estimate)), Cell::Prose(interval(&estimate.story)), Cell::Number(p)]
}
