//! Layers in every region: one panel each, and layer × region as colours.

use super::super::book::Book;
use super::super::figure_name;
use super::super::figures::{self, Panel};
use super::super::markup::{Element, Markup};
use super::super::prose::prose;
use super::{Section, downloads, figure, model_heading, note, paragraph, scroll, viewer};
use crate::results::{LanguageModelResults, Results};

/// More regions than this get small panels.
const FEW: usize = 9;

pub(super) fn section(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "Held-out correlation of every layer in every region, on one scale. What a layer adds to simpler explanations is further down, under gains."
    ]));
    for (index, model) in results.language_models.iter().enumerate() {
        content.push(model_heading(results, model));
        let name = figure_name("heatmap", index);
        let heatmap = figures::heatmap(name, book, model, &results.regions);
        let caption = prose![
            "Bold numbers (or dots): corrected p below 0.05, against the maximum over regions and layers; for the mean over regions, over layers. "
        ];
        content.push(figure(&heatmap, caption, &["layers.tsv", "group.tsv"]));
    }
    content.push(viewer("layers"));
    if !has_panels(results) {
        content.push(note(prose![
            "There are too many regions and layers for a drawing of each region: the figure behind the link has them all, and the tables every number."
        ]));
    } else {
        content.push(legend("panels-legend"));
    }
    for (index, model) in results.language_models.iter().enumerate() {
        content.push(model_heading(results, model));
        content.push(panels(book, results, (index, model)));
    }
    if results.baseline.note.is_some() {
        content.push(note(&book.row("methods.tsv", &["baseline_note"]).quoted("value")));
    }
    Some(Section { id: "layers", title: "Layers by region", short: "Layers", content })
}

/// More panels × layers than this, over all language models, are left to the script and to the figure beside the page.
const MOST_MARKS: usize = 480;

fn has_panels(results: &Results) -> bool {
    let layers: usize = results.language_models.iter().map(|model| model.layers.len()).sum();
    results.regions.len() <= figures::MANY && results.regions.len() * layers <= MOST_MARKS
}

/// One panel per region, the mean over regions last.
fn panels(book: &Book, results: &Results, (index, model): (usize, &LanguageModelResults)) -> Markup {
    let sheet = figure_name("profiles", index);
    let links = downloads(Some(&sheet), &["layers.tsv", "untrained_range.tsv", "ceilings.tsv"]);
    let links = Element::classed("p", "note").child(links);
    if !has_panels(results) {
        return links.into();
    }
    let panel = Panel::of(book, model, &results.regions);
    let panels = panel.profiles.iter().enumerate().map(|(place, profile)| {
        scroll(&figures::region(format!("layers-{index}-{place}"), profile, panel.y))
    });
    let class = if panel.profiles.len() > FEW { "panels many" } else { "panels" };
    Markup::from_iter([Element::classed("div", class).children(panels), links])
}

/// What the lines of a panel are.
pub(super) fn legend(class: &'static str) -> Element {
    let entries = [
        ("line s-score", "score"),
        ("people s-score", "95 % interval over participants"),
        ("story s-score", "95 % interval over the story"),
        ("line dashed s-baseline", "low-level baseline"),
        ("band f-untrained", "untrained copies, lowest to highest"),
        ("line dotted s-null", "null: 95th percentile (thin: mean)"),
        ("band f-ceiling", "noise ceiling, lower to upper estimate"),
    ];
    let entry = |(class, words): (&'static str, &'static str)| {
        let mark = match class.starts_with("band") {
            true => {
                Element::classed("rect", class).with("x", 0).with("y", 2).with("width", 26).with("height", 10)
            }
            false if class.starts_with("line") => Element::classed("path", class).with("d", "M1 7L25 7"),
            false => Element::classed("path", class).with("d", "M13 0L13 14"),
        };
        let swatch = Element::new("svg").with("viewBox", "0 0 26 14").with("width", 26).with("height", 14);
        Element::new("li").child(swatch.with("aria-hidden", "true").child(mark)).text(words)
    };
    Element::new("ul").with("class", format!("legend {class}")).children(entries.map(entry))
}
