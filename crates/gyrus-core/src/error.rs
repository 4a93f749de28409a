//! What can be wrong with a value of the shared vocabulary.

/// A value that the vocabulary does not allow.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// A time that is not a finite number with a unit.
    #[error("found `{found}`, expected a time with its unit, such as \"2 s\", \"500 ms\" or \"1.5 min\"")]
    Time {
        /// The text as written.
        found: String,
    },
    /// A repetition time that is not positive.
    #[error("found a repetition time of {found} s, expected a positive one")]
    RepetitionTime {
        /// Seconds.
        found: f64,
    },
    /// An amount of memory that cannot be read.
    #[error("found `{found}`, expected an amount of memory with its unit, such as \"4 GiB\" or \"500 MB\"")]
    ByteSize {
        /// The text as written.
        found: String,
    },
    /// Fewer samples than the folds need.
    #[error(
        "fold {} of {folds}: found {training} training samples ({samples} samples in {folds} folds with a gap of {gap} on each side), expected at least {needed}; use more folds or a shorter gap, or a longer recording", fold + 1
    )]
    TooFewSamples {
        /// Samples in all.
        samples: usize,
        /// Folds asked for.
        folds: usize,
        /// Samples left out on each side of the held-out block.
        gap: usize,
        /// Index of the first fold that is too small.
        fold: usize,
        /// Training samples left there.
        training: usize,
        /// Training samples needed.
        needed: usize,
    },
    /// Fewer samples to hold out than a correlation needs.
    #[error(
        "fold {} of {folds}: found {held_out} held-out samples ({samples} samples in {folds} folds), expected at least {needed}; use fewer folds", fold + 1
    )]
    TooFewHeldOut {
        /// Samples in all.
        samples: usize,
        /// Folds asked for.
        folds: usize,
        /// Index of the first fold that is too small.
        fold: usize,
        /// Samples held out there.
        held_out: usize,
        /// Samples needed.
        needed: usize,
    },
    /// Fewer runs than leave-one-run-out needs.
    #[error(
        "found {found} groups of runs, expected at least {needed} to hold one out at a time; hold out blocks in place of runs, or add runs"
    )]
    TooFewRuns {
        /// Groups of runs found.
        found: usize,
        /// Groups needed.
        needed: usize,
    },
    /// Words whose times decrease or are not finite.
    #[error("word {index} (`{text}`) starts at {onset} s, before the word that precedes it at {previous} s")]
    WordOrder {
        /// Index of the word, from 0.
        index: usize,
        /// Its text.
        text: String,
        /// Its onset in seconds.
        onset: f64,
        /// The onset before it.
        previous: f64,
    },
    /// Responses that could not be delivered.
    #[error("responses of targets {first}..{last} cannot be read: {reason}")]
    Responses {
        /// First target asked for.
        first: usize,
        /// One past the last.
        last: usize,
        /// What the reader said.
        reason: String,
    },
}
