//! `gyrus simulate`: a BIDS data set with fMRIPrep derivatives and a known truth.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use gyrus::simulate::{Damage, Settings, Simulated, Size, SurfaceSpace, Version};
use gyrus::{Execution, Gradient, RepetitionTime, Seconds};

use crate::Failure;
use crate::printer::{Printer, print};

/// Arguments of `gyrus simulate`.
#[derive(clap::Args)]
pub struct Arguments {
    /// Folder of the data set: new or empty
    #[arg(value_name = "OUT")]
    folder: PathBuf,
    /// People
    #[arg(long, default_value_t = 4)]
    participants: u32,
    /// Runs of each; each hears a part of the story of its own
    #[arg(long, default_value_t = 2)]
    runs: usize,
    /// Voxels of a brain, about
    #[arg(long, default_value_t = 2000, conflicts_with = "res_2")]
    voxels: usize,
    /// Voxels of 2 mm, with res-2 in the names: about 200,000 in a brain
    #[arg(long)]
    res_2: bool,
    /// Surfaces on which recordings are written too: fsaverage5, fsaverage6, or fsLR for 91,282 vertices and voxels in one file
    #[arg(long, value_name = "SPACE")]
    surface: Option<SurfaceSpace>,
    /// Time between volumes
    #[arg(long, default_value = "1.5 s")]
    repetition_time: Seconds,
    /// How planted depth runs over the areas: planted, reversed, flat or absent
    #[arg(long, default_value = "planted")]
    gradient: Gradient,
    /// Deviation of the planted signal in a typical area, in per cent; noise has 1 per cent before body and drift
    #[arg(long, default_value_t = 1.0)]
    strength: f64,
    /// Deviation of heartbeat in typical grey matter, in per cent
    #[arg(long, default_value_t = 0.5)]
    heartbeat: f64,
    /// Deviation of breathing in a typical voxel, in per cent
    #[arg(long, default_value_t = 0.4)]
    breathing: f64,
    /// Release of fMRIPrep whose layout is written: 20.0.5, 20.2.7 or 25.2.0
    #[arg(long, default_value = "25.2.0")]
    fmriprep: Version,
    /// Folder of the language model that people follow, in Hugging Face layout [default: the one that gyrus brings along]
    #[arg(long, value_name = "DIR")]
    model: Option<PathBuf>,
    /// Text that is read to them, paragraphs divided by empty lines [default: the story that gyrus brings along]
    #[arg(long, value_name = "FILE")]
    story: Option<PathBuf>,
    /// Paragraphs of it that are heard, from its start [default: all]
    #[arg(long)]
    paragraphs: Option<usize>,
    /// Seed of everything
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Participant without recordings of heart and breath; may be given again
    #[arg(long, value_name = "PARTICIPANT")]
    without_physio: Vec<u32>,
    /// Participant whose confounds tables have a row too many; may be given again
    #[arg(long, value_name = "PARTICIPANT")]
    extra_confounds_row: Vec<u32>,
    /// Run that is not there, such as 2:1 for the first of participant 2; may be given again
    #[arg(long, value_name = "PARTICIPANT:RUN")]
    missing_run: Vec<MissingRun>,
    /// Number of threads [default: all cores]
    #[arg(long)]
    threads: Option<usize>,
}

/// A participant and a run, from 1.
#[derive(Clone, Copy)]
struct MissingRun(u32, usize);

impl FromStr for MissingRun {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let both = text.split_once(':').and_then(|(participant, run)| {
            Some(Self(participant.trim().parse().ok()?, run.trim().parse().ok()?))
        });
        both.ok_or_else(|| format!("found `{text}`, expected a participant and a run, such as 2:1"))
    }
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let printer = Printer::new();
    let execution = Execution { threads: arguments.threads, ..Execution::default() };
    let settings = settings(arguments)?;
    let written = gyrus::simulate::simulate(&arguments.folder, &settings, &execution, &printer);
    printer.finish();
    let written = written.map_err(|error| stopped(error, &arguments.folder))?;
    print(summary(&written, &settings))
}

/// A cohort is not continued: what is there of it has to go.
fn stopped(error: gyrus::Error, folder: &Path) -> Failure {
    match error {
        gyrus::Error::Interrupted => Failure::Interrupted(format!(
            "interrupted: {} holds a part of the cohort; remove it before you run the command again",
            folder.display()
        )),
        error => error.into(),
    }
}

fn settings(arguments: &Arguments) -> Result<Settings, Failure> {
    let mut settings = Settings::new()?;
    settings.participants = arguments.participants;
    settings.runs = arguments.runs;
    settings.size = if arguments.res_2 { Size::TwoMillimetres } else { Size::Voxels(arguments.voxels) };
    settings.surface = arguments.surface;
    settings.repetition_time = RepetitionTime::new(arguments.repetition_time).map_err(gyrus::Error::from)?;
    settings.gradient = arguments.gradient;
    settings.signal.strength = arguments.strength;
    settings.noise.heartbeat = arguments.heartbeat;
    settings.noise.breathing = arguments.breathing;
    settings.version = arguments.fmriprep;
    settings.language_model.clone_from(&arguments.model);
    settings.story.clone_from(&arguments.story);
    settings.paragraphs = arguments.paragraphs;
    settings.seed = arguments.seed;
    settings.damage = Damage {
        without_physio: arguments.without_physio.clone(),
        extra_confounds_row: arguments.extra_confounds_row.clone(),
        missing_runs: arguments
            .missing_run
            .iter()
            .map(|MissingRun(participant, run)| (*participant, *run))
            .collect(),
    };
    Ok(settings)
}

fn summary(written: &Simulated, settings: &Settings) -> String {
    let (voxels, size) = written.voxels;
    let volumes: Vec<String> = written.volumes.iter().map(ToString::to_string).collect();
    format!(
        "{} recordings of {} participants, {voxels} voxels of {size} mm in the brain, runs of {} volumes, images of {}\n\
         data set: {}\nderivatives (layout of fMRIPrep {}): {}\ntruth: {}\n",
        written.recordings,
        settings.participants,
        volumes.join(", "),
        written.bytes,
        written.raw.display(),
        settings.version,
        written.derivatives.display(),
        written.truth.display(),
    )
}
