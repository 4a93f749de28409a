//! What taking out each source of noise adds to the score, mean over regions.

use super::super::book::{Book, Printed};
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, interval, prose};
use super::axes::{self, Axes, circle, path, words};
use super::{Figure, hint, shortened};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

const STEP: f64 = 34.0;

/// One source.
struct Line {
    source: String,
    share: Number,
    difference: Printed,
}

/// One row per source; None where the study did not compare.
pub(in crate::report) fn noise(
    name: String,
    book: &Book,
    results: &Results,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let is_shown = |row: &&crate::results::NoiseRow| {
        row.language_model == model.name && row.region.is_none() && row.difference.value.is_finite()
    };
    let key = tables::words(&model.name);
    let line = |row: &crate::results::NoiseRow| {
        let cells = book.row("noise.tsv", &[&key, &tables::words(&row.source), "mean"]);
        Line {
            source: row.source.clone(),
            share: cells.number("variance_removed", Format::Percent),
            difference: cells.estimate("difference"),
        }
    };
    let lines: Vec<Line> = results.noise.iter().filter(is_shown).map(line).collect();
    let longest = lines.iter().map(|line| line.source.chars().count().min(18)).max()?;
    let left = 14.0 + 6.6 * longest as f64;
    let axes = Axes {
        left,
        top: 10.0,
        width: 372.0 - left,
        height: STEP * lines.len() as f64,
        x: axes::range(lines.iter().flat_map(Line::values)),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    axes.vertical_grid(6).into_iter().for_each(|line| content.push(line));
    for (index, line) in lines.iter().enumerate() {
        content.push(line.drawing(index, &axes));
    }
    content.push(axes.below("what taking it out adds to held-out r"));
    Some(Figure {
        name,
        title: prose!["What taking out each source of noise adds to the score, ", model.name.clone()],
        description: Prose::list(lines.iter().map(Line::words).collect(), "; "),
        size: (388.0, axes.bottom() + 42.0),
        content,
    })
}

impl Line {
    fn values(&self) -> impl Iterator<Item = f64> {
        let Printed { value, people, story } = &self.difference;
        [value].into_iter().chain(people).chain(story).map(|number| number.value)
    }

    fn drawing(&self, index: usize, axes: &Axes) -> Markup {
        let y = axes.top + STEP * (index as f64 + 0.5);
        let mut content = Markup::default();
        content.push(words((axes.left - 8.0, y + 4.0), "end f-ink", &shortened(&self.source, 18)));
        let bar = |class, y: f64, [low, high]: &[Number; 2]| {
            path(class, &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)])
        };
        content.push(bar("people s-score", y, &self.difference.people));
        content.push(bar("story s-score", y + 6.0, &self.difference.story));
        let mark = circle("mark f-score halo", (axes.at_x(self.difference.value.value), y), 4.4);
        content.push(self.difference.value.place(mark).child(hint(&self.words())));
        content
    }

    fn words(&self) -> Prose {
        let mut words = prose![self.source.clone(), ": ", self.difference.value.clone(), " "];
        words.add(interval(&self.difference.people));
        words.add(prose![", for ", self.share.clone(), " of the variance"]);
        words
    }
}
