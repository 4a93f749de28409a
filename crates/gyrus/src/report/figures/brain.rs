//! The brain from all sides and in slices, as coloured squares.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::super::markup::{Element, Markup};
use super::super::palette;
use super::super::prose::{Prose, prose};
use super::Figure;
use super::axes::{px, tick, words};
use super::ramp::{Ramp, ramp};
use crate::brain::{Brain, BrainMap, NO_VALUE, NOTHING, Quantity, Side, View};

/// Points of paper per millimetre in views of the whole brain, and in slices.
const SCALES: [f64; 2] = [0.96, 0.62];
const GAP: f64 = 14.0;

/// One row of views and one of slices per map.
pub(in crate::report) fn brain(name: String, brain: &Brain, model: &str, description: Prose) -> Figure {
    let mut content = Markup::default();
    let (mut y, mut width) = (0.0, 0.0_f64);
    for map in &brain.maps {
        content.push(words((0.0, y + 16.0), "strong f-ink", heading(map.quantity)));
        let first = map.lowest_step();
        content.push(ramp(&Ramp {
            at: (250.0, y + 7.0),
            first,
            label: &|share| map.label(share),
            unit: map.unit(),
        }));
        y += 40.0;
        let rows = [&map.views[..4], &map.views[4..]].into_iter().zip(SCALES);
        for (views, scale) in rows.filter(|(views, _)| !views.is_empty()) {
            let (row, size) = side_by_side(views, scale, y);
            content.push(row);
            width = width.max(size.0);
            y += size.1 + 22.0;
        }
        y += 10.0;
    }
    Figure {
        name,
        title: prose!["The brain from all sides, ", model.to_owned()],
        description,
        size: (width.max(480.0), y),
        content,
    }
}

fn heading(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Score => "Score",
        Quantity::Gain => "Unique gain",
        Quantity::Depth => "Layer centre of mass",
    }
}

impl BrainMap {
    /// 0, or the step of the lowest value below it.
    fn lowest_step(&self) -> i32 {
        let levels = self.views.iter().flat_map(|view| &view.levels);
        let levels = levels.filter(|level| ![NOTHING, NO_VALUE].contains(level));
        levels.map(|level| palette::step(f64::from(*level) / 100.0)).fold(0, i32::min)
    }

    fn unit(&self) -> &'static str {
        match self.quantity {
            Quantity::Score => "r",
            Quantity::Gain => "Δr",
            Quantity::Depth => "layer",
        }
    }

    fn label(&self, share: f64) -> String {
        match self.quantity {
            Quantity::Depth => format!("{:.0}", share * self.largest),
            _ => format!("{:.2}", share * self.largest),
        }
    }
}

/// Views on one line, standing on the same ground, with what they are below; and how large all of it is.
fn side_by_side(views: &[View], scale: f64, top: f64) -> (Markup, (f64, f64)) {
    let size = |view: &View| {
        let rows = view.levels.len() / view.width.max(1);
        (view.width as f64 * view.pixel.0 * scale, rows as f64 * view.pixel.1 * scale)
    };
    let tallest = views.iter().map(|view| size(view).1).fold(0.0, f64::max);
    let mut content = Markup::default();
    let mut x = 0.0;
    for view in views {
        let (width, height) = size(view);
        let y = top + tallest - height;
        content.push(
            picture(view)
                .with("x", px(x))
                .with("y", px(y))
                .with("width", px(width))
                .with("height", px(height)),
        );
        let (middle, below) = (x + width / 2.0, top + tallest + 13.0);
        content.push(tick((middle, below), "middle", &caption(view.side)));
        if matches!(view.side, Side::Behind | Side::Above) {
            content.push(words((x + 2.0, below), "small f-muted", "L"));
            content.push(words((x + width - 2.0, below), "small end f-muted", "R"));
        }
        x += width + GAP;
    }
    (content, (x - GAP, tallest))
}

fn caption(side: Side) -> String {
    match side {
        Side::Left => "left half".to_owned(),
        Side::Right => "right half".to_owned(),
        Side::LeftMiddle => "left, from the middle".to_owned(),
        Side::RightMiddle => "right, from the middle".to_owned(),
        Side::Behind => "from behind".to_owned(),
        Side::Above => "from above".to_owned(),
        Side::Slice(height) => format!("z = {height:.0} mm").replace('-', "\u{2212}"),
    }
}

/// One path per colour, of runs of pixels.
fn picture(view: &View) -> Element {
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    for (row, levels) in view.levels.chunks(view.width.max(1)).enumerate() {
        let mut start = 0;
        for run in levels.chunk_by(|a, b| class(*a) == class(*b)) {
            if let Some(class) = class(run[0]) {
                let _ = write!(paths.entry(class).or_default(), "M{start} {row}h{0}v1h-{0}z", run.len());
            }
            start += run.len();
        }
    }
    let rows = view.levels.len() / view.width.max(1);
    Element::new("svg")
        .with("viewBox", format!("0 0 {} {rows}", view.width))
        .with("preserveAspectRatio", "none")
        .with("shape-rendering", "crispEdges")
        .children(paths.into_iter().map(|(class, d)| Element::new("path").with("class", class).with("d", d)))
}

fn class(level: i8) -> Option<String> {
    match level {
        NOTHING => None,
        NO_VALUE => Some("f-grid".to_owned()),
        level => Some(palette::class(palette::step(f64::from(level) / 100.0))),
    }
}
