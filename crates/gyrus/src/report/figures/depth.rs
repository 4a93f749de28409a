//! Regions from shallow to deep, by the centre of mass of their profile over layers.

use super::super::book::Book;
use super::super::markup::Markup;
use super::super::number::{Format, Number};
use super::super::prose::{Prose, prose};
use super::axes::{Axes, circle, layer_range, path, words};
use super::dense::MANY;
use super::{Figure, hint, shortened};
use crate::results::LanguageModelResults;
use crate::tables;

/// A region's depth.
struct Depth {
    region: String,
    centre: Number,
    interval: [Number; 2],
    is_significant: bool,
}

const STEP: f64 = 22.0;
const TOP: f64 = 26.0;

/// One row per region; None where no region has a depth.
pub(in crate::report) fn depth(name: String, book: &Book, model: &LanguageModelResults) -> Option<Figure> {
    let depths: Vec<Depth> = depths(book, model);
    if depths.iter().all(|depth| !depth.centre.value.is_finite()) {
        return None;
    }
    let title = prose!["Regions by depth in ", model.name.clone()];
    if depths.len() > MANY {
        return Some(crowded(name, title, &depths, &model.layers));
    }
    let longest = depths.iter().map(|depth| depth.region.chars().count().min(20)).max().unwrap_or(0);
    let left = 14.0 + 6.6 * longest as f64;
    let axes = Axes {
        left,
        top: TOP,
        width: 520.0 - left,
        height: STEP * depths.len() as f64 + 4.0,
        x: layer_range(&model.layers),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    axes.vertical_grid(8).into_iter().for_each(|line| content.push(line));
    content.push(axes.above("regions, from shallow to deep"));
    content.push(axes.below("centre of mass over layers (0 = embedding)"));
    for (index, depth) in depths.iter().enumerate() {
        content.push(depth.at(&axes, TOP + STEP * (index as f64 + 0.5) + 2.0));
    }
    Some(Figure {
        name,
        title,
        description: Prose::list(depths.iter().map(Depth::words).collect(), "; "),
        size: (532.0, axes.bottom() + 42.0),
        content,
    })
}

/// Height of a row without a name, and how many regions at each end the description tells of.
const THIN: f64 = 4.0;
const SPOKEN: usize = 6;

/// Too many regions for names: their order alone, without those that have no depth.
fn crowded(name: String, title: Prose, depths: &[Depth], layers: &[usize]) -> Figure {
    let known: Vec<&Depth> = depths.iter().filter(|depth| depth.centre.value.is_finite()).collect();
    let axes = Axes {
        left: 14.0,
        top: TOP,
        width: 506.0,
        height: THIN * known.len() as f64 + 8.0,
        x: layer_range(layers),
        y: (0.0, 1.0),
    };
    let mut content = Markup::default();
    axes.vertical_grid(8).into_iter().for_each(|line| content.push(line));
    content.push(axes.above("every region with a depth, from shallow to deep"));
    content.push(axes.below("centre of mass over layers (0 = embedding)"));
    for (index, depth) in known.iter().enumerate() {
        let y = TOP + THIN * (index as f64 + 0.5) + 4.0;
        let [low, high] = &depth.interval;
        content.push(path("thin s-untrained", &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)]));
        let class = if depth.is_significant { "f-score" } else { "paper s-score" };
        content.push(depth.centre.place(circle(class, (axes.at_x(depth.centre.value), y), 1.8)));
    }
    let list = |depths: &[&Depth]| Prose::list(depths.iter().map(|depth| depth.words()).collect(), "; ");
    let mut description = prose!["Shallowest: "];
    description.add(list(&known[..SPOKEN.min(known.len())]));
    description.add(prose![". Deepest: "]);
    description.add(list(&known[known.len().saturating_sub(SPOKEN)..]));
    Figure { name, title, description, size: (532.0, axes.bottom() + 42.0), content }
}

fn depths(book: &Book, model: &LanguageModelResults) -> Vec<Depth> {
    let key = tables::words(&model.name);
    let depth = |found: &crate::results::RegionDepth| {
        let row = book.row("hierarchy.tsv", &[&key, &tables::region(Some(&found.region))]);
        Depth {
            region: found.region.clone(),
            centre: row.number("centre_of_mass", Format::Layers),
            interval: ["centre_low", "centre_high"].map(|column| row.number(column, Format::Layers)),
            is_significant: found.significant,
        }
    };
    model.hierarchy.regions.iter().map(depth).collect()
}

impl Depth {
    fn at(&self, axes: &Axes, y: f64) -> Markup {
        let mut content = Markup::default();
        let class = if self.is_significant { "end f-ink" } else { "end f-muted" };
        content.push(words((axes.left - 8.0, y + 4.0), class, &shortened(&self.region, 20)));
        if !self.centre.value.is_finite() {
            content.push(words((axes.left + 8.0, y + 4.0), "small f-muted", "no layer stands out"));
            return content;
        }
        let [low, high] = &self.interval;
        content.push(path("people s-score", &[(axes.at_x(low.value), y), (axes.at_x(high.value), y)]));
        let class = if self.is_significant { "mark f-score halo" } else { "mark paper s-score" };
        let mark = circle(class, (axes.at_x(self.centre.value), y), 5.0);
        content.push(self.centre.place(mark).child(hint(&self.words())));
        content
    }

    fn words(&self) -> Prose {
        let [low, high] = &self.interval;
        let significant = if self.is_significant { "" } else { ", no layer significant" };
        prose![
            self.region.clone(),
            " ",
            self.centre.clone(),
            " [",
            low.clone(),
            ", ",
            high.clone(),
            "]",
            significant
        ]
    }
}
