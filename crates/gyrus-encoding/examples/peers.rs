//! The work that `cargo xtask bench peers` times, by gyrus: `peers WORK FOLDER`, two threads.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use gyrus_core::{FoldRule, Folds, InMemory, Timeline};
use gyrus_encoding::backend::{Backend, operations};
use gyrus_encoding::nulls::{self, NullKind, ObservedFit, Request, Surrogates};
use gyrus_encoding::ridge::{
    self, Alphas, AtEdge, Band, Choice, Design, FittedBlock, FoldChoices, Mixtures, RidgeSettings, Scaling,
};
use gyrus_encoding::statistics::{Connectivity, Enhancement, Neighbours, SignFlips, Statistic, Tail};
use gyrus_encoding::{Test, scores};
use ndarray::Array2;
use rayon::prelude::*;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [work, folder] = arguments.as_slice() else { return Err("expected: peers WORK FOLDER".into()) };
    let folder = Path::new(folder);
    let backend = Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build()?));
    let before = operations();
    let (alpha, score, time) = match work.as_str() {
        "surrogates" => surrogates(&backend, folder)?,
        "shifts" => shifts(&backend, folder)?,
        "flips" | "tfce" | "mesh" => maps(&backend, work, folder)?,
        _ => fit(&backend, work, folder)?,
    };
    let operations = operations() - before;
    let out = folder.join("gyrus");
    std::fs::create_dir_all(&out)?;
    for (name, values) in [("alpha.f64", alpha), ("score.f64", score)] {
        std::fs::write(
            out.join(name),
            values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>(),
        )?;
    }
    let peak = peak()?;
    let share = operations as f64 / time.0 / product_rate()?;
    println!(
        "{{\"wall\": {}, \"processor\": {}, \"peak\": {peak}, \"product_share\": {share}}}",
        time.0, time.1
    );
    Ok(())
}

