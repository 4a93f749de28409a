//! Praat TextGrids, long and short text format.

mod read;
mod tokens;

use std::path::Path;

pub use read::parse;

use crate::{IoError, Read, text};

/// The tiers of a TextGrid.
#[derive(Debug, Clone, PartialEq)]
pub struct TextGrid {
    /// Start in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// The tiers in the order of the file.
    pub tiers: Vec<Tier>,
}

/// One tier.
#[derive(Debug, Clone, PartialEq)]
pub struct Tier {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub marks: Marks,
}

/// What a tier holds, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub enum Marks {
    /// Stretches of time with a label.
    Intervals(Vec<Interval>),
    /// Moments with a label.
    Points(Vec<Point>),
}

/// A stretch of time with a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Interval {
    /// Start in seconds.
    pub start: f64,
    /// End in seconds.
    pub end: f64,
    /// The label; empty where nothing is written.
    pub label: String,
}

/// A moment with a label.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// Time in seconds.
    pub time: f64,
    /// The label; empty where nothing is written.
    pub label: String,
}

/// Reads a TextGrid in UTF-8 or UTF-16.
///
/// A file whose last tier breaks off between two labels is read with a warning: published recordings have such files.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - it is not a TextGrid in text format, ends in the middle of a label or before its last tier, or has an interval that ends before it starts.
pub fn read(path: &Path) -> Result<Read<TextGrid>, IoError> {
    parse(path, &text::read(path)?)
}
