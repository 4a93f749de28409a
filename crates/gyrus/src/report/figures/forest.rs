//! A gain in every region at one layer: value, both intervals, null.

use super::super::book::Book;
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, path, rectangle, words};
use super::dense::MANY;
use super::gains::{Gain, Tested};
use super::{Figure, hint, shortened};
use crate::results::LanguageModelResults;
use crate::tables;

const STEP: f64 = 23.0;

/// One row per region, the mean over regions last; None where nothing is defined.
pub(in crate::report) fn forest(
    name: String,
    book: &Book,
    (gain, layer): (Gain, usize),
    (model, regions): (&LanguageModelResults, &[String]),
) -> Option<Figure> {
    let key = tables::words(&model.name);
    let row = |region: Option<&String>| {
        let shown = region.map_or_else(|| "mean over regions".to_owned(), Clone::clone);
        (shown, Tested::of(book, gain, &key, (layer, &tables::region(region))))
    };
    let mut rows: Vec<(String, Tested)> = regions.iter().map(Some).chain([None]).map(row).collect();
    let is_crowded = regions.len() > MANY;
    if is_crowded {
        keep_largest(&mut rows);
    }
    if rows.iter().all(|(_, row)| !row.gain.value.value.is_finite()) {
        return None;
    }
    let longest = rows.iter().map(|(name, _)| name.chars().count().min(20)).max().unwrap_or(0);
    let left = 14.0 + 7.4 * longest as f64;
    let axes = Axes {
        left,
        top: 46.0,
        width: 372.0 - left,
        height: STEP * rows.len() as f64 + 4.0,
        x: axes::range(rows.iter().flat_map(|(_, row)| row.values().collect::<Vec<_>>())),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    content.push(words((4.0, 16.0), "strong f-ink", gain.title()));
    let at = book.row("layers.tsv", &[&key, &layer.to_string(), "mean"]).number("layer", Format::Count);
    let which = if is_crowded { "largest of all regions, at layer " } else { "by region, at layer " };
    content.push(words((4.0, 33.0), "small f-muted", which).child(at.markup("tspan")));
    axes.vertical_grid(7).into_iter().for_each(|line| content.push(line));
    for (index, (region, row)) in rows.iter().enumerate() {
        content.push(line(region, row, &axes, index + 1 == rows.len()).at(index));
    }
    content.push(axes.below("difference of held-out r"));
    let size = (384.0, axes.bottom() + 42.0);
    Some(Figure {
        name,
        title: prose![gain.title(), " in every region, ", model.name.clone()],
        description: description(&rows),
        size,
        content,
    })
}

/// Rows that a description tells of, where there are many more.
const SPOKEN: usize = 12;

/// Every row in words; of many, those with the largest gain and the mean over regions.
fn description(rows: &[(String, Tested)]) -> Prose {
    let words = |(region, row): &(String, Tested)| {
        let mut words = prose![region.clone(), ", "];
        words.add(row.hint());
        words
    };
    if rows.len() <= 2 * SPOKEN {
        return Prose::list(rows.iter().map(words).collect(), "; ");
    }
    let mut largest: Vec<&(String, Tested)> = rows[..rows.len() - 1].iter().collect();
    largest.sort_by(|(_, a), (_, b)| value(b).total_cmp(&value(a)));
    let told = largest.into_iter().take(SPOKEN).chain(rows.last());
    let mut told = Prose::list(told.map(words).collect(), "; ");
    told.add(prose!["; the other regions have smaller gains, and stand in the tables."]);
    told
}

/// What rows are sorted by: nothing is below every gain.
fn value(row: &Tested) -> f64 {
    if row.gain.value.value.is_finite() { row.gain.value.value } else { f64::NEG_INFINITY }
}

/// Rows that a crowded figure has beside the mean over regions.
const SHOWN: usize = 40;

/// Those with the largest gain, in their order; the mean over regions stays last.
fn keep_largest(rows: &mut Vec<(String, Tested)>) {
    let mean = rows.pop();
    rows.sort_by(|(_, a), (_, b)| value(b).total_cmp(&value(a)));
    rows.truncate(SHOWN);
    rows.extend(mean);
}

/// What one row draws.
struct Line<'a> {
    region: &'a str,
    row: &'a Tested,
    axes: &'a Axes,
    is_mean: bool,
}

fn line<'a>(region: &'a str, row: &'a Tested, axes: &'a Axes, is_mean: bool) -> Line<'a> {
    Line { region, row, axes, is_mean }
}

impl Line<'_> {
    fn at(&self, index: usize) -> Markup {
        let (axes, row) = (self.axes, self.row);
        let y = axes.top + STEP * (index as f64 + 0.5) + 2.0;
        let class = if self.is_mean { "end strong f-ink" } else { "end f-ink" };
        let mut content = Markup::default();
        content.push(words((axes.left - 8.0, y + 4.0), class, &shortened(self.region, 20)));
        let (null, limit) = (axes.at_x(row.null_mean.value), axes.at_x(row.null_95.value));
        if (null + limit).is_finite() {
            content.push(rectangle(
                "band f-null".to_owned(),
                (null, y - 8.0),
                ((limit - null).max(0.0), 16.0),
            ));
            content.push(path("line dotted s-null", &[(limit, y - 8.0), (limit, y + 8.0)]));
        }
        let bar = |class, y: f64, [low, high]: &[Number; 2]| {
            path(class, &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)])
        };
        content.push(bar("people s-score", y, &row.gain.people));
        content.push(bar("story s-score", y + 5.0, &row.gain.story));
        if row.gain.value.value.is_finite() {
            let mark = circle("mark f-score halo", (axes.at_x(row.gain.value.value), y), 4.4);
            content.push(row.gain.value.place(mark).child(hint(&row.hint())));
        }
        content
    }
}
