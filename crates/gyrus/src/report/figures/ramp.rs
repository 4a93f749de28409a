//! Colours of a map and what they mean.

use super::super::markup::Markup;
use super::super::palette::{self, STEPS};
use super::axes::{rectangle, tick, words};

/// A legend of the steps between a value and its largest.
pub(super) struct Ramp<'a> {
    /// Left upper corner.
    pub at: (f64, f64),
    /// The first step: 0, or below it where there are values below 0.
    pub first: i32,
    /// How a share (−1 to 1) of the largest is printed.
    pub label: &'a dyn Fn(f64) -> String,
    /// What is printed.
    pub unit: &'static str,
}

pub(super) fn ramp(ramp: &Ramp<'_>) -> Markup {
    let ((left, y), first, width) = (ramp.at, ramp.first, 11.0);
    let steps = (first..=STEPS).map(|step| {
        let x = left + f64::from(step - first) * width;
        Markup::from(rectangle(palette::class(step), (x, y), (width, 10.0)))
    });
    let label = |share: f64| {
        let x = left + (f64::from(STEPS) * share - f64::from(first) + 0.5) * width;
        let text = (ramp.label)(share).replace('-', "\u{2212}");
        Markup::from(tick((x, y + 23.0), "middle", if share == 0.0 { "0" } else { &text }))
    };
    let end = left + f64::from(STEPS - first + 1) * width;
    let title = words((end + 8.0, y + 9.0), "small f-muted", ramp.unit);
    // A lowest value next to 0 would stand in its label.
    let lowest = f64::from(first) / f64::from(STEPS);
    let shares = [lowest, 0.0, 1.0].into_iter().filter(|share| *share >= 0.0 || first <= -3);
    steps.chain(shares.map(label)).chain([title.into()]).collect()
}
