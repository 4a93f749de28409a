//! The study file: what was recorded, what was heard, which language models, and every choice that makes a number.

mod defaults;
mod parse;
mod resolve;
mod schema;

pub use parse::read;
pub use resolve::{Resolved, ResolvedRun};
pub use schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BinMethod, DenoiseSection, EncodingSection,
    ExecutionSection, FoldsSection, LanguageModelSection, LayersSection, NullKind, PoolingChoice,
    ResponsesSection, StatisticsSection, StimulusSection, Study, StudySection,
};
