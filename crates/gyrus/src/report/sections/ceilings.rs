//! Tables of noise ceilings: every kind by region, and scores as shares of them.

use gyrus_encoding::ceilings::CeilingKind;

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::Format;
use super::super::prose::{Prose, prose};
use super::paragraph;
use super::scores::shown;
use super::table::{Cell, folded, table};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

/// More rows than this, over all language models, stay in the tables beside the page.
const MOST_ROWS: usize = 120;

/// Every kind of which there is one, region by region.
pub(super) fn kinds(book: &Book, results: &Results) -> Markup {
    let has = |kind: &CeilingKind| {
        book.rows("ceilings.tsv").any(|row| row.number(kind.name(), Format::Correlation).value.is_finite())
    };
    let kinds: Vec<CeilingKind> = CeilingKind::ALL.into_iter().filter(has).collect();
    if kinds.is_empty() || results.ceilings.len() > MOST_ROWS {
        return Markup::default();
    }
    let has_repeats = kinds.iter().any(|kind| kind.is_from_repeats());
    let row = |found: &crate::results::CeilingRow| {
        let row = book.row("ceilings.tsv", &[&tables::region(found.region.as_ref())]);
        let mut cells = vec![shown(found.region.as_ref())];
        cells.extend(kinds.iter().map(|kind| Cell::Number(row.number(kind.name(), Format::Correlation))));
        if has_repeats {
            cells.push(Cell::Number(row.number("explainable_variance", Format::Percent)));
        }
        cells
    };
    let mut header = header(&kinds);
    if has_repeats {
        header.push(prose!["variance that repeats explain"]);
    }
    let rows = results.ceilings.iter().map(row).collect();
    folded("Noise ceilings of every kind", table("Noise ceilings of every kind", header, rows)).into()
}

/// Scores of the layer that inner folds choose, as shares of every kind.
pub(super) fn shares(book: &Book, results: &Results, model: &LanguageModelResults) -> Markup {
    let key = tables::words(&model.name);
    let has = |kind: &CeilingKind| {
        let mut rows = book.rows("normalised.tsv");
        rows.any(|row| row.cell("language_model") == key && row.cell("ceiling_kind") == kind.name())
    };
    let kinds: Vec<CeilingKind> = CeilingKind::ALL.into_iter().filter(has).collect();
    if kinds.is_empty() || model.best_layer.len() * results.language_models.len() > MOST_ROWS {
        return Markup::default();
    }
    let row = |best: &crate::results::BestLayer| {
        let place = tables::region(best.region.as_ref());
        let of = |kind: &CeilingKind| share(book.row("normalised.tsv", &[&key, &place, kind.name()]));
        let mut cells = vec![shown(best.region.as_ref())];
        cells.extend(kinds.iter().map(|kind| Cell::Prose(of(kind))));
        cells
    };
    let rows = model.best_layer.iter().map(row).collect();
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "Score of that layer as a share of each ceiling, over the participants and targets that have both. Nothing is clamped: above a ceiling is possible, and marked; above a lower estimate it is no contradiction. A ceiling that is too small divides nothing."
    ]));
    content.push(table("Scores as shares of noise ceilings", header(&kinds), rows));
    folded("Scores as shares of noise ceilings", content).into()
}

fn share(row: Row<'_>) -> Prose {
    let number = row.number("normalised", Format::Percent);
    match row.cell("above_ceiling") {
        "true" => prose![number, " above it"],
        _ => prose![number],
    }
}

fn header(kinds: &[CeilingKind]) -> Vec<Prose> {
    let named = |kind: &CeilingKind| prose![in_words(*kind), ", ", kind.bound().name()];
    std::iter::once(prose!["region"]).chain(kinds.iter().map(named)).collect()
}

fn in_words(kind: CeilingKind) -> &'static str {
    match kind {
        CeilingKind::LeaveOneOutIsc => "mean of the others",
        CeilingKind::SharedResponse => "ridge from the others",
        CeilingKind::RootPairwiseIsc => "root of pairs",
        CeilingKind::SplitHalf => "halves",
        CeilingKind::ExtrapolatedIsc => "extrapolated",
        CeilingKind::SignalPower => "signal power of repeats",
        CeilingKind::SignalToNoise => "signal to noise of repeats",
        _ => kind.name(),
    }
}
