//! Data quality: lag of the responses, word rate in layers, variance that cleaning removed.

use super::super::book::Book;
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, layer_range, path, rectangle, words};
use super::{Figure, hint, shortened};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

/// Correlation of the word rate with responses at each lag; the delays of a haemodynamic response are shaded.
pub(in crate::report) fn lags(book: &Book) -> Option<Figure> {
    let rows: Vec<(Number, Number)> = book
        .rows("lag_scan.tsv")
        .map(|row| (row.number("lag", Format::Seconds), row.number("correlation", Format::Correlation)))
        .collect();
    let defined = || rows.iter().filter(|(_, correlation)| correlation.value.is_finite());
    defined().next()?;
    let ends = rows.iter().map(|(lag, _)| lag.value);
    let (low, high) = (ends.clone().fold(f64::INFINITY, f64::min), ends.fold(f64::NEG_INFINITY, f64::max));
    let [earliest, latest] =
        ["lag_earliest", "lag_latest"].map(|item| book.used(item, Format::Seconds).value);
    let x = (low - 1.0, high + 1.0);
    let y = axes::range(rows.iter().map(|(_, correlation)| correlation.value));
    let axes = Axes { left: 46.0, top: 30.0, width: 330.0, height: 160.0, x, y };
    let mut content = Markup::default();
    let (from, to) = (axes.at_x(earliest.max(x.0)), axes.at_x(latest.min(x.1)));
    if to > from {
        content.push(rectangle("band f-ceiling".to_owned(), (from, axes.top), (to - from, axes.height)));
    }
    axes.horizontal_grid(5).into_iter().for_each(|line| content.push(line));
    axes.vertical_grid(8).into_iter().for_each(|line| content.push(line));
    let points = rows.iter().map(|(lag, found)| (axes.at_x(lag.value), axes.at_y(found.value)));
    content.push(path("line s-score", &points.collect::<Vec<_>>()));
    let words = |lag: &Number, found: &Number| prose![lag.clone(), " s: r = ", found.clone()];
    for (lag, found) in defined() {
        let mark = circle("mark f-score halo", (axes.at_x(lag.value), axes.at_y(found.value)), 4.0);
        content.push(found.place(mark).child(hint(&words(lag, found))));
    }
    content.push(axes.above("correlation r of word rate and responses"));
    content.push(axes.below("seconds from word to response"));
    Some(Figure {
        name: "lags".to_owned(),
        title: prose!["Correlation of the word rate with the responses at each lag"],
        description: Prose::list(defined().map(|(lag, found)| words(lag, found)).collect(), "; "),
        size: (388.0, 236.0),
        content,
    })
}

/// Share of each layer's variance that the word rate explains.
pub(in crate::report) fn rates(name: String, book: &Book, model: &LanguageModelResults) -> Option<Figure> {
    let key = tables::words(&model.name);
    let share = |layer: &usize| {
        let row = book.row("rate_in_layers.tsv", &[&key, &layer.to_string()]);
        (*layer, row.number("share", Format::Percent))
    };
    let rows: Vec<(usize, Number)> =
        model.layers.iter().map(share).filter(|(_, share)| share.value.is_finite()).collect();
    if rows.is_empty() {
        return None;
    }
    let x = layer_range(&model.layers);
    let axes = Axes { left: 46.0, top: 36.0, width: 330.0, height: 160.0, x, y: (0.0, 100.0) };
    let mut content = Markup::default();
    axes.horizontal_grid(5).into_iter().for_each(|line| content.push(line));
    axes.layers(&model.layers).into_iter().for_each(|layer| content.push(layer));
    let width = (0.62 * axes.width / (x.1 - x.0)).min(46.0);
    for (layer, share) in &rows {
        let (x, y) = (axes.at_x(*layer as f64), axes.at_y(100.0 * share.value));
        let bar = rectangle("f-baseline".to_owned(), (x - width / 2.0, y), (width, axes.bottom() - y));
        content.push(share.place(bar).child(hint(&words_of(*layer, share))));
        if width > 24.0 {
            let label = share.markup("text").with("class", "small middle f-ink").with("x", axes::px(x));
            content.push(label.with("y", axes::px(y - 5.0)));
        }
    }
    content.push(axes.above("percent of the layer's variance explained by word rate"));
    content.push(axes.below("layer (0 = embedding)"));
    Some(Figure {
        name,
        title: prose!["Word rate in the layers of ", model.name.clone()],
        description: Prose::list(rows.iter().map(|(layer, share)| words_of(*layer, share)).collect(), "; "),
        size: (388.0, 242.0),
        content,
    })
}

fn words_of(layer: usize, share: &Number) -> Prose {
    prose!["layer ", layer.to_string(), ": ", share.clone()]
}

/// Share of variance that each source took out, one dot per participant.
pub(in crate::report) fn cleaning(book: &Book, results: &Results) -> Option<Figure> {
    let analysed = || results.participants.iter().filter(|person| person.excluded.is_none());
    let mut sources: Vec<&String> = Vec::new();
    for (name, _) in analysed().flat_map(|person| &person.variance_removed) {
        if !sources.contains(&name) {
            sources.push(name);
        }
    }
    if sources.is_empty() {
        return None;
    }
    let height = 34.0 * sources.len() as f64;
    let longest = sources.iter().map(|name| name.chars().count().min(18)).max().unwrap_or(0);
    let left = 16.0 + 7.4 * longest as f64;
    let axes = Axes { left, top: 10.0, width: 372.0 - left, height, x: (0.0, 100.0), y: (0.0, 1.0) };
    let mut content = Markup::default();
    axes.vertical_grid(6).into_iter().for_each(|line| content.push(line));
    for (index, source) in sources.iter().enumerate() {
        let y = axes.top + 34.0 * (index as f64 + 0.5);
        content.push(words((left - 8.0, y + 4.0), "end f-ink", &shortened(source, 18)));
        for person in analysed() {
            let row =
                book.row("variance_removed.tsv", &[&tables::words(&person.name), &tables::words(source)]);
            let share = row.number("share", Format::Percent);
            if share.value.is_finite() {
                let mark = circle("mark hollow f-score s-score", (axes.at_x(100.0 * share.value), y), 5.0);
                let label = prose![person.name.clone(), ": ", share.clone()];
                content.push(share.place(mark).child(hint(&label)));
            }
        }
        let middle =
            book.row("data_quality.tsv", &[&tables::words(source)]).number("median", Format::Percent);
        let x = axes.at_x(100.0 * middle.value);
        content.push(path("line s-ink", &[(x, y - 11.0), (x, y + 11.0)]));
    }
    content.push(axes.below("percent of the responses' variance removed"));
    Some(Figure {
        name: "cleaning".to_owned(),
        title: prose!["Variance that cleaning removed, per participant"],
        description: Prose::list(sources.iter().map(|source| range(book, source)).collect(), "; "),
        size: (388.0, axes.bottom() + 42.0),
        content,
    })
}

fn range(book: &Book, source: &str) -> Prose {
    let row = book.row("data_quality.tsv", &[&tables::words(source)]);
    let [low, middle, high] =
        ["lowest", "median", "highest"].map(|column| row.number(column, Format::Percent));
    prose![source.to_owned(), ": median ", middle, ", from ", low, " to ", high]
}
