//! Group means with both intervals: over participants and over blocks of the stimulus.

use std::ops::Range;

use gyrus_core::{Fold, Seconds, Timeline};
use gyrus_encoding::statistics::{self, BlockInterval, BlockLength, bootstrap_participants};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, s};

use super::gather::{Gathered, Layout, finite_mean};
use crate::Error;
use crate::inputs::Inputs;
use crate::plan::Plan;
use crate::results::{Estimate, Interval};

/// Draws intervals for one study.
pub(super) struct Estimator<'a> {
    layout: &'a Layout,
    plan: &'a Plan,
    draws: usize,
    seed: u64,
    block: BlockLength,
}

/// Length of the blocks of the stimulus that are drawn together: longer than the haemodynamic response.
pub(super) const STIMULUS_BLOCK: f64 = 30.0;
/// Of every interval.
pub(super) const LEVEL: f64 = 0.95;

impl<'a> Estimator<'a> {
    pub(super) fn new(inputs: &Inputs, plan: &'a Plan, layout: &'a Layout) -> Result<Self, Error> {
        let statistics = &inputs.resolved.study.statistics;
        let interval = match inputs.repetition_time() {
            Some(interval) => interval,
            None => gyrus_core::RepetitionTime::new(Seconds::new(1.0)?)?,
        };
        let block = BlockLength {
            seconds: Seconds::new(STIMULUS_BLOCK)?,
            interval,
            draws: statistics.bootstraps,
            seed: statistics.seed,
            level: LEVEL,
        };
        Ok(Self { layout, plan, draws: statistics.bootstraps, seed: statistics.seed, block })
    }

    /// Samples of a block of the stimulus.
    pub(super) fn block_samples(&self) -> usize {
        self.block.interval.volumes_spanning(self.block.seconds).max(1)
    }

    /// One estimate per region and, last, for the mean over regions.
    pub(super) fn by_region(&self, gathered: &Gathered) -> Result<Vec<Estimate>, Error> {
        let participants = self.layout.by_region(&gathered.values);
        let stimulus = self.over_stimulus(&gathered.products, participants.view())?;
        Ok(participants
            .columns()
            .into_iter()
            .zip(stimulus)
            .map(|(column, block)| self.join(&column.to_vec(), &block))
            .collect())
    }

    /// An estimate from one value per participant and one series of products per design (n_samples, 1 column).
    pub(super) fn of_values(&self, values: &[f64], products: &[Array2<f64>]) -> Result<Estimate, Error> {
        let column = ArrayView1::from(values).insert_axis(Axis(1));
        let (stacked, timeline, folds) = self.stack(products, column);
        let blocks = statistics::bootstrap_stimulus(stacked.view(), &timeline, &folds, &self.block)?;
        let undefined = Estimate {
            value: f64::NAN,
            over_participants: Interval::NOWHERE,
            over_stimulus: Interval::NOWHERE,
            stimulus_interval_reliable: false,
        };
        Ok(blocks.first().map_or(undefined, |block| self.join(values, block)))
    }

    /// Interval over participants of any statistic of them.
    pub(super) fn over_participants(&self, statistic: impl Fn(&[usize]) -> f64) -> Interval {
        bootstrap_participants(self.layout.participants.len(), self.draws, self.seed, LEVEL, statistic).into()
    }

    fn join(&self, values: &[f64], block: &BlockInterval) -> Estimate {
        let mean = |sample: &[usize]| finite_mean(sample.iter().map(|participant| values[*participant]));
        Estimate {
            value: finite_mean(values.iter().copied()),
            over_participants: self.over_participants(mean),
            over_stimulus: block.interval.into(),
            stimulus_interval_reliable: !block.unreliable,
        }
    }

    fn over_stimulus(
        &self,
        products: &[Array2<f64>],
        participants: ArrayView2<'_, f64>,
    ) -> Result<Vec<BlockInterval>, Error> {
        let by_region = |products: &Array2<f64>| self.layout.with_mean(products.clone());
        let products: Vec<_> = products.iter().map(by_region).collect();
        let (stacked, timeline, folds) = self.stack(&products, participants);
        Ok(statistics::bootstrap_stimulus(stacked.view(), &timeline, &folds, &self.block)?)
    }

    /// Designs under each other, each weighted so that the mean over all folds is the mean over the participants that have a value:
    /// `values` of each, (n_participants, n_columns). A design where nobody has one weighs nothing.
    pub(super) fn stack(
        &self,
        products: &[Array2<f64>],
        values: ArrayView2<'_, f64>,
    ) -> (Array2<f64>, Timeline, Vec<Fold>) {
        let designs = &self.plan.designs;
        let n_folds: usize = designs.iter().map(|design| design.folds.len()).sum();
        let n_samples: usize = designs.iter().map(crate::plan::Design::n_samples).sum();
        let columns = products.first().map_or(0, Array2::ncols);
        let mut stacked = Array2::zeros((n_samples, columns));
        let (mut runs, mut folds, mut start) = (Vec::new(), Vec::new(), 0);
        for ((design, first), series) in designs.iter().zip(&self.layout.first).zip(products) {
            let own = *first..*first + design.participants.len();
            for (column, products) in series.columns().into_iter().enumerate() {
                let weight =
                    share(values.column(column), own.clone()) * n_folds as f64 / design.folds.len() as f64;
                let weighted = products.mapv(|value| if weight > 0.0 { value * weight } else { 0.0 });
                stacked.slice_mut(s![start..start + design.n_samples(), column]).assign(&weighted);
            }
            let of_run = |(run, name): (&std::ops::Range<usize>, &String)| (run.len(), name.clone());
            runs.extend(design.timeline.runs().iter().zip(design.timeline.groups()).map(of_run));
            let later = |rows: &[usize]| rows.iter().map(|row| row + start).collect();
            folds.extend(
                design
                    .folds
                    .as_slice()
                    .iter()
                    .map(|fold| Fold { train: later(&fold.train), test: later(&fold.test) }),
            );
            start += design.n_samples();
        }
        (stacked, Timeline::new(runs), folds)
    }
}

/// Of those who have a value, the share of some participants; without a value anywhere, of all.
fn share(values: ArrayView1<'_, f64>, own: Range<usize>) -> f64 {
    let count = |values: ArrayView1<'_, f64>| values.iter().filter(|value| value.is_finite()).count();
    match count(values) {
        0 => own.len() as f64 / values.len().max(1) as f64,
        all => count(values.slice(s![own])) as f64 / all as f64,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn designs_weigh_by_those_who_have_a_value() {
        let nan = f64::NAN;
        let values = Array1::from(vec![0.2, 0.2, 0.2, 0.0, nan]);
        assert_eq!([share(values.view(), 0..3), share(values.view(), 3..5)], [0.75, 0.25]);
        let none = Array1::from(vec![0.1, 0.3, nan]);
        assert_eq!([share(none.view(), 0..2), share(none.view(), 2..3)], [1.0, 0.0], "nobody there has one");
        let nobody = Array1::from(vec![nan; 4]);
        assert_eq!([share(nobody.view(), 0..3), share(nobody.view(), 3..4)], [0.75, 0.25]);
    }
}
