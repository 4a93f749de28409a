//! What was planted, on disk: the layer of each area, and where each participant has it.

use std::path::Path;

use gyrus_encoding::simulate::Haemodynamics;
use gyrus_encoding::simulate::scan::{Experiment, Listener};
use gyrus_io::atomic;
use gyrus_io::table::{self, Cell};

use super::layout::Names;
use super::{areas, derivatives, raw};
use crate::Error;

/// The folder of the truth; nothing else names it.
pub(super) const FOLDER: &str = "truth";
/// The layer of each area, in that folder.
pub(crate) const FILE: &str = "planted.tsv";

/// `planted.tsv`, `planted_layer.nii.gz` by the atlas, and the settings.
pub(super) fn write_planted(folder: &Path, names: &Names<'_>, experiment: &Experiment) -> Result<(), Error> {
    let folder = folder.join(FOLDER);
    atomic::create_folder(&folder)?;
    let still = vec![[0.0; 3]; experiment.areas.len()];
    let found = experiment.head.areas(&experiment.areas, &still);
    let voxels = |area: usize| found.iter().filter(|found| **found == Some(area)).count();
    let row = |(index, (name, side, _)): (usize, (String, &str, Option<usize>))| {
        let layer = experiment.map.layer(index).map_or(Cell::Missing, |layer| Cell::Integer(layer.0 as i64));
        vec![
            Cell::Integer(index as i64 + 1),
            Cell::Text(name),
            Cell::Text(side.to_owned()),
            layer,
            Cell::Integer(voxels(index) as i64),
        ]
    };
    let rows: Vec<Vec<Cell>> = areas::regions().into_iter().enumerate().map(row).collect();
    let header = ["index", "region", "hemisphere", "layer", "voxels"];
    table::write_tsv(&folder.join(FILE), &header, &rows)?;
    let layer = |area: usize| experiment.map.layer(area).map_or(0.0, |layer| layer.0 as f64);
    derivatives::write_labels(&folder, experiment, ("planted_layer.nii.gz", &found), &layer)?;
    let settings = serde_json::json!({
        "seed": names.settings.seed,
        "gradient": names.settings.gradient.name(),
        "fmriprep": names.settings.version.number(),
        "voxel_size": experiment.head.lattice.spacing,
        "repetition_time": experiment.acquisition.interval.get(),
        "reference_time": experiment.acquisition.reference,
        "story_onset": experiment.parts.iter().map(|part| part.onset).collect::<Vec<_>>(),
        "volumes": experiment.parts.iter().map(|part| part.volumes).collect::<Vec<_>>(),
        "signal": format!("{:?}", experiment.signal),
        "noise": format!("{:?}", experiment.noise),
        "gyrus": env!("CARGO_PKG_VERSION"),
    });
    raw::write_json(&folder.join("settings.json"), &settings)
}

/// The layer of each voxel of a participant (0 for none), and how strongly and when each area answers.
pub(super) fn write_participant(
    folder: &Path,
    names: &Names<'_>,
    experiment: &Experiment,
    listener: &Listener,
) -> Result<(), Error> {
    let folder = folder.join(FOLDER);
    let participant = names.participant(listener.participant + 1);
    let layer = |area: usize| experiment.map.layer(area).map_or(0.0, |layer| layer.0 as f64);
    let path = format!("{participant}_layer.nii.gz");
    derivatives::write_labels(&folder, experiment, (&path, &listener.areas), &layer)?;
    let row = |(area, (name, ..)): (usize, (String, &str, Option<usize>))| {
        let is_planted = experiment.map.layer(area).is_some();
        let (signal, rate) = if is_planted { listener.strengths[area] } else { (0.0, 0.0) };
        let peak = Haemodynamics::of(experiment.seed, listener.participant, area).peak;
        vec![Cell::Text(name), Cell::Number(signal), Cell::Number(rate), Cell::Number(peak)]
    };
    let rows: Vec<Vec<Cell>> = areas::regions().into_iter().enumerate().map(row).collect();
    let header = ["region", "signal_percent", "word_rate_percent", "haemodynamic_peak"];
    Ok(table::write_tsv(&folder.join(format!("{participant}_strength.tsv")), &header, &rows)?)
}
