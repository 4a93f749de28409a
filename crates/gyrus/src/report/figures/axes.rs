//! Scales, ticks and axes.

use super::super::markup::Element;

/// A rectangle on paper and the values along its sides.
#[derive(Debug, Clone, Copy)]
pub(super) struct Axes {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
    pub x: (f64, f64),
    pub y: (f64, f64),
}

impl Axes {
    pub(super) fn at_x(&self, value: f64) -> f64 {
        self.left + self.width * (value - self.x.0) / (self.x.1 - self.x.0)
    }

    pub(super) fn at_y(&self, value: f64) -> f64 {
        self.top + self.height * (1.0 - (value - self.y.0) / (self.y.1 - self.y.0))
    }

    pub(super) fn bottom(&self) -> f64 {
        self.top + self.height
    }

    pub(super) fn right(&self) -> f64 {
        self.left + self.width
    }

    /// Grid lines and their values on the left; zero is stronger.
    pub(super) fn horizontal_grid(&self, most: usize) -> Vec<Element> {
        let line = |value: f64, label: &String| {
            let y = self.at_y(value);
            let colour = if value == 0.0 { "thin s-muted" } else { "thin s-grid" };
            [
                path(colour, &[(self.left, y), (self.right(), y)]),
                tick((self.left - 6.0, y + 4.0), "end", label),
            ]
        };
        let ticks = ticks(self.y, most);
        ticks.iter().flat_map(|(value, label)| line(*value, label)).collect()
    }

    /// Grid lines and their values below; zero is stronger.
    pub(super) fn vertical_grid(&self, most: usize) -> Vec<Element> {
        let line = |value: f64, label: &String| {
            let x = self.at_x(value);
            let colour = if value == 0.0 { "thin s-muted" } else { "thin s-grid" };
            [
                path(colour, &[(x, self.top), (x, self.bottom())]),
                tick((x, self.bottom() + 16.0), "middle", label),
            ]
        };
        let ticks = ticks(self.x, most);
        ticks.iter().flat_map(|(value, label)| line(*value, label)).collect()
    }

    /// Layers below, thinned so that they do not touch.
    pub(super) fn layers(&self, layers: &[usize]) -> Vec<Element> {
        let fit = (self.width / 22.0).floor().max(2.0) as usize;
        let every = layers.len().div_ceil(fit).max(1);
        let shown = layers.iter().step_by(every);
        let tick = |layer: &usize| {
            tick((self.at_x(*layer as f64), self.bottom() + 16.0), "middle", &layer.to_string())
        };
        shown.map(tick).collect()
    }

    /// What the horizontal axis is.
    pub(super) fn below(&self, label: &str) -> Element {
        words((self.left + self.width / 2.0, self.bottom() + 33.0), "small middle f-muted", label)
    }

    /// What the vertical axis is, above its values.
    pub(super) fn above(&self, label: &str) -> Element {
        words((4.0, self.top - 12.0), "small f-muted", label)
    }
}

/// Smallest range with some air that holds all finite values and zero.
pub(super) fn range(values: impl IntoIterator<Item = f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|value| value.is_finite());
    let (low, high) = finite.fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let span = if high > low { high - low } else { 0.1 };
    let air = 0.04 * span;
    (if low < 0.0 { low - air } else { 0.0 }, high + air)
}

/// The range of layers with half a layer of air.
pub(super) fn layer_range(layers: &[usize]) -> (f64, f64) {
    let (first, last) = (layers.first().copied().unwrap_or(0), layers.last().copied().unwrap_or(0));
    let air = 0.5_f64.max(0.03 * (last - first) as f64);
    (first as f64 - air, last as f64 + air)
}

/// At most `most` round values inside a range, with their labels.
pub(super) fn ticks((low, high): (f64, f64), most: usize) -> Vec<(f64, String)> {
    let (mut unit, mut decimals) = (1e-6, 6_usize);
    loop {
        for factor in [1.0, 2.0, 5.0] {
            let step = unit * factor;
            let (first, last) = ((low / step).ceil(), (high / step).floor());
            if last - first < most as f64 {
                let count = (last - first).max(0.0) as usize;
                let at = |index: usize| (first + index as f64) * step;
                return (0..=count).map(|index| (at(index), label(at(index), decimals))).collect();
            }
        }
        unit *= 10.0;
        decimals = decimals.saturating_sub(1);
    }
}

fn label(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}").replace('-', "\u{2212}");
    if value == 0.0 { "0".to_owned() } else { text }
}

/// A value on an axis.
pub(super) fn tick((x, y): (f64, f64), anchor: &'static str, label: &str) -> Element {
    at(Element::new("text").with("class", format!("tick small {anchor} f-muted")), (x, y)).text(label)
}

/// Words of the program or from files at a place.
pub(super) fn words((x, y): (f64, f64), class: &'static str, text: &str) -> Element {
    at(Element::classed("text", class), (x, y)).text(text)
}

fn at(element: Element, (x, y): (f64, f64)) -> Element {
    element.with("x", px(x)).with("y", px(y))
}

/// A polyline; points without a value break it.
pub(super) fn path(class: &'static str, points: &[(f64, f64)]) -> Element {
    let mut commands = String::new();
    let mut is_drawing = false;
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            commands.push(if is_drawing { 'L' } else { 'M' });
            commands.push_str(&format!("{} {}", px(*x), px(*y)));
            is_drawing = true;
        } else {
            is_drawing = false;
        }
    }
    Element::classed("path", class).with("d", commands)
}

/// The area between two lines over the same places.
pub(super) fn area(class: &'static str, points: &[(f64, f64, f64)]) -> Element {
    let points: Vec<_> =
        points.iter().filter(|(x, low, high)| (x + low + high).is_finite()).copied().collect();
    let forth = points.iter().map(|(x, low, _)| (*x, *low));
    let back = points.iter().rev().map(|(x, _, high)| (*x, *high));
    let corner = |(x, y): (f64, f64)| format!("{} {}", px(x), px(y));
    let corners: Vec<String> = forth.chain(back).map(corner).collect();
    Element::classed("polygon", class).with("points", corners.join(" "))
}

pub(super) fn rectangle(class: String, (x, y): (f64, f64), (width, height): (f64, f64)) -> Element {
    let rectangle = Element::new("rect").with("class", class).with("x", px(x)).with("y", px(y));
    rectangle.with("width", px(width)).with("height", px(height))
}

pub(super) fn circle(class: &'static str, (x, y): (f64, f64), radius: f64) -> Element {
    let circle = Element::classed("circle", class).with("cx", px(x)).with("cy", px(y));
    circle.with("r", px(radius))
}

/// A length on paper.
pub(super) fn px(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        let of = |range, most| ticks(range, most).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(of((-0.03, 0.33), 5), ["0.0", "0.1", "0.2", "0.3"].map(|label| label.replace("0.0", "0")));
        assert_eq!(of((-6.0, 14.0), 6), ["−5", "0", "5", "10"]);
        assert_eq!(of((0.0, 0.013), 4), ["0", "0.005", "0.010"]);
    }

    #[test]
    fn a_missing_point_breaks_the_line() {
        let line = path("line", &[(0.0, 1.0), (1.0, f64::NAN), (2.0, 3.0), (3.0, 4.0)]).to_string();
        assert!(line.contains("d=\"M0 1M2 3L3 4\""), "{line}");
    }
}
