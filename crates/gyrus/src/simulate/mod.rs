//! Cohorts on disk with a known truth: a BIDS data set with fMRIPrep derivatives, as laboratories have them.

mod areas;
mod confounds;
mod derivatives;
mod geodesic;
mod layout;
mod quality;
mod raw;
mod story;
mod surfaces;
mod truth;

use std::path::{Path, PathBuf};

use gyrus_core::{ByteSize, RepetitionTime, Seconds};
use gyrus_encoding::simulate::scan::{Acquisition, Experiment, Head, Lattice, Listener, Part, ScanNoise};
use gyrus_encoding::simulate::{Gradient, SignalSettings};
use gyrus_io::atomic;
pub use layout::Version;
pub use surfaces::SurfaceSpace;

pub(crate) use story::MODEL_FOLDER;
pub(crate) use truth::FILE as PLANTED_FILE;

use surfaces::Surfaces;

use crate::plan::Machine;
use crate::{Error, Execution, Progress};

/// What is simulated.
#[derive(Debug, Clone)]
pub struct Settings {
    /// People.
    pub participants: u32,
    /// Runs of each; each hears a part of the story of its own.
    pub runs: usize,
    /// How many voxels a brain has, about.
    pub size: Size,
    /// Surfaces on which recordings are written too.
    pub surface: Option<SurfaceSpace>,
    /// Time between volumes.
    pub repetition_time: RepetitionTime,
    /// How planted depth runs over the areas.
    pub gradient: Gradient,
    /// How strong the signal is.
    pub signal: SignalSettings,
    /// How strong noise is.
    pub noise: ScanNoise,
    /// Which release of fMRIPrep wrote the derivatives.
    pub version: Version,
    /// Folder of a language model in Hugging Face layout; None for the one that gyrus brings along.
    pub language_model: Option<PathBuf>,
    /// A text whose paragraphs are divided by empty lines; None for the story that gyrus brings along.
    pub story: Option<PathBuf>,
    /// Paragraphs of the text that are heard, from its start; None for all.
    pub paragraphs: Option<usize>,
    /// What is wrong with the data set.
    pub damage: Damage,
    /// Every random stream starts here.
    pub seed: u64,
}

/// How finely a brain is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// About so many voxels in the brain.
    Voxels(usize),
    /// Voxels of 2 mm, with `res-2` in the names.
    TwoMillimetres,
}

/// What is wrong with a data set; numbers of participants and runs are those of its names, from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// Participants without recordings of heart and breath.
    pub without_physio: Vec<u32>,
    /// Participants whose confounds tables have one row more than there are volumes.
    pub extra_confounds_row: Vec<u32>,
    /// Participant and run that are not there.
    pub missing_runs: Vec<(u32, usize)>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Simulated {
    /// Folder of the raw data set.
    pub raw: PathBuf,
    /// Folder of the derivatives.
    pub derivatives: PathBuf,
    /// Folder of the truth.
    pub truth: PathBuf,
    /// Voxels of the largest brain mask, and the size of a voxel in mm.
    pub voxels: (usize, f64),
    /// Volumes of each run.
    pub volumes: Vec<usize>,
    /// Recordings that were written.
    pub recordings: usize,
    /// Bytes of the preprocessed images.
    pub bytes: ByteSize,
}

impl Settings {
    /// Four people, two runs, 2000 voxels, 1.5 s from volume to volume, nothing wrong.
    ///
    /// # Errors
    /// - none: it is that of a repetition time that is not positive.
    pub fn new() -> Result<Self, Error> {
        Ok(Self {
            participants: 4,
            runs: 2,
            size: Size::Voxels(2000),
            surface: None,
            repetition_time: RepetitionTime::new(Seconds::new(1.5)?)?,
            gradient: Gradient::Planted,
            signal: SignalSettings::default(),
            noise: ScanNoise::default(),
            version: Version::default(),
            language_model: None,
            story: None,
            paragraphs: None,
            damage: Damage::default(),
            seed: 1,
        })
    }
}

/// The fewest voxels with which every area and tissue has some.
const FEWEST: usize = 600;
/// 20 people with 100,000 voxels are wanted; this is the brain at 1 mm.
const MOST: usize = 2_000_000;

/// Writes a cohort, one run after the other; the same bytes for the same settings, whatever the number of threads.
///
/// # Errors
/// - the folder is there and not empty, or cannot be written,
/// - a number is out of bounds, or the story has fewer paragraphs than there are runs,
/// - the language model or the story cannot be read.
pub fn simulate(
    folder: &Path,
    settings: &Settings,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Simulated, Error> {
    if std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(Error::Unusable {
            path: folder.to_owned(),
            found: "files in the folder".to_owned(),
            expected: "an empty folder or none; choose another or empty it".to_owned(),
        });
    }
    write_cohort(folder, settings, execution, progress)
}

