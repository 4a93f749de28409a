//! Depth in the network against an order of the brain, and how well the two agree beside maps as smooth and untrained copies.

use super::super::book::{Book, Row};
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, path, rectangle, words};
use super::{Figure, hint};
use crate::results::LanguageModelResults;
use crate::tables;

/// A region with a depth and a value to rank it by.
struct Place {
    region: String,
    depth: Number,
    reference: Number,
    is_significant: bool,
}

const LEFT: f64 = 44.0;
const WIDTH: f64 = 476.0;

/// A point per region; None where the study names no order, or no region has a depth and a value.
pub(in crate::report) fn order(name: String, book: &Book, model: &LanguageModelResults) -> Option<Figure> {
    let index = model.hierarchy.index.as_ref()?;
    let places = places(book, model);
    if places.is_empty() {
        return None;
    }
    let depths = places.iter().map(|place| place.depth.value);
    let scatter = Axes {
        left: LEFT,
        top: 30.0,
        width: WIDTH,
        height: 220.0,
        x: span(places.iter().map(|place| place.reference.value)),
        y: span(depths),
    };
    let mut content = Markup::default();
    scatter.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    scatter.vertical_grid(7).into_iter().for_each(|line| content.push(line));
    content.push(scatter.above("depth of the region: centre of mass over layers"));
    content.push(scatter.below(&index.reference));
    places.iter().for_each(|place| content.push(place.drawn(&scatter)));
    Some(Figure {
        name,
        title: prose!["Depth in ", model.name.clone(), " against ", index.reference.clone()],
        description: in_words(&index_rows(book, model).next()?),
        size: (532.0, scatter.bottom() + 42.0),
        content,
    })
}

/// How well the two agree, beside maps as smooth and untrained copies; None where the study names no order, or there is no
/// correlation.
pub(in crate::report) fn agreement(
    name: String,
    book: &Book,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let trained = index_rows(book, model).next().filter(|row| row.estimate("rho").value.value.is_finite())?;
    let strip = Axes {
        left: LEFT + 22.0,
        top: 30.0,
        width: WIDTH - 22.0,
        height: 58.0,
        x: (-1.0, 1.0),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    strip.vertical_grid(9).into_iter().for_each(|line| content.push(line));
    content.push(strip.above("rank correlation of depth with that order"));
    index_rows(book, model).for_each(|row| content.push(correlation(&row, &strip)));
    Some(Figure {
        name,
        title: prose!["How well depth in ", model.name.clone(), " and the order agree"],
        description: in_words(&trained),
        size: (532.0, strip.bottom() + 24.0),
        content,
    })
}

/// The trained network, then its untrained copies.
pub(in crate::report) fn index_rows<'a>(
    book: &'a Book,
    model: &LanguageModelResults,
) -> impl Iterator<Item = Row<'a>> {
    let name = tables::words(&model.name);
    book.rows("hierarchy_index.tsv").filter(move |row| row.cell("language_model") == name)
}

/// What the first row says.
pub(in crate::report) fn in_words(row: &Row<'_>) -> Prose {
    let rho = row.estimate("rho");
    let regions = row.number("n_regions", Format::Count);
    if !rho.value.value.is_finite() {
        return prose!["No correlation over ", regions, " regions"];
    }
    let mut words = prose!["Spearman correlation ", rho.value.clone(), " over "];
    words.add(prose![regions, " regions, over participants ["]);
    words.add(prose![rho.people[0].clone(), ", ", rho.people[1].clone(), "], over the story ["]);
    words.add(prose![rho.story[0].clone(), ", ", rho.story[1].clone(), "]"]);
    let p = row.number("p", Format::Probability);
    if p.value.is_finite() {
        words.add(prose![", p ", p]);
    }
    words
}

/// Some air around values that need not hold zero.
fn span(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    let air = if high > low { 0.05 * (high - low) } else { 0.5 };
    (low - air, high + air)
}

fn places(book: &Book, model: &LanguageModelResults) -> Vec<Place> {
    let key = tables::words(&model.name);
    let place = |found: &crate::results::RegionDepth| {
        let row = book.row("hierarchy.tsv", &[&key, &tables::region(Some(&found.region))]);
        let depth = row.number("centre_of_mass", Format::Layers);
        let reference = row.number("reference", Format::Significant);
        let is_placed = depth.value.is_finite() && reference.value.is_finite();
        let (region, is_significant) = (found.region.clone(), found.significant);
        is_placed.then_some(Place { region, depth, reference, is_significant })
    };
    model.hierarchy.regions.iter().filter_map(place).collect()
}

impl Place {
    fn drawn(&self, axes: &Axes) -> Markup {
        let at = (axes.at_x(self.reference.value), axes.at_y(self.depth.value));
        let class = if self.is_significant { "mark f-score halo" } else { "mark paper s-score" };
        let about = prose![
            self.region.clone(),
            ", ",
            self.reference.clone(),
            ": depth ",
            self.depth.clone(),
            if self.is_significant { "" } else { ", no layer significant, not counted" }
        ];
        self.depth.place(circle(class, at, 4.4)).child(hint(&about)).into()
    }
}

/// The trained network with its maps and intervals; untrained copies below it.
fn correlation(row: &Row<'_>, axes: &Axes) -> Markup {
    let mut content = Markup::default();
    let rho = row.estimate("rho");
    if row.cell("training") != "trained" {
        if rho.value.value.is_finite() {
            let mark = circle("mark paper s-untrained", (axes.at_x(rho.value.value), axes.top + 47.0), 4.0);
            let about = prose!["untrained copy ", row.quoted("seed"), ": ", rho.value.clone()];
            content.push(rho.value.place(mark).child(hint(&about)));
        }
        return content;
    }
    let y = axes.top + 16.0;
    let null = ["null_low", "null_high"].map(|column| row.number(column, Format::Correlation));
    let ends = [&null[0], &null[1]].map(|end| axes.at_x(end.value));
    if ends.iter().all(|end| end.is_finite()) {
        let size = (ends[1] - ends[0], 24.0);
        content.push(rectangle("band f-null".to_owned(), (ends[0], y - 12.0), size));
        content.push(words((ends[0] + 3.0, y + 9.0), "small f-muted", "maps"));
    }
    let bar = |class, y: f64, [low, high]: &[Number; 2]| {
        path(class, &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)])
    };
    content.push(bar("people s-score", y, &rho.people));
    content.push(bar("story s-score", y + 6.0, &rho.story));
    if rho.value.value.is_finite() {
        let mark = circle("mark f-score halo", (axes.at_x(rho.value.value), y), 5.0);
        content.push(rho.value.place(mark).child(hint(&in_words(row))));
    }
    content.push(axes::words((4.0, axes.top + 51.0), "small f-muted", "untrained"));
    content
}
