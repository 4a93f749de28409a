//! What simpler explanations reach: other ways to align, gains over baselines, random vectors.

use super::super::book::Book;
use super::super::figure_name;
use super::super::figures::{self, Gain};
use super::super::markup::{Element, Markup};
use super::super::number::Format;
use super::super::prose::{interval, prose, with_people};
use super::table::{Cell, table};
use super::{Section, figure, model_heading, paragraph};
use crate::results::{LanguageModelResults, Results};
use crate::tables;

/// Sum, centred sum, mean and the study's own, side by side.
pub(super) fn alignments(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "How words become volumes can decide the answer. A sum of uncentred vectors grows with the number of words in a volume and so carries word rate; centred vectors do not."
    ]));
    let mut is_empty = true;
    for (index, model) in results.language_models.iter().enumerate() {
        let Some(drawing) = figures::alignments(figure_name("alignments", index), book, results, model)
        else {
            continue;
        };
        is_empty = false;
        content.push(model_heading(results, model));
        let caption =
            prose!["Bars: 95 % interval over participants. Marks of one layer stand side by side. "];
        let beside = Element::classed("div", "beside")
            .child(figure(&drawing, caption, &["alignments.tsv"]))
            .child(alignment_table(book, results, model));
        content.push(beside);
    }
    (!is_empty).then_some(Section {
        id: "alignments",
        title: "Ways to align words",
        short: "Alignment",
        content,
    })
}

fn alignment_table(book: &Book, results: &Results, model: &LanguageModelResults) -> Element {
    let key = tables::words(&model.name);
    let ways = figures::ways(results, model);
    let row = |layer: &usize| {
        let cell = |way: &String| {
            let row = book.row("alignments.tsv", &[&key, &tables::words(way), &layer.to_string()]);
            Cell::Number(row.number("score", Format::Correlation))
        };
        [Cell::Name(layer.to_string())].into_iter().chain(ways.iter().map(cell)).collect()
    };
    let rows = model.layers.iter().map(row).collect();
    let header = [Markup::from("layer")].into_iter().chain(ways.iter().map(|way| super::name(way).into()));
    table("Held-out r by layer and alignment", header, rows)
}

/// Unique and contextual gain, by layer and by region.
pub(super) fn gains(book: &Book, results: &Results) -> Option<Section> {
    let mut content = Markup::default();
    content.push(paragraph(prose![
        "What the layer adds to the held-out r when baseline and layer are fitted together, each with its own penalty. The shaded band runs from the mean of the null to its 95th percentile: adding features that carry nothing usually costs a little, so zero is not where nothing sits."
    ]));
    for (index, model) in results.language_models.iter().enumerate() {
        content.push(model_heading(results, model));
        for pair in gain_figures(book, results, (index, model)) {
            content.push(Element::classed("div", "pair").children(pair));
        }
    }
    content.push(baseline_table(book, results));
    Some(Section { id: "gains", title: "Gains over baselines", short: "Gains", content })
}

/// Both gains along the layers, and then both by region, because tall drawings stand better beside tall ones.
fn gain_figures(
    book: &Book,
    results: &Results,
    (index, model): (usize, &LanguageModelResults),
) -> [Vec<Element>; 2] {
    let layer = shown_layer(model);
    let caption =
        || prose!["Thick bars: 95 % interval over participants; thin dashed bars: over the story. "];
    let named = |stem: &'static str| figure_name(stem, index);
    let along = [(Gain::Unique, "unique-gain"), (Gain::Contextual, "contextual-gain")];
    let along = along.map(|(gain, stem)| figures::gains(named(stem), book, gain, model));
    let regions = [(Gain::Unique, "unique-gain-regions"), (Gain::Contextual, "contextual-gain-regions")];
    let of_regions = (model, results.regions.as_slice());
    let regions = regions.map(|(gain, stem)| figures::forest(named(stem), book, (gain, layer), of_regions));
    let shown = |drawing| figure(&drawing, caption(), &["layers.tsv", "group.tsv"]);
    [along, regions].map(|pair| pair.into_iter().flatten().map(shown).collect())
}

/// The layer at which regions are compared: the one that inner folds choose for their mean.
pub(in crate::report) fn shown_layer(model: &LanguageModelResults) -> usize {
    let chosen = model.best_layer.iter().find(|best| best.region.is_none());
    chosen.map(|best| best.layer).or(model.layers.last().copied()).unwrap_or(0)
}

/// Each baseline feature alone and all together, and random vectors.
fn baseline_table(book: &Book, results: &Results) -> Markup {
    let baselines = book.rows("baseline.tsv").filter(|row| row.cell("region") == "mean").map(|row| {
        let score = row.estimate("score");
        let band = match row.cell("band") {
            "baseline" => "baseline that gains are taken over".to_owned(),
            band => band.to_owned(),
        };
        vec![Cell::Name(band), Cell::Prose(with_people(&score)), Cell::Prose(interval(&score.story))]
    });
    let random = book
        .rows("untrained.tsv")
        .filter(|row| row.cell("training") == "random_embedding" && row.cell("region") == "mean");
    let random = random.map(|row| {
        let words = match results.language_models.len() {
            0 | 1 => prose!["a random vector per word"],
            _ => prose!["a random vector per word, as wide as ", row.cell("language_model").to_owned()],
        };
        let score = row.number("score", Format::Correlation);
        vec![Cell::Words(words), Cell::Prose(prose![score]), Cell::Words(prose!["–"])]
    });
    let rows: Vec<Vec<Cell>> = baselines.chain(random).collect();
    if rows.is_empty() {
        return Markup::default();
    }
    let header = ["without the language model", "r [participants]", "[story]"];
    table("Held-out r without the language model, mean over regions", header, rows).into()
}
