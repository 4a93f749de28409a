//! The paragraph for the paper and what to cite.

use super::super::book::Book;
use super::super::markup::{Element, Markup};
use super::super::prose::prose;
use super::super::{citation, methods};
use super::{Section, note};
use crate::results::Results;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let paragraphs =
        methods::paragraphs(book, results).into_iter().map(|words| Element::new("p").child(words));
    let mut content = Markup::default();
    content.push(copy("methods-text", "Copy the paragraphs"));
    content.push(Element::classed("div", "methods").with("id", "methods-text").children(paragraphs));
    content.push(Element::new("h3").text("To cite"));
    content.push(copy("citation-text", "Copy BibTeX"));
    let entries = Element::new("pre").with("id", "citation-text").with("tabindex", 0);
    content.push(entries.child(Element::new("code").text(&citation::citation(results))));
    content.push(note(prose!["The same stands in methods.md and CITATION.bib."]));
    Some(Section { id: "methods", title: "Methods paragraph", short: "Methods", content })
}

/// A button that appears where it can work.
fn copy(id: &'static str, label: &'static str) -> Element {
    Element::new("button").with("type", "button").with("data-copy", id).with("hidden", "").text(label)
}
