//! The page that people open first, its figures, and the paragraph for the paper. Computes no statistics.

use crate::results::Results;

/// What a page shows beside the results.
#[derive(Debug, Clone, Default)]
pub struct PageContext {
    /// Inputs and their digests.
    pub inputs: Vec<(String, String)>,
}

/// page
#[must_use]
pub fn page(results: &Results, _context: &PageContext) -> String {
    results.answer.clone()
}
/// figures
#[must_use]
pub fn figures(_results: &Results) -> Vec<(String, String)> {
    Vec::new()
}
/// methods
#[must_use]
pub fn methods(_results: &Results) -> String {
    String::new()
}
/// citation
#[must_use]
pub fn citation(_results: &Results) -> String {
    String::new()
}
