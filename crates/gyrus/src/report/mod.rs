//! The page that people open first, its figures, and the paragraph for the paper. Computes no statistics.
//!
//! Whatever is printed comes from a cell of [`crate::tables`] and says which one, so that a test can compare the page
//! with the tables beside it.

mod answer;
mod book;
mod citation;
mod compared;
mod embedded;
mod figures;
mod markup;
mod methods;
mod number;
mod palette;
mod physiology;
mod png;
mod prose;
mod sections;

use crate::brain::Brain;
use crate::results::Results;
use crate::surface::Surface;
use crate::volume::Volume;
use book::Book;
use figures::{Figure, Gain, Panel, Profile};
use markup::{Element, Markup};
use sections::Section;

pub(crate) use answer::put_into_words;
pub(crate) use compared::{compared, compared_page};
pub(crate) use embedded::Everything;

/// What a page shows beside the results.
#[derive(Debug, Clone, Default)]
pub struct PageContext {
    /// Inputs and their digests.
    pub inputs: Vec<(String, String)>,
    /// Pictures of each language model's maps, where targets are voxels or made of them.
    pub brains: Vec<Option<Brain>>,
    /// The same maps voxel by voxel.
    pub volume: Option<Volume>,
    /// Or vertex by vertex.
    pub surface: Option<Surface>,
}

/// The whole page: needs no network, no other file and no script to be read.
#[must_use]
pub fn page(results: &Results, context: &PageContext) -> String {
    let book = Book::of(results);
    let sections = sections::all(&book, results, context);
    let shown: Markup = [
        Element::classed("a", "skip").with("href", "#answer").text("Skip to the answer"),
        contents(&sections),
        Element::new("main")
            .child(sections::answer(&book, results))
            .children(sections.iter().map(Section::element)),
    ]
    .into_iter()
    .collect();
    let data = Element::new("script").with("type", "application/json").with("id", "numbers");
    let body = Element::new("body")
        .child(shown.clone())
        .child(data.child(embedded::embedded(&book, results, context, shown.as_str())))
        .children(viewer(context).map(|script| Element::new("script").child(Markup::trusted(script))))
        .child(Element::new("script").child(Markup::trusted(SCRIPT)));
    let html = Element::new("html").with("lang", "en").child(head(results, context)).child(body);
    format!("<!DOCTYPE html>\n{html}\n")
}

/// The figure of a plan, as a file of its own.
pub(crate) fn power(plan: &crate::power::Power) -> String {
    figures::power(plan).file()
}

/// The figure of a partition, as a file of its own.
pub(crate) fn partition(table: &crate::score::PartitionTable) -> String {
    figures::partition(table).file()
}

/// Figures by their file name.
#[must_use]
pub fn figures(results: &Results, context: &PageContext) -> Vec<(String, String)> {
    let book = Book::of(results);
    let mut figures: Vec<Option<Figure>> = Vec::new();
    if let Some(model) = answer::headline(results) {
        figures.push(Some(figures::answer("answer", &Profile::of(&book, model, None), true)));
    }
    for (index, model) in results.language_models.iter().enumerate() {
        let named = |stem| figure_name(stem, index);
        let chosen = sections::shown_layer(model);
        let regions = &results.regions;
        let brain = context.brains.get(index).and_then(Option::as_ref);
        let description = || answer::where_best(&book, model);
        figures.push(brain.map(|brain| figures::brain(named("brain"), brain, &model.name, description())));
        figures.extend([
            Some(figures::sheet(named("profiles"), &model.name, &Panel::of(&book, model, regions))),
            Some(figures::heatmap(named("heatmap"), &book, model, regions)),
            figures::alignments(named("alignments"), &book, results, model),
            figures::gains(named("unique-gain"), &book, Gain::Unique, model),
            figures::gains(named("contextual-gain"), &book, Gain::Contextual, model),
            figures::depth(named("hierarchy"), &book, model),
            figures::order(named("hierarchy-index"), &book, model),
            figures::agreement(named("hierarchy-null"), &book, model),
            figures::rates(named("rate"), &book, model),
            figures::noise(named("noise"), &book, results, model),
            figures::forecast(named("forecast"), &book, results, model),
        ]);
        for (stem, gain) in
            [("unique-gain-regions", Gain::Unique), ("contextual-gain-regions", Gain::Contextual)]
        {
            figures.push(figures::forest(named(stem), &book, (gain, chosen), (model, regions)));
        }
    }
    let swept = (0..figures::sweeps(results).len()).flat_map(|place| figures::sweep(&book, results, place));
    figures.extend(swept.map(Some));
    figures.extend([
        figures::lags(&book),
        figures::cleaning(&book, results),
        figures::carpet(&book, results),
    ]);
    figures.into_iter().flatten().map(|figure| (format!("{}.svg", figure.name), figure.file())).collect()
}

