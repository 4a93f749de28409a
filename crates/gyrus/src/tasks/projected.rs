//! Which sources of noise are projected out of the responses: all of them, or all but what a comparison leaves in.

use serde::{Deserialize, Serialize};

use crate::inputs::{Inputs, Recording};
use crate::study::DenoiseSection;

/// What cleaning projects out beside the constant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Projected {
    /// Every source of the study.
    Everything,
    /// Every source but one.
    AllBut(String),
    /// No source.
    Nothing,
}

/// What the source of powers of time and cosines is called.
pub(super) const DRIFT: &str = "drift";

impl Projected {
    /// What a study compares with [`Projected::Everything`] (`denoise.compare`): each source left in by itself and, if there
    /// are several, all of them.
    pub(super) fn compared(inputs: &Inputs) -> Vec<Self> {
        let section = &inputs.resolved.study.denoise;
        if !section.compare {
            return Vec::new();
        }
        let mut sources: Vec<String> = Vec::new();
        for recording in inputs.recordings.iter().filter(|recording| recording.exclusion.is_none()) {
            for source in sources_of(section, recording) {
                if !sources.iter().any(|known| known == source) {
                    sources.push(source.to_owned());
                }
            }
        }
        let several = (sources.len() > 1).then_some(Self::Nothing);
        sources.into_iter().map(Self::AllBut).chain(several).collect()
    }

    /// Whether a source is projected out.
    pub(super) fn holds(&self, source: &str) -> bool {
        match self {
            Self::Everything => true,
            Self::AllBut(left) => left != source,
            Self::Nothing => false,
        }
    }

    /// Whether this differs from [`Projected::Everything`] in a recording.
    pub(super) fn differs(&self, section: &DenoiseSection, recording: &Recording) -> bool {
        sources_of(section, recording).iter().any(|source| !self.holds(source))
    }

    /// What is left in, in words.
    pub(super) fn left_in(&self) -> &str {
        match self {
            Self::Everything => "nothing",
            Self::AllBut(source) => source,
            Self::Nothing => "all sources",
        }
    }
}

/// The sources that a recording has regressors of.
fn sources_of<'a>(section: &DenoiseSection, recording: &'a Recording) -> Vec<&'a str> {
    let whole = 0..recording.sampling.count;
    let regressors = super::prepare::drift(&recording.sampling, section, std::slice::from_ref(&whole));
    let drift = regressors.iter().any(|group| !group.columns.is_empty()).then_some(DRIFT);
    let confounds = recording.confounds.iter().filter(|group| !group.names.is_empty());
    drift.into_iter().chain(confounds.map(|group| group.source.as_str())).collect()
}
