//! Scores of language models over a property, with the line over decades and the curve that flattens.

use super::super::markup::{Element, Markup};
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, path, tick, words};
use super::{Figure, hint, shortened};
use crate::compare::Growth;

/// Places of a line that is drawn.
const STEPS: usize = 80;

/// One point per language model.
pub(in crate::report) fn growth(name: String, found: &Growth) -> Figure {
    let is_log = found.points.iter().all(|(_, property, ..)| *property > 0.0);
    let place = move |property: f64| if is_log { libm::log10(property) } else { property };
    let places = || found.points.iter().map(|(_, property, ..)| place(*property));
    let (low, high) =
        places().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
    let air = 0.08 * if high > low { high - low } else { 1.0 };
    let scores =
        found.points.iter().flat_map(|(_, _, score, interval)| [*score, interval.low, interval.high]);
    let axes = Axes {
        left: 52.0,
        top: 34.0,
        width: 460.0,
        height: 250.0,
        x: (low - air, high + air),
        y: axes::range(scores),
    };
    let mut content = Markup::default();
    axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    if is_log && high - low >= 1.0 {
        decades(&axes).into_iter().for_each(|line| content.push(line));
    } else if is_log {
        found.points.iter().for_each(|(_, property, ..)| {
            let at = (axes.at_x(place(*property)), axes.bottom() + 16.0);
            content.push(tick(at, "middle", &property.to_string()));
        });
    } else {
        axes.vertical_grid(6).into_iter().for_each(|line| content.push(line));
    }
    let along = |class, of: &dyn Fn(f64) -> f64| {
        let at = |step: usize| {
            let x = low + (high - low) * step as f64 / STEPS as f64;
            (axes.at_x(x), axes.at_y(of(if is_log { libm::exp10(x) } else { x })))
        };
        path(class, &(0..=STEPS).map(at).collect::<Vec<_>>())
    };
    if let Some([intercept, slope]) = found.line {
        content.push(along("line s-untrained", &|n| intercept + slope * libm::log10(n)));
    }
    if let Some([limit, scale]) = found.curve {
        content.push(along("line dashed s-ceiling", &|n| -limit * libm::expm1(-n / scale)));
    }
    for (model, property, score, interval) in &found.points {
        let x = axes.at_x(place(*property));
        content.push(path("people s-score", &[(x, axes.at_y(interval.low)), (x, axes.at_y(interval.high))]));
        let said = prose![format!("{model}: {property}, score {score:.4}")];
        content.push(circle("mark f-score halo", (x, axes.at_y(*score)), 4.4).child(hint(&said)));
        // To the left of what stands on the right, so that no name leaves the paper.
        let (class, aside) = if x > axes.left + 0.6 * axes.width {
            ("small end f-muted", -8.0)
        } else {
            ("small f-muted", 8.0)
        };
        content.push(words((x + aside, axes.at_y(*score) - 8.0), class, &shortened(model, 24)));
    }
    content.push(axes.above(above(found)));
    content.push(axes.below(&format!(
        "{}{}",
        shortened(&found.property, 40),
        if is_log { " (logarithmic)" } else { "" }
    )));
    let told = found
        .points
        .iter()
        .map(|(model, property, score, _)| prose![format!("{model} at {property}: {score:.4}")]);
    Figure {
        name,
        title: prose!["Score over ", found.property.clone()],
        description: Prose::list(told.collect(), "; "),
        size: (532.0, axes.bottom() + 42.0),
        content,
    }
}

fn above(found: &Growth) -> &'static str {
    match (found.line.is_some(), found.curve.is_some()) {
        (true, true) => {
            "held-out r, mean over regions; line: over decades; dashed: flattening curve; bars: 95 % over people"
        }
        (true, false) => "held-out r, mean over regions; line: over decades; bars: 95 % over people",
        _ => "held-out r, mean over regions; bars: 95 % over people",
    }
}

/// Powers of ten below the axis; every second or third where they are many.
fn decades(axes: &Axes) -> Vec<Element> {
    let (first, last) = (axes.x.0.ceil() as i32, axes.x.1.floor() as i32);
    let every = ((last - first) / 8 + 1).max(1) as usize;
    let line = |decade: i32| {
        let x = axes.at_x(f64::from(decade));
        let label = format!("10{}", raised(decade));
        [
            path("thin s-grid", &[(x, axes.top), (x, axes.bottom())]),
            tick((x, axes.bottom() + 16.0), "middle", &label),
        ]
    };
    (first..=last).step_by(every).flat_map(line).collect()
}

/// A whole number in raised digits.
fn raised(value: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digit = |letter: char| letter.to_digit(10).map_or('⁻', |digit| DIGITS[digit as usize]);
    value.to_string().chars().map(digit).collect()
}
