//! What maps show of each target: scores and gains of everybody, group means and their p values, depth.

use gyrus_encoding::hierarchy::{Floor, centre_of_mass};
use gyrus_encoding::statistics::Exceedances;
use ndarray::{Array1, Array2, ArrayView2};

use super::gather::{Gathered, WithNull};
use crate::Error;
use crate::store::Arrays;

/// One quantity of all layers of a language model.
///
/// Arrays, single precision: `NAME` (n_participants · n_layers, n_targets), layers of a participant together; `NAME_mean`,
/// `NAME_p` and `NAME_p_corrected` (n_layers, n_targets). p is that of the group mean against surrogates; corrected by the largest
/// over all targets and layers.
pub(super) fn quantity(arrays: Arrays, name: &str, layers: &[&WithNull]) -> Result<Arrays, Error> {
    let Some(first) = layers.first() else { return Ok(arrays) };
    let (people, targets) = first.observed.values.dim();
    let of_people = Array2::from_shape_fn((people * layers.len(), targets), |(row, target)| {
        layers[row % layers.len()].observed.values[(row / layers.len(), target)] as f32
    });
    let mut reached: Option<Exceedances> = None;
    for layer in layers {
        match &mut reached {
            None => reached = Some(layer.targets.clone()),
            Some(reached) => reached.join(&layer.targets)?,
        }
    }
    let Some(reached) = reached else { return Ok(arrays) };
    let by_layer = |values: &Array1<f64>| {
        let values = values.iter().map(|value| *value as f32).collect();
        Array2::from_shape_vec((layers.len(), targets), values).unwrap_or_default()
    };
    let has_null = !reached.maxima.is_empty();
    let arrays = arrays.single(name, of_people).single(format!("{name}_mean"), by_layer(&reached.observed));
    if !has_null {
        return Ok(arrays);
    }
    Ok(arrays
        .single(format!("{name}_p"), by_layer(&reached.p()))
        .single(format!("{name}_p_corrected"), by_layer(&reached.family_wise_p())))
}

/// Layer centre of mass of each target's group profile, shape (1, n_targets); NaN where no layer stands out.
pub(super) fn depth(layers: &[usize], scored: &[&Gathered]) -> Array2<f32> {
    let depths: Vec<f64> = layers.iter().map(|layer| *layer as f64).collect();
    let (people, targets) = scored.first().map_or((0, 0), |gathered| gathered.values.dim());
    Array2::from_shape_fn((1, targets), |(_, target)| {
        let profile = |person: usize| -> Vec<f64> {
            scored.iter().map(|gathered| gathered.values[(person, target)]).collect()
        };
        let complete: Vec<f64> = (0..people)
            .map(profile)
            .filter(|row| row.iter().all(|score| score.is_finite()))
            .flatten()
            .collect();
        let rows = complete.len().checked_div(layers.len()).unwrap_or(0);
        let profiles = ArrayView2::from_shape((rows, layers.len()), &complete).ok().filter(|_| rows > 0);
        profiles
            .and_then(|profiles| centre_of_mass(&depths, profiles, Floor::Minimum))
            .map_or(f32::NAN, |depth| depth as f32)
    })
}
