//! How fast hearts beat and chests breathe, and how finely each is looked at.

use serde::{Deserialize, Serialize};

/// What a trace follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rhythm {
    /// The heart: an electrocardiogram or a pulse.
    Heart,
    /// The chest: a belt, a cushion or the air.
    Breath,
}

/// Seconds and shares that go with a rhythm.
pub(super) struct Limits {
    /// Samples per second that are enough.
    pub(super) rate: f64,
    /// Width of the running mean that takes noise away, applied three times.
    pub(super) fine: f64,
    /// Width of the running mean that is taken away as wander of the baseline, applied three times.
    pub(super) coarse: f64,
    /// Width of the running mean of squares by which amplitudes are divided, applied three times.
    pub(super) gain: f64,
    /// Shortest and longest seconds per cycle.
    pub(super) periods: (f64, f64),
    /// Share by which a cycle may be longer or shorter than those around it.
    pub(super) tolerance: f64,
}

impl Rhythm {
    pub(super) fn limits(self) -> Limits {
        match self {
            Self::Heart => Limits {
                rate: 100.0,
                fine: 0.05,
                coarse: 1.5,
                gain: 5.0,
                periods: (0.33, 1.8),
                tolerance: 0.3,
            },
            Self::Breath => Limits {
                rate: 25.0,
                fine: 0.4,
                coarse: 10.0,
                gain: 20.0,
                periods: (1.4, 12.0),
                tolerance: 0.6,
            },
        }
    }
}