/// Operations per second of the machine's own matrix products, one on each thread, in single precision.
fn product_rate() -> Outcome<f64> {
    const ROUNDS: usize = 16;
    let (left, right) = (faer::Mat::<f32>::full(1328, 666, 0.5), faer::Mat::<f32>::full(666, 1000, 0.5));
    let multiply = |_: usize| {
        let mut out = faer::Mat::<f32>::zeros(1328, 1000);
        faer::linalg::matmul::matmul(&mut out, faer::Accum::Replace, &left, &right, 1.0, faer::Par::Seq);
        f64::from(out[(0, 0)])
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build()?;
    let all = |rounds: usize| -> f64 {
        pool.install(|| (0..rounds).into_par_iter().with_max_len(1).map(multiply).sum())
    };
    all(2);
    let started = Instant::now();
    std::hint::black_box(all(ROUNDS));
    Ok((2 * 1328 * 666 * 1000 * ROUNDS) as f64 / started.elapsed().as_secs_f64())
}

type Timed = (Vec<f64>, Vec<f64>, (f64, f64));

fn fit(backend: &Backend, work: &str, folder: &Path) -> Outcome<Timed> {
    let (train, n_bands, count) = match work {
        "dual" | "people" => (832, 1, 10),
        "dual50" => (832, 1, 50),
        "primal" => (9000, 1, 10),
        "banded" => (832, 3, 10),
        _ => {
            return Err(
                format!("found work `{work}`, expected dual, people, dual50, primal, banded, ...").into()
            );
        }
    };
    let bands = (0..n_bands).map(|band| read(folder, &format!("x{band}"))).collect::<Outcome<Vec<_>>>()?;
    let targets = InMemory(read(folder, "y")?);
    let rows = targets.0.nrows();
    let timeline = Timeline::new([(train, "train".to_owned()), (rows - train, "test".to_owned())]);
    let folds = Folds::new(&timeline, &FoldRule::Named { test: vec!["test".to_owned()], gap: 0 })?;
    let band = |features| Band::new("x", features);
    let design = Design {
        bands: bands.into_iter().map(band).collect(),
        timeline,
        drift: Vec::new(),
        scaling: Scaling::Centre,
    };
    let mixtures = if n_bands == 1 { vec![vec![1.0]] } else { mixtures(folder)? };
    let settings = RidgeSettings {
        alphas: Alphas::logspace(1.0, 1e8, count)?,
        mixtures: Mixtures::Same(mixtures),
        refinements: 0,
        choice: Choice::PerTarget,
        inner_folds: 5,
        at_edge: AtEdge::Count,
    };
    let mut score = Vec::new();
    let started = (Instant::now(), processor()?);
    let mut sink = |block: FittedBlock| {
        score.extend(scores::correlation(&block.predictions, &block.responses, &folds)?.mean());
        Ok(())
    };
    let fit = ridge::fit(backend, &design, &folds, &settings, (&targets, &mut sink))?;
    let time = (started.0.elapsed().as_secs_f64(), processor()? - started.1);
    let alpha = if n_bands == 1 { fit.choices[0].alpha.clone() } else { vec![0.0; targets.0.ncols()] };
    Ok((alpha, score, time))
}

fn surrogates(backend: &Backend, folder: &Path) -> Outcome<Timed> {
    let (features, targets) = (read(folder, "x0")?, InMemory(read(folder, "y")?));
    let timeline = Timeline::new([(features.nrows(), "story".to_owned())]);
    let folds = Folds::new(&timeline, &FoldRule::Blocks { count: 5, gap: 0 })?;
    let band = Band::new("x", features);
    let design = Design { bands: vec![band], timeline, drift: Vec::new(), scaling: Scaling::ZScore };
    // Four penalties in the middle of the grid, as targets choose on real responses.
    let alphas = Alphas::logspace(1.0, 1e8, 10)?;
    let n_targets = targets.0.ncols();
    let of_fold = |fold: usize| FoldChoices {
        mixtures: vec![vec![1.0]],
        mixture: vec![0; n_targets],
        alpha: (0..n_targets).map(|target| alphas.as_slice()[3 + (target * 7 + fold) % 4]).collect(),
    };
    let choices: Vec<FoldChoices> = (0..5).map(of_fold).collect();
    let scores = Array2::zeros((5, n_targets));
    let request = Request {
        design: &design,
        surrogate_bands: &[0],
        given: &[],
        folds: &folds,
        groups: &vec![Some(0); n_targets],
        fit: ObservedFit { choices: &choices, scores: &scores },
        again: None,
    };
    let surrogates = Surrogates { kind: NullKind::Phase, count: 100, seed: 1 };
    let started = (Instant::now(), processor()?);
    let null = nulls::refit(backend, &request, &targets, &surrogates)?;
    let time = (started.0.elapsed().as_secs_f64(), processor()? - started.1);
    Ok((Vec::new(), null.mean, time))
}

fn shifts(backend: &Backend, folder: &Path) -> Outcome<Timed> {
    let (predictions, responses) = (read(folder, "p")?, read(folder, "y")?);
    let rows = predictions.nrows();
    let timeline =
        Timeline::new([(1, "train".to_owned()), (1, "train".to_owned()), (rows, "story".to_owned())]);
    let with_rows = |values: Array2<f32>| {
        let mut all = Array2::zeros((rows + 2, values.ncols()));
        all.slice_mut(ndarray::s![2.., ..]).assign(&values);
        all
    };
    let folds = Folds::new(&timeline, &FoldRule::Named { test: vec!["story".to_owned()], gap: 0 })?;
    let (predictions, responses) =
        (Test::declared(with_rows(predictions)), Test::declared(with_rows(responses)));
    let started = (Instant::now(), processor()?);
    let null = nulls::prediction_shifts(backend, &predictions, &responses, &folds)?;
    let time = (started.0.elapsed().as_secs_f64(), processor()? - started.1);
    Ok((Vec::new(), null.exceedances.iter().map(|count| f64::from(*count)).collect(), time))
}

/// Maps of people under random signs: the maximum of t, or of its threshold-free enhancement on a grid or a mesh.
fn maps(backend: &Backend, work: &str, folder: &Path) -> Outcome<Timed> {
    const GRID: [i32; 3] = [40, 48, 40];
    let people = read(folder, "people")?.mapv(f64::from);
    let neighbours = match work {
        "tfce" => Some(Neighbours::of_grid(&cells(GRID), Connectivity::Faces)),
        "mesh" => {
            let faces = read(folder, "faces")?;
            let faces: Vec<[usize; 3]> = faces
                .rows()
                .into_iter()
                .map(|row| [row[0] as usize, row[1] as usize, row[2] as usize])
                .collect();
            Some(Neighbours::of_mesh(people.ncols(), &faces)?)
        }
        _ => None,
    };
    let (people, t) = (people.view(), (Statistic::T, Tail::Greater));
    let started = (Instant::now(), processor()?);
    let reached = match &neighbours {
        Some(neighbours) => SignFlips::new(people.nrows(), 1000, 1).count_enhanced(
            backend,
            people,
            t,
            (Enhancement::VOLUME, neighbours),
        )?,
        None => SignFlips::new(people.nrows(), 10_000, 1).count(backend, people, t)?,
    };
    let time = (started.0.elapsed().as_secs_f64(), processor()? - started.1);
    Ok((Vec::new(), reached.family_wise_p().to_vec(), time))
}

/// Cells of a box, the last axis fastest.
fn cells([width, depth, height]: [i32; 3]) -> Vec<[i32; 3]> {
    let row = |x: i32, y: i32| (0..height).map(move |z| [x, y, z]);
    (0..width).flat_map(|x| (0..depth).flat_map(move |y| row(x, y))).collect()
}

fn mixtures(folder: &Path) -> Outcome<Vec<Vec<f64>>> {
    let bytes = std::fs::read(folder.join("mixtures.npy"))?;
    let file = npyz::NpyFile::new(&bytes[..])?;
    let columns = file.shape()[1] as usize;
    Ok(file.into_vec::<f64>()?.chunks(columns).map(<[f64]>::to_vec).collect())
}

fn read(folder: &Path, name: &str) -> Outcome<Array2<f32>> {
    let path = folder.join(format!("{name}.npy"));
    let file = std::fs::File::open(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file = npyz::NpyFile::new(std::io::BufReader::new(file))?;
    let shape = (file.shape()[0] as usize, file.shape()[1] as usize);
    Ok(Array2::from_shape_vec(shape, file.into_vec()?)?)
}

/// Seconds of processor time so far, over all threads.
fn processor() -> Outcome<f64> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks =
        |index: usize| -> Outcome<f64> { Ok(fields.get(index).ok_or("a short /proc/self/stat")?.parse()?) };
    // utime and stime, in hundredths of a second.
    Ok((ticks(11)? + ticks(12)?) / 100.0)
}

/// Peak resident memory in bytes.
fn peak() -> Outcome<u64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse::<u64>()? * 1024)
}
