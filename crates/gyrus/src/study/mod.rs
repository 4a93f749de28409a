//! The study file: what was recorded, what was heard, which language models, and every choice that makes a number.

mod bids;
mod contrast;
mod defaults;
mod explain;
mod folds;
mod forecast;
mod hierarchy;
mod images;
mod language_model;
mod noted;
mod one_participant;
mod parse;
mod participants;
mod paths;
mod physiology;
mod presets;
mod reading;
mod resolve;
mod schema;
mod settings;
mod sweep;

pub use noted::Noted;
pub use one_participant::{participants, write_study_of};
pub use parse::read;
pub(crate) use paths::relative_to;
pub(crate) use settings::repeated;

pub use bids::VolumeRun;
pub use contrast::{ContrastSection, SideSection};
pub use folds::FoldsSection;
pub use forecast::ForecastSection;
pub use gyrus_models::Device;
pub use hierarchy::HierarchySection;
pub use language_model::{LanguageModelSection, LayersSection, PoolingChoice};
pub use participants::ParticipantsSection;
pub use physiology::{PhysiologyChoice, PhysiologySection};
pub use presets::{FromPreset, Preset};
pub use reading::{HistorySection, Layer0Choice, ScrambleSection, SitesChoice};
pub use resolve::{Resolved, ResolvedRun};
pub use schema::{
    AlignmentSection, AlphaGrid, BaselineFeature, BidsSection, BinMethod, CensorSection, ClustersChoice,
    CompCorSection, DenoiseSection, DriftBy, EncodingSection, ExecutionSection, Files, MotionChoice,
    NullKind, ResponsesSection, StatisticsSection, StimulusSection, Study, StudySection, TargetsChoice,
    Tissue,
};
pub use sweep::Level;
