//! Scores under other ways to bring words onto volumes, side by side.

use super::super::book::{Book, Printed};
use super::super::markup::{Element, Markup};
use super::super::number::Number;
use super::super::prose::{Prose, interval, prose};
use super::axes::{self, Axes, layer_range, path, words};
use super::{Figure, hint, shortened};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

/// One way, all layers.
struct Line {
    name: String,
    scores: Vec<(usize, Printed)>,
}

/// Line and mark of each way: told apart by shape as well as by colour.
const LINES: [(&str, &str, &str); 4] = [
    ("line s-score", "f-score halo", "people s-score"),
    ("line dashed s-baseline", "f-baseline halo", "people s-baseline"),
    ("line dotted s-ceiling", "f-ceiling halo", "people s-ceiling"),
    ("line dotdash s-null", "f-null halo", "people s-null"),
];

/// The ways in order of first appearance.
pub(in crate::report) fn ways(results: &Results, model: &LanguageModelResults) -> Vec<String> {
    let mut ways: Vec<String> = Vec::new();
    for row in results.alignments.iter().filter(|row| row.language_model == model.name) {
        if !ways.contains(&row.alignment) {
            ways.push(row.alignment.clone());
        }
    }
    ways
}

/// The mean over regions by layer; None where the study did not compare.
pub(in crate::report) fn alignments(
    name: String,
    book: &Book,
    results: &Results,
    model: &LanguageModelResults,
) -> Option<Figure> {
    let lines: Vec<Line> = ways(results, model).into_iter().map(|way| Line::of(book, model, way)).collect();
    if lines.is_empty() {
        return None;
    }
    let values = lines
        .iter()
        .flat_map(|line| &line.scores)
        .flat_map(|(_, score)| [&score.value, &score.people[0], &score.people[1]].map(|number| number.value));
    let legend = 17.0 * lines.len() as f64;
    let axes = Axes {
        left: 46.0,
        top: 40.0 + legend,
        width: 330.0,
        height: 190.0,
        x: layer_range(&model.layers),
        y: axes::range(values),
    };
    let mut content = Markup::default();
    axes.horizontal_grid(6).into_iter().for_each(|line| content.push(line));
    axes.layers(&model.layers).into_iter().for_each(|layer| content.push(layer));
    content.push(axes.above("held-out correlation r, mean over regions"));
    content.push(axes.below("layer (0 = embedding)"));
    for (index, line) in lines.iter().enumerate() {
        content.push(line.drawing(index, (index, lines.len()), &axes));
    }
    Some(Figure {
        name,
        title: prose!["Ways to bring words onto volumes, ", model.name.clone()],
        description: Prose::list(lines.iter().map(Line::words).collect(), ". "),
        size: (388.0, axes.bottom() + 44.0),
        content,
    })
}

impl Line {
    fn of(book: &Book, model: &LanguageModelResults, name: String) -> Self {
        let key = tables::words(&model.name);
        let score = |layer: &usize| {
            let row = book.row("alignments.tsv", &[&key, &tables::words(&name), &layer.to_string()]);
            (*layer, row.estimate("score"))
        };
        Self { scores: model.layers.iter().map(score).collect(), name }
    }

    fn drawing(&self, index: usize, (place, count): (usize, usize), axes: &Axes) -> Markup {
        let (line, mark, people) = LINES[index % LINES.len()];
        // Marks of one layer stand side by side.
        let shift = 5.0 * (place as f64 - (count as f64 - 1.0) / 2.0);
        let x = |layer: usize| axes.at_x(layer as f64) + shift;
        let points: Vec<_> =
            self.scores.iter().map(|(layer, score)| (x(*layer), axes.at_y(score.value.value))).collect();
        let mut content = Markup::default();
        content.push(path(line, &points));
        for (layer, score) in self.scores.iter().filter(|(_, score)| score.value.value.is_finite()) {
            let at = (x(*layer), axes.at_y(score.value.value));
            let [low, high]: &[Number; 2] = &score.people;
            content.push(path(people, &[(at.0, axes.at_y(low.value)), (at.0, axes.at_y(high.value))]));
            let shape = shape(index, mark, at);
            content.push(score.value.place(shape).child(hint(&self.hint(*layer, score))));
        }
        let y = 14.0 + 17.0 * index as f64;
        content.push(path(line, &[(6.0, y), (34.0, y)]));
        content.push(shape(index, mark, (20.0, y)));
        content.push(words((42.0, y + 4.0), "f-ink", &shortened(&self.name, 46)));
        content
    }

    fn hint(&self, layer: usize, score: &Printed) -> Prose {
        let mut words =
            prose![self.name.clone(), ", layer ", layer.to_string(), ": r = ", score.value.clone(), " "];
        words.add(interval(&score.people));
        words
    }

    fn words(&self) -> Prose {
        let scores = self
            .scores
            .iter()
            .map(|(layer, score)| prose!["layer ", layer.to_string(), " r = ", score.value.clone()]);
        let mut words = prose![self.name.clone(), ": "];
        words.add(Prose::list(scores.collect(), ", "));
        words
    }
}

/// Circle, square, triangle, diamond.
fn shape(index: usize, class: &'static str, (x, y): (f64, f64)) -> Element {
    let polygon = |corners: &[(f64, f64)]| {
        let corner = |(dx, dy): &(f64, f64)| format!("{},{}", axes::px(x + dx), axes::px(y + dy));
        let corners: Vec<String> = corners.iter().map(corner).collect();
        Element::classed("polygon", class).with("points", corners.join(" "))
    };
    match index % 4 {
        0 => axes::circle(class, (x, y), 4.4),
        1 => polygon(&[(-4.0, -4.0), (4.0, -4.0), (4.0, 4.0), (-4.0, 4.0)]),
        2 => polygon(&[(0.0, -5.2), (5.0, 4.0), (-5.0, 4.0)]),
        _ => polygon(&[(0.0, -5.4), (5.4, 0.0), (0.0, 5.4), (-5.4, 0.0)]),
    }
}
