//! Colours of figures on light and on dark paper: blue, orange, green and purple that colour-blind eyes tell apart.

use std::fmt::Write;

/// Colours by their use.
pub(super) struct Palette {
    paper: &'static str,
    inks: [(&'static str, &'static str); 8],
    /// Ends of the heat map: below zero, zero, largest.
    ramp: [[u8; 3]; 4],
    /// Words on a pale and on a strong cell.
    on_ramp: [&'static str; 2],
}

pub(super) const LIGHT: Palette = Palette {
    paper: "#ffffff",
    inks: [
        ("ink", "#1c1e21"),
        ("muted", "#565c65"),
        ("grid", "#e3e3de"),
        ("score", "#0a5fa5"),
        ("baseline", "#bd4b06"),
        ("untrained", "#7b7f86"),
        ("ceiling", "#147a57"),
        ("null", "#94477f"),
    ],
    ramp: [[179, 88, 6], [244, 242, 236], [92, 158, 200], [8, 48, 107]],
    on_ramp: ["#1c1e21", "#ffffff"],
};

pub(super) const DARK: Palette = Palette {
    paper: "#16181b",
    inks: [
        ("ink", "#e9e9e5"),
        ("muted", "#a9afb7"),
        ("grid", "#34383d"),
        ("score", "#6cb6f2"),
        ("baseline", "#f2a24e"),
        ("untrained", "#9ba1a9"),
        ("ceiling", "#5fd0a6"),
        ("null", "#dd9bc9"),
    ],
    ramp: [[214, 120, 40], [34, 38, 43], [42, 104, 150], [168, 216, 255]],
    on_ramp: ["#e9e9e5", "#0d1013"],
};

/// Steps of the heat map on either side of zero.
pub(super) const STEPS: i32 = 10;

/// The class of a cell whose value is this share (−1 to 1) of the largest.
pub(super) fn step(share: f64) -> i32 {
    (share.clamp(-1.0, 1.0) * f64::from(STEPS)).round() as i32
}

/// Style of everything that figures draw.
pub(super) fn style(palette: &Palette) -> String {
    let mut css = format!(".paper{{fill:{}}}.halo{{stroke:{}}}", palette.paper, palette.paper);
    for (name, colour) in palette.inks {
        let _ = write!(css, ".s-{name}{{stroke:{colour}}}.f-{name}{{fill:{colour}}}");
    }
    for step in -STEPS..=STEPS {
        let share = f64::from(step) / f64::from(STEPS);
        let [red, green, blue] = colour(palette, share);
        let words = palette.on_ramp[usize::from(share.abs() > 0.6)];
        let name = class(step);
        let _ = write!(css, ".{name}{{fill:rgb({red},{green},{blue})}}.on-{name}{{fill:{words}}}");
    }
    css
}

/// The class of a step of the heat map.
pub(super) fn class(step: i32) -> String {
    if step < 0 { format!("below{}", -step) } else { format!("step{step}") }
}

fn colour(palette: &Palette, share: f64) -> [u8; 3] {
    let [below, zero, middle, top] = palette.ramp;
    match share {
        share if share < 0.0 => between(zero, below, -share),
        share if share < 0.5 => between(zero, middle, 2.0 * share),
        share => between(middle, top, 2.0 * share - 1.0),
    }
}

fn between(from: [u8; 3], to: [u8; 3], share: f64) -> [u8; 3] {
    std::array::from_fn(|channel| {
        let (from, to) = (f64::from(from[channel]), f64::from(to[channel]));
        (from + share * (to - from)).round() as u8
    })
}

/// Shapes that do not depend on the paper.
pub(super) const SHAPES: &str = "\
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif;font-size:12px;stroke:none}\
.small{font-size:11px}.strong{font-weight:600}.end{text-anchor:end}.middle{text-anchor:middle}\
.line{fill:none;stroke-width:2;stroke-linejoin:round}.thin{fill:none;stroke-width:1}\
.people{fill:none;stroke-width:3;stroke-linecap:round}.story{fill:none;stroke-width:1.4;stroke-dasharray:3 2}\
.dashed{stroke-dasharray:7 4}.dotted{stroke-dasharray:1.5 3.5;stroke-linecap:round}.dotdash{stroke-dasharray:8 3 2 3}\
.band{fill-opacity:.18;stroke:none}.hollow{fill-opacity:0}.mark{stroke-width:1.6}";
