//! The work that `cargo xtask bench python` times, without Python: `model FOLDER`, two threads.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gyrus_core::{Fold, InMemory, Timeline};
use gyrus_encoding::backend::Backend;
use gyrus_encoding::ridge::{
    Alphas, AtEdge, Band, Choice, Design, Mixtures, RidgeSettings, Scaling, fit_all,
};
use ndarray::{Array2, s};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const FOLDS: usize = 5;
/// Rows of the engine's table.
const ROWS: usize = 832;

fn main() -> Outcome<()> {
    let folder = std::env::args().nth(1).ok_or("expected: model FOLDER")?;
    let (features, responses) = (read(&folder, "x0.npy")?, read(&folder, "y.npy")?);
    let rows = features.nrows();
    let bound = |block: usize| rows * block / FOLDS;
    let fold = |block: usize| Fold {
        train: (0..bound(block)).chain(bound(block + 1)..rows).collect(),
        test: (bound(block)..bound(block + 1)).collect(),
    };
    let folds: Vec<Fold> = (0..FOLDS).map(fold).collect();
    let alphas = (0..9).map(|exponent| 10_f64.powi(exponent)).chain([10_f64.sqrt()]).collect();
    let settings = RidgeSettings {
        alphas: Alphas::new(alphas)?,
        mixtures: Mixtures::ends(1),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: FOLDS,
        at_edge: AtEdge::Count,
    };
    let few = InMemory(responses.slice(s![.., ..8]).to_owned());
    fit(&features, &folds, &settings, &few)?;
    let responses = InMemory(responses);
    // What was held while the arrays were read does not count.
    std::fs::write("/proc/self/clear_refs", "5")?;
    let before = memory("VmRSS:")?;
    let (started, used) = (Instant::now(), processor()?);
    let alphas = fit(&features, &folds, &settings, &responses)?;
    let (wall, processor) = (started.elapsed().as_secs_f64(), processor()? - used);
    let check = alphas.iter().map(|alpha| alpha.log10()).sum::<f64>() / alphas.len() as f64;
    let peak = memory("VmHWM:")?.saturating_sub(before);
    println!("{{\"wall\": {wall}, \"processor\": {processor}, \"peak\": {peak}, \"check\": {check}}}");
    Ok(())
}

/// As the Python module does it: threads and a copy of the features for every call.
fn fit(
    features: &Array2<f32>,
    folds: &[Fold],
    settings: &RidgeSettings,
    targets: &InMemory,
) -> Outcome<Vec<f64>> {
    let backend = Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?));
    let design = Design {
        bands: vec![Band::new("x", features.clone())],
        timeline: Timeline::new([(features.nrows(), "all".to_owned())]),
        drift: Vec::new(),
        scaling: Scaling::Centre,
    };
    Ok(fit_all(&backend, &design, folds, settings, targets)?.judged.alpha)
}

fn read(folder: &str, name: &str) -> Outcome<Array2<f32>> {
    let bytes = std::fs::read(Path::new(folder).join(name))?;
    let file = npyz::NpyFile::new(&bytes[..])?;
    let shape = (file.shape()[0] as usize, file.shape()[1] as usize);
    Ok(Array2::from_shape_vec(shape, file.into_vec()?)?.slice_move(s![..ROWS, ..]))
}

fn memory(name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line =
        status.lines().find(|line| line.starts_with(name)).ok_or("no such line in /proc/self/status")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number in /proc/self/status")?.parse::<u64>()? * 1024)
}

fn processor() -> Outcome<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    Ok((fields[11].parse::<f64>()? + fields[12].parse::<f64>()?) / 100.0)
}
