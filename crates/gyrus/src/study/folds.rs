//! `encoding.folds`: how a study file says which samples are held out.

use gyrus_core::{FoldRule, RepetitionTime, Seconds};
use serde::{Deserialize, Serialize};

use super::resolve::Resolved;

/// How samples are held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FoldsText", into = "FoldsText")]
pub enum FoldsSection {
    /// Whole runs.
    Runs,
    /// Contiguous blocks with a gap on each side.
    Blocks {
        /// Number of blocks.
        blocks: usize,
        /// Time left out on each side; the longest delay plus 20 s when absent.
        gap: Option<Seconds>,
    },
    /// The runs of these stimuli are held out, all others are trained on.
    Test {
        /// Names of stimuli.
        test: Vec<String>,
    },
    /// Samples in random order, whose neighbours leak: to show what that does, never to find something out.
    Shuffled {
        /// Number of folds.
        shuffled: usize,
    },
}

const FOLDS_EXPECTED: &str = "\"runs\", { blocks = 5 } or { test = [\"a stimulus\"] }";

#[derive(Serialize, Deserialize)]
#[serde(untagged, expecting = "expected \"runs\" or a table such as { blocks = 5, gap = \"28 s\" }")]
enum FoldsText {
    Word(String),
    Table(FoldsTable),
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FoldsTable {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    blocks: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gap: Option<Seconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    shuffled: Option<usize>,
}

impl TryFrom<FoldsText> for FoldsSection {
    type Error = String;

    fn try_from(text: FoldsText) -> Result<Self, String> {
        let table = match text {
            FoldsText::Word(word) if word == "runs" => return Ok(Self::Runs),
            FoldsText::Word(word) => {
                return Err(format!("found folds = \"{word}\", expected {FOLDS_EXPECTED}"));
            }
            FoldsText::Table(table) => table,
        };
        match table {
            FoldsTable { blocks: Some(count), test: None, shuffled: None, gap } => {
                Ok(Self::Blocks { blocks: at_least_two(count, "blocks")?, gap })
            }
            FoldsTable { test: Some(test), blocks: None, gap: None, shuffled: None } => {
                Ok(Self::Test { test })
            }
            FoldsTable { shuffled: Some(count), blocks: None, gap: None, test: None } => {
                Ok(Self::Shuffled { shuffled: at_least_two(count, "shuffled folds")? })
            }
            _ => Err(format!("found keys that say nothing together, expected {FOLDS_EXPECTED}")),
        }
    }
}

fn at_least_two(count: usize, of: &str) -> Result<usize, String> {
    if count < 2 { Err(format!("found {count} {of}, expected at least 2")) } else { Ok(count) }
}

impl From<FoldsSection> for FoldsText {
    fn from(folds: FoldsSection) -> Self {
        Self::Table(match folds {
            FoldsSection::Runs => return Self::Word("runs".to_owned()),
            FoldsSection::Blocks { blocks, gap } => {
                FoldsTable { blocks: Some(blocks), gap, ..FoldsTable::default() }
            }
            FoldsSection::Test { test } => FoldsTable { test: Some(test), ..FoldsTable::default() },
            FoldsSection::Shuffled { shuffled } => {
                FoldsTable { shuffled: Some(shuffled), ..FoldsTable::default() }
            }
        })
    }
}

impl Resolved {
    /// How the samples of a design of so many runs are held out, defaults filled in.
    #[must_use]
    pub fn folds(&self, n_runs: usize) -> FoldsSection {
        match &self.study.encoding.folds {
            Some(FoldsSection::Blocks { blocks, gap }) => {
                FoldsSection::Blocks { blocks: *blocks, gap: Some(gap.unwrap_or_else(|| self.default_gap())) }
            }
            Some(stated) => stated.clone(),
            None if n_runs >= 3 => FoldsSection::Runs,
            None => FoldsSection::Blocks { blocks: 5, gap: Some(self.default_gap()) },
        }
    }

    /// The same as a rule over samples, gaps counted in volumes.
    #[must_use]
    pub fn fold_rule(&self, n_runs: usize, repetition: RepetitionTime) -> FoldRule {
        let gap = |stated: Option<Seconds>| {
            repetition.volumes_spanning(stated.unwrap_or_else(|| self.default_gap()))
        };
        match self.folds(n_runs) {
            FoldsSection::Runs => FoldRule::Runs,
            FoldsSection::Blocks { blocks, gap: stated } => {
                FoldRule::Blocks { count: blocks, gap: gap(stated) }
            }
            FoldsSection::Test { test } => FoldRule::Named { test, gap: gap(None) },
            FoldsSection::Shuffled { shuffled } => {
                FoldRule::Shuffled { count: shuffled, seed: self.study.statistics.seed }
            }
        }
    }

    /// The stated gap and the default one, where the stated one is shorter.
    pub(crate) fn short_gap(&self) -> Option<(Seconds, Seconds)> {
        match &self.study.encoding.folds {
            Some(FoldsSection::Blocks { gap: Some(gap), .. }) if *gap < self.default_gap() => {
                Some((*gap, self.default_gap()))
            }
            _ => None,
        }
    }

    /// The longest delay plus 20 s.
    fn default_gap(&self) -> Seconds {
        let longest = self.study.alignment.delays.iter().map(|delay| delay.get()).fold(0.0, f64::max);
        Seconds::new(longest + 20.0).unwrap_or(Seconds::ZERO)
    }
}
