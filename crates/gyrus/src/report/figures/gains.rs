//! Gains over a baseline by layer, mean over regions, with both intervals and their null.

use super::super::book::{Book, Printed};
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, interval, prose};
use super::axes::{self, Axes, area, circle, layer_range, path, words};
use super::{Figure, hint};
use crate::results::LanguageModelResults;
use crate::tables;

/// Which gain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Gain {
    /// Over the low-level baseline.
    Unique,
    /// Over the baseline with layer 0.
    Contextual,
}

impl Gain {
    /// Its column in the tables.
    pub(in crate::report) fn column(self) -> &'static str {
        match self {
            Self::Unique => "unique_gain",
            Self::Contextual => "contextual_gain",
        }
    }

    pub(in crate::report) fn title(self) -> &'static str {
        match self {
            Self::Unique => "Unique gain, over the low-level baseline",
            Self::Contextual => "Contextual gain, over the baseline with layer 0",
        }
    }
}

/// A gain with its null.
pub(in crate::report) struct Tested {
    pub layer: usize,
    pub gain: Printed,
    pub null_mean: Number,
    pub null_95: Number,
    pub p_corrected: Number,
}

impl Tested {
    pub(in crate::report) fn of(book: &Book, gain: Gain, model: &str, (layer, place): (usize, &str)) -> Self {
        let index = layer.to_string();
        let tests = book.row("group.tsv", &[model, &index, place, gain.column()]);
        Self {
            layer,
            gain: book.row("layers.tsv", &[model, &index, place]).estimate(gain.column()),
            null_mean: tests.number("null_mean", Format::Correlation),
            null_95: tests.number("null_95", Format::Correlation),
            p_corrected: tests.number("p_stimulus_corrected", Format::Probability),
        }
    }

    pub(in crate::report) fn values(&self) -> impl Iterator<Item = f64> {
        let ends = self.gain.people.iter().chain(&self.gain.story);
        ends.chain([&self.gain.value, &self.null_mean, &self.null_95]).map(|number| number.value)
    }

    pub(in crate::report) fn hint(&self) -> Prose {
        let mut words =
            prose!["layer ", self.layer.to_string(), ": ", self.gain.value.clone(), ", participants "];
        words.add(interval(&self.gain.people));
        words.add(prose![", story "]);
        words.add(interval(&self.gain.story));
        words.add(prose![
            "; null mean ",
            self.null_mean.clone(),
            ", its 95th percentile ",
            self.null_95.clone(),
            "; corrected p ",
            self.p_corrected.clone()
        ]);
        words
    }
}

/// The gain of every layer; None where the study has none.
pub(in crate::report) fn gains(
    name: String,
    book: &Book,
    gain: Gain,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let key = tables::words(&model.name);
    let rows: Vec<Tested> =
        model.layers.iter().map(|layer| Tested::of(book, gain, &key, (*layer, "mean"))).collect();
    if rows.iter().all(|row| !row.gain.value.value.is_finite()) {
        return None;
    }
    let axes = Axes {
        left: 46.0,
        top: 50.0,
        width: 326.0,
        height: 176.0,
        x: layer_range(&model.layers),
        y: with_air(&rows),
    };
    let mut content = drawing(&rows, &axes);
    axes.layers(&model.layers).into_iter().for_each(|layer| content.push(layer));
    content.push(words((4.0, 16.0), "strong f-ink", gain.title()));
    content.push(words((4.0, 33.0), "small f-muted", "difference of held-out r, mean over regions"));
    content.push(axes.below("layer (0 = embedding)"));
    let defined = rows.iter().filter(|row| row.gain.value.value.is_finite());
    Some(Figure {
        name,
        title: prose![gain.title(), ", ", model.name.clone()],
        description: Prose::list(defined.map(Tested::hint).collect(), "; "),
        size: (384.0, 270.0),
        content,
    })
}

fn with_air(rows: &[Tested]) -> (f64, f64) {
    axes::range(rows.iter().flat_map(|row| row.values().collect::<Vec<_>>()))
}

fn drawing(rows: &[Tested], axes: &Axes) -> Markup {
    let x = |row: &Tested| axes.at_x(row.layer as f64);
    let null = rows.iter().map(|row| (x(row), axes.at_y(row.null_mean.value), axes.at_y(row.null_95.value)));
    let along = |value: fn(&Tested) -> f64| -> Vec<(f64, f64)> {
        rows.iter().map(|row| (x(row), axes.at_y(value(row)))).collect()
    };
    let mut content = Markup::default();
    content.push(area("band f-null", &null.collect::<Vec<_>>()));
    axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    content.push(path("thin dotted s-null", &along(|row| row.null_mean.value)));
    content.push(path("line dotted s-null", &along(|row| row.null_95.value)));
    content.push(path("line s-score", &along(|row| row.gain.value.value)));
    for row in rows.iter().filter(|row| row.gain.value.value.is_finite()) {
        let bar = |class, x: f64, [low, high]: &[Number; 2]| {
            path(class, &[(x, axes.at_y(low.value)), (x, axes.at_y(high.value))])
        };
        content.push(bar("people s-score", x(row), &row.gain.people));
        content.push(bar("story s-score", x(row) + 5.0, &row.gain.story));
        let mark = circle("mark f-score halo", (x(row), axes.at_y(row.gain.value.value)), 4.4);
        content.push(row.gain.value.place(mark).child(hint(&row.hint())));
    }
    content
}
