//! Studies side by side: language models one above another, and their paired differences.

use super::super::markup::Markup;
use super::super::prose::{Prose, prose};
use super::axes::{self, Axes, circle, path, rectangle, words};
use super::{Figure, hint};
use crate::compare::{Comparison, DifferenceRow, ModelRow, Quantity, in_words};
use crate::results::Estimate;

const WIDTH: f64 = 760.0;
const STEP: f64 = 38.0;
const TOP: f64 = 30.0;
/// Letters of a name that fit.
const LETTERS: usize = 42;
/// More rows than this stay in the tables.
const MOST: usize = 60;

/// What one row draws, above one another.
struct Line {
    names: [String; 2],
    /// Class of the mark and of the bars.
    estimates: Vec<([&'static str; 3], Estimate)>,
    /// What stands there instead.
    instead: Option<String>,
    words: String,
}

const SCORE: [&str; 3] = ["mark f-score halo", "people s-score", "story s-score"];
const GAIN: [&str; 3] = ["mark f-baseline halo", "people s-baseline", "story s-baseline"];

/// Score and unique gain of every language model, mean over regions.
pub(in crate::report) fn models(found: &Comparison) -> Figure {
    let rows = found.models.iter().filter(|row| row.region.is_none());
    let line = |row: &ModelRow| Line {
        names: [found.named((&row.study, &row.language_model)), format!("at layer {}", row.layer.0)],
        estimates: vec![(SCORE, row.score), (GAIN, row.unique_gain)],
        instead: None,
        words: format!(
            "{}: score {:.4}, unique gain {:.4}",
            found.named((&row.study, &row.language_model)),
            row.score.value,
            row.unique_gain.value
        ),
    };
    let lines: Vec<Line> = rows.take(MOST).map(line).collect();
    let title = "Score and unique gain of every language model";
    drawn("models", title, "held-out r, mean over regions", &lines)
}

/// Paired differences, mean over regions; None where nothing is paired.
pub(in crate::report) fn differences(found: &Comparison) -> Option<Figure> {
    let of = |quantity: Quantity, row: &DifferenceRow| {
        let is_gain = |gain: &&DifferenceRow| {
            gain.quantity == quantity
                && gain.region.is_none()
                && (&gain.of, &gain.minus) == (&row.of, &row.minus)
        };
        found.differences.iter().find(is_gain).map(|gain| gain.difference)
    };
    let line = |row: &DifferenceRow| {
        let names = [&row.of, &row.minus].map(|(study, model)| found.named((study, model)));
        let instead = row.reason.filter(|_| !row.difference.value.is_finite());
        let words = match instead {
            Some(reason) => format!("{} minus {}: not compared, {}", names[0], names[1], in_words(reason)),
            None => format!("{} minus {}: {:+.4}", names[0], names[1], row.difference.value),
        };
        let gain = of(Quantity::UniqueGain, row).map(|gain| (GAIN, gain));
        Line {
            names: [names[0].clone(), format!("minus {}", names[1])],
            estimates: [(SCORE, row.difference)].into_iter().chain(gain).collect(),
            instead: instead.map(|reason| format!("not compared, {}", in_words(reason))),
            words,
        }
    };
    let rows = found.differences.iter().filter(|row| row.region.is_none() && row.quantity == Quantity::Score);
    let lines: Vec<Line> = rows.take(MOST).map(line).collect();
    if lines.is_empty() {
        return None;
    }
    let title = "Paired differences between language models";
    Some(drawn("differences", title, "difference of held-out r, mean over regions", &lines))
}

fn drawn(name: &str, title: &'static str, below: &str, lines: &[Line]) -> Figure {
    let longest =
        lines.iter().flat_map(|line| &line.names).map(|name| name.chars().count().min(LETTERS)).max();
    let left = 20.0 + 6.4 * longest.unwrap_or(0) as f64;
    let values = lines.iter().flat_map(|line| &line.estimates).flat_map(|(_, found)| {
        let ends = [found.over_participants, found.over_stimulus];
        [found.value].into_iter().chain(ends.into_iter().flat_map(|interval| [interval.low, interval.high]))
    });
    let axes = Axes {
        left,
        top: TOP,
        width: WIDTH - 16.0 - left,
        height: STEP * lines.len() as f64,
        x: axes::range(values),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    axes.vertical_grid(8).into_iter().for_each(|line| content.push(line));
    for (index, line) in lines.iter().enumerate() {
        content.push(line.at(&axes, TOP + STEP * (index as f64 + 0.5)));
    }
    legend(&mut content);
    content.push(axes.below(below));
    let told: Vec<Prose> = lines.iter().map(|line| prose![line.words.clone()]).collect();
    Figure {
        name: name.to_owned(),
        title: prose![title],
        description: Prose::list(told, "; "),
        size: (WIDTH, axes.bottom() + 42.0),
        content,
    }
}

fn legend(content: &mut Markup) {
    let mark = |class, x: f64| circle(class, (x, 12.0), 4.4);
    content.push(mark("mark f-score halo", 12.0));
    content.push(words((22.0, 16.0), "small f-muted", "score"));
    content.push(mark("mark f-baseline halo", 70.0));
    content.push(words((80.0, 16.0), "small f-muted", "unique gain"));
    content.push(path("people s-untrained", &[(160.0, 12.0), (186.0, 12.0)]));
    content.push(words((194.0, 16.0), "small f-muted", "95 % over people"));
    content.push(path("story s-untrained", &[(300.0, 12.0), (326.0, 12.0)]));
    content.push(words((334.0, 16.0), "small f-muted", "95 % over the story"));
}

impl Line {
    fn at(&self, axes: &Axes, y: f64) -> Markup {
        let mut content = Markup::default();
        let [first, second] = &self.names;
        content.push(words((axes.left - 10.0, y - 3.0), "end f-ink", &cut(first)));
        content.push(words((axes.left - 10.0, y + 11.0), "small end f-muted", &cut(second)));
        if let Some(instead) = &self.instead {
            let width = 12.0 + 5.6 * instead.chars().count() as f64;
            content.push(rectangle("paper".to_owned(), (axes.left + 2.0, y - 9.0), (width, 18.0)));
            content.push(words((axes.left + 8.0, y + 4.0), "small f-muted", instead));
            return content;
        }
        for (place, ([mark, people, story], found)) in self.estimates.iter().enumerate() {
            let y = y - 9.0 + 16.0 * place as f64;
            let bar = |class, y: f64, interval: &crate::results::Interval| {
                path(class, &[(axes.at_x(interval.low), y), (axes.at_x(interval.high), y)])
            };
            content.push(bar(people, y, &found.over_participants));
            content.push(bar(story, y + 6.0, &found.over_stimulus));
            if found.value.is_finite() {
                let circle = circle(mark, (axes.at_x(found.value), y), 4.4);
                content.push(circle.child(hint(&prose![self.words.clone()])));
            }
        }
        content
    }
}

/// A name that is too long loses its middle: names of versions differ at the end.
fn cut(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    if letters.len() <= LETTERS {
        return name.to_owned();
    }
    let half = (LETTERS - 1) / 2;
    letters[..half].iter().chain(&['…']).chain(&letters[letters.len() - half..]).collect()
}
