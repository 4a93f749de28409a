//! Significance and uncertainty over participants and over the stimulus.

mod bootstrap;
mod clusters;
pub(crate) mod correlation;
mod covariates;
mod crossed;
mod distributions;
mod fdr;
mod neighbours;
mod noncentral;
mod normal_excess;
mod null_scale;
mod permutation;
mod power;
mod saturation;
mod scaling;
mod sign_flip;
mod stimulus_blocks;
mod story_blocks;
mod stream;
mod student;
mod tail;
mod wilcoxon;

pub(crate) use bootstrap::quantile;
pub use bootstrap::{Interval, bca, bootstrap_participants, bootstrap_participants_each};
pub use clusters::{Enhancement, enhance};
pub use correlation::{pearson, ranks, spearman};
pub use covariates::{Slope, levels, permuted_slopes, slopes};
pub use crossed::{CrossedMean, crossed_mean};
pub use distributions::{normal_cdf, normal_quantile, student_quantile, student_two_sided};
pub use fdr::{benjamini_hochberg, benjamini_yekutieli};
pub use neighbours::{Connectivity, Neighbours};
pub use noncentral::noncentral_t_above;
pub use normal_excess::NormalExcess;
pub use null_scale::NullScale;
pub use permutation::{Exceedances, permutation_p};
pub use power::{MeanSquares, Over, Pilot, Planned, Variances, fewest_participants};
pub(crate) use saturation::least;
pub use saturation::{NoSaturation, Saturation, saturation};
pub use scaling::{Scaling, scaling};
pub use sign_flip::{SignFlips, Statistic};
pub use stimulus_blocks::{
    BlockInterval, BlockLength, StoryBlock, block_means, blocks_of_story, bootstrap_stimulus, widening,
};
pub use story_blocks::{Draws, StoryBlocks, bootstrap_blocks};
pub use stream::{Purpose, stream};
pub(crate) use stream::{below, shuffled};
pub use student::{OneSample, one_sample};
pub use tail::tail_p;
pub use wilcoxon::{SignedRank, signed_rank};

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};

fn square(value: f64) -> f64 {
    value * value
}

/// Mean and standard deviation of an observed value and its surrogates together: the same, but for rounding, whichever of them is the observed one.
fn with_surrogates(observed: f64, surrogates: ArrayView1<f64>) -> (f64, f64) {
    let count = surrogates.len() as f64;
    let mean = (observed + surrogates.sum()) / (count + 1.0);
    let squares = surrogates.iter().chain([&observed]).map(|value| square(value - mean)).sum::<f64>();
    (mean, (squares / count).sqrt())
}

/// Which departure from the null hypothesis counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tail {
    /// Larger values only.
    Greater,
    /// Both directions.
    TwoSided,
}
