//! Scores of language models over a property, with the line over decades and the curve that flattens.

use super::super::markup::{Element, Markup};
use super::super::prose::{Prose, prose};
use super::axes::{Axes, circle, path, tick, words};
use super::{Figure, hint, shortened};
use crate::compare::{Comparison, Growth};
use crate::results::Interval;

/// Places of a line that is drawn.
const STEPS: usize = 80;

/// One point per language model.
pub(in crate::report) fn growth(name: String, whole: &Comparison, found: &Growth) -> Figure {
    let drawing = Drawing::of(found);
    let mut content = Markup::default();
    drawing.axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    let below = if drawing.is_log { decades(&drawing.axes) } else { drawing.axes.vertical_grid(6) };
    below.into_iter().for_each(|line| content.push(line));
    if let Some([intercept, slope]) = found.line {
        content.push(drawing.along("line s-untrained", &|n| intercept + slope * libm::log10(n)));
    }
    if let Some([limit, scale]) = found.curve {
        content.push(drawing.along("line dashed s-ceiling", &|n| -limit * libm::expm1(-n / scale)));
    }
    let mut told = Vec::new();
    for (index, ((study, model), property, score, interval)) in found.points.iter().enumerate() {
        let model = whole.named((study, model));
        told.push(prose![format!("{model} at {property}: {score:.4}")]);
        content.push(drawing.point((index, &model), (*property, *score), interval));
    }
    let unit = if drawing.is_log { " (logarithmic)" } else { "" };
    content.push(drawing.axes.above(above(found)));
    content.push(drawing.axes.below(&format!("{}{unit}", shortened(&found.property, 40))));
    Figure {
        name,
        title: prose!["Score over ", found.property.clone()],
        description: Prose::list(told, "; "),
        size: (532.0, drawing.axes.bottom() + 42.0),
        content,
    }
}

/// Axes, and whether the lower one is logarithmic: where no property is 0 or below it.
struct Drawing {
    axes: Axes,
    is_log: bool,
    /// Places of the smallest and the largest property.
    ends: (f64, f64),
}

impl Drawing {
    fn of(found: &Growth) -> Self {
        let is_log = found.points.iter().all(|(_, property, ..)| *property > 0.0);
        let places = found.points.iter().map(|(_, property, ..)| place(*property, is_log));
        let ends =
            places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let air = 0.08 * if ends.1 > ends.0 { ends.1 - ends.0 } else { 1.0 };
        let scores = found.points.iter().flat_map(|(_, _, score, over)| [*score, over.low, over.high]);
        let x = (ends.0 - air, ends.1 + air);
        let axes = Axes { left: 52.0, top: 34.0, width: 460.0, height: 250.0, x, y: around(scores) };
        Self { axes, is_log, ends }
    }

    fn along(&self, class: &'static str, of: &dyn Fn(f64) -> f64) -> Element {
        let (low, high) = self.ends;
        let at = |step: usize| {
            let x = low + (high - low) * step as f64 / STEPS as f64;
            let property = if self.is_log { libm::exp10(x) } else { x };
            (self.axes.at_x(x), self.axes.at_y(of(property)))
        };
        path(class, &(0..=STEPS).map(at).collect::<Vec<_>>())
    }

    fn point(&self, (index, model): (usize, &str), (property, score): (f64, f64), over: &Interval) -> Markup {
        let (x, y) = (self.axes.at_x(place(property, self.is_log)), self.axes.at_y(score));
        let ends = [over.low, over.high].map(|end| self.axes.at_y(if end.is_finite() { end } else { score }));
        let said = prose![format!("{model}: {property}, score {score:.4}")];
        // Every second name below its bar, and none over the border of the paper.
        let beyond = if index % 2 == 0 { ends[1] - 8.0 } else { ends[0] + 16.0 };
        let share = (x - self.axes.left) / self.axes.width;
        let class = match share {
            share if share < 0.2 => "small f-muted",
            share if share > 0.8 => "small end f-muted",
            _ => "small middle f-muted",
        };
        Markup::from_iter([
            path("people s-score", &[(x, ends[0]), (x, ends[1])]),
            circle("mark f-score halo", (x, y), 4.4).child(hint(&said)),
            words((x, beyond), class, &shortened(model, 30)),
        ])
    }
}

/// The range of scores with room for names above and below.
fn around(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let finite = values.filter(|value| value.is_finite());
    let (low, high) =
        finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    if low > high {
        return (0.0, 0.1);
    }
    let air = 0.15 * (high - low).max(0.01);
    (low - air, high + air)
}

fn place(property: f64, is_log: bool) -> f64 {
    if is_log { libm::log10(property) } else { property }
}

fn above(found: &Growth) -> &'static str {
    match (found.line.is_some(), found.curve.is_some()) {
        (true, true) => "held-out r; bars: 95 % over people; line: over decades; dashed: curve that flattens",
        (true, false) => "held-out r; bars: 95 % over people; line: over decades",
        _ => "held-out r; bars: 95 % over people",
    }
}

/// Round values below a logarithmic axis: powers of ten, and where these are few their multiples too.
fn decades(axes: &Axes) -> Vec<Element> {
    let (first, last) = (axes.x.0.floor() as i32, axes.x.1.ceil() as i32);
    let every = ((last - first) / 8 + 1).max(1) as usize;
    let factors: &[u8] = match axes.x.1 - axes.x.0 {
        span if span < 0.9 => &[1, 2, 3, 4, 5, 6, 8],
        span if span < 2.5 => &[1, 2, 5],
        _ => &[1],
    };
    let values =
        (first..=last).step_by(every).flat_map(|decade| factors.iter().map(move |factor| (*factor, decade)));
    let line = |(factor, decade): (u8, i32)| {
        let place = libm::log10(f64::from(factor)) + f64::from(decade);
        let x = axes.at_x(place);
        let label = match decade {
            0..=3 => (u32::from(factor) * 10_u32.pow(decade.unsigned_abs())).to_string(),
            -3..=-1 => format!("{:.*}", decade.unsigned_abs() as usize, libm::exp10(place)),
            _ if factor == 1 => format!("10{}", raised(decade)),
            _ => format!("{factor}·10{}", raised(decade)),
        };
        let is_inside = (axes.x.0..=axes.x.1).contains(&place);
        is_inside.then(|| {
            [
                path("thin s-grid", &[(x, axes.top), (x, axes.bottom())]),
                tick((x, axes.bottom() + 16.0), "middle", &label),
            ]
        })
    };
    values.filter_map(line).flatten().collect()
}

/// A whole number in raised digits.
fn raised(value: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |letter: char| letter.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    value.to_string().chars().map(digit).collect()
}
