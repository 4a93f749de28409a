//! Preprocessed volumes, masks, references and confounds, with their sidecars.

use std::path::Path;

use gyrus_encoding::simulate::scan::{Experiment, ScannedRun};
use gyrus_io::atomic;
use gyrus_io::nifti::{self, Affine, DataType, NewImage};
use gyrus_io::table::{self, Cell};
use serde_json::Value;

use super::layout::{Names, Recording, SPACE, Version, affine};
use super::{confounds, raw};
use crate::Error;

const MNI: i16 = 4;
const SCANNER: i16 = 1;

/// Description, list of files that no validator should look at, and folders of participants.
pub(super) fn write_data_set(folder: &Path, names: &Names<'_>) -> Result<(), Error> {
    let version = names.settings.version;
    for participant in 1..=names.settings.participants {
        atomic::create_folder(&folder.join(names.participant(participant)).join("func"))?;
    }
    raw::write_json(&folder.join("dataset_description.json"), &version.description())?;
    let ignored = "*.html\nlogs/\nfigures/\n*_xfm.*\n*.surf.gii\n*_boldref.nii.gz\n*_bold.func.gii\n*_mixing.tsv\n*_timeseries.tsv\n";
    atomic::write(&folder.join(".bidsignore"), ignored.as_bytes())?;
    Ok(())
}

/// Writes one run; returns the voxels of its mask and the bytes of its image.
pub(super) fn write_run(
    folder: &Path,
    names: &Names<'_>,
    (experiment, of): (&Experiment, Recording),
    scanned: &ScannedRun,
) -> Result<(usize, u64), Error> {
    let version = names.settings.version;
    let stem = names.stem(of);
    let source = format!("{stem}_bold.nii.gz");
    let at = |suffix: &str| folder.join(format!("{stem}_{suffix}"));
    let space = names.space();
    let acquisition = &experiment.acquisition;
    let mask = mask(experiment, of);
    let image = Image { experiment, affine: affine(&experiment.head.lattice), space_code: MNI };

    let volumes = at(&format!("{space}_desc-preproc_bold.nii.gz"));
    image.volumes(&volumes, version.datatype(), scanned)?;
    let sidecar = version.volumes_sidecar(acquisition.interval.get(), acquisition.reference, &source);
    raw::write_json(&at(&format!("{space}_desc-preproc_bold.json")), &sidecar)?;
    image.mask(&at(&format!("{space}_desc-brain_mask.nii.gz")), &mask)?;
    let sidecar = version.source_sidecar(&source);
    raw::write_json(&at(&format!("{space}_desc-brain_mask.json")), &sidecar)?;
    image.reference(&at(&format!("{space}_boldref.nii.gz")), version.datatype(), scanned)?;
    if !version.is_20() {
        raw::write_json(&at(&format!("{space}_boldref.json")), &sidecar)?;
        // In the scanner's own space: a grid of another place.
        let native = Image { affine: native(&image.affine), space_code: SCANNER, ..image };
        native.mask(&at("desc-brain_mask.nii.gz"), &mask)?;
        native.reference(&at("desc-coreg_boldref.nii.gz"), DataType::F32, scanned)?;
        raw::write_json(&at("desc-brain_mask.json"), &sidecar)?;
        raw::write_json(&at("desc-coreg_boldref.json"), &sidecar)?;
    }
    let table = confounds::confounds(version, &experiment.head, &mask, scanned, acquisition.interval)?;
    let has_extra = names.settings.damage.extra_confounds_row.contains(&of.participant);
    write_confounds(&at(&format!("{}.tsv", names.confounds())), &table, has_extra)?;
    raw::write_json(&at(&format!("{}.json", names.confounds())), &Value::Object(table.metadata))?;
    let bytes = std::fs::metadata(&volumes).map_or(0, |file| file.len());
    Ok((mask.len(), bytes))
}

/// Columns inside the brain mask of a run. Masks of runs differ a little, as they do when each is computed from its own
/// volumes: what lies within 0 to 1.5 per cent of the surface is left out.
pub(super) fn mask(experiment: &Experiment, of: Recording) -> Vec<usize> {
    let step = (of.participant as usize * 7 + of.run * 3) % 6;
    let most = 1.0 - 0.003 * step as f64;
    let places = experiment.head.places.iter().enumerate();
    places.filter(|(_, place)| place.is_brain() && place.radius <= most).map(|(column, _)| column).collect()
}

