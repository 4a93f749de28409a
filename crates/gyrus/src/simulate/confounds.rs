//! The table of confounds that fMRIPrep would compute from the simulated volumes.

use gyrus_core::{RepetitionTime, Seconds};
use gyrus_encoding::denoise::cosines;
use gyrus_encoding::simulate::framewise_displacement;
use gyrus_encoding::simulate::scan::{Head, Place, PrincipalSeries, ScannedRun, Tissue, principal_series};
use ndarray::{Array2, ArrayView1, Axis, s};
use serde_json::{Map, Value, json};

use super::layout::Version;
use super::quality::{dvars, root_mean_square_displacement};
use crate::Error;

/// Volumes at the start that are brighter than the rest.
pub(super) const UNSTEADY: usize = 2;
/// Share of the variance of a mask that the components of CompCor explain together.
const EXPLAINED: f64 = 0.5;
/// Voxels of a mask that CompCor looks at, evenly chosen.
const MOST_VOXELS: usize = 2000;
const MOTION: [&str; 6] = ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"];

/// The table and what stands in its JSON.
pub(super) struct Confounds {
    pub columns: Vec<(String, Vec<f64>)>,
    pub metadata: Map<String, Value>,
}

/// Computes the table of a run. `mask` lists the columns of `values` inside the brain mask.
pub(super) fn confounds(
    version: Version,
    head: &Head,
    mask: &[usize],
    scanned: &ScannedRun,
    interval: RepetitionTime,
) -> Result<Confounds, Error> {
    let mut table = Confounds { columns: Vec::new(), metadata: Map::new() };
    let drift = drift(scanned.values.nrows(), interval)?;
    let masks = Masks::of(head, mask, scanned);
    table.tissues(version, &masks, scanned);
    let outliers = table.quality(version, mask, scanned);
    table.components(version, &masks, scanned, &drift)?;
    for (index, column) in drift.columns().into_iter().enumerate().skip(1) {
        table.push(format!("cosine{:02}", index - 1), padded(column));
    }
    for volume in 0..UNSTEADY {
        table.push(format!("non_steady_state_outlier{volume:02}"), spike(scanned.values.nrows(), volume));
    }
    for (axis, name) in MOTION.into_iter().enumerate() {
        let values = scanned.reported_motion.iter().map(|parameters| parameters[axis]).collect();
        table.expanded(name, values);
    }
    for (index, volume) in outliers.into_iter().enumerate() {
        table.push(format!("motion_outlier{index:02}"), spike(scanned.values.nrows(), volume));
    }
    Ok(table)
}

/// Columns of the volumes by what they are used for.
struct Masks {
    brain: Vec<usize>,
    fluid: Vec<usize>,
    white: Vec<usize>,
    most_variable: Vec<usize>,
}

impl Masks {
    fn of(head: &Head, brain: &[usize], scanned: &ScannedRun) -> Self {
        let chosen = |wanted: &dyn Fn(&Place) -> bool| -> Vec<usize> {
            brain.iter().copied().filter(|column| wanted(&head.places[*column])).collect()
        };
        let mut variances: Vec<(f64, usize)> = brain
            .iter()
            .map(|column| (variance(scanned.values.slice(s![UNSTEADY.., *column])), *column))
            .collect();
        variances.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        let most = (brain.len() / 50).max(5);
        Self {
            brain: brain.to_vec(),
            // Eroded: fluid of the ventricles, and what is far from the cortex.
            fluid: chosen(&|place| place.tissue == Tissue::Fluid && place.radius < 0.9),
            white: chosen(&|place| place.tissue == Tissue::White && place.radius < 0.6),
            most_variable: variances.into_iter().take(most).map(|(_, column)| column).collect(),
        }
    }
}

impl Confounds {
    fn push(&mut self, name: String, values: Vec<f64>) {
        self.columns.push((name, values));
    }

    /// A column, its difference, and the squares of both; the order of the last two is not always the same.
    fn expanded(&mut self, name: &str, values: Vec<f64>) {
        let differences: Vec<f64> =
            [f64::NAN].into_iter().chain(values.windows(2).map(|pair| pair[1] - pair[0])).collect();
        let squared = |values: &[f64]| values.iter().map(|value| value * value).collect::<Vec<f64>>();
        let (square, change) = (squared(&values), squared(&differences));
        self.push(name.to_owned(), values);
        self.push(format!("{name}_derivative1"), differences);
        let mut both = [(format!("{name}_power2"), square), (format!("{name}_derivative1_power2"), change)];
        if matches!(name, "trans_y" | "rot_x" | "rot_y" | "global_signal") {
            both.reverse();
        }
        self.columns.extend(both);
    }