/// The methods paragraph as Markdown.
#[must_use]
pub fn methods(results: &Results) -> String {
    methods::markdown(&Book::of(results), results)
}

/// What to cite, as BibTeX.
#[must_use]
pub fn citation(results: &Results) -> String {
    citation::citation(results)
}

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = concat!(
    include_str!("script/numbers.js"),
    include_str!("script/profile.js"),
    include_str!("script/layers.js"),
    include_str!("script/slices.js"),
    include_str!("script/surface.js"),
    include_str!("script/solid.js"),
    include_str!("script/brain.js"),
    include_str!("script/downloads.js"),
    include_str!("script/page.js"),
);

/// Nothing is fetched, and no script runs but those of the page: the digest of ours is checked by a test.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src blob: data:; script-src 'sha256-KRYnwc5NNg8QF3hU/U5dqzg34/vm3WQ3GmrSryrW5eM='; base-uri 'none'; form-action 'none'";

/// NiiVue where the program was built with it (`cargo xtask web`); else nothing.
const VIEWER: &str = include_str!(concat!(env!("OUT_DIR"), "/viewer.js"));

/// The viewer in three dimensions, of studies that have something to show in it.
fn viewer(context: &PageContext) -> Option<&'static str> {
    let is_placed = context.volume.is_some() || context.surface.is_some();
    (is_placed && !VIEWER.is_empty()).then_some(VIEWER)
}

/// The carpet, and the letters of the viewer, are pictures that the page carries in itself.
fn policy(context: &PageContext) -> String {
    match viewer(context) {
        None => POLICY.to_owned(),
        Some(_) => {
            POLICY.replace("script-src ", concat!("script-src 'sha256-", env!("GYRUS_VIEWER_DIGEST"), "' "))
        }
    }
}

fn head(results: &Results, context: &PageContext) -> Element {
    // The script puts the first of them into figures that are saved.
    let light = format!("{}{}", palette::SHAPES, palette::style(&palette::LIGHT));
    let dark = format!("@media screen and (prefers-color-scheme:dark){{{}}}", palette::style(&palette::DARK));
    Element::new("head")
        .child(Element::new("meta").with("charset", "utf-8"))
        .child(
            Element::new("meta")
                .with("http-equiv", "Content-Security-Policy")
                .with("content", policy(context)),
        )
        .child(
            Element::new("meta")
                .with("name", "viewport")
                .with("content", "width=device-width, initial-scale=1"),
        )
        .child(Element::new("meta").with("name", "color-scheme").with("content", "light dark"))
        .child(Element::new("title").text(&format!("{} · gyrus", results.study)))
        .child(Element::new("style").child(Markup::trusted(STYLE)))
        .child(Element::new("style").with("id", "figure-style").child(Markup::style(light)))
        .child(Element::new("style").child(Markup::style(dark)))
}

fn contents(sections: &[Section]) -> Element {
    let item = |(id, title): (&'static str, &'static str)| {
        Element::new("li").child(Element::new("a").with("href", format!("#{id}")).text(title))
    };
    let items = [("answer", "Answer")].into_iter().chain(sections.iter().map(|part| (part.id, part.short)));
    Element::new("nav").with("aria-label", "Contents").child(Element::new("ol").children(items.map(item)))
}

/// The name of a figure of the language model at this place in the study file.
fn figure_name(stem: &'static str, language_model: usize) -> String {
    match language_model {
        0 => stem.to_owned(),
        more => format!("{stem}-{}", more + 1),
    }
}
