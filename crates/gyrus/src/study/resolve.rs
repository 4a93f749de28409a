//! A study with its paths made absolute and its recordings found: one entry per participant and run.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gyrus_core::RepetitionTime;
use gyrus_io::pattern;
use gyrus_io::scan::Scan;

use super::bids::{self, VolumeRun};
use super::noted::Noted;
use super::paths::{relative_to, shortened};
use super::schema::Study;
use crate::Error;

/// A study whose recordings were found.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What the file says.
    pub study: Study,
    /// The file.
    pub path: PathBuf,
    /// Recordings, sorted by participant and then by stimulus.
    pub runs: Vec<ResolvedRun>,
    /// What was noticed while they were found.
    pub noted: Noted,
}

/// One recording.
#[derive(Debug, Clone, PartialEq)]
pub struct ResolvedRun {
    /// Who lay in the scanner.
    pub participant: String,
    /// Index into `study.stimulus`.
    pub stimulus: usize,
    /// The table or image of responses; of surfaces, that of the left hemisphere.
    pub responses: PathBuf,
    /// The table of confounds.
    pub confounds: Option<PathBuf>,
    /// What only an image has.
    pub volumes: Option<VolumeRun>,
}

impl ResolvedRun {
    /// The file or files of its volumes.
    #[must_use]
    pub fn scan(&self) -> Scan {
        let right = self.volumes.as_ref().and_then(|volumes| volumes.right.clone());
        Scan { image: self.responses.clone(), right }
    }
}

