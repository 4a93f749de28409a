//! Everything that a study names, opened once, checked against each other, and known by its content.

mod brain_mask;
mod brought;
mod confounds;
mod contrasts;
mod forecast;
mod hierarchy;
mod hub;
mod known;
mod language_models;
mod meshes;
mod outside;
mod parcels;
mod participants;
mod physiology;
mod places;
mod recordings;
pub(crate) mod stimuli;
mod targets;
mod triggers;
mod voxels;
mod written;

use std::collections::BTreeMap;
use std::path::Path;

use gyrus_core::RepetitionTime;

pub use brought::Brought;
pub use confounds::Confounds;
pub use contrasts::{Contrast, Side};
pub use hierarchy::Reference;
pub(crate) use hub::cached;
pub use known::KnownFiles;
pub(crate) use language_models::require_files;
pub use language_models::{OpenLanguageModel, Source};
pub use participants::Covariate;
pub use recordings::Recording;
pub use stimuli::OpenStimulus;
pub use voxels::Voxels;

use crate::results::{Target, by_region};
use crate::store::Digest;
use crate::study::Resolved;
use crate::{Error, Progress};

/// A study with its files opened.
pub struct Inputs {
    /// The study file and the recordings it names.
    pub resolved: Resolved,
    /// What was heard.
    pub stimuli: Vec<OpenStimulus>,
    /// Who was recorded, sorted by participant and stimulus; unusable ones carry their reason.
    pub recordings: Vec<Recording>,
    /// Columns of the responses.
    pub targets: Vec<Target>,
    /// Where they lie, if they are volumes.
    pub voxels: Option<Voxels>,
    /// The language models, in the order of the study file.
    pub language_models: Vec<OpenLanguageModel>,
    /// Differences that are estimated and tested.
    pub contrasts: Vec<Contrast>,
    /// The layer of each language model to which windows of words further on are added; empty where none are.
    pub forecast_layers: Vec<usize>,
    /// What is known of people, one entry per column.
    pub covariates: Vec<Covariate>,
    /// Digest of their table, where the study names one.
    pub participants: Option<Digest>,
    /// The order of the brain that depth is compared with, where the study asks for one.
    pub reference: Option<Reference>,
    /// Counts of words, by lower-case word, with the digest of their file.
    pub word_counts: Option<WordCounts>,
    /// Digests of large files.
    pub files: KnownFiles,
    /// What readers noticed but could live with.
    pub warnings: Vec<String>,
    /// What they did as it should be done, and say.
    pub notes: Vec<String>,
}

impl Inputs {
    /// Volumes of whoever has most, over all usable recordings.
    #[must_use]
    pub fn most_samples(&self) -> usize {
        let mut of_participant: BTreeMap<&str, usize> = BTreeMap::new();
        for recording in self.recordings.iter().filter(|recording| recording.exclusion.is_none()) {
            *of_participant.entry(&recording.run.participant).or_default() += recording.sampling.count;
        }
        of_participant.into_values().max().unwrap_or(0)
    }

    /// Bytes that the open inputs hold while tasks run: confounds, targets, and weights of language models.
    #[must_use]
    pub fn memory(&self) -> u64 {
        let of_recording = |recording: &Recording| {
            8 * recording.confounds.iter().map(|confounds| confounds.values.len() as u64).sum::<u64>()
        };
        let open = &self.language_models;
        let is_first = |index: usize| !open[..index].iter().any(|other| other.shares_weights(&open[index]));
        let weights =
            (0..open.len()).filter(|index| is_first(*index)).map(|index| open[index].weights_memory());
        let of_voxels = self.voxels.as_ref().map_or(0, |voxels| 16 * voxels.indices.len() as u64);
        let targets = 128 * self.targets.len() as u64;
        self.recordings.iter().map(of_recording).sum::<u64>() + weights.sum::<u64>() + of_voxels + targets
    }

    /// Regions and the targets of each: as the atlas numbers them, else as they first appear.
    #[must_use]
    pub fn regions(&self) -> Vec<(String, Vec<usize>)> {
        regions(&self.targets, self.voxels.as_ref())
    }

