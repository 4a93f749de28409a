//! Layer profiles: the answer's figure, one panel per region, and all panels on one sheet.

use super::super::markup::{Element, Markup};
use super::super::prose::prose;
use super::axes::{self, Axes, area, circle, layer_range, path, words};
use super::panel::{Layer, Panel, Profile};
use super::{Figure, hint, shortened};

/// The mean over regions, large and with its lines named.
pub(in crate::report) fn answer(name: &str, profile: &Profile, is_wide: bool) -> Figure {
    let size = if is_wide { (860.0, 380.0) } else { (380.0, 360.0) };
    let margin = if is_wide { 206.0 } else { 14.0 };
    let y = axes::range(profile.values());
    let axes = frame(profile, size, margin, y);
    let mut content = drawing(profile, &axes, 5.0);
    content.push(axes.above("held-out correlation r, mean over regions"));
    content.push(axes.below("layer (0 = embedding)"));
    if is_wide {
        names(profile, &axes).into_iter().for_each(|name| content.push(name));
    }
    Figure {
        name: name.to_owned(),
        title: prose!["Score of every layer, mean over regions"],
        description: profile.description(),
        size,
        content,
    }
}

/// One region.
pub(in crate::report) fn region(name: String, profile: &Profile, y: (f64, f64)) -> Figure {
    let size = (272.0, 214.0);
    let axes = Axes { top: 34.0, height: 136.0, ..frame(profile, size, 8.0, y) };
    let mut content = drawing(profile, &axes, 3.4);
    let shown = profile.region.as_deref().unwrap_or("mean over regions");
    content.push(words((4.0, 15.0), "strong f-ink", &shortened(shown, 34)));
    content.push(axes.below("layer"));
    Figure {
        name,
        title: prose!["Score of every layer in ", shown.to_owned()],
        description: profile.description(),
        size,
        content,
    }
}

/// All regions of a language model on one sheet, for papers.
pub(in crate::report) fn sheet(name: String, model: &str, panel: &Panel) -> Figure {
    let columns = panel.profiles.len().clamp(1, 4);
    let rows = panel.profiles.len().div_ceil(columns);
    let (width, height) = (280.0, 222.0);
    let place = |(index, profile): (usize, &Profile)| {
        let at = ((index % columns) as f64 * width, (index / columns) as f64 * height);
        region(String::new(), profile, panel.y).nested(at)
    };
    let content: Markup = panel.profiles.iter().enumerate().map(place).collect();
    Figure {
        name,
        title: prose!["Score of every layer of ", model.to_owned(), " in every region"],
        description: prose![
            "Held-out correlation by layer. Thick bars: interval over participants; thin dashed bars: over the story; dashed line: baseline; grey band: untrained copies; dotted line: null, highest twentieth; green band: noise ceiling."
        ],
        size: (columns as f64 * width, rows as f64 * height),
        content,
    }
}

fn frame(profile: &Profile, (width, height): (f64, f64), margin: f64, y: (f64, f64)) -> Axes {
    let layers: Vec<usize> = profile.layers.iter().map(|layer| layer.layer).collect();
    let left = 42.0;
    Axes { left, top: 30.0, width: width - left - margin, height: height - 76.0, x: layer_range(&layers), y }
}

/// Bands first, then lines, then the scores.
fn drawing(profile: &Profile, axes: &Axes, radius: f64) -> Markup {
    let mut content = Markup::default();
    let ceilings = &profile.ceilings;
    let sides = [axes.left, axes.right()];
    let (lower, upper) = (axes.at_y(ceilings.lower.value), axes.at_y(ceilings.upper.value));
    content.push(area("band f-ceiling", &sides.map(|x| (x, lower, upper))));
    axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    let layers: Vec<usize> = profile.layers.iter().map(|layer| layer.layer).collect();
    axes.layers(&layers).into_iter().for_each(|layer| content.push(layer));
    for number in [&ceilings.lower, &ceilings.upper] {
        content.push(level("thin s-ceiling", number.value, axes));
    }
    let x = |layer: &Layer| axes.at_x(layer.layer as f64);
    let along = |value: fn(&Layer) -> f64| -> Vec<(f64, f64)> {
        profile.layers.iter().map(|layer| (x(layer), axes.at_y(value(layer)))).collect()
    };
    let copies = profile.layers.iter().map(|layer| {
        let [lowest, _, highest] = &layer.untrained;
        (x(layer), axes.at_y(lowest.value), axes.at_y(highest.value))
    });
    content.push(area("band f-untrained", &copies.collect::<Vec<_>>()));
    content.push(path("line thin s-untrained", &along(|layer| layer.untrained[1].value)));
    content.push(path("line dotted s-null", &along(|layer| layer.null_95.value)));
    content.push(path("thin dotted s-null", &along(|layer| layer.null_mean.value)));
    content.push(level("line dashed s-baseline", profile.baseline.value, axes));
    content.push(path("line s-score", &along(|layer| layer.score.value.value)));
    for layer in &profile.layers {
        content.push(whiskers(layer, axes));
    }
    for layer in &profile.layers {
        content.push(mark(layer, axes, if profile.is_best(layer) { radius + 2.0 } else { radius }));
    }
    content
}

