//! Finished studies, opened: what each is called, and its language models one by one.

use std::path::{Path, PathBuf};

use crate::Error;
use crate::results::{ComparedScores, LanguageModelResults, Methods, Results, SideBySide};
use crate::store::Digest;

/// A study.
pub(super) struct Study {
    /// Its name, or its folder where another one has the same name.
    pub label: String,
    pub folder: PathBuf,
    pub results: Results,
    digest: Digest,
}

/// One language model of one study.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub study: &'a Study,
    pub model: &'a LanguageModelResults,
}

impl<'a> Row<'a> {
    pub(super) fn name(&self) -> (String, String) {
        (self.study.label.clone(), self.model.name.clone())
    }

    pub(super) fn methods(&self) -> &'a Methods {
        &self.study.results.methods
    }

    pub(super) fn side_by_side(&self) -> Option<&'a SideBySide> {
        self.study.results.side_by_side.as_ref()
    }

    /// Scores by person and block in a region.
    pub(super) fn scores(&self, region: Option<&String>) -> Option<&'a ComparedScores> {
        let is_wanted =
            |row: &&ComparedScores| row.language_model == self.model.name && row.region.as_ref() == region;
        self.side_by_side()?.scores.iter().find(is_wanted)
    }

    /// Regions with scores by person, the mean over regions last.
    pub(super) fn regions(&self) -> Vec<Option<String>> {
        let of_model = |row: &&ComparedScores| row.language_model == self.model.name;
        let scores = self.side_by_side().map_or(&[][..], |found| &found.scores);
        scores.iter().filter(of_model).map(|row| row.region.clone()).collect()
    }
}

/// Opens every folder.
///
/// # Errors
/// - [`Error::Unusable`] if one is not the folder of a finished study, or two are the same.
pub(super) fn open(folders: &[PathBuf]) -> Result<Vec<Study>, Error> {
    let mut studies: Vec<Study> = Vec::new();
    for folder in folders {
        let study = read(folder)?;
        if let Some(known) = studies.iter().find(|known| known.digest == study.digest) {
            return Err(Error::Unusable {
                path: folder.clone(),
                found: format!("the same study as {}", known.folder.display()),
                expected: "every study once; leave one of them out".to_owned(),
            });
        }
        studies.push(study);
    }
    let names: Vec<String> = studies.iter().map(|study| study.label.clone()).collect();
    for study in &mut studies {
        if names.iter().filter(|name| **name == study.label).count() > 1 {
            study.label = study.folder.display().to_string();
        }
    }
    Ok(studies)
}

fn read(folder: &Path) -> Result<Study, Error> {
    let wrong = |found: &str, expected: &str| {
        Err(Error::Unusable {
            path: folder.to_owned(),
            found: found.to_owned(),
            expected: expected.to_owned(),
        })
    };
    let path = crate::outputs::results_file(folder);
    if !folder.is_dir() {
        return wrong("no such folder", "the output folder of a study (gyrus analyze -o); check the path");
    }
    if !path.is_file() {
        let is_begun = ["store", "plan.json", ".gyrus-lock"].iter().any(|name| folder.join(name).exists());
        return match is_begun {
            true => wrong(
                "an unfinished study (no tables/results.json)",
                "a finished one; run gyrus analyze or merge again until it ends",
            ),
            false => wrong(
                "no study (no tables/results.json)",
                "the output folder of a study (gyrus analyze -o); check the path",
            ),
        };
    }
    let bytes = crate::inputs::read_bytes(&path)?;
    let results = serde_json::from_slice::<Results>(&bytes).ok();
    let Some(results) = results.filter(|results| results.side_by_side.as_ref().is_none_or(is_whole)) else {
        return wrong(
            "results that are not understood (tables/results.json)",
            "those of this version of gyrus; run gyrus analyze again (finished fits are kept)",
        );
    };
    let label = results.study.clone();
    Ok(Study { label, folder: folder.to_owned(), results, digest: Digest::of(&bytes) })
}

/// Every list has as many numbers as there are people, or blocks.
fn is_whole(found: &SideBySide) -> bool {
    let (people, blocks) = (found.people.len(), found.blocks.samples.len());
    let has_all = |row: &ComparedScores| {
        [&row.score, &row.null, &row.unique_gain].iter().all(|list| list.len() == people)
            && [&row.score_blocks, &row.unique_gain_blocks].iter().all(|list| list.len() == blocks)
    };
    found.blocks.folds.len() == blocks && found.scores.iter().all(has_all)
}

/// Language models of all studies, in their order.
pub(super) fn rows(studies: &[Study]) -> Vec<Row<'_>> {
    let of_study =
        |study| -> Vec<Row<'_>> { models(study).iter().map(|model| Row { study, model }).collect() };
    studies.iter().flat_map(of_study).collect()
}

fn models(study: &Study) -> &[LanguageModelResults] {
    &study.results.language_models
}

/// What the studies themselves warn of.
pub(super) fn notes(studies: &[Study]) -> Vec<String> {
    let mut notes = Vec::new();
    for Study { label, results, .. } in studies {
        if results.methods.shuffled {
            notes.push(format!(
                "{label}: shuffled folds, so that slow noise scores too; nothing here is about language"
            ));
        }
        if results.side_by_side.is_none() {
            notes.push(format!(
                "{label}: made by a version that kept no scores by person and block; run gyrus analyze again to compare it (finished fits are kept)"
            ));
        }
        match results.warnings.len() {
            0 => {}
            1 => notes.push(format!("{label}: one warning, in its report")),
            count => notes.push(format!("{label}: {count} warnings, in its report")),
        }
    }
    notes
}
