//! How releases of fMRIPrep name and describe what they write.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use gyrus_io::nifti::{Affine, DataType};
use serde_json::{Value, json};

use super::{Settings, Size};

/// The task of every run.
pub(super) const TASK: &str = "story";
pub(super) const SPACE: &str = "MNI152NLin2009cAsym";

/// A release whose layout is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Version {
    /// 20.0.5, which wrote the public derivatives of Narratives: `desc-confounds_regressors`, no `StartTime`.
    V20_0,
    /// 20.2.7, the first with long-term support: `desc-confounds_timeseries`, `StartTime`, `RawSources`.
    V20_2,
    /// 25.2.0: `Sources` as BIDS URIs, a component name for each mask of CompCor, single precision.
    #[default]
    V25_2,
}

impl Version {
    /// As `GeneratedBy` has it.
    #[must_use]
    pub fn number(self) -> &'static str {
        match self {
            Self::V20_0 => "20.0.5",
            Self::V20_2 => "20.2.7",
            Self::V25_2 => "25.2.0",
        }
    }

    /// Whether its names and files are those of 20.x.
    pub(super) fn is_20(self) -> bool {
        self != Self::V25_2
    }

    /// How images of volumes are stored: 20.x keeps the type of the scanner's files, 25.x resamples to single precision.
    pub(super) fn datatype(self) -> DataType {
        if self.is_20() { DataType::I16 } else { DataType::F32 }
    }

    /// The description of the derivatives.
    pub(super) fn description(self) -> Value {
        let number = self.number();
        let mut generator = json!({
            "Name": "fMRIPrep",
            "Version": number,
            "CodeURL": format!("https://github.com/nipreps/fmriprep/archive/{number}.tar.gz"),
        });
        let mut description = json!({
            "Name": "fMRIPrep - fMRI PREProcessing workflow",
            "HowToAcknowledge": "Simulated by gyrus in the layout of fMRIPrep; fMRIPrep was not run.",
        });
        if self == Self::V20_0 {
            // The draft of the specification.
            description["BIDSVersion"] = json!("1.1.1");
            description["PipelineDescription"] = generator;
            description["CodeURL"] = json!("https://github.com/poldracklab/fmriprep");
            return description;
        }
        if self == Self::V25_2 {
            generator["Container"] = json!({"Type": "docker", "Tag": format!("nipreps/fmriprep:{number}")});
            description["DatasetLinks"] = json!({
                "raw": "../..",
                "templateflow": "https://github.com/templateflow/templateflow",
            });
        }
        description["BIDSVersion"] = json!("1.4.0");
        description["DatasetType"] = json!("derivative");
        description["GeneratedBy"] = json!([generator]);
        description
    }

    /// The sidecar of an image of volumes.
    pub(super) fn volumes_sidecar(self, repetition_time: f64, start: f64, source: &str) -> Value {
        let mut sidecar =
            json!({"RepetitionTime": repetition_time, "SkullStripped": false, "TaskName": TASK});
        if self != Self::V20_0 {
            sidecar["StartTime"] = json!(start);
            sidecar["SliceTimingCorrected"] = json!(true);
        }
        if !self.is_20() {
            sidecar["Sources"] = json!([format!("bids:raw:{source}"), template()]);
        }
        sidecar
    }

    /// The sidecar of a mask or reference.
    pub(super) fn source_sidecar(self, source: &str) -> Value {
        if self.is_20() {
            json!({"RawSources": [source]})
        } else {
            json!({"Sources": [format!("bids:raw:{source}"), template()]})
        }
    }
}

fn template() -> String {
    format!("bids:templateflow:tpl-{SPACE}/tpl-{SPACE}_res-02_T1w.nii.gz")
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.number())
    }
}

impl FromStr for Version {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let all = [Self::V20_0, Self::V20_2, Self::V25_2];
        let found = all.into_iter().find(|version| version.number() == text);
        found.ok_or_else(|| format!("found `{text}`, expected 20.0.5, 20.2.7 or 25.2.0"))
    }
}

/// A participant and run, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Recording {
    pub participant: u32,
    pub run: usize,
}

/// Where files go and what they are called.
pub(super) struct Names<'a> {
    pub settings: &'a Settings,
}

impl Names<'_> {
    /// The folder of the derivatives.
    pub(super) fn derivatives(&self, folder: &Path) -> PathBuf {
        folder.join("derivatives").join("fmriprep")
    }

    /// `sub-01`; as many digits as the cohort needs, two at least.
    pub(super) fn participant(&self, participant: u32) -> String {
        if self.settings.participants > 99 {
            format!("sub-{participant:03}")
        } else {
            format!("sub-{participant:02}")
        }
    }

    /// `sub-01/func/sub-01_task-story_run-1`, of a file below a data set.
    pub(super) fn stem(&self, of: Recording) -> String {
        let participant = self.participant(of.participant);
        format!("{participant}/func/{participant}_task-{TASK}_run-{}", of.run)
    }

    /// The entities of the standard space.
    pub(super) fn space(&self) -> String {
        match self.settings.size {
            Size::TwoMillimetres => format!("space-{SPACE}_res-2"),
            Size::Voxels(_) => format!("space-{SPACE}"),
        }
    }

    /// Suffix of the table of confounds.
    pub(super) fn confounds(&self) -> &'static str {
        match self.settings.version {
            Version::V20_0 => "desc-confounds_regressors",
            Version::V20_2 | Version::V25_2 => "desc-confounds_timeseries",
        }
    }
}

/// From indices to millimetres: x to the right, y forward, z up.
pub(super) fn affine(lattice: &gyrus_encoding::simulate::scan::Lattice) -> Affine {
    let row = |axis: usize| {
        let mut row = [0.0, 0.0, 0.0, lattice.first[axis]];
        row[axis] = lattice.spacing;
        row
    };
    Affine([row(0), row(1), row(2)])
}
