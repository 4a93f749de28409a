//! Differences one above another: value and both intervals.

use super::super::book::Printed;
use super::super::markup::Markup;
use super::super::number::Number;
use super::super::prose::{Prose, interval, prose};
use super::axes::{self, Axes, circle, path, words};
use super::{Figure, hint, shortened};

const STEP: f64 = 34.0;
/// Letters of a name that fit.
const LETTERS: usize = 18;

/// One row.
pub(super) struct Difference {
    pub label: String,
    pub printed: Printed,
    /// What else is said of it.
    pub about: Prose,
}

/// What a drawing of differences is called, and what stands below its axis.
pub(super) struct Titles {
    pub name: String,
    pub title: Prose,
    pub below: &'static str,
}

/// One row per difference; None without any.
pub(super) fn differences(titles: Titles, lines: &[Difference]) -> Option<Figure> {
    let longest = lines.iter().map(|line| line.label.chars().count().min(LETTERS)).max()?;
    let left = 14.0 + 6.6 * longest as f64;
    let axes = Axes {
        left,
        top: 10.0,
        width: 372.0 - left,
        height: STEP * lines.len() as f64,
        x: axes::range(lines.iter().flat_map(Difference::values)),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    axes.vertical_grid(6).into_iter().for_each(|line| content.push(line));
    for (index, line) in lines.iter().enumerate() {
        content.push(line.drawing(index, &axes));
    }
    content.push(axes.below(titles.below));
    Some(Figure {
        name: titles.name,
        title: titles.title,
        description: Prose::list(lines.iter().map(Difference::words).collect(), "; "),
        size: (388.0, axes.bottom() + 42.0),
        content,
    })
}

impl Difference {
    fn values(&self) -> impl Iterator<Item = f64> {
        let Printed { value, people, story } = &self.printed;
        [value].into_iter().chain(people).chain(story).map(|number| number.value)
    }

    fn drawing(&self, index: usize, axes: &Axes) -> Markup {
        let y = axes.top + STEP * (index as f64 + 0.5);
        let mut content = Markup::default();
        content.push(words((axes.left - 8.0, y + 4.0), "end f-ink", &shortened(&self.label, LETTERS)));
        let bar = |class, y: f64, [low, high]: &[Number; 2]| {
            path(class, &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)])
        };
        content.push(bar("people s-score", y, &self.printed.people));
        content.push(bar("story s-score", y + 6.0, &self.printed.story));
        let mark = circle("mark f-score halo", (axes.at_x(self.printed.value.value), y), 4.4);
        content.push(self.printed.value.place(mark).child(hint(&self.words())));
        content
    }

    fn words(&self) -> Prose {
        let mut words = prose![self.label.clone(), ": ", self.printed.value.clone(), " "];
        words.add(interval(&self.printed.people));
        words.add(self.about.clone());
        words
    }
}