    /// Time between samples of the first usable recording: what seconds are turned into samples by where a study has several.
    #[must_use]
    pub fn repetition_time(&self) -> Option<RepetitionTime> {
        let usable = self.recordings.iter().find(|recording| recording.exclusion.is_none());
        usable.map(|recording| recording.sampling.interval)
    }
}

fn regions(targets: &[Target], voxels: Option<&Voxels>) -> Vec<(String, Vec<usize>)> {
    let mut regions = by_region(targets);
    let order = voxels.map_or(&[][..], |voxels| &voxels.regions);
    // Regions of one name have the place of the first.
    regions.sort_by_key(|(name, _)| order.iter().position(|known| known == name));
    regions
}

/// Counts of words, by lower-case word, with the digest of their file.
pub type WordCounts = (BTreeMap<String, u64>, Digest);

/// Opens everything that a study names.
///
/// # Errors
/// - as [`Resolved::read`],
/// - the reader's error if a file is missing, damaged or not what the study says,
/// - [`Error::ConfoundsLength`], [`Error::WordsPastEnd`] if files disagree with each other,
/// - [`Error::NothingLeft`] if no recording is usable.
pub fn open(study: &Path, progress: &dyn Progress) -> Result<Inputs, Error> {
    open_known(study, &KnownFiles::default(), progress)
}

/// The same, without reading large files whose digests are known.
///
/// # Errors
/// - as [`open`].
pub fn open_known(study: &Path, known: &KnownFiles, progress: &dyn Progress) -> Result<Inputs, Error> {
    let resolved = Resolved::read(study)?;
    let mut warnings = Vec::new();
    progress.begin("opening files");
    let stimuli = stimuli::open(&resolved, &mut warnings)?;
    let mut files = known.clone();
    let language_models = language_models::open(&resolved, &stimuli, (&mut files, progress))?;
    let contrasts = contrasts::open(&resolved, &language_models)?;
    let forecast_layers = forecast::layers(&resolved, &language_models)?;
    let opened = recordings::open(&resolved, &stimuli, &mut files, progress)?;
    let recordings::Opened { recordings, targets, voxels, noted } = opened;
    warnings.extend(noted.warnings());
    let notes = noted.notes().collect();
    let regions = regions(&targets, voxels.as_ref());
    let reference = hierarchy::open(&resolved, voxels.as_ref(), &regions)?;
    let word_counts = open_word_counts(&resolved)?;
    require_usable(&resolved, &recordings)?;
    let is_analysed = |name: &String| {
        let own = |recording: &&Recording| recording.run.participant == *name;
        recordings.iter().filter(own).any(|recording| recording.exclusion.is_none())
    };
    let analysed: Vec<String> = resolved.participants().into_iter().filter(is_analysed).collect();
    let covariates = participants::open(&resolved, &analysed)?;
    let table = resolved.study.participants.as_ref().map(|section| resolved.absolute(&section.table));
    let participants = table.map(|path| Ok::<_, Error>(Digest::of(&read_bytes(&path)?))).transpose()?;
    Ok(Inputs {
        resolved,
        stimuli,
        recordings,
        targets,
        voxels,
        language_models,
        contrasts,
        forecast_layers,
        covariates,
        participants,
        reference,
        word_counts,
        files,
        warnings,
        notes,
    })
}

fn open_word_counts(resolved: &Resolved) -> Result<Option<WordCounts>, Error> {
    let Some(path) = &resolved.study.encoding.word_frequencies else { return Ok(None) };
    let path = resolved.absolute(path);
    let counts = gyrus_io::words::counts(&path)?;
    Ok(Some((counts.into_iter().collect(), Digest::of(&read_bytes(&path)?))))
}

fn require_usable(resolved: &Resolved, recordings: &[Recording]) -> Result<(), Error> {
    if recordings.iter().any(|recording| recording.exclusion.is_none()) {
        return Ok(());
    }
    let reasons = recordings.iter().map(|recording| {
        let reason = recording.exclusion.as_deref().unwrap_or_default();
        format!("{} ({reason})", recording.run.participant)
    });
    let (path, reasons) = (resolved.path.clone(), reasons.collect::<Vec<_>>().join(", "));
    Err(Error::NothingLeft { path, reasons })
}

pub(crate) fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::Read { path: path.to_owned(), reason: error.to_string() })
}
