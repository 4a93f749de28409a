//! Figures as SVG: drawn once, shown in the page and saved beside it.

mod alignments;
mod axes;
mod brain;
mod carpet;
mod compare;
mod dense;
mod depth;
mod differences;
mod forecast;
mod forest;
mod gains;
mod growth;
mod heatmap;
mod noise;
mod order;
mod panel;
mod partition;
mod power;
mod profile;
mod quality;
mod ramp;
mod sweep;

use super::markup::{Element, Markup};
use super::palette;
use super::prose::Prose;

pub(super) use alignments::{alignments, ways};
pub(super) use brain::brain;
pub(super) use carpet::carpet;
pub(super) use compare::{differences, models};
pub(super) use dense::MANY;
pub(super) use depth::depth;
pub(super) use forecast::forecast;
pub(super) use forest::forest;
pub(super) use gains::{Gain, gains};
pub(super) use growth::growth;
pub(super) use heatmap::heatmap;
pub(super) use noise::noise;
pub(super) use order::{agreement, in_words, index_rows, order};
pub(super) use panel::{Panel, Profile};
pub(super) use partition::partition;
pub(super) use power::power;
pub(super) use profile::{answer, region, sheet};
pub(super) use quality::{cleaning, lags, rates};
pub(super) use sweep::{sweep, sweeps};

/// A drawing that knows its size and what it shows in words.
#[derive(Debug, Clone)]
pub(super) struct Figure {
    /// Its file without ending, and its id in the page.
    pub name: String,
    /// What it is.
    pub title: Prose,
    /// What it shows, with the numbers, for those who do not see it.
    pub description: Prose,
    pub size: (f64, f64),
    pub content: Markup,
}

impl Figure {
    /// As part of the page.
    pub(super) fn inline(&self) -> Element {
        let described = format!("about-{}", self.name);
        let description = Element::new("desc").with("id", &described).child(&self.description);
        self.canvas()
            .with("class", "figure")
            .with("role", "img")
            .with("aria-label", self.title.plain())
            .with("aria-describedby", described)
            .child(description)
            .child(self.content.clone())
    }

    /// As a file of its own, on white paper.
    pub(super) fn file(&self) -> String {
        let (width, height) = self.size;
        let style = format!("{}{}", palette::SHAPES, palette::style(&palette::LIGHT));
        let svg = self
            .canvas()
            .with("xmlns", "http://www.w3.org/2000/svg")
            .child(Element::new("title").text(&self.title.plain()))
            .child(Element::new("desc").text(&self.description.plain()))
            .child(Element::new("style").child(Markup::style(style)))
            .child(axes::rectangle("paper".to_owned(), (0.0, 0.0), (width, height)))
            .child(self.content.clone());
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{svg}\n")
    }

    /// Drawn inside another one.
    pub(super) fn nested(&self, (x, y): (f64, f64)) -> Element {
        self.canvas().with("x", axes::px(x)).with("y", axes::px(y)).child(self.content.clone())
    }

    fn canvas(&self) -> Element {
        let (width, height) = self.size;
        let view = format!("0 0 {} {}", axes::px(width), axes::px(height));
        Element::new("svg")
            .with("viewBox", view)
            .with("width", axes::px(width))
            .with("height", axes::px(height))
    }
}

/// A name from a file, cut to what fits on paper.
fn shortened(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// What stands beside a mark when the pointer rests on it.
fn hint(prose: &Prose) -> Element {
    Element::new("title").child(prose)
}
