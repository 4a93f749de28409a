//! What can go wrong between a study file and its report, and whose attention it needs.

use std::path::{Path, PathBuf};

use gyrus_core::CoreError;
use gyrus_encoding::EncodingError;
use gyrus_io::IoError;
use gyrus_models::ModelError;

/// Why a study could not be checked or analysed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read.
    #[error("{}: found nothing that can be read ({reason}), expected a readable file; check the path and the permissions", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file that cannot be written.
    #[error("{}: found no way to write it ({reason}), expected a folder that can be written; free some space or choose other folders with -o and --store", path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A study file that is not understood.
    #[error("{}:{line}:{column}: {reason}", path.display())]
    StudyFile {
        /// The study file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, what was expected.
        reason: String,
    },
    /// A setting that contradicts the data or another setting.
    #[error("{}: {key}: found {found}, expected {expected}{}", path.display(), remedy(expected))]
    Setting {
        /// The study file.
        path: PathBuf,
        /// The key, with dots.
        key: String,
        /// What is there.
        found: String,
        /// What is possible, and what to do.
        expected: String,
    },
    /// What a key names cannot be used.
    #[error("{}: {key}: {source}", path.display())]
    Key {
        /// The study file.
        path: PathBuf,
        /// The key, with dots.
        key: String,
        /// What is wrong with what it names.
        source: Box<Error>,
    },
    /// Bands that cannot be told apart by a partition.
    #[error(
        "found {found} bands of features, expected two or three: what every set of them explains is fitted and divided; join files of features, or leave some out"
    )]
    Partition {
        /// Bands that were given.
        found: usize,
    },
    /// The flag that sets the number of threads asks for none, or for more than the system starts.
    #[error(
        "--threads or execution.threads: found {found}, expected 1 to {most} threads{reason}; leave it out to use all cores"
    )]
    Threads {
        /// Threads asked for.
        found: usize,
        /// Most threads.
        most: usize,
        /// What the system said, in brackets.
        reason: String,
    },
    /// A language model's folder without one of its files.
    #[error(
        "{}: found no such file in the language model's folder, expected a folder in Hugging Face layout with config.json, tokenizer.json and model.safetensors; copy the whole checkpoint there or correct language_model.path in the study file", path.display()
    )]
    LanguageModelFile {
        /// The file that is missing.
        path: PathBuf,
    },
    /// Activations that were brought and do not fit.
    #[error("{}: {reason}", path.display())]
    Activations {
        /// The file.
        path: PathBuf,
        /// What is wrong, what was expected, and what to do.
        reason: String,
    },
    /// Confounds of another length than the responses.
    #[error(
        "{}: found {found} rows{}, expected {expected} as in {}; {}", path.display(), skipped_rows(*skipped), responses.display(), length_remedy(responses, *found, *expected, *skipped)
    )]
    ConfoundsLength {
        /// The confounds file.
        path: PathBuf,
        /// The responses file.
        responses: PathBuf,
        /// Rows left after `confounds_skip_rows`.
        found: usize,
        /// Rows that `confounds_skip_rows` left out.
        skipped: usize,
        /// Rows of the responses.
        expected: usize,
    },
    /// Words after the end of the recording.
    #[error(
        "{}: found the word `{word}` at {onset:.2} s, expected no word after the last volume of {}, which ends at {end:.2} s on the stimulus clock; check responses.stimulus_time_of_first_volume and responses.repetition_time{}", path.display(), responses.display(), unit_remedy(*onset, *end)
    )]
    WordsPastEnd {
        /// The words file.
        path: PathBuf,
        /// The responses file.
        responses: PathBuf,
        /// The first word that is too late.
        word: String,
        /// Its onset in seconds.
        onset: f64,
        /// End of the recording in seconds of the stimulus clock.
        end: f64,
    },
    /// Words of which none is heard during the recording.
    #[error(
        "{}: found no word between {start:.2} s and {end:.2} s of the stimulus clock, expected some while {} was recorded; check responses.stimulus_time_of_first_volume and responses.repetition_time", path.display(), responses.display()
    )]
    NoWords {
        /// The words file.
        path: PathBuf,
        /// The responses file.
        responses: PathBuf,
        /// Start of the recording in seconds of the stimulus clock.
        start: f64,
        /// Its end.
        end: f64,
    },
    /// A table of participants that does not fit the study.
    #[error("{}: found {found}, expected {expected}", path.display())]
    Participants {
        /// The table.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
        /// What is needed.
        expected: String,
    },
    /// A recording that is too short for its folds.
    #[error("{}: {place}{source} (encoding.folds, encoding.inner_folds), or leave it out (responses.exclude)", path.display())]
    Folds {
        /// The first recording of the design.
        path: PathBuf,
        /// Which folds: none for the outer ones.
        place: String,
        /// What is wrong with them.
        source: CoreError,
    },
    /// Not enough memory in the budget.
    #[error(
        "{}: execution.memory (or --memory): found {allowed}, expected at least {} for the task {task}; raise it there", path.display(), whole_mebibytes(*needed)
    )]
    Memory {
        /// The study file.
        path: PathBuf,
        /// The task.
        task: String,
        /// What it needs.
        needed: gyrus_core::ByteSize,
        /// What is allowed.
        allowed: gyrus_core::ByteSize,
    },
    /// No recording is left to analyse.
    #[error("{}: responses.table: found no usable recording ({reasons}), expected at least one; check the files, or responses.exclude", path.display())]
    NothingLeft {
        /// The study file.
        path: PathBuf,
        /// Each recording with its reason.
        reasons: String,
    },
    /// A file of the store that does not hold what its manifest says.
    #[error("{}: the stored result does not hold what its manifest says ({reason}); remove the folder and run again", path.display())]
    Store {
        /// The stored file.
        path: PathBuf,
        /// What differs.
        reason: String,
    },
    /// A file or folder that cannot be used as it is.
    #[error("{}: found {found}, expected {expected}", path.display())]
    Unusable {
        /// The file or folder.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What is possible, and what to do.
        expected: String,
    },
    /// An argument of a command or function that cannot be.
    #[error("{argument}: found {found}, expected {expected}")]
    Argument {
        /// The argument.
        argument: String,
        /// What was given.
        found: String,
        /// What is possible.
        expected: String,
    },
    /// The user asked to stop.
    #[error("interrupted: finished tasks are kept; run the same command again to continue from them")]
    Interrupted,
    /// A recording or stimulus that cannot be used.
    #[error(transparent)]
    Input(#[from] IoError),
    /// A language model that cannot be used.
    #[error("{0}; check language_model in the study file, and that its folder holds the whole checkpoint")]
    LanguageModel(#[from] ModelError),
    /// A text that a language model cannot read as it was asked to.
    #[error("{}: {source}; check --model and how it should read", path.display())]
    Extract {
        /// The file of words.
        path: PathBuf,
        /// What is wrong.
        source: Box<ModelError>,
    },
    /// Numbers that cannot be analysed.
    #[error(transparent)]
    Encoding(#[from] EncodingError),
    /// A value that the vocabulary does not allow.
    #[error(transparent)]
    Value(#[from] CoreError),
    /// An error with the file that it is about.
    #[error("{}: {source}", path.display())]
    At {
        /// The file.
        path: PathBuf,
        /// What happened there.
        source: Box<Error>,
    },
}

impl Error {
    /// Whether the user's input needs attention (exit code 1), rather than gyrus (exit code 2).
    #[must_use]
    pub fn is_users(&self) -> bool {
        match self {
            Self::Store { .. } => false,
            Self::At { source, .. } | Self::Key { source, .. } => source.is_users(),
            _ => true,
        }
    }

    /// The error with the file that it is about, unless it names that file already.
    pub(crate) fn at(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        if self.to_string().starts_with(&format!("{}: ", path.display())) {
            return self;
        }
        Self::At { path, source: Box::new(self) }
    }
}

/// What to do about a setting, where what is expected does not say it.
fn remedy(expected: &str) -> &'static str {
    if expected.contains("; ") { "" } else { "; change it in the study file" }
}

fn skipped_rows(skipped: usize) -> String {
    if skipped == 0 { String::new() } else { format!(" after the {skipped} of denoise.confounds_skip_rows") }
}

/// Rows can be left out of tables only: those of an image come from the same program.
fn length_remedy(responses: &Path, found: usize, expected: usize, skipped: usize) -> String {
    if responses.to_string_lossy().contains("_bold.nii") {
        return "the table does not belong to these volumes: compute it again, or leave the participant out with responses.exclude".to_owned();
    }
    skip_remedy(found, expected, skipped)
}

fn skip_remedy(found: usize, expected: usize, skipped: usize) -> String {
    if found < expected && skipped == 0 {
        return "the table is cut short or belongs to another run: copy it again".to_owned();
    }
    if found + skipped < expected {
        return "set denoise.confounds_skip_rows = 0 and check that the table belongs to this run".to_owned();
    }
    let rows = found + skipped - expected;
    format!(
        "set denoise.confounds_skip_rows = {rows} if the first rows belong to volumes that the responses no longer have"
    )
}

/// Times far behind the end are of another unit.
fn unit_remedy(onset: f64, end: f64) -> &'static str {
    if onset > 10.0 * end.max(1.0) {
        ", and that the words are timed in seconds, not in samples or milliseconds"
    } else {
        ""
    }
}

/// Rounded up, so that what the message asks for is enough.
fn whole_mebibytes(needed: gyrus_core::ByteSize) -> String {
    format!("{} MiB", needed.get().div_ceil(1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_to_skip_are_counted_from_the_whole_table() {
        assert!(skip_remedy(372, 362, 0).starts_with("set denoise.confounds_skip_rows = 10 "));
        assert!(skip_remedy(367, 362, 5).starts_with("set denoise.confounds_skip_rows = 10 "));
        assert!(skip_remedy(300, 362, 0).contains("cut short"));
        assert!(skip_remedy(352, 362, 20).starts_with("set denoise.confounds_skip_rows = 10 "));
        assert!(skip_remedy(0, 362, 300).starts_with("set denoise.confounds_skip_rows = 0 "));
    }

    #[test]
    fn a_memory_budget_that_is_asked_for_is_enough() {
        assert_eq!(whole_mebibytes(gyrus_core::ByteSize::new((33 << 20) + 1)), "34 MiB");
    }
}
