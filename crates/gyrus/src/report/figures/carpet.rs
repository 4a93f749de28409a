//! A carpet: targets × time of one recording, before and after cleaning, below what the head and the body did.

use super::super::book::Book;
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::png;
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, path, px, tick, ticks, words};
use super::{Figure, shortened};
use crate::results::{Carpet, Results, Trace, TraceKind};
use crate::tables;

const LEFT: f64 = 66.0;
const WIDTH: f64 = 316.0;
/// Of the carpet, and of a trace.
const HEIGHTS: [f64; 2] = [118.0, 34.0];
/// Standard deviations at the ends of the greys, and steps on either side of zero.
const LIMIT: f64 = 2.0;
const STEPS: i32 = 8;
/// More regions than this have no name beside the carpet.
const MOST_NAMES: usize = 9;
/// Of a place without a value, told apart from every grey.
const MISSING: [u8; 3] = [150, 190, 222];

/// The carpet of the recording from which cleaning took most; None in results of older versions.
pub(in crate::report) fn carpet(book: &Book, results: &Results) -> Option<Figure> {
    let carpet = results.carpet.as_ref()?;
    let x = (0.0, carpet.interval * (carpet.n_columns * carpet.step) as f64);
    let mut content = Markup::default();
    let mut y = 6.0;
    for trace in &carpet.traces {
        content.push(above(y, heading(trace)));
        let axes =
            Axes { left: LEFT, top: y + 18.0, width: WIDTH, height: HEIGHTS[1], x, y: range(carpet, trace) };
        content.push(line(carpet, trace, &axes));
        y += HEIGHTS[1] + 30.0;
    }
    let mut axes = Axes { left: LEFT, top: y, width: WIDTH, height: HEIGHTS[0], x, y: (0.0, 1.0) };
    for (title, values) in ["before cleaning", "after cleaning"].into_iter().zip(carpet.values()) {
        content.push(above(y, title.to_owned()));
        axes.top = y + 18.0;
        // Only the labels are seen: lines over the picture would look like what all targets do.
        if title == "after cleaning" {
            axes.vertical_grid(6).into_iter().for_each(|line| content.push(line));
        }
        content.push(picture(carpet.n_columns, &values, &axes));
        content.push(regions(carpet, &axes));
        y += HEIGHTS[0] + 26.0;
    }
    content.push(axes.below("seconds from the first volume"));
    content.push(greys(axes.bottom() + 48.0));
    Some(Figure {
        name: "carpet".to_owned(),
        title: prose!["Responses of ", carpet.participant.clone(), " over time, before and after cleaning"],
        description: description(book, results, carpet),
        size: (388.0, axes.bottom() + 76.0),
        content,
    })
}

fn above(y: f64, text: String) -> Element {
    words((LEFT, y + 11.0), "small f-muted", &text)
}

fn heading(trace: &Trace) -> String {
    match trace.kind {
        TraceKind::Displacement => "framewise displacement of the head, mm".to_owned(),
        TraceKind::Regressors => format!("{}, size in standard deviations", shortened(&trace.source, 24)),
    }
}

fn range(carpet: &Carpet, trace: &Trace) -> (f64, f64) {
    axes::range(trace.values(carpet.n_columns).into_iter().flatten())
}

fn line(carpet: &Carpet, trace: &Trace, axes: &Axes) -> Markup {
    let at = |(column, value): (usize, Option<f64>)| {
        (
            axes.at_x(carpet.time(column) + carpet.interval / 2.0),
            value.map_or(f64::NAN, |value| axes.at_y(value)),
        )
    };
    let points: Vec<(f64, f64)> = trace.values(carpet.n_columns).into_iter().enumerate().map(at).collect();
    let mut content = Markup::default();
    content.push(path("thin s-muted", &[(LEFT, axes.bottom()), (axes.right(), axes.bottom())]));
    if let Some((value, label)) = ticks(axes.y, 3).last() {
        let y = axes.at_y(*value);
        content.push(path("thin s-grid", &[(LEFT, y), (axes.right(), y)]));
        content.push(tick((LEFT - 6.0, y + 4.0), "end", label));
    }
    content.push(path("thin s-baseline", &points));
    content
}

/// A pixel per target and column, the first target on top.
fn picture(n_columns: usize, values: &[Option<f64>], axes: &Axes) -> Element {
    let level = |value: &Option<f64>| match value {
        None => 0,
        Some(value) => ((value / LIMIT).clamp(-1.0, 1.0) * f64::from(STEPS)).round() as i32 + STEPS + 1,
    };
    let pixels: Vec<u8> = values.iter().map(|value| level(value) as u8).collect();
    image(n_columns, &pixels, (axes.left, axes.top), (axes.width, axes.height))
}

fn image(width: usize, pixels: &[u8], (x, y): (f64, f64), (wide, high): (f64, f64)) -> Element {
    let grey = |step: i32| [(255 * step / (2 * STEPS)) as u8; 3];
    let colours: Vec<[u8; 3]> = std::iter::once(MISSING).chain((0..=2 * STEPS).map(grey)).collect();
    Element::new("image")
        .with("href", png::address(width, &colours, pixels))
        .with("x", px(x))
        .with("y", px(y))
        .with("width", px(wide))
        .with("height", px(high))
        .with("preserveAspectRatio", "none")
        .with("image-rendering", "pixelated")
}

/// Names of regions beside their rows, where there are few.
fn regions(carpet: &Carpet, axes: &Axes) -> Markup {
    let groups: Vec<_> = carpet.targets.chunk_by(|a, b| a.region == b.region).collect();
    let row = axes.height / carpet.targets.len().max(1) as f64;
    let mut first = 0;
    let mut content = Markup::default();
    for group in groups.iter().filter(|_| groups.len() <= MOST_NAMES) {
        let y = axes.top + row * (first as f64 + group.len() as f64 / 2.0);
        content.push(words((LEFT - 6.0, y + 4.0), "small end f-muted", &shortened(&group[0].region, 9)));
        first += group.len();
    }
    content
}

/// What the greys mean.
fn greys(y: f64) -> Markup {
    let (left, width) = (LEFT + 16.0, 102.0);
    let pixels: Vec<u8> = (1..=2 * STEPS as u8 + 1).collect();
    let mut content = Markup::default();
    content.push(image(pixels.len(), &pixels, (left, y), (width, 10.0)));
    content.push(tick((left - 5.0, y + 9.0), "end", &format!("\u{2212}{LIMIT:.0}")));
    content.push(words((left + width + 5.0, y + 9.0), "tick small f-muted", &format!("{LIMIT:.0}")));
    content.push(words((left + width + 20.0, y + 9.0), "small f-muted", "SD before cleaning"));
    content
}

fn description(book: &Book, results: &Results, carpet: &Carpet) -> Prose {
    let key = tables::words(&carpet.participant);
    let person = results.participants.iter().find(|person| person.name == carpet.participant);
    let sources = person.map(|person| person.variance_removed.as_slice()).unwrap_or_default();
    let share = |(source, _): &(String, f64)| {
        let row = book.row("variance_removed.tsv", &[&key, &tables::words(source)]);
        prose![source.clone(), " ", row.number("share", Format::Percent)]
    };
    let mut words = prose![
        "Targets by time of ",
        carpet.participant.clone(),
        ", ",
        carpet.run.clone(),
        ", as greys. Of the variance of this participant's responses cleaning took: "
    ];
    words.add(Prose::list(sources.iter().map(share).collect(), ", "));
    let volumes = book.row("participants.tsv", &[&key]).number("n_samples", Format::Count);
    words.add(prose![". Volumes of this participant: ", volumes]);
    words
}
