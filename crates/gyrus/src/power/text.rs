//! A plan as tables and as words for the terminal.

use std::fmt::Write;

use super::{Power, Ranged};
use crate::tables::tab_separated;

/// `variances.tsv`
pub const VARIANCES: &[&str] = &["source", "sd", "sd_low", "sd_high"];
/// `needed.tsv`
pub const NEEDED: &[&str] = &[
    "hours",
    "participants_for_effect",
    "participants_for_effect_low",
    "participants_for_effect_high",
    "participants_for_width",
    "participants_for_width_low",
    "participants_for_width_high",
    "floor",
    "floor_low",
    "floor_high",
];
/// `grid.tsv`
pub const GRID: &[&str] = &[
    "hours",
    "participants",
    "width_people",
    "width_people_low",
    "width_people_high",
    "width_stimulus",
    "width_stimulus_low",
    "width_stimulus_high",
    "width",
    "width_low",
    "width_high",
    "power",
    "power_low",
    "power_high",
];

impl Power {
    /// Tables by file name.
    #[must_use]
    pub fn tables(&self) -> [(&'static str, String); 3] {
        let variances = ["people", "stimulus", "residual"].iter().zip(self.deviations);
        let variances = variances.map(|(source, found)| [vec![(*source).to_owned()], cells(found)].concat());
        let needed = self.needed.iter().map(|row| {
            let found = [row.for_effect, row.for_width, row.floor].map(cells).concat();
            [vec![row.hours.to_string()], found].concat()
        });
        let grid = self.grid.iter().map(|row| {
            let found = [row.over_people, row.over_stimulus, row.over_both, row.power].map(cells).concat();
            [vec![row.hours.to_string(), row.participants.to_string()], found].concat()
        });
        [
            ("variances.tsv", tab_separated(VARIANCES, &variances.collect::<Vec<_>>())),
            ("needed.tsv", tab_separated(NEEDED, &needed.collect::<Vec<_>>())),
            ("grid.tsv", tab_separated(GRID, &grid.collect::<Vec<_>>())),
        ]
    }

    /// What the command prints.
    #[must_use]
    pub fn summary(&self) -> String {
        let mut text = format!("from {}\n", self.from);
        let names = ["between people", "between hours of the stimulus", "of one person in one hour"];
        for (name, found) in names.iter().zip(self.deviations) {
            let _ = writeln!(text, "standard deviation of r {name}: {}", printed(found, 4));
        }
        if let Some(effect) = self.effect {
            let _ =
                writeln!(text, "effect: {effect:.4}, found with power {} at two-sided p < .05", self.power);
        }
        if let Some(width) = self.width {
            let _ = writeln!(text, "width: of the 95 % interval over people and stimulus, {width}");
        }
        let _ = writeln!(text, "floor: the width that no number of participants goes below");
        for row in &self.needed {
            let _ = write!(text, "{}: ", of_hours(row.hours));
            for (verbs, found) in [
                (["find the effect", "finds the effect"], row.for_effect),
                (["reach the width", "reaches the width"], row.for_width),
            ] {
                if !found.value.is_nan() {
                    let _ = write!(text, "{}; ", participants(verbs, found));
                }
            }
            let _ = writeln!(text, "floor {}", printed(row.floor, 4));
        }
        text
    }
}

fn cells(found: Ranged) -> Vec<String> {
    let cell = |value: f64| match value {
        value if value.is_nan() => "n/a".to_owned(),
        value if value.is_infinite() => "none".to_owned(),
        value => value.to_string(),
    };
    [found.value, found.low, found.high].map(cell).to_vec()
}

fn of_hours(hours: f64) -> String {
    if hours == 1.0 { "1 hour".to_owned() } else { format!("{hours} hours") }
}

/// How many do it, and what a pilot leaves open.
fn participants([many, none]: [&str; 2], Ranged { value, low, high }: Ranged) -> String {
    let does = match value.is_finite() {
        true => format!("{value:.0} participants {many}"),
        false => format!("no number of participants {none}"),
    };
    match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("{does} ({low:.0} to {high:.0})"),
        (true, false) if value.is_finite() => {
            format!("{does} ({low:.0} at the pilot's best, none at its worst)")
        }
        (true, false) => format!("{does} ({low:.0} at the pilot's best)"),
        _ => does,
    }
}

fn printed(found: Ranged, decimals: usize) -> String {
    let number = |value: f64| format!("{value:.decimals$}");
    match found.low.is_nan() {
        true => number(found.value),
        false => format!("{} [{}, {}]", number(found.value), number(found.low), number(found.high)),
    }
}
