//! A carpet: what some targets of one recording did over time, before and after cleaning.

use serde::{Deserialize, Serialize};

use super::Target;
use crate::packed::Packed;

/// Targets × time of one recording; of a long one, each column is the mean of several volumes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Carpet {
    /// Participant.
    pub participant: String,
    /// Run (name of the stimulus).
    pub run: String,
    /// Seconds from volume to volume.
    pub interval: f64,
    /// Volumes behind a column.
    pub step: usize,
    /// Columns.
    pub n_columns: usize,
    /// The targets, region by region.
    pub targets: Vec<Target>,
    /// Hundredths of each target's standard deviation before cleaning, from its mean, target by target.
    pub before: Packed,
    /// The same after cleaning, in the same units.
    pub after: Packed,
    /// What sources of noise did meanwhile.
    pub traces: Vec<Trace>,
}

/// One number per column of what a source of noise did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The source.
    pub source: String,
    /// What is shown of it.
    pub kind: TraceKind,
    /// In hundredths.
    pub values: Packed,
}

/// How a source is brought to one number per volume.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceKind {
    /// Framewise displacement in millimetres, of rotations on a sphere of 50 mm.
    Displacement,
    /// Root mean square over the source's regressors, each in its own standard deviations.
    Regressors,
}

impl Carpet {
    /// Seconds from the first volume to the middle of a column.
    pub(crate) fn time(&self, column: usize) -> f64 {
        let first = column * self.step;
        self.interval * (first as f64 + (self.step as f64 - 1.0) / 2.0)
    }

    /// Values of every column of every target, target by target.
    pub(crate) fn values(&self) -> [Vec<Option<f64>>; 2] {
        let count = self.targets.len() * self.n_columns;
        [&self.before, &self.after].map(|packed| hundredths(packed, count))
    }
}

impl Trace {
    /// One value per column.
    pub(crate) fn values(&self, n_columns: usize) -> Vec<Option<f64>> {
        hundredths(&self.values, n_columns)
    }
}

fn hundredths(packed: &Packed, count: usize) -> Vec<Option<f64>> {
    packed.values(count).into_iter().map(|value| value.map(|value| f64::from(value) / 100.0)).collect()
}
