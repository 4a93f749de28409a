//! The study file: what was recorded, what was heard, which language models, and every choice that makes a number.

mod bids;
mod defaults;
mod explain;
mod noted;
mod parse;
mod paths;
mod resolve;
mod schema;
mod settings;

pub use noted::Noted;
pub use parse::read;
pub(crate) use paths::relative_to;
pub(crate) use settings::repeated;

pub use bids::VolumeRun;
pub use resolve::{Resolved, ResolvedRun};
pub use schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BidsSection, BinMethod, CensorSection, CompCorSection,
    DenoiseSection, EncodingSection, ExecutionSection, FoldsSection, LanguageModelSection, LayersSection,
    MotionChoice, NullKind, PoolingChoice, ResponsesSection, StatisticsSection, StimulusSection, Study,
    StudySection, TargetsChoice, Tissue,
};
