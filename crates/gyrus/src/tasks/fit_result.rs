//! What fits leave behind: blocks of targets with their scores, products and nulls.

use std::ops::Range;

use gyrus_encoding::nulls::NullScores;
use ndarray::{Array1, Array2, Axis};

use super::extract::missing;
use super::fit::Quantity;
use crate::Error;
use crate::store::{Arrays, Key, Store, Stored};

/// Targets of each block of a task.
pub(super) const RANGES: &str = "targets.json";
/// Penalties at the ends of the grid.
pub(super) const EDGES: &str = "edges.json";

pub(super) fn scores_file(index: usize) -> String {
    format!("scores-{index:04}.safetensors")
}

/// A finished fit.
pub(super) struct FitResult {
    parts: Vec<Stored>,
    /// The part of each block, and which of that part's blocks it is.
    places: Vec<(usize, usize)>,
    /// Targets of each block.
    pub ranges: Vec<Range<usize>>,
    /// Penalties at the low end, at the high end, and all.
    pub edges: (u64, u64, u64),
}

/// Some targets of a finished fit.
pub(super) struct FitBlock {
    stored: Stored,
    file: String,
    arrays: Arrays,
    /// Which targets.
    pub targets: Range<usize>,
}

/// One quantity of a finished fit.
pub(super) struct QuantityResult {
    /// r within the fold, shape (n_folds, n_participants · n_targets), targets being those of the block.
    pub scores: Array2<f64>,
    /// Inner-fold score of the chosen penalty, same shape.
    pub inner: Array2<f64>,
    /// Held-out products, mean over participants, shape (n_samples, n_targets).
    pub products: Array2<f32>,
}

/// The null of one quantity.
pub(super) struct QuantityNull {
    /// Sum over participants of the surrogates' scores, shape (n_surrogates, n_targets).
    pub sums: Array2<f64>,
    /// Surrogates that reach the observed score, per participant and target.
    pub exceedances: Vec<u32>,
    /// Mean of the surrogates' scores, shape (1, n_participants · n_targets).
    pub mean: Array2<f64>,
    /// Normal excess of the observed score over its surrogates, same shape.
    pub normal_excess: Array2<f64>,
}

impl FitResult {
    /// Opens what the tasks of a fit wrote, in their order.
    pub(super) fn open(keys: &[Key], store: &Store) -> Result<Self, Error> {
        let mut found = Self { parts: Vec::new(), places: Vec::new(), ranges: Vec::new(), edges: (0, 0, 0) };
        for key in keys {
            let stored = store.find(key)?.ok_or_else(|| missing(key))?;
            let edges: (u64, u64, u64) = stored.read_json(EDGES)?;
            let ranges: Vec<Range<usize>> = stored.read_json(RANGES)?;
            found.edges = (found.edges.0 + edges.0, found.edges.1 + edges.1, found.edges.2 + edges.2);
            found.places.extend((0..ranges.len()).map(|block| (found.parts.len(), block)));
            found.ranges.extend(ranges);
            found.parts.push(stored);
        }
        Ok(found)
    }

    pub(super) fn block(&self, index: usize) -> Result<FitBlock, Error> {
        let (part, block) = self.places[index];
        let (stored, file) = (self.parts[part].clone(), scores_file(block));
        let arrays = stored.read_arrays(&file)?;
        Ok(FitBlock { stored, file, arrays, targets: self.ranges[index].clone() })
    }
}

impl FitBlock {
    pub(super) fn take(&mut self, quantity: Quantity) -> Result<QuantityResult, Error> {
        let (stored, file, arrays, name) = (&self.stored, &self.file, &mut self.arrays, quantity.name());
        let damaged = |reason| stored.damaged(file, reason);
        Ok(QuantityResult {
            scores: arrays.take_double(name).map_err(damaged)?,
            inner: arrays.take_double(&format!("{name}_inner")).map_err(damaged)?,
            products: arrays.take_single(&format!("{name}_products")).map_err(damaged)?,
        })
    }

    pub(super) fn take_null(&mut self, quantity: Quantity) -> Result<QuantityNull, Error> {
        let (stored, file, arrays, name) = (&self.stored, &self.file, &mut self.arrays, quantity.name());
        let damaged = |reason| stored.damaged(file, reason);
        Ok(QuantityNull {
            sums: arrays.take_double(&format!("{name}_null")).map_err(damaged)?,
            exceedances: arrays.take_counts(&format!("{name}_exceedances")).map_err(damaged)?,
            mean: arrays.take_double(&format!("{name}_null_mean")).map_err(damaged)?,
            normal_excess: arrays.take_double(&format!("{name}_normal_excess")).map_err(damaged)?,
        })
    }
}

pub(super) fn with_null(arrays: Arrays, quantity: Quantity, null: NullScores) -> Arrays {
    let name = quantity.name();
    let row = |values: Vec<f64>| Array1::from(values).insert_axis(Axis(0));
    arrays
        .double(format!("{name}_null"), null.group_sums)
        .counts(format!("{name}_exceedances"), null.exceedances)
        .double(format!("{name}_null_mean"), row(null.mean))
        .double(format!("{name}_normal_excess"), row(null.normal_excess))
}
