//! Layer × region: held-out correlation as colour and number.

use super::super::book::Book;
use super::super::markup::{Element, Markup};
use super::super::number::{Format, Number};
use super::super::palette::{self, STEPS};
use super::super::prose::{Prose, prose};
use super::axes::{rectangle, tick, words};
use super::dense::{MANY, squares};
use super::ramp::{Ramp, ramp};
use super::{Figure, hint, shortened};
use crate::results::LanguageModelResults;
use crate::tables;

/// A cell: score and corrected p.
pub(super) struct Cell {
    pub(super) layer: usize,
    pub(super) score: Number,
    pub(super) p: Number,
}

struct Grid {
    left: f64,
    cell: (f64, f64),
    largest: f64,
}

const TOP: f64 = 42.0;

/// Layers across, regions down, the mean over regions last.
pub(in crate::report) fn heatmap(
    name: String,
    book: &Book,
    model: &LanguageModelResults,
    regions: &[String],
) -> Figure {
    let rows: Vec<(String, Vec<Cell>)> = regions
        .iter()
        .map(Some)
        .chain([None])
        .map(|region| {
            let shown = region.map_or_else(|| "mean over regions".to_owned(), Clone::clone);
            (shown, cells(book, model, region))
        })
        .collect();
    let finite = rows.iter().flat_map(|(_, cells)| cells).map(|cell| cell.score.value.abs());
    let largest = finite.filter(|value| value.is_finite()).fold(0.0, f64::max);
    let title = prose!["Score by layer and region of ", model.name.clone()];
    if regions.len() > MANY {
        return crowded(name, title, &rows, largest);
    }
    let longest = rows.iter().map(|(name, _)| name.chars().count().min(22)).max().unwrap_or(0);
    let width = if model.layers.len() > 14 { 24.0 } else { 50.0 };
    let grid = Grid { left: 14.0 + 7.4 * longest as f64, cell: (width, 26.0), largest };
    let mut content = Markup::default();
    content.push(words((grid.left, 14.0), "small f-muted", "layer (0 = embedding)"));
    let every = if width < 30.0 { 2 } else { 1 };
    for (column, layer) in model.layers.iter().enumerate().step_by(every) {
        let x = grid.left + (column as f64 + 0.5) * width;
        content.push(tick((x, TOP - 8.0), "middle", &layer.to_string()));
    }
    for (row, (region, cells)) in rows.iter().enumerate() {
        content.push(grid.row(row, region, cells, row + 1 == rows.len()));
    }
    let bottom = TOP + 26.0 * rows.len() as f64 + 8.0;
    content.push(legend(&rows, largest, (grid.left, bottom + 14.0)));
    let size = ((grid.left + width * model.layers.len() as f64 + 8.0).max(grid.left + 250.0), bottom + 58.0);
    Figure { name, title, description: description(&rows), size, content }
}

/// The same for more regions than can have a row with numbers; the description has the largest of them.
fn crowded(name: String, title: Prose, rows: &[(String, Vec<Cell>)], largest: f64) -> Figure {
    let (mut content, (width, height)) = squares(rows, largest);
    content.push(legend(rows, largest, (14.0, height + 14.0)));
    let reached =
        |cells: &[Cell]| cells.iter().map(|cell| cell.score.value).fold(f64::NEG_INFINITY, f64::max);
    let mut best: Vec<&(String, Vec<Cell>)> = rows.iter().collect();
    best.sort_by(|(_, a), (_, b)| reached(b).total_cmp(&reached(a)));
    best.truncate(SPOKEN);
    let mut words = prose!["Regions with the highest scores: "];
    words.add(description(best));
    Figure { name, title, description: words, size: (width, height + 58.0), content }
}

/// Regions that the description of a crowded figure tells of.
const SPOKEN: usize = 12;

fn legend(rows: &[(String, Vec<Cell>)], largest: f64, at: (f64, f64)) -> Markup {
    let has_below = rows.iter().flat_map(|(_, cells)| cells).any(|cell| cell.score.value < 0.0);
    ramp(&Ramp {
        at,
        first: if has_below { -STEPS } else { 0 },
        label: &|share| format!("{:.2}", share * largest),
        unit: "r",
    })
}

fn cells(book: &Book, model: &LanguageModelResults, region: Option<&String>) -> Vec<Cell> {
    let (key, place) = (tables::words(&model.name), tables::region(region));
    let cell = |layer: &usize| {
        let index = layer.to_string();
        let tests = book.row("group.tsv", &[&key, &index, &place, "score"]);
        let row = book.row("layers.tsv", &[&key, &index, &place]);
        Cell {
            layer: *layer,
            score: row.number("score", Format::Correlation),
            p: tests.number("p_stimulus_corrected", Format::Probability),
        }
    };
    model.layers.iter().map(cell).collect()
}

impl Grid {
    fn row(&self, row: usize, region: &str, cells: &[Cell], is_mean: bool) -> Markup {
        let y = TOP + row as f64 * self.cell.1 + if is_mean { 4.0 } else { 0.0 };
        let class = if is_mean { "end strong f-ink" } else { "end f-ink" };
        let mut content = Markup::default();
        content.push(words((self.left - 8.0, y + 17.0), class, &shortened(region, 22)));
        for (column, cell) in cells.iter().enumerate() {
            content.push(self.cell(cell, region, (self.left + column as f64 * self.cell.0, y)));
        }
        content
    }

    fn cell(&self, cell: &Cell, region: &str, (x, y): (f64, f64)) -> Element {
        let share = if self.largest > 0.0 { cell.score.value / self.largest } else { 0.0 };
        let class = if share.is_finite() { palette::class(palette::step(share)) } else { "paper".to_owned() };
        let hint = hint(&prose![
            region.to_owned(),
            ", layer ",
            cell.layer.to_string(),
            ": r = ",
            cell.score.clone(),
            ", corrected p ",
            cell.p.clone()
        ]);
        let (width, height) = self.cell;
        let square = rectangle(class.clone(), (x + 1.0, y + 1.0), (width - 2.0, height - 2.0)).child(hint);
        let group = Element::new("g").child(square);
        let is_significant = cell.p.value < 0.05;
        if width < 30.0 {
            let dot = super::axes::circle("f-ink", (x + width / 2.0, y + height / 2.0), 2.2);
            return if is_significant { group.child(dot.with("pointer-events", "none")) } else { group };
        }
        let weight = if is_significant { " strong" } else { "" };
        let label = cell
            .score
            .markup("text")
            .with("class", format!("small middle on-{class}{weight}"))
            .with("x", super::axes::px(x + width / 2.0))
            .with("y", super::axes::px(y + 17.0))
            .with("pointer-events", "none");
        group.child(label)
    }
}

fn description<'a>(rows: impl IntoIterator<Item = &'a (String, Vec<Cell>)>) -> Prose {
    let region = |(name, cells): &(String, Vec<Cell>)| {
        let defined = cells.iter().filter(|cell| cell.score.value.is_finite());
        let top = defined.max_by(|a, b| a.score.value.total_cmp(&b.score.value));
        match top {
            Some(cell) => prose![
                name.clone(),
                " is highest at layer ",
                cell.layer.to_string(),
                " (r = ",
                cell.score.clone(),
                ")"
            ],
            None => prose![name.clone(), " has no score"],
        }
    };
    let mut words = Prose::list(rows.into_iter().map(region).collect(), "; ");
    words.add(prose![". Bold numbers or dots: corrected p below 0.05."]);
    words
}
