//! The study file: what was recorded, what was heard, which language models, and every choice that makes a number.

mod defaults;
mod explain;
mod language_model;
mod parse;
mod paths;
mod reading;
mod resolve;
mod schema;
mod settings;

pub use parse::read;
pub(crate) use settings::repeated;

pub use language_model::{LanguageModelSection, LayersSection, PoolingChoice};
pub use reading::{HistorySection, Layer0Choice, ScrambleSection, SitesChoice};
pub use resolve::{Resolved, ResolvedRun};
pub use schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BinMethod, DenoiseSection, EncodingSection,
    ExecutionSection, FoldsSection, NullKind, ResponsesSection, StatisticsSection, StimulusSection, Study,
    StudySection,
};
