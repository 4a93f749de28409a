//! The sections of the page, in the order in which they are read.

mod answer;
mod brain;
mod ceilings;
mod clusters;
mod contrasts;
mod controls;
mod exclusions;
mod forecast;
mod hierarchy;
mod layers;
mod methods;
mod people;
mod provenance;
mod quality;
mod scores;
mod statistics;
mod sweeps;
mod table;

use super::book::Book;
use super::figures::Figure;
use super::markup::{Element, Markup};
use super::prose::{Prose, name};
use super::{PageContext, Results};
use crate::results::LanguageModelResults;

pub(super) use answer::{answer, plural};
pub(super) use controls::shown_layer;

/// A part of the page with its place in the contents.
pub(super) struct Section {
    pub id: &'static str,
    pub title: &'static str,
    /// In the contents.
    pub short: &'static str,
    pub content: Markup,
}

/// Every section after the answer.
pub(super) fn all(book: &Book, results: &Results, context: &PageContext) -> Vec<Section> {
    let sections = [
        brain::section(book, results, context),
        layers::section(book, results),
        controls::alignments(book, results),
        controls::gains(book, results),
        contrasts::section(book, results),
        sweeps::section(book, results),
        forecast::section(book, results),
        clusters::section(book, results),
        hierarchy::section(book, results),
        people::section(book, results),
        scores::section(book, results),
        exclusions::section(book, results),
        quality::section(book, results),
        statistics::section(book, results),
        methods::section(book, results),
        provenance::section(book, results, context),
        provenance::warnings(book, results),
    ];
    sections.into_iter().flatten().collect()
}

impl Section {
    pub(super) fn element(&self) -> Element {
        let heading = Element::new("h2").with("id", format!("{}-title", self.id)).text(self.title);
        Element::new("section")
            .with("id", self.id)
            .with("aria-labelledby", format!("{}-title", self.id))
            .child(heading)
            .child(self.content.clone())
    }
}

fn paragraph(prose: impl Into<Markup>) -> Element {
    Element::new("p").child(prose)
}

fn note(prose: impl Into<Markup>) -> Element {
    Element::classed("p", "note").child(prose)
}

/// A figure with its caption, its SVG and its tables one click away.
fn figure(drawing: &Figure, caption: Prose, tables: &[&'static str]) -> Element {
    let caption = Element::new("figcaption").child(caption).child(downloads(Some(&drawing.name), tables));
    Element::new("figure").child(framed(drawing)).child(caption)
}

/// Wider than a phone: there it keeps its size and is moved sideways, by keys too.
const WIDE: f64 = 480.0;

fn framed(drawing: &Figure) -> Element {
    if drawing.size.0 < WIDE {
        return scroll(drawing);
    }
    Element::classed("div", "drawing wide")
        .with("role", "region")
        .with("aria-label", format!("Drawing: {}", drawing.title.plain()))
        .with("tabindex", 0)
        .child(drawing.inline())
}

/// A drawing that scrolls sideways where the screen is narrower than its words can bear.
fn scroll(drawing: &Figure) -> Element {
    Element::classed("div", "drawing").child(drawing.inline())
}

fn downloads(figure: Option<&str>, tables: &[&'static str]) -> Element {
    let mut links = Element::classed("span", "downloads");
    if let Some(figure) = figure {
        links = links.child(
            Element::new("a").with("href", format!("{figure}.svg")).with("data-figure", figure).text("SVG"),
        );
    }
    for table in tables {
        links = links.child(Element::new("a").with("href", format!("../tables/{table}")).text(table));
    }
    links
}

/// Where the script puts what can be walked through; without it nothing is missing.
fn viewer(name: &'static str) -> Element {
    Element::classed("div", "viewer").with("data-viewer", name).with("hidden", "")
}

/// The name of a language model above its part of a section, where there are several.
fn model_heading(results: &Results, model: &LanguageModelResults) -> Markup {
    if results.language_models.len() < 2 {
        return Markup::default();
    }
    Element::new("h3").child(name(&model.name)).into()
}
