//! The stimulus times that samples and delays ask for, each asked for once.

use std::collections::BTreeMap;

use gyrus_core::{Sampling, Seconds};

/// Parts of a repetition time by which two times are told apart.
const RESOLUTION: f64 = 1e6;

/// One stimulus time and the cells (sample, delay) of the features that it fills.
pub(super) struct Moment {
    pub(super) time: f64,
    pub(super) cells: Vec<(usize, usize)>,
}

/// All stimulus times of a run: delays that are whole repetition times share theirs.
pub(super) struct Grid(BTreeMap<i64, Moment>);

impl Grid {
    pub(super) fn new(sampling: &Sampling, delays: &[Seconds]) -> Self {
        let mut moments = BTreeMap::new();
        let repetition = sampling.interval.get();
        for sample in 0..sampling.count {
            for (index, delay) in delays.iter().enumerate() {
                let position = sample as f64 - delay.get() / repetition;
                let key = (position * RESOLUTION).round() as i64;
                let time = sampling.first.get() + position * repetition;
                let moment = moments.entry(key).or_insert_with(|| Moment { time, cells: Vec::new() });
                moment.cells.push((sample, index));
            }
        }
        Self(moments)
    }

    pub(super) fn moments(&self) -> impl Iterator<Item = &Moment> {
        self.0.values()
    }
}