/// As [`simulate`], over the files of a cohort that is there.
pub(crate) fn write_cohort(
    folder: &Path,
    settings: &Settings,
    execution: &Execution,
    progress: &dyn Progress,
) -> Result<Simulated, Error> {
    check(folder, settings)?;
    let texts = story::texts(settings)?;
    let machine = Machine::new(execution, progress)?;
    atomic::create_folder(folder)?;
    progress.begin("reading the story");
    let model = story::language_model(settings, folder)?;
    let parts = story::parts(settings, &texts, &model, &machine)?;
    let experiment = experiment(settings, parts, &model);
    let names = layout::Names { settings };
    raw::write_data_set(folder, settings, &experiment)?;
    truth::write_planted(folder, &names, &experiment)?;
    derivatives::write_data_set(&names.derivatives(folder), &names)?;
    let surfaces = settings.surface.map(|space| Surfaces::new(space, &experiment.head));
    if let Some(surfaces) = &surfaces {
        surfaces.write_templates(folder, &experiment)?;
    }
    progress.begin("simulating runs");
    let mut written = Written::default();
    for participant in 0..settings.participants {
        let listener = Listener::new(&experiment, participant, &machine.backend)?;
        truth::write_participant(folder, &names, &experiment, &listener)?;
        for run in 0..settings.runs {
            if progress.is_interrupted() {
                return Err(Error::Interrupted);
            }
            if !settings.damage.missing_runs.contains(&(participant + 1, run + 1)) {
                let cohort = (&experiment, surfaces.as_ref());
                written.add(write_run(folder, &names, (cohort, &listener, run), &machine)?);
            }
            let done = participant as usize * settings.runs + run + 1;
            progress.advance(done as f64 / (settings.participants as usize * settings.runs) as f64);
        }
    }
    Ok(Simulated {
        raw: folder.to_owned(),
        derivatives: names.derivatives(folder),
        truth: folder.join(truth::FOLDER),
        voxels: (written.voxels, experiment.head.lattice.spacing),
        volumes: experiment.parts.iter().map(|part| part.volumes).collect(),
        recordings: written.recordings,
        bytes: ByteSize::new(written.bytes),
    })
}

#[derive(Default)]
struct Written {
    voxels: usize,
    recordings: usize,
    bytes: u64,
}

impl Written {
    fn add(&mut self, (voxels, bytes): (usize, u64)) {
        self.voxels = self.voxels.max(voxels);
        self.recordings += 1;
        self.bytes += bytes;
    }
}

/// Writes one run; returns the voxels of its mask and the bytes of its image.
fn write_run(
    folder: &Path,
    names: &layout::Names<'_>,
    ((experiment, surfaces), listener, run): ((&Experiment, Option<&Surfaces>), &Listener, usize),
    machine: &Machine<'_>,
) -> Result<(usize, u64), Error> {
    let scanned = listener.scan(experiment, run, &machine.backend)?;
    let of = layout::Recording { participant: listener.participant + 1, run: run + 1 };
    raw::write_run(folder, names, (experiment, of), &scanned)?;
    let derivatives = names.derivatives(folder);
    let (voxels, bytes) = derivatives::write_run(&derivatives, names, (experiment, of), &scanned)?;
    let of_surfaces =
        surfaces.map(|surfaces| surfaces.write_run(&derivatives, names, (experiment, of), &scanned));
    Ok((voxels, bytes + of_surfaces.transpose()?.unwrap_or(0)))
}

fn experiment(settings: &Settings, parts: Vec<Part>, model: &story::Model) -> Experiment {
    let spacing = match settings.size {
        Size::TwoMillimetres => 2.0,
        // To a hundredth of a millimetre, as protocols have it.
        Size::Voxels(voxels) => (libm::cbrt(Head::brain_volume() / voxels as f64) * 100.0).round() / 100.0,
    };
    let head = Head::new(Lattice::around_head(spacing));
    let interval = settings.repetition_time;
    let slices = slice_times(head.lattice.shape[2], interval.get());
    let last = slices.iter().fold(0.0_f64, |last, time| last.max(*time));
    Experiment {
        head,
        areas: areas::directions(),
        map: areas::planted(settings.gradient, model.layers),
        parts,
        // fMRIPrep: halfway between the first and the last slice, to the millisecond.
        acquisition: Acquisition { interval, slices, reference: (last * 500.0).round() / 1000.0 },
        signal: settings.signal,
        noise: settings.noise,
        seed: settings.seed,
    }
}

/// Even slices first, then odd ones.
fn slice_times(slices: usize, interval: f64) -> Vec<f64> {
    let order = (0..slices).step_by(2).chain((1..slices).step_by(2));
    let mut times = vec![0.0; slices];
    for (rank, slice) in order.enumerate() {
        times[slice] = (rank as f64 * interval / slices as f64 * 1e4).round() / 1e4;
    }
    times
}

fn check(folder: &Path, settings: &Settings) -> Result<(), Error> {
    let wrong = |found: String, expected: &str| {
        Err(Error::Unusable { path: folder.to_owned(), found, expected: expected.to_owned() })
    };
    if !(1..=999).contains(&settings.participants) || !(1..=99).contains(&settings.runs) {
        let found = format!("{} participants with {} runs", settings.participants, settings.runs);
        return wrong(found, "1 to 999 participants with 1 to 99 runs");
    }
    if let Size::Voxels(voxels) = settings.size
        && !(FEWEST..=MOST).contains(&voxels)
    {
        return wrong(format!("{voxels} voxels"), "600 to 2000000 voxels");
    }
    let interval = settings.repetition_time.get();
    if !(0.4..=5.0).contains(&interval) {
        return wrong(format!("a repetition time of {interval} s"), "0.4 s to 5 s");
    }
    let body = [settings.noise.heartbeat, settings.noise.breathing];
    if let Some(size) = body.into_iter().find(|size| !(0.0..=100.0).contains(size)) {
        return wrong(format!("a heartbeat or breathing of {size} %"), "0 to 100 %");
    }
    let damage = &settings.damage;
    let participants = damage.without_physio.iter().chain(&damage.extra_confounds_row);
    let participants = participants.chain(damage.missing_runs.iter().map(|(participant, _)| participant));
    if let Some(participant) = participants.into_iter().find(|one| !(1..=settings.participants).contains(one))
    {
        let expected = format!("1 to {}", settings.participants);
        return wrong(format!("participant {participant} among the damage"), &expected);
    }
    if let Some((_, run)) = damage.missing_runs.iter().find(|(_, run)| !(1..=settings.runs).contains(run)) {
        return wrong(format!("run {run} among the damage"), &format!("1 to {}", settings.runs));
    }
    Ok(())
}
