//! What bands of features explain alone and what they share: a bar for the mean over targets, a dot for each target.

use super::super::markup::Markup;
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, path, rectangle, words};
use super::{Figure, shortened};
use crate::score::{PartitionTable, Shown};

const STEP: f64 = 30.0;
/// Dots of a row; of more targets, evenly many are shown.
const DOTS: usize = 300;
/// Letters of a name.
const LETTERS: usize = 44;

/// One row per part, and one for all bands together.
pub(in crate::report) fn partition(table: &PartitionTable) -> Figure {
    let rows = table.shown();
    let longest = rows.iter().map(|row| label(row).chars().count().min(LETTERS)).max().unwrap_or(0);
    let left = 16.0 + 6.9 * longest as f64;
    let axes = Axes {
        left,
        top: 44.0,
        width: 340.0,
        height: STEP * rows.len() as f64,
        x: axes::range(rows.iter().flat_map(|row| row.r_squared.iter().copied())),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    content.push(words((4.0, 16.0), "strong f-ink", "What bands explain alone, and what they share"));
    content.push(words((4.0, 33.0), "small f-muted", "bar: mean over targets; dot: a target"));
    axes.vertical_grid(7).into_iter().for_each(|line| content.push(line));
    for (index, row) in rows.iter().enumerate() {
        content.push(drawn(row, &axes, axes.top + STEP * (index as f64 + 0.5)));
    }
    content.push(axes.below("part of held-out R²"));
    Figure {
        name: "partition".to_owned(),
        title: prose!["What bands of features explain alone, and what they share"],
        description: description(&rows),
        size: (axes.right() + 62.0, axes.bottom() + 42.0),
        content,
    }
}

fn label(row: &Shown<'_>) -> String {
    match row.part.map(|part| part.bands.len()) {
        None => row.name.clone(),
        Some(1) => format!("only {}", row.name),
        Some(_) => format!("shared by {}", row.name),
    }
}

/// The whole, parts of one band, parts of several.
fn class(row: &Shown<'_>) -> &'static str {
    match row.part.map(|part| part.bands.len()) {
        None => "f-untrained",
        Some(1) => "f-score",
        Some(_) => "f-ceiling",
    }
}

fn drawn(row: &Shown<'_>, axes: &Axes, y: f64) -> Markup {
    let mut content = Markup::default();
    content.push(words((axes.left - 8.0, y + 4.0), "end f-ink", &shortened(&label(row), LETTERS)));
    if row.mean.is_finite() {
        let (zero, end) = (axes.at_x(0.0), axes.at_x(row.mean));
        content.push(rectangle(
            format!("band {}", class(row)),
            (zero.min(end), y - 9.0),
            ((end - zero).abs(), 18.0),
        ));
        content.push(path("people s-ink", &[(end, y - 9.0), (end, y + 9.0)]));
        content.push(words((axes.right() + 8.0, y + 4.0), "small f-ink", &number(row.mean)));
    }
    let every = row.r_squared.len().div_ceil(DOTS).max(1);
    let finite = row.r_squared.iter().step_by(every).filter(|value| value.is_finite());
    for (index, value) in finite.enumerate() {
        // Spread over the height of the bar, so that dots of many targets stay apart.
        let height = y + 12.0 * ((0.618 * index as f64).fract() - 0.5);
        content.push(circle("mark f-ink halo", (axes.at_x(*value), height), 1.8));
    }
    content
}

fn number(value: f64) -> String {
    let text = format!("{value:.3}").replace('-', "\u{2212}");
    if text == "\u{2212}0.000" { "0.000".to_owned() } else { text }
}

fn description(rows: &[Shown<'_>]) -> Prose {
    let words = |row: &Shown<'_>| prose![label(row), " ", number(row.mean)];
    let mut said = prose!["Mean over targets of the held-out R² of each part: "];
    said.add(Prose::list(rows.iter().map(words).collect(), "; "));
    said
}
