//! What holds where a study file is silent; docs/methods says why.

use std::collections::BTreeMap;

use gyrus_core::{ByteSize, Seconds};
use gyrus_models::Device;

use super::schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BinMethod, DenoiseSection, DriftBy, EncodingSection,
    ExecutionSection, NullKind, ResponsesSection, StatisticsSection,
};

pub(super) fn tier() -> String {
    "word".to_owned()
}

pub(super) fn word_column() -> String {
    "word".to_owned()
}

pub(super) fn onset_column() -> String {
    "onset".to_owned()
}

pub(super) fn untrained_seeds() -> usize {
    5
}

pub(super) fn whole_seconds(seconds: u32) -> Seconds {
    Seconds::new(f64::from(seconds)).unwrap_or(Seconds::ZERO)
}

impl Default for ResponsesSection {
    fn default() -> Self {
        Self {
            table: None,
            participants: Vec::new(),
            targets: None,
            regions: None,
            repetition_time: None,
            stimulus: None,
            stimulus_time_of_first_volume: Seconds::ZERO,
            trim_start: whole_seconds(20),
            after_last_word: None,
            exclude: BTreeMap::new(),
        }
    }
}

impl Default for DenoiseSection {
    fn default() -> Self {
        Self {
            high_pass: Some(whole_seconds(128)),
            polynomials: None,
            drift_by: DriftBy::Block,
            motion: None,
            acompcor: None,
            tissue: Vec::new(),
            censor: None,
            physiology: None,
            confounds: None,
            confound_columns: None,
            confounds_skip_rows: 0,
            project_features: true,
            compare: false,
        }
    }
}

impl Default for AlignmentSection {
    fn default() -> Self {
        let delays = [2, 4, 6, 8].map(whole_seconds).to_vec();
        Self { method: BinMethod::Lanczos, delays, centre: true, compare: true }
    }
}

impl Default for EncodingSection {
    fn default() -> Self {
        Self {
            folds: None,
            inner_folds: 5,
            alphas: AlphaGrid { from: 0.1, to: 1e8, count: 10 },
            baseline: vec![BaselineFeature::WordRate, BaselineFeature::WordLength, BaselineFeature::Layer0],
            components: None,
            word_frequencies: None,
            predictions_of: None,
        }
    }
}

impl Default for StatisticsSection {
    fn default() -> Self {
        Self {
            surrogates: 1000,
            null: NullKind::Phase,
            choose_again: false,
            bootstraps: 2000,
            seed: 1,
            clusters: None,
            cluster_p: None,
        }
    }
}

impl Default for ExecutionSection {
    fn default() -> Self {
        Self {
            threads: None,
            memory: ByteSize::new(4 << 30),
            store: None,
            task_minutes: 45.0,
            device: Device::Cpu,
        }
    }
}
