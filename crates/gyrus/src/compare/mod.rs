//! Studies side by side: a table of language models, paired differences, and scores against properties.

mod against;
mod differences;
mod growth;
mod models;
mod pair;
mod schema;
mod studies;
mod text;

use std::path::{Path, PathBuf};

use gyrus_encoding::statistics::bootstrap_participants;

use crate::Error;
use crate::results::{Estimate, Interval};

pub use schema::{SCHEMA, markdown};
pub(crate) use text::{INTRODUCTION, in_words};

/// Draws, seed and coverage of every interval that is made here.
const DRAWS: usize = 1000;
const SEED: u64 = 1;
const LEVEL: f64 = 0.95;

/// Which studies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareRequest {
    /// Output folders of finished studies.
    pub studies: Vec<PathBuf>,
    /// Only differences from the first language model of the first study.
    pub only_first: bool,
    /// Table of properties: `study`, `language_model`, and a column for each property.
    pub against: Option<PathBuf>,
}

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantity {
    /// Held-out r.
    Score,
    /// r less the mean over each person's surrogates.
    Excess,
    /// Banded gain over the low-level baseline.
    UniqueGain,
}

impl Quantity {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 3] = [Self::Score, Self::Excess, Self::UniqueGain];

    /// As tables name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Score => "score",
            Self::Excess => "excess",
            Self::UniqueGain => "unique_gain",
        }
    }
}

/// One language model of one study in one region, at the layer that inner folds choose.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRow {
    /// Study.
    pub study: String,
    /// Language model.
    pub language_model: String,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Parameters of the language model.
    pub n_parameters: u64,
    /// The layer chosen most often, and in which share of the folds.
    pub layer: (usize, f64),
    /// Participants with a score.
    pub n_participants: usize,
    /// Held-out r.
    pub score: Estimate,
    /// The same less the mean over each person's surrogates, with the interval over people; NaN of older versions.
    pub excess: (f64, Interval),
    /// Gain over the low-level baseline.
    pub unique_gain: Estimate,
    /// Score over that of untrained copies.
    pub beyond_untrained: Option<Estimate>,
    /// Kind, value and share of the ceiling; None without one.
    pub ceiling: Option<(String, f64, f64)>,
    /// What is held out.
    pub folds: String,
    /// Bands of the low-level baseline.
    pub baseline: Vec<String>,
}

/// A paired difference between two rows, in one region.
#[derive(Debug, Clone, PartialEq)]
pub struct DifferenceRow {
    /// Study and language model.
    pub of: (String, String),
    /// What is taken away.
    pub minus: (String, String),
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// What is compared.
    pub quantity: Quantity,
    /// Participants with both.
    pub n_participants: usize,
    /// Participants of either study who are not paired.
    pub n_left_out: usize,
    /// Mean over participants of the difference, with both intervals.
    pub difference: Estimate,
    /// Two-sided signed-rank p, the same adjusted over the rows of the quantity, and two-sided p of t.
    pub p: [f64; 3],
    /// Settings that differ beside the language model.
    pub note: Option<String>,
    /// Why there is no interval over the story.
    pub story_reason: Option<&'static str>,
    /// Why there is no difference.
    pub reason: Option<&'static str>,
}

/// One number that says how a quantity goes with a property.
#[derive(Debug, Clone, PartialEq)]
pub struct ScalingRow {
    /// Column of the table of properties.
    pub property: String,
    /// What goes with it.
    pub quantity: Quantity,
    /// Region; None = mean over regions.
    pub region: Option<String>,
    /// Which number.
    pub statistic: &'static str,
    /// The number.
    pub value: f64,
    /// 95 % interval over participants.
    pub interval: Interval,
    /// Language models with the property.
    pub n_points: usize,
    /// Participants with a score of all of them.
    pub n_participants: usize,
    /// In what the studies differ beside the property.
    pub note: Option<String>,
    /// Why there is no number.
    pub reason: Option<&'static str>,
}

/// What a figure draws of a property: the mean over regions.
#[derive(Debug, Clone, PartialEq)]
pub struct Growth {
    /// The property.
    pub property: String,
    /// Study and language model, property, score and interval over people.
    pub points: Vec<((String, String), f64, f64, Interval)>,
    /// Intercept and slope of the line over decades.
    pub line: Option<[f64; 2]>,
    /// Limit and scale of the curve.
    pub curve: Option<[f64; 2]>,
}

/// A comparison.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Language models.
    pub models: Vec<ModelRow>,
    /// Paired differences.
    pub differences: Vec<DifferenceRow>,
    /// How scores go with properties.
    pub scaling: Vec<ScalingRow>,
    /// The same as drawn.
    pub growth: Vec<Growth>,
    /// What the reader should know.
    pub notes: Vec<String>,
}

/// Compares finished studies; writes nothing.
///
/// # Errors
/// - [`Error::Unusable`] if a folder is not that of a finished study, is named twice, or there is one language model only; if the table
///   of properties names no property, an unknown row, or one twice, or holds what is not a number,
/// - [`Error::Read`] or [`Error::Input`] if a file cannot be read.
pub fn compare(request: &CompareRequest) -> Result<Comparison, Error> {
    let studies = studies::open(&request.studies)?;
    let rows = studies::rows(&studies);
    if let ([_], Some(first)) = (&rows[..], request.studies.first()) {
        return Err(Error::Unusable {
            path: first.clone(),
            found: "one language model in one study".to_owned(),
            expected: "two language models or more, in one study or in several; name further output folders"
                .to_owned(),
        });
    }
    let properties = match &request.against {
        Some(path) => against::read(path, &rows)?,
        None => Vec::new(),
    };
    let mut found = Comparison {
        models: rows.iter().flat_map(models::rows).collect(),
        differences: differences::rows(&rows, request.only_first),
        scaling: Vec::new(),
        growth: Vec::new(),
        notes: studies::notes(&studies),
    };
    for property in &properties {
        growth::add(&rows, property, &mut found);
    }
    Ok(found)
}

/// Compares finished studies and writes tables, figures and a page into a folder.
///
/// # Errors
/// - as [`compare`],
/// - [`Error::Write`] if the folder cannot be written.
pub fn write_compare(request: &CompareRequest, folder: &Path) -> Result<Comparison, Error> {
    let found = compare(request)?;
    for (name, table) in found.tables() {
        crate::outputs::write_file(folder, name, table.as_bytes())?;
    }
    for (name, figure) in crate::report::compared(&found) {
        crate::outputs::write_file(folder, &name, figure.as_bytes())?;
    }
    crate::outputs::write_file(folder, "index.html", crate::report::compared_page(&found).as_bytes())?;
    Ok(found)
}

/// Interval over participants of a statistic of them.
fn over_people(people: usize, statistic: impl Fn(&[usize]) -> f64) -> Interval {
    bootstrap_participants(people, DRAWS, SEED, LEVEL, statistic).into()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    sum / count
}
