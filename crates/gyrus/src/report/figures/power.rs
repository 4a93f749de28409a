//! Width of an interval over participants, one line per number of hours, and the floor of each.

use super::super::markup::Markup;
use super::super::prose::prose;
use super::Figure;
use super::axes::{self, Axes, path, words};
use crate::power::{GridRow, Power};

/// Lines that dash patterns keep apart.
const CLASSES: [&str; 4] =
    ["line s-score", "line dashed s-score", "line dotted s-score", "line dotdash s-score"];

/// The same for what no number of people goes below.
const FLOORS: [&str; 4] =
    ["thin s-baseline", "thin dashed s-baseline", "thin dotted s-baseline", "thin dotdash s-baseline"];
/// Height of a line of small words.
const LETTER: f64 = 13.0;

/// Every line as far as the grid goes.
pub(in crate::report) fn power(plan: &Power) -> Figure {
    let most = plan.grid.iter().map(|row| row.participants).max().unwrap_or(2) as f64;
    let widths = plan.grid.iter().map(|row| row.over_both.value);
    let axes = Axes {
        left: 52.0,
        top: 30.0,
        width: 420.0,
        height: 250.0,
        x: (0.0, 1.03 * most),
        y: axes::range(widths.chain(plan.needed.iter().map(|row| row.floor.value))),
    };
    let (mut content, mut ends) = (Markup::default(), Vec::new());
    axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    axes.vertical_grid(8).into_iter().for_each(|line| content.push(line));
    for (index, row) in plan.needed.iter().enumerate() {
        let of_hours = |one: &&GridRow| one.hours.total_cmp(&row.hours).is_eq();
        let mut line: Vec<(f64, f64)> = plan
            .grid
            .iter()
            .filter(of_hours)
            .map(|one| (axes.at_x(one.participants as f64), axes.at_y(one.over_both.value)))
            .collect();
        line.sort_by(|a, b| a.0.total_cmp(&b.0));
        let floor = axes.at_y(row.floor.value);
        content.push(path(CLASSES[index % CLASSES.len()], &line));
        content.push(path(FLOORS[index % FLOORS.len()], &[(axes.left, floor), (axes.right(), floor)]));
        ends.extend(line.last().map(|(_, y)| (*y, row.hours)));
    }
    for (y, hours) in apart(ends) {
        content.push(words((axes.right() + 6.0, y + 4.0), "small f-ink", &format!("{hours} h")));
    }
    content.push(axes.above(
        "width of the 95 % interval over people and stimulus, r; thin, in the same dashes: its floor",
    ));
    content.push(axes.below("participants"));
    Figure {
        name: "power".to_owned(),
        title: prose!["How wide an interval more participants and more hours leave"],
        description: prose!["From ", plan.from.clone(), ". The numbers are in grid.tsv and needed.tsv."],
        size: (540.0, axes.bottom() + 42.0),
        content,
    }
}

/// Names of lines from above, moved down where they would stand on one another.
fn apart(mut ends: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    ends.sort_by(|a, b| a.0.total_cmp(&b.0));
    for index in 1..ends.len() {
        ends[index].0 = ends[index].0.max(ends[index - 1].0 + LETTER);
    }
    ends
}