impl Resolved {
    /// Reads a study file and looks for the recordings that it names.
    ///
    /// # Errors
    /// - as [`super::read`],
    /// - [`Error::Input`] if a pattern matches no file,
    /// - [`Error::Setting`] if a recording cannot be told to belong to a stimulus, or has no confounds.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let study = super::read(path)?;
        let (runs, noted) = (Vec::new(), Noted::default());
        let mut resolved = Self { study, path: shortened(path), runs, noted };
        (resolved.runs, resolved.noted) = match &resolved.study.bids {
            Some(section) => bids::find_runs(&resolved, section)?,
            None => (resolved.find_runs()?, Noted::default()),
        };
        resolved.check_exclusions()?;
        if let Some(preset) = resolved.study.preset {
            preset.tell(&resolved.study.from_preset, &mut resolved.noted);
        }
        Ok(resolved)
    }

    /// A path of the study file, which is relative to the folder of that file.
    #[must_use]
    pub fn absolute(&self, path: &Path) -> PathBuf {
        shortened(&self.folder().join(path))
    }

    /// A path as seen from the study file: the same wherever gyrus was started.
    #[must_use]
    pub fn named(&self, path: &Path) -> String {
        // The study may be named from here, and a file in it from the root.
        let whole = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let study = whole(&self.path);
        relative_to(study.parent().unwrap_or(&study), &whole(path)).display().to_string()
    }

    /// The folder of the study file.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.path.parent().unwrap_or(Path::new(""))
    }

    /// Names of the participants, in order.
    #[must_use]
    pub fn participants(&self) -> Vec<String> {
        let names: Vec<String> = self.runs.iter().map(|run| run.participant.clone()).collect();
        let mut seen = BTreeSet::new();
        names.into_iter().filter(|name| seen.insert(name.clone())).collect()
    }

    /// Volumes to leave out at the start of a recording: what was discarded before a table was made counts.
    #[must_use]
    pub fn trimmed_volumes(&self, repetition: RepetitionTime) -> usize {
        let spanned = repetition.volumes_spanning(self.study.responses.trim_start);
        spanned.saturating_sub(self.study.denoise.confounds_skip_rows)
    }

    fn find_runs(&self) -> Result<Vec<ResolvedRun>, Error> {
        let table = self.study.responses.table.clone().unwrap_or_default();
        let responses = self.of_chosen(self.list("responses.table", &table)?)?;
        let confounds = match &self.study.denoise.confounds {
            Some(table) => Some(self.by_run(self.of_responses(table, &responses)?)?),
            None => None,
        };
        let mut runs = Vec::with_capacity(responses.len());
        for found in responses {
            let (participant, stimulus) = self.run_of(&found)?;
            let run_confounds = match &confounds {
                Some(tables) => Some(self.confounds_of(tables, &participant, stimulus)?),
                None => None,
            };
            runs.push(ResolvedRun {
                participant,
                stimulus,
                responses: found.path,
                confounds: run_confounds,
                volumes: None,
            });
        }
        Ok(runs)
    }

    /// The files of the chosen participants. Where participants are chosen, or content is not here, what belongs to a stimulus
    /// that the study does not have is left alone.
    fn of_chosen(&self, found: Vec<pattern::Match>) -> Result<Vec<pattern::Match>, Error> {
        let chosen = &self.study.responses.participants;
        let names: BTreeSet<&String> =
            found.iter().filter_map(|found| found.fields.get("participant")).collect();
        if let Some(stranger) = chosen.iter().find(|name| !names.contains(name)) {
            let names: Vec<&str> = names.into_iter().map(String::as_str).collect();
            let expected = format!("one of {}", names.join(", "));
            return Err(self.setting("responses.participants", format!("`{stranger}`"), expected));
        }
        let is_kept = |found: &pattern::Match| {
            let is_heard = self.is_heard(found);
            let is_chosen = found.fields.get("participant").is_none_or(|name| chosen.contains(name));
            match chosen.is_empty() {
                true => is_heard || found.is_here(),
                false => is_heard && is_chosen,
            }
        };
        let kept: Vec<pattern::Match> = found.into_iter().filter(is_kept).collect();
        pattern::require_content(&kept).map_err(|error| self.about("responses.table", error.into()))?;
        if kept.is_empty() {
            let expected = "one; correct the names of stimuli, or the pattern".to_owned();
            return Err(self.setting(
                "responses.table",
                "none that is of a stimulus of the study".to_owned(),
                expected,
            ));
        }
        Ok(kept)
    }

    /// Tables of confounds of the participants who have responses; those of others are nothing of this study.
    fn of_responses(
        &self,
        pattern: &str,
        responses: &[pattern::Match],
    ) -> Result<Vec<pattern::Match>, Error> {
        const KEY: &str = "denoise.confounds";
        let people: BTreeSet<&String> =
            responses.iter().filter_map(|found| found.fields.get("participant")).collect();
        let mut found = self.list(KEY, pattern)?;
        found.retain(|table| {
            table.fields.get("participant").is_none_or(|name| people.contains(name)) && self.is_heard(table)
        });
        pattern::require_content(&found).map_err(|error| self.about(KEY, error.into()))?;
        Ok(found)
    }

    fn is_heard(&self, found: &pattern::Match) -> bool {
        let name = found.fields.get("stimulus");
        name.is_none_or(|name| self.study.stimulus.iter().any(|known| known.name == *name))
    }

    pub(super) fn list(&self, key: &str, pattern: &str) -> Result<Vec<pattern::Match>, Error> {
        let found = pattern::list(pattern, &shortened(self.folder()));
        let mut found = found.map_err(|error| self.about(key, error.into()))?;
        for found in &mut found {
            found.path = shortened(&found.path);
        }
        Ok(found)
    }

    fn check_exclusions(&self) -> Result<(), Error> {
        let participants = self.participants();
        let stranger = self.study.responses.exclude.keys().find(|name| !participants.contains(name));
        match stranger {
            None => Ok(()),
            Some(name) => {
                let expected = format!("one of the participants: {}", participants.join(", "));
                Err(self.setting("responses.exclude", format!("`{name}`"), expected))
            }
        }
    }

    fn by_run(&self, found: Vec<pattern::Match>) -> Result<BTreeMap<(String, usize), PathBuf>, Error> {
        found.into_iter().map(|found| Ok((self.run_of(&found)?, found.path))).collect()
    }

    fn confounds_of(
        &self,
        tables: &BTreeMap<(String, usize), PathBuf>,
        participant: &str,
        stimulus: usize,
    ) -> Result<PathBuf, Error> {
        let found = tables.get(&(participant.to_owned(), stimulus));
        found.cloned().ok_or_else(|| {
            let found = format!("no file for participant `{participant}`");
            let expected = "one confounds table for each recording; add it, or leave the participant out with responses.exclude";
            self.setting("denoise.confounds", found, expected.to_owned())
        })
    }

    fn run_of(&self, found: &pattern::Match) -> Result<(String, usize), Error> {
        let Some(participant) = found.fields.get("participant") else {
            let table = self.study.responses.table.clone().unwrap_or_default();
            return Err(self.setting("responses.table", table, "a path with {participant} in it".to_owned()));
        };
        let named = found.fields.get("stimulus").or(self.study.responses.stimulus.as_ref());
        let stimuli = &self.study.stimulus;
        let index = match named {
            Some(name) => stimuli.iter().position(|stimulus| stimulus.name == *name),
            None if stimuli.len() == 1 => Some(0),
            None => None,
        };
        let names: Vec<&str> = stimuli.iter().map(|stimulus| stimulus.name.as_str()).collect();
        let index = index.ok_or_else(|| {
            let found = named.cloned().unwrap_or_else(|| "no {stimulus} in the pattern".to_owned());
            self.setting("responses.table", found, format!("one of the stimuli: {}", names.join(", ")))
        })?;
        Ok((participant.clone(), index))
    }

    /// An error with the key whose value it is about.
    pub(crate) fn about(&self, key: &str, source: Error) -> Error {
        Error::Key { path: self.path.clone(), key: key.to_owned(), source: Box::new(source) }
    }

    pub(crate) fn setting(&self, key: &str, found: String, expected: String) -> Error {
        Error::Setting { path: self.path.clone(), key: key.to_owned(), found, expected }
    }
}
