//! What can go wrong between a study file and its report, and whose attention it needs.

use std::path::PathBuf;

use gyrus_core::CoreError;
use gyrus_encoding::EncodingError;
use gyrus_io::IoError;
use gyrus_models::ModelError;

/// Why a study could not be checked or analysed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file that cannot be read.
    #[error("{}: cannot be read: {reason}; expected a readable file", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// A file that cannot be written.
    #[error("{}: cannot be written: {reason}; free some space or choose another output folder with -o", path.display())]
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
    #[error("{}: {key}: found {found}, expected {expected}", path.display())]
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
    /// Confounds of another length than the responses.
    #[error(
        "{}: found {found} rows, expected {expected} as in {}; set denoise.confounds_skip_rows = {} if the first rows belong to volumes that the responses no longer have", path.display(), responses.display(), found.saturating_sub(*expected)
    )]
    ConfoundsLength {
        /// The confounds file.
        path: PathBuf,
        /// The responses file.
        responses: PathBuf,
        /// Rows left after `confounds_skip_rows`.
        found: usize,
        /// Rows of the responses.
        expected: usize,
    },
    /// Words after the end of the recording.
    #[error(
        "{}: the word `{word}` starts at {onset:.2} s, but the last volume of {} ends at {end:.2} s on the stimulus clock; check responses.stimulus_time_of_first_volume and repetition_time", path.display(), responses.display()
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
    /// Not enough memory in the budget.
    #[error(
        "{task} needs {needed} of memory, but execution.memory allows {allowed}; raise it to at least {needed}"
    )]
    Memory {
        /// The task.
        task: String,
        /// What it needs.
        needed: gyrus_core::ByteSize,
        /// What is allowed.
        allowed: gyrus_core::ByteSize,
    },
    /// No recording is left to analyse.
    #[error("no usable recording is left: {reasons}")]
    NothingLeft {
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
    /// The user asked to stop.
    #[error("interrupted; run the same command again to continue from the finished tasks")]
    Interrupted,
    /// A recording or stimulus that cannot be used.
    #[error(transparent)]
    Input(#[from] IoError),
    /// A language model that cannot be used.
    #[error(transparent)]
    LanguageModel(#[from] ModelError),
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
            Self::At { source, .. } => source.is_users(),
            _ => true,
        }
    }

    pub(crate) fn at(self, path: impl Into<PathBuf>) -> Self {
        Self::At { path: path.into(), source: Box::new(self) }
    }
}