/// The same head as the scanner sees it: moved and a little turned.
fn native(standard: &Affine) -> Affine {
    let (cosine, sine) = (0.995, 0.099_874_921_777_190_9);
    let [x, y, z] = standard.0;
    let turn = |one: [f64; 4], cosine: f64, other: [f64; 4], sine: f64, shift: f64| {
        let mut row: [f64; 4] = std::array::from_fn(|axis| cosine * one[axis] + sine * other[axis]);
        row[3] += shift;
        row
    };
    let mut moved = x;
    moved[3] += 2.5;
    Affine([moved, turn(y, cosine, z, -sine, -11.0), turn(z, cosine, y, sine, 17.0)])
}

/// Images of one head.
#[derive(Clone, Copy)]
struct Image<'a> {
    experiment: &'a Experiment,
    affine: Affine,
    space_code: i16,
}

impl Image<'_> {
    fn write(
        &self,
        path: &Path,
        (datatype, volumes): (DataType, Option<usize>),
        values: impl IntoIterator<Item = f64>,
    ) -> Result<(), Error> {
        let [x, y, z] = self.experiment.head.lattice.shape;
        let shape: Vec<usize> = [x, y, z].into_iter().chain(volumes).collect();
        let image = NewImage {
            shape: &shape,
            affine: self.affine,
            space_code: self.space_code,
            datatype,
            repetition_time: volumes.map(|_| self.experiment.acquisition.interval.get()),
            intent: 0,
            description: "simulated by gyrus",
        };
        Ok(nifti::write(path, &image, values)?)
    }

    /// Values of the columns of the head, spread over the lattice; 0 elsewhere.
    fn spread(&self, value: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut values = vec![0.0; self.experiment.head.lattice.count()];
        for (column, place) in self.experiment.head.places.iter().enumerate() {
            values[place.index] = value(column);
        }
        values
    }

    fn volumes(&self, path: &Path, datatype: DataType, scanned: &ScannedRun) -> Result<(), Error> {
        let is_whole = datatype == DataType::I16;
        let stored = |value: f32| stored(f64::from(value), is_whole);
        let volume = |volume: usize| self.spread(|column| stored(scanned.values[(volume, column)]));
        let count = scanned.values.nrows();
        self.write(path, (datatype, Some(count)), (0..count).flat_map(volume))
    }

    fn mask(&self, path: &Path, mask: &[usize]) -> Result<(), Error> {
        let mut is_inside = vec![false; self.experiment.head.places.len()];
        mask.iter().for_each(|column| is_inside[*column] = true);
        self.write(path, (DataType::U8, None), self.spread(|column| f64::from(u8::from(is_inside[column]))))
    }

    /// The mean over volumes.
    fn reference(&self, path: &Path, datatype: DataType, scanned: &ScannedRun) -> Result<(), Error> {
        let volumes = scanned.values.nrows() as f64;
        let mean = |column: usize| {
            scanned.values.column(column).iter().map(|value| f64::from(*value)).sum::<f64>() / volumes
        };
        let is_whole = datatype == DataType::I16;
        self.write(path, (datatype, None), self.spread(|column| stored(mean(column), is_whole)))
    }
}

fn stored(value: f64, is_whole: bool) -> f64 {
    if is_whole { value.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) } else { value }
}

fn write_confounds(path: &Path, table: &confounds::Confounds, has_extra: bool) -> Result<(), Error> {
    let names: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
    let volumes = table.columns.first().map_or(0, |(_, values)| values.len());
    let row = |volume: usize| -> Vec<Cell> {
        table.columns.iter().map(|(_, values)| Cell::Number(values[volume])).collect()
    };
    let extra = volumes.checked_sub(1).filter(|_| has_extra);
    let rows: Vec<Vec<Cell>> = (0..volumes).chain(extra).map(row).collect();
    Ok(table::write_tsv(path, &names, &rows)?)
}

/// The atlas and its labels, in the layout of TemplateFlow.
pub(super) fn write_labels(
    folder: &Path,
    experiment: &Experiment,
    (path, areas): (&str, &[Option<usize>]),
    values: &dyn Fn(usize) -> f64,
) -> Result<(), Error> {
    let image = Image { experiment, affine: affine(&experiment.head.lattice), space_code: MNI };
    let value = |column: usize| areas[column].map_or(0.0, values);
    image.write(&folder.join(path), (DataType::I16, None), image.spread(value))
}

/// Name of the atlas, without an ending.
pub(super) fn atlas(version: Version) -> String {
    // Atlases came with an entity of their own in BIDS 1.9.
    let entity = if version.is_20() { "desc" } else { "atlas" };
    format!("tpl-{SPACE}_{entity}-Areas_dseg")
}
