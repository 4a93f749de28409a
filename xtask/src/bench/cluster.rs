//! `cargo xtask bench cluster`: a simulated study in shares: predicted against measured times, two workers against one, and an empty task.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::Value;

use crate::process::{cargo, require, root, watch};

const STAGES: [&str; 4] = ["prepare", "extract", "baseline", "fit"];
/// Voxels of the studies.
const SIZES: [&str; 2] = ["700", "2000"];
/// Times that one worker and two are compared.
const ROUNDS: usize = 3;
/// What two may take of the time of one.
const REACH: f64 = 0.6;
/// Starts of a task with nothing to do.
const EMPTY: usize = 15;
/// Seconds that one may take.
const REACH_EMPTY: f64 = 0.3;

/// Plans and runs two studies, then shares out the fits of the smaller one.
///
/// # Errors
/// - the program does not build, or a command fails.
pub fn run() -> Result<(), String> {
    require(cargo().args(["build", "--release", "--package", "gyrus-cli"]))?;
    println!("voxels\tstage\ttasks\tpredicted [s]\tmeasured [processor s]\tratio");
    for size in SIZES {
        let study = Planned::of(size)?;
        for stage in STAGES {
            let (tasks, predicted) = study.predicted(stage)?;
            let measured = watch(&mut study.task(stage, 0, 1))?.processor;
            let ratio = predicted / measured;
            println!("{size}\t{stage}\t{tasks}\t{predicted:.1}\t{measured:.1}\t{ratio:.2}");
        }
    }
    let study = Planned { output: Planned::folder(SIZES[0]).join("out") };
    let mut ratios = Vec::new();
    for _ in 0..ROUNDS {
        let (one, two) = (study.fits(1)?, study.fits(2)?);
        ratios.push(two / one);
    }
    ratios.sort_by(f64::total_cmp);
    let shown: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!(
        "\nfits by two workers of a thread each, of the time of one: {} (to reach: {REACH})",
        shown.join(", ")
    );
    let mut empty = Vec::new();
    for _ in 0..EMPTY {
        empty.push(watch(&mut study.task("fit", 0, 1))?.wall);
    }
    empty.sort_by(f64::total_cmp);
    println!("a task with nothing to do: {:.3} s (to reach: {REACH_EMPTY} s)", empty[EMPTY / 2]);
    Ok(())
}

/// A simulated study with its plan.
struct Planned {
    output: PathBuf,
}

impl Planned {
    fn folder(size: &str) -> PathBuf {
        root().join("target/bench/cluster").join(size)
    }

    fn of(size: &str) -> Result<Self, String> {
        let folder = Self::folder(size);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let (data, study) = (folder.join("data"), folder.join("study.toml"));
        require(gyrus().arg("simulate").arg(&data).args(["--participants", "4", "--voxels", size]))?;
        let mut init = gyrus();
        init.arg("init").arg(&data).arg("--model").arg(data.join("language-model")).arg("-o").arg(&study);
        require(&mut init)?;
        let text = read(&study)?;
        let text = text.replace("surrogates = 1000 ", "surrogates = 39 ");
        let text = text.replace("untrained_seeds = 5 ", "untrained_seeds = 1 ");
        std::fs::write(&study, text).map_err(|error| format!("{}: {error}", study.display()))?;
        let output = folder.join("out");
        require(gyrus().arg("plan").arg(&study).arg("-o").arg(&output))?;
        Ok(Self { output })
    }

    /// Tasks of a stage, and what they are said to take together.
    fn predicted(&self, stage: &str) -> Result<(usize, f64), String> {
        let text = read(&self.output.join("plan.json"))?;
        let plan: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let stages = plan["stages"].as_array().cloned().unwrap_or_default();
        let own = stages.iter().find(|known| known["name"] == stage);
        let tasks = own.and_then(|own| own["tasks"].as_array()).cloned().unwrap_or_default();
        Ok((tasks.len(), tasks.iter().filter_map(|task| task["seconds"].as_f64()).sum()))
    }

    fn task(&self, stage: &str, index: usize, of: usize) -> Command {
        let mut command = gyrus();
        command.arg("task").arg(&self.output).args(["--stage", stage, "--threads", "1"]);
        command.args(["--index", &index.to_string(), "--of", &of.to_string()]);
        command
    }

    /// Seconds in which some workers do all fits.
    fn fits(&self, workers: usize) -> Result<f64, String> {
        let done = self.output.join("store/fit");
        std::fs::remove_dir_all(&done).map_err(|error| format!("{}: {error}", done.display()))?;
        let start = Instant::now();
        let mut running = Vec::new();
        for index in 0..workers {
            running.push(self.task("fit", index, workers).spawn().map_err(|error| error.to_string())?);
        }
        for mut worker in running {
            let status = worker.wait().map_err(|error| error.to_string())?;
            if !status.success() {
                return Err("a worker failed".to_owned());
            }
        }
        Ok(start.elapsed().as_secs_f64())
    }
}

fn gyrus() -> Command {
    let mut command = Command::new(root().join("target/release/gyrus"));
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