    fn tissues(&mut self, version: Version, masks: &Masks, scanned: &ScannedRun) {
        let mean = |columns: &[usize]| -> Vec<f64> {
            let of = |row: ArrayView1<'_, f32>| {
                columns.iter().map(|column| f64::from(row[*column])).sum::<f64>()
                    / columns.len().max(1) as f64
            };
            scanned.values.outer_iter().map(of).collect()
        };
        let mut series = vec![
            ("global_signal", mean(&masks.brain)),
            ("csf", mean(&masks.fluid)),
            ("white_matter", mean(&masks.white)),
        ];
        if version.is_20() {
            series.rotate_left(1);
        }
        for (name, values) in series {
            self.expanded(name, values);
            self.metadata.insert(name.to_owned(), json!({"Method": "Mean"}));
        }
        if version != Version::V20_0 {
            let both: Vec<usize> = masks.fluid.iter().chain(&masks.white).copied().collect();
            for (name, columns) in [("csf_wm", &both), ("tcompcor", &masks.most_variable)] {
                self.push(name.to_owned(), mean(columns));
                self.metadata.insert(name.to_owned(), json!({"Method": "Mean"}));
            }
        }
    }

    /// Adds DVARS and displacement; returns the volumes with more than 0.5 mm or 1.5 standardised DVARS.
    fn quality(&mut self, version: Version, mask: &[usize], scanned: &ScannedRun) -> Vec<usize> {
        let inside = scanned.values.select(Axis(1), mask);
        let (plain, standard) = dvars(inside.view());
        let mut displacement = framewise_displacement(&scanned.reported_motion);
        if let Some(first) = displacement.first_mut() {
            *first = f64::NAN;
        }
        let is_outlier = |volume: &usize| displacement[*volume] > 0.5 || standard[*volume] > 1.5;
        let outliers = (0..displacement.len()).filter(is_outlier).collect();
        self.push("std_dvars".to_owned(), standard);
        self.push("dvars".to_owned(), plain);
        self.push("framewise_displacement".to_owned(), displacement);
        if version != Version::V20_0 {
            self.push("rmsd".to_owned(), root_mean_square_displacement(&scanned.reported_motion));
        }
        outliers
    }

    fn components(
        &mut self,
        version: Version,
        masks: &Masks,
        scanned: &ScannedRun,
        drift: &Array2<f64>,
    ) -> Result<(), Error> {
        let both: Vec<usize> = masks.fluid.iter().chain(&masks.white).copied().collect();
        let (mut anatomical, mut dropped) = (0, 0);
        let of = |columns: &[usize]| compcor(columns, scanned, drift);
        self.series("t_comp_cor", ("tCompCor", None), (&of(&masks.most_variable)?, &mut 0, &mut dropped));
        let mut kinds = [
            ("c_comp_cor", "CSF", &masks.fluid),
            ("w_comp_cor", "WM", &masks.white),
            ("a_comp_cor", "combined", &both),
        ];
        if version == Version::V20_0 {
            kinds.rotate_right(1);
        }
        for (name, mask, columns) in kinds {
            let found = of(columns)?;
            let method = ("aCompCor", Some(mask));
            if version.is_20() {
                // One name for all masks: the number goes on, and only the JSON says which mask it is.
                self.series("a_comp_cor", method, (&found, &mut anatomical, &mut dropped));
            } else {
                self.series(name, method, (&found, &mut 0, &mut dropped));
            }
        }
        Ok(())
    }

    /// Adds the components of one mask, and to the JSON those that were not kept too.
    fn series(
        &mut self,
        name: &str,
        (method, mask): (&str, Option<&str>),
        (found, number, dropped): (&PrincipalSeries, &mut usize, &mut usize),
    ) {
        let total: f64 = found.singular_values.iter().map(|value| value * value).sum();
        let mut explained = 0.0;
        for (index, singular) in found.singular_values.iter().enumerate() {
            let share = singular * singular / total;
            explained += share;
            let is_kept = index < found.series.ncols();
            let counter = if is_kept { &mut *number } else { &mut *dropped };
            let key = if is_kept { format!("{name}_{counter:02}") } else { format!("dropped_{counter}") };
            *counter += 1;
            let rounded = |value: f64| (value * 1e10).round() / 1e10;
            let mut entry = json!({
                "Method": method,
                "Retained": is_kept,
                "SingularValue": rounded(*singular),
                "VarianceExplained": rounded(share),
                "CumulativeVarianceExplained": rounded(explained),
            });
            if let Some(mask) = mask {
                entry["Mask"] = json!(mask);
            }
            self.metadata.insert(key.clone(), entry);
            if is_kept {
                self.push(key, padded(found.series.column(index)));
            }
        }
    }
}

fn compcor(columns: &[usize], scanned: &ScannedRun, drift: &Array2<f64>) -> Result<PrincipalSeries, Error> {
    let step = columns.len().div_ceil(MOST_VOXELS).max(1);
    let chosen: Vec<usize> = columns.iter().copied().step_by(step).collect();
    let steady = scanned.values.slice(s![UNSTEADY.., ..]);
    let values =
        Array2::from_shape_fn((steady.nrows(), chosen.len()), |(row, one)| steady[(row, chosen[one])]);
    Ok(principal_series(values.view(), drift.view(), EXPLAINED)?)
}

/// A constant and the cosines of steady volumes, of length 1: k = 1 … ⌊2 n TR / 128 s⌋ − 1, as nipype counts them.
fn drift(volumes: usize, interval: RepetitionTime) -> Result<Array2<f64>, Error> {
    let steady = volumes.saturating_sub(UNSTEADY);
    let cosines = cosines(steady, interval, Seconds::new(128.0)?).values;
    let kept = cosines.ncols().saturating_sub(1);
    let constant = 1.0 / (steady as f64).sqrt();
    let value = |(row, column): (usize, usize)| {
        if column == 0 { constant } else { cosines[(row, column - 1)] }
    };
    Ok(Array2::from_shape_fn((steady, kept + 1), value))
}

/// Zeros in the volumes that are left out.
fn padded(steady: ArrayView1<'_, f64>) -> Vec<f64> {
    [0.0; UNSTEADY].into_iter().chain(steady.iter().copied()).collect()
}

fn spike(volumes: usize, at: usize) -> Vec<f64> {
    (0..volumes).map(|volume| f64::from(u8::from(volume == at))).collect()
}

fn variance(values: ArrayView1<'_, f32>) -> f64 {
    let mean = values.iter().map(|value| f64::from(*value)).sum::<f64>() / values.len() as f64;
    values.iter().map(|value| (f64::from(*value) - mean) * (f64::from(*value) - mean)).sum::<f64>()
}
