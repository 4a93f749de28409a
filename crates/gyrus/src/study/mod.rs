//! The study file: what was recorded, what was heard, which language models, and every choice that makes a number.

mod defaults;
mod explain;
mod parse;
mod paths;
mod resolve;
mod schema;
mod settings;

pub use parse::read;
pub(crate) use settings::repeated;

pub use resolve::{Resolved, ResolvedRun};
pub use schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BinMethod, DenoiseSection, EncodingSection,
    ExecutionSection, FoldsSection, LanguageModelSection, LayersSection, NullKind, PoolingChoice,
    ResponsesSection, StatisticsSection, StimulusSection, Study, StudySection,
};
