//! Numbers for the page's script: the layers of every region, the voxels, and what the rows of tables are about.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::PageContext;
use super::book::{Book, Row};
use super::markup::{Markup, visible};
use crate::packed::Packed;
use crate::results::{LanguageModelResults, Results};
use crate::surface::Surface;
use crate::tables::{self, SCHEMA};
use crate::volume::Volume;

/// Everything that the script shows beyond what is written in the page.
#[derive(Serialize)]
struct Embedded {
    language_models: Vec<LanguageModel>,
    /// Names; a place beyond them is the mean over regions.
    regions: Vec<String>,
    /// Lower and upper estimate of the noise ceiling at each place.
    ceilings: [Packed; 2],
    volume: Option<Volume>,
    surface: Option<Surface>,
    /// Of each table that the page quotes.
    rows: BTreeMap<&'static str, Keys>,
}

/// All voxels or vertices, for pages that are served: the same shape as in the page.
#[derive(Serialize)]
pub(crate) struct Everything {
    pub(crate) volume: Option<Volume>,
    pub(crate) surface: Option<Surface>,
}

impl Everything {
    pub(crate) fn json(self) -> Vec<u8> {
        let volume = self.volume.map(|volume| Volume { names: shown(&volume.names), ..volume });
        let surface = self.surface.map(|surface| Surface { names: shown(&surface.names), ..surface });
        serde_json::to_vec(&Self { volume, surface }).unwrap_or_default()
    }
}

fn shown(names: &[String]) -> Vec<String> {
    names.iter().map(|name| visible(name)).collect()
}

/// Layers of a language model; numbers of one kind stand layer by layer, and within a layer place by place.
#[derive(Serialize)]
struct LanguageModel {
    name: String,
    layers: Vec<usize>,
    /// The layer that inner folds choose at each place.
    best: Packed,
    baseline: Packed,
    quantities: Vec<Quantity>,
}

/// A score or a gain in thousandths.
#[derive(Serialize)]
struct Quantity {
    name: &'static str,
    value: Packed,
    /// Ends of the intervals.
    people: [Packed; 2],
    story: [Packed; 2],
    null_mean: Packed,
    null_95: Packed,
    /// Corrected.
    p: Packed,
}

/// What the rows of a table are about: each cell of its key columns as the place of its words.
#[derive(Serialize)]
struct Keys {
    columns: Vec<&'static str>,
    n_rows: usize,
    words: Vec<String>,
    cells: Vec<Packed>,
}

const QUANTITIES: [&str; 3] = ["score", "unique_gain", "contextual_gain"];

/// The numbers as JSON that cannot end the element that it stands in. `body` is the page that quotes the tables.
pub(super) fn embedded(book: &Book, results: &Results, context: &PageContext, body: &str) -> Markup {
    let places: Vec<String> = results.regions.iter().map(Some).chain([None]).map(tables::region).collect();
    let quoted = SCHEMA.iter().filter(|table| body.contains(&format!("data-cell=\"{} ", table.file)));
    let ceiling = |column: &str| {
        let value = |place: &String| number(book.row("ceilings.tsv", &[place]), column);
        Packed::rounded(places.iter().map(value), 3)
    };
    let embedded = Embedded {
        language_models: results.language_models.iter().map(|model| layers(book, model, &places)).collect(),
        regions: shown(&results.regions),
        ceilings: ["leave_one_out_isc", "root_pairwise_isc"].map(ceiling),
        volume: context.volume.clone().map(|volume| Volume { names: shown(&volume.names), ..volume }),
        surface: context.surface.clone().map(|surface| Surface { names: shown(&surface.names), ..surface }),
        rows: quoted.map(|table| (table.file, keys(book, table.file))).collect(),
    };
    Markup::data(&serde_json::to_string(&embedded).unwrap_or_default())
}

fn number(row: Row<'_>, column: &str) -> f64 {
    row.cell(column).parse().unwrap_or(f64::NAN)
}

fn layers(book: &Book, model: &LanguageModelResults, places: &[String]) -> LanguageModel {
    let key = tables::words(&model.name);
    let each = || model.layers.iter().flat_map(|layer| places.iter().map(|place| (layer.to_string(), place)));
    let of_layers = |column: &str| {
        let value = |(layer, place): (String, &String)| {
            number(book.row("layers.tsv", &[&key, &layer, place]), column)
        };
        Packed::rounded(each().map(value), 3)
    };
    let quantity = |name: &'static str| {
        let of = |ending: &str| of_layers(&format!("{name}{ending}"));
        let of_group = |column: &str| {
            let value = |(layer, place): (String, &String)| {
                number(book.row("group.tsv", &[&key, &layer, place, name]), column)
            };
            Packed::rounded(each().map(value), 3)
        };
        Quantity {
            name,
            value: of(""),
            people: ["_low", "_high"].map(of),
            story: ["_story_low", "_story_high"].map(of),
            null_mean: of_group("null_mean"),
            null_95: of_group("null_95"),
            p: of_group("p_stimulus_corrected"),
        }
    };
    let best = |place: &String| number(book.row("best_layer.tsv", &[&key, place]), "layer");
    LanguageModel {
        name: visible(&model.name),
        layers: model.layers.clone(),
        best: Packed::rounded(places.iter().map(best), 0),
        baseline: of_layers("baseline_score"),
        quantities: QUANTITIES.map(quantity).into_iter().collect(),
    }
}

fn keys(book: &Book, file: &'static str) -> Keys {
    let (columns, rows) = book.keys(file);
    let mut words: Vec<String> = Vec::new();
    let mut known: HashMap<&str, i32> = HashMap::new();
    let mut cells = vec![Vec::with_capacity(rows.len()); columns.len()];
    for row in &rows {
        for (column, cell) in cells.iter_mut().zip(*row) {
            let place = *known.entry(cell).or_insert_with(|| {
                words.push(visible(cell));
                words.len() as i32 - 1
            });
            column.push(Some(place));
        }
    }
    Keys {
        columns,
        n_rows: rows.len(),
        words,
        cells: cells.iter().map(|column| Packed::of(column)).collect(),
    }
}
