//! When the samples of a recording were taken, on the clock of the stimulus.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::{RepetitionTime, Seconds};

/// A regular grid of sample times on the stimulus clock.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// Stimulus time of sample 0.
    pub first: Seconds,
    /// Time between samples.
    pub interval: RepetitionTime,
    /// Number of samples.
    pub count: usize,
}

impl Sampling {
    /// Stimulus time of sample `index`, in seconds.
    #[must_use]
    pub fn time(&self, index: usize) -> f64 {
        self.first.get() + index as f64 * self.interval.get()
    }

    /// Stimulus times of all samples, in seconds.
    pub fn times(&self) -> impl ExactSizeIterator<Item = f64> + '_ {
        (0..self.count).map(|index| self.time(index))
    }
}

/// How the rows of a design divide into runs, in order and without holes. Nothing may cross a run's border.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timeline {
    runs: Vec<Range<usize>>,
    groups: Vec<String>,
}

impl Timeline {
    /// Consecutive runs, each with its number of rows and the name of the audio that was heard in it.
    #[must_use]
    pub fn new(runs: impl IntoIterator<Item = (usize, String)>) -> Self {
        let mut start = 0;
        let (mut spans, mut groups) = (Vec::new(), Vec::new());
        for (rows, audio) in runs {
            spans.push(start..start + rows);
            groups.push(audio);
            start += rows;
        }
        Self { runs: spans, groups }
    }

    /// The rows of each run.
    #[must_use]
    pub fn runs(&self) -> &[Range<usize>] {
        &self.runs
    }

    /// The audio heard in each run: runs of one audio are never on both sides of a fold.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Number of rows in all.
    #[must_use]
    pub fn n_samples(&self) -> usize {
        self.runs.last().map_or(0, |run| run.end)
    }
}
