//! Tasks divided into shares that take about as long as each other.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::course::Time;

/// The tasks of each of `count` shares: the longest first, each to the share that has least to do.
pub(super) fn of(seconds: &[f64], count: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..seconds.len()).collect();
    order.sort_by(|a, b| seconds[*b].total_cmp(&seconds[*a]).then(a.cmp(b)));
    let mut shares = vec![Vec::new(); count];
    let mut least: BinaryHeap<Reverse<(Time, usize)>> =
        (0..count).map(|share| Reverse((Time(0.0), share))).collect();
    for task in order {
        if let Some(Reverse((Time(length), share))) = least.pop() {
            shares[share].push(task);
            // Tasks of no length are spread as well.
            least.push(Reverse((Time(length + seconds[task].max(1e-9)), share)));
        }
    }
    shares.iter_mut().for_each(|tasks| tasks.sort_unstable());
    shares
}

/// How many shares of about so many seconds on some threads: at least one, at most one per task.
pub(super) fn count(seconds: &[f64], threads: usize, share: f64) -> usize {
    let all: f64 = seconds.iter().sum::<f64>() / threads as f64;
    // Every length is longer than none.
    ((all / share.max(1e-9)).ceil() as usize).clamp(1, seconds.len().max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_task_is_in_one_share_and_shares_are_even() {
        let seconds = [5.0, 1.0, 0.0, 9.0, 3.0, 3.0, 4.0, 1.0];
        for count in 1..12 {
            let shares = of(&seconds, count);
            assert_eq!(shares.len(), count);
            let mut all: Vec<usize> = shares.iter().flatten().copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..8).collect::<Vec<_>>());
            let longest = shares.iter().map(|share| share.iter().map(|task| seconds[*task]).sum::<f64>());
            let longest = longest.fold(0.0, f64::max);
            assert!(longest <= (26.0 / count as f64) + 9.0, "{count}: {longest}");
        }
        assert!(of(&[0.0; 6], 3).iter().all(|share| share.len() == 2));
        assert_eq!(count(&[], 1, 1800.0), 1);
        assert_eq!([1800.0, 60.0, 0.0].map(|share| count(&[100.0; 5], 1, share)), [1, 5, 5]);
        assert_eq!((count(&[100.0; 9], 1, 200.0), count(&[100.0; 9], 2, 200.0)), (5, 3));
    }
}
