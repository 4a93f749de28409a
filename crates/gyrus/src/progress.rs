//! How long work says how far it is.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Where progress goes: a bar on a terminal, sparse lines in a log, nothing in a test.
pub trait Progress: Sync {
    /// A stage of the work begins.
    fn begin(&self, stage: &str);

    /// The share of the current stage that is done, 0 to 1.
    fn advance(&self, share: f64);

    /// Something that the user should know and that changes no number.
    fn note(&self, _sentence: &str) {}

    /// Whether the user asked to stop.
    fn is_interrupted(&self) -> bool {
        false
    }

    /// What is set to stop in the middle of a task; without it, work stops between tasks only.
    fn stop(&self) -> Option<Arc<AtomicBool>> {
        None
    }
}

/// Says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _stage: &str) {}

    fn advance(&self, _share: f64) {}
}
