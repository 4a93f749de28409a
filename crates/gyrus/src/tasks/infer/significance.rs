//! How surprising group means are: the stimulus null first, tests over participants beside it.
//!
//! Tests over participants are of the normal excess of each over their own surrogates: the score of noise is neither 0 on
//! average nor symmetric, as signs and ranks suppose.

use gyrus_encoding::backend::Backend;
use gyrus_encoding::statistics::{self, Exceedances, SignFlips, Statistic, Tail};
use ndarray::{Array1, Array2, Axis, concatenate, s};

use super::gather::{Layout, WithNull, finite_mean};
use super::stories::Stories;
use crate::Error;
use crate::plan::Plan;
use crate::results::GroupTests;

/// Tests of one quantity for every layer: `[layer][column]`, columns being the regions and their mean.
///
/// The maximum runs over layers × regions for regions, and over layers for the mean over regions.
///
/// # Errors
/// - scores that do not fit each other.
pub(super) fn tests(
    layers: &[&WithNull],
    (layout, plan): (&Layout, &Plan),
    (backend, seed): (&Backend, u64),
) -> Result<Vec<Vec<GroupTests>>, Error> {
    let observed: Vec<Array2<f64>> = layers.iter().map(|layer| layer.group.clone()).collect();
    let tested: Vec<Array2<f64>> = layers.iter().map(|layer| layout.by_region(&layer.tested)).collect();
    let nulls: Vec<Array2<f64>> = layers.iter().map(|layer| layer.null.clone()).collect();
    let n_regions = layout.regions.len();
    let tables = [&observed, &tested, &nulls];
    let regions = Family::new(tables, 0..n_regions, (backend, seed))?;
    let mean = Family::new(tables, n_regions..n_regions + 1, (backend, seed))?;
    let stories = Stories::of(plan);
    let row = |layer: usize| {
        let of_region = |region: usize| regions.test(layer * n_regions + region);
        let mut tests: Vec<GroupTests> = (0..n_regions).map(of_region).chain([mean.test(layer)]).collect();
        for (column, tests) in tests.iter_mut().enumerate() {
            tests.people_and_stories =
                stories.as_ref().and_then(|stories| stories.mean(layers[layer], layout, column));
        }
        tests
    };
    Ok((0..layers.len()).map(row).collect())
}

/// Statistics that are corrected together.
struct Family {
    /// Normal excess of each participant over their own surrogates, of a region the mean over its targets.
    tested: Array2<f64>,
    nulls: Array2<f64>,
    stimulus: Exceedances,
    stimulus_corrected: Array1<f64>,
    /// False discovery rates: Benjamini and Hochberg's, Benjamini and Yekutieli's.
    discoveries: [Vec<f64>; 2],
    sign_flip_corrected: Array1<f64>,
}

impl Family {
    fn new(
        [observed, tested, nulls]: [&Vec<Array2<f64>>; 3],
        columns: std::ops::Range<usize>,
        (backend, seed): (&Backend, u64),
    ) -> Result<Self, Error> {
        let scores = beside(observed, &columns);
        let tested = beside(tested, &columns);
        let nulls = beside(nulls, &columns);
        let mut stimulus = Exceedances::new(scores.into_iter().collect(), nulls.nrows());
        for (surrogate, row) in nulls.rows().into_iter().enumerate() {
            stimulus.record(surrogate, row);
        }
        // Means, not t: of few people t has heavy tails.
        let flips = SignFlips::new(tested.nrows(), nulls.nrows().max(1000), seed);
        let flipped = flips.count(backend, tested.view(), (Statistic::Mean, Tail::Greater))?;
        let p = stimulus.p().to_vec();
        let discoveries = [statistics::benjamini_hochberg(&p)?, statistics::benjamini_yekutieli(&p)?];
        Ok(Self {
            discoveries,
            stimulus_corrected: stimulus.family_wise_p(),
            sign_flip_corrected: flipped.family_wise_p(),
            tested,
            nulls,
            stimulus,
        })
    }

    fn test(&self, column: usize) -> GroupTests {
        let values = self.tested.column(column).to_vec();
        let null: Vec<f64> =
            self.nulls.column(column).iter().copied().filter(|value| value.is_finite()).collect();
        GroupTests {
            p_stimulus: self.stimulus.p()[column],
            p_stimulus_corrected: self.stimulus_corrected[column],
            p_stimulus_tail: statistics::tail_p(self.stimulus.observed[column], &null),
            p_stimulus_corrected_tail: statistics::tail_p(
                self.stimulus.observed[column],
                &self.stimulus.maxima,
            ),
            null_mean: finite_mean(null.iter().copied()),
            null_95: percentile(null, 0.95),
            p_sign_flip_corrected: self.sign_flip_corrected[column],
            p_wilcoxon: statistics::signed_rank(&values, Tail::Greater).p,
            p_t: statistics::one_sample(&values, Tail::Greater).p,
            q_stimulus: self.discoveries[0][column],
            q_stimulus_any: self.discoveries[1][column],
            people_and_stories: None,
        }
    }
}

fn beside(tables: &[Array2<f64>], columns: &std::ops::Range<usize>) -> Array2<f64> {
    let views: Vec<_> = tables.iter().map(|table| table.slice(s![.., columns.clone()])).collect();
    concatenate(Axis(1), &views).unwrap_or_default()
}

/// The smallest value that at least a `share` of all values do not exceed.
fn percentile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let index = (share * values.len() as f64).ceil() as usize;
    values.get(index.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}