fn level(class: &'static str, value: f64, axes: &Axes) -> Element {
    path(class, &[(axes.left, axes.at_y(value)), (axes.right(), axes.at_y(value))])
}

/// Thick: over participants; thin and dashed beside it: over the story.
fn whiskers(layer: &Layer, axes: &Axes) -> Markup {
    let x = axes.at_x(layer.layer as f64);
    let bar = |class, x: f64, [low, high]: &[super::super::number::Number; 2]| {
        path(class, &[(x, axes.at_y(low.value)), (x, axes.at_y(high.value))])
    };
    let beside = (axes.width / 60.0).clamp(3.5, 6.0);
    Markup::from_iter([
        bar("people s-score", x, &layer.score.people),
        bar("story s-score", x + beside, &layer.score.story),
    ])
}

fn mark(layer: &Layer, axes: &Axes, radius: f64) -> Markup {
    let at = (axes.at_x(layer.layer as f64), axes.at_y(layer.score.value.value));
    if !at.1.is_finite() {
        return Markup::default();
    }
    let circle = circle("mark f-score halo", at, radius);
    layer.score.value.place(circle).child(hint(&layer.hint())).into()
}

/// Names of lines at their right ends, pushed apart where they would touch.
fn names(profile: &Profile, axes: &Axes) -> Vec<Element> {
    let Some(last) = profile.layers.last() else { return Vec::new() };
    let mut lines = vec![
        (last.score.value.value, "strong f-score", "this language model"),
        (profile.baseline.value, "f-baseline", "low-level baseline"),
        (last.untrained[1].value, "f-untrained", "untrained copies, their range"),
        (last.null_95.value, "f-null", "null: 95th percentile"),
        (last.null_mean.value, "f-null", "null: mean"),
        (profile.ceilings.lower.value, "f-ceiling", "noise ceiling, lower estimate"),
        (profile.ceilings.upper.value, "f-ceiling", "noise ceiling, upper estimate"),
    ];
    lines.retain(|(value, _, _)| value.is_finite());
    lines.sort_by(|a, b| b.0.total_cmp(&a.0));
    let places: Vec<f64> = lines.iter().map(|(value, _, _)| axes.at_y(*value)).collect();
    let places = apart(&places, 15.0, axes.bottom() + 8.0);
    let x = axes.right() + 10.0;
    lines.iter().zip(places).map(|((_, class, name), y)| words((x, y + 4.0), class, name)).collect()
}

/// The same places, downwards, at least `gap` apart and not below `end`.
pub(super) fn apart(places: &[f64], gap: f64, end: f64) -> Vec<f64> {
    let mut moved: Vec<f64> = Vec::with_capacity(places.len());
    for place in places {
        let free = moved.last().map_or(f64::NEG_INFINITY, |last| last + gap);
        moved.push(place.max(free));
    }
    let mut limit = end;
    for place in moved.iter_mut().rev() {
        *place = place.min(limit);
        limit = *place - gap;
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::apart;

    #[test]
    fn names_do_not_touch_and_stay_on_the_paper() {
        assert_eq!(apart(&[10.0, 12.0, 50.0], 15.0, 100.0), [10.0, 25.0, 50.0]);
        assert_eq!(apart(&[80.0, 90.0, 95.0], 15.0, 100.0), [70.0, 85.0, 100.0]);
    }
}
