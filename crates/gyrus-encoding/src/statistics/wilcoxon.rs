//! Wilcoxon's signed-rank test, exact for up to 25 participants.

use super::Tail;
use super::correlation::ranks;
use super::distributions::normal_cdf;

/// The largest number of differences for which the null distribution is enumerated.
const MOST_EXACT: usize = 25;

/// The sum of positive ranks and how unlikely it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignedRank {
    /// Number of differences that are finite and not 0.
    pub n: usize,
    /// Sum of the ranks of positive differences.
    pub positive_ranks: f64,
    /// Probability of such a sum, or one further out, if signs were coin tosses.
    pub p: f64,
    /// Whether p comes from the exact distribution (given the ties) and not from the normal one.
    pub exact: bool,
}

/// Tests whether differences are symmetric about 0. Zeros and values that are not finite are left out
/// (Wilcoxon's rule); equal sizes share the mean of their ranks.
///
/// Up to 25 differences the distribution over all 2ⁿ signs is enumerated, ties included; above, the normal
/// approximation with the correction for ties and none for continuity. Without any difference p is 1.
#[must_use]
pub fn signed_rank(differences: &[f64], tail: Tail) -> SignedRank {
    let differences: Vec<f64> = differences.iter().copied().filter(|d| d.is_finite() && *d != 0.0).collect();
    let n = differences.len();
    let sizes: Vec<f64> = differences.iter().map(|difference| difference.abs()).collect();
    let ranks = ranks(&sizes);
    let positive_ranks =
        ranks.iter().zip(&differences).filter(|(_, d)| **d > 0.0).map(|(rank, _)| rank).sum();
    let exact = n <= MOST_EXACT;
    let p = if n == 0 {
        1.0
    } else if exact {
        exact_p(&ranks, positive_ranks, tail)
    } else {
        normal_p(&ranks, positive_ranks, tail)
    };
    SignedRank { n, positive_ranks, p, exact }
}

fn exact_p(ranks: &[f64], positive_ranks: f64, tail: Tail) -> f64 {
    // Mean ranks are multiples of one half, so doubled ranks are whole numbers.
    let doubled: Vec<usize> = ranks.iter().map(|rank| (2.0 * rank).round() as usize).collect();
    let total: usize = doubled.iter().sum();
    let mut ways = vec![0.0_f64; total + 1];
    ways[0] = 1.0;
    for rank in doubled {
        for sum in (rank..=total).rev() {
            ways[sum] += ways[sum - rank];
        }
    }
    let patterns: f64 = ways.iter().sum();
    let observed = (2.0 * positive_ranks).round() as usize;
    let at_least = ways[observed..].iter().sum::<f64>() / patterns;
    let at_most = ways[..=observed].iter().sum::<f64>() / patterns;
    match tail {
        Tail::Greater => at_least,
        Tail::TwoSided => (2.0 * at_least.min(at_most)).min(1.0),
    }
}

fn normal_p(ranks: &[f64], positive_ranks: f64, tail: Tail) -> f64 {
    // The variance of the sum under coin tosses is a quarter of the sum of squared ranks, ties or not.
    let mean = ranks.iter().sum::<f64>() / 2.0;
    let deviation = (ranks.iter().map(|rank| rank * rank).sum::<f64>() / 4.0).sqrt();
    let z = (positive_ranks - mean) / deviation;
    match tail {
        Tail::Greater => normal_cdf(-z),
        Tail::TwoSided => 2.0 * normal_cdf(-z.abs()),
    }
}
