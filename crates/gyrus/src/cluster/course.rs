//! How the shares of a stage would run on a cluster: as many at a time as it allows, on nodes that fail now and then.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A cluster, for a simulation of it. Times are seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Site {
    /// Nodes.
    pub nodes: usize,
    /// Shares that run on a node at a time.
    pub shares_per_node: usize,
    /// Shares that run at a time at most, whatever is free.
    pub limit: usize,
    /// Mean time between failures of a node.
    pub between_failures: f64,
    /// From a failure until the node is back.
    pub repair: f64,
    /// From a failure until what ran there is in the queue again.
    pub requeue: f64,
    /// What each share takes beside its tasks: the queue, the start, opening files.
    pub overhead: f64,
    /// Seed of the failures.
    pub seed: u64,
}

/// What came of it, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Course {
    /// From the first start to the last end.
    pub makespan: f64,
    /// Work on tasks that a failure cut off, and that was done again.
    pub lost: f64,
    /// Work on tasks that were finished.
    pub useful: f64,
    /// Shares that a failure cut off.
    pub failures: usize,
}

/// A share in the queue: from when, its number, and its first task that is not done.
type Waiting = Reverse<(Time, usize, usize)>;

/// Seconds that can be sorted.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Time(f64);

impl Eq for Time {}

impl Ord for Time {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Runs shares, each a list of tasks in seconds, in their order: the next one where a place is free first. A node that fails loses the
/// task that each of its shares is at, and nothing before it; the rest of the share goes back into the queue.
#[must_use]
pub fn course(shares: &[Vec<f64>], site: &Site) -> Course {
    let places = (site.nodes * site.shares_per_node).min(site.limit).max(1);
    let mut free: BinaryHeap<Reverse<(Time, usize)>> =
        (0..places).map(|place| Reverse((Time(0.0), place))).collect();
    let mut queue: BinaryHeap<Waiting> =
        (0..shares.len()).map(|share| Reverse((Time(0.0), share, 0))).collect();
    let mut nodes: Vec<Failures> =
        (0..site.nodes.max(1)).map(|node| Failures::new(site, node as u64)).collect();
    let mut course = Course { makespan: 0.0, lost: 0.0, useful: 0.0, failures: 0 };
    while let (Some(Reverse((Time(ready), share, first))), Some(Reverse((Time(idle), place)))) =
        (queue.pop(), free.pop())
    {
        let node = &mut nodes[place % site.nodes.max(1)];
        let start = node.up_at(ready.max(idle));
        let failure = node.next;
        let (mut now, mut task) = (start + site.overhead, first);
        while task < shares[share].len() && now + shares[share][task] <= failure {
            now += shares[share][task];
            course.useful += shares[share][task];
            task += 1;
        }
        if task < shares[share].len() {
            course.lost += (failure - now).max(0.0);
            course.failures += 1;
            queue.push(Reverse((Time(failure + site.requeue), share, task)));
            now = failure + site.repair;
        } else {
            course.makespan = course.makespan.max(now);
        }
        free.push(Reverse((Time(now), place)));
    }
    course
}

/// The failures of a node, at random times.
struct Failures {
    state: u64,
    mean: f64,
    repair: f64,
    /// The next one.
    next: f64,
}

impl Failures {
    fn new(site: &Site, node: u64) -> Self {
        let state = site.seed ^ node.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut failures = Self { state, mean: site.between_failures, repair: site.repair, next: 0.0 };
        failures.next = failures.interval();
        failures
    }

    /// Exponential with the mean; SplitMix64 (Steele et al. 2014, 10.1145/2714064.2660195).
    fn interval(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let uniform = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        -self.mean * libm::log(1.0 - uniform)
    }

    /// The first moment from `time` on at which the node is up.
    fn up_at(&mut self, mut time: f64) -> f64 {
        while self.next <= time {
            time = time.max(self.next + self.repair);
            self.next += self.repair + self.interval();
        }
        time
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site = Site {
        nodes: 1,
        shares_per_node: 1,
        limit: 1000,
        between_failures: f64::INFINITY,
        repair: 0.0,
        requeue: 0.0,
        overhead: 0.0,
        seed: 1,
    };

    fn shares(count: usize) -> Vec<Vec<f64>> {
        (0..count).map(|share| (0..=share % 5).map(|task| 60.0 + (task * 37 % 50) as f64).collect()).collect()
    }

    fn sum(shares: &[Vec<f64>]) -> f64 {
        shares.iter().flatten().sum()
    }

    #[test]
    fn one_place_takes_the_sum_and_many_take_their_part() {
        let shares = shares(100);
        let alone = course(&shares, &Site { overhead: 2.0, ..SITE });
        assert!((alone.makespan - sum(&shares) - 200.0).abs() < 1e-6);
        let mut before = f64::INFINITY;
        for (nodes, limit) in [(1, 1000), (2, 1000), (4, 1000), (1000, 1000)] {
            let found = course(&shares, &Site { nodes, limit, ..SITE });
            let longest = shares.iter().map(|share| share.iter().sum::<f64>()).fold(0.0, f64::max);
            let least = (sum(&shares) / nodes as f64).max(longest);
            assert!((least..least + longest).contains(&found.makespan), "{nodes}: {found:?}");
            assert!(found.makespan <= before && found.lost == 0.0);
            before = found.makespan;
        }
        let limited = course(&shares, &Site { nodes: 1000, limit: 3, ..SITE });
        assert!((limited.makespan - course(&shares, &Site { nodes: 3, ..SITE }).makespan).abs() < 1e-9);
    }

    #[test]
    fn failures_cost_the_task_they_hit_and_no_more() {
        let shares = shares(400);
        let site = Site { nodes: 8, shares_per_node: 2, repair: 600.0, requeue: 120.0, ..SITE };
        for between_failures in [1000.0, 10_000.0] {
            let found = course(&shares, &Site { between_failures, ..site });
            assert!(found.failures > 0);
            assert!((found.useful - sum(&shares)).abs() < 1e-6, "everything was done once: {found:?}");
            assert!(found.lost <= 110.0 * found.failures as f64, "{found:?}");
            assert!(found.makespan > course(&shares, &site).makespan);
            assert_eq!(found, course(&shares, &Site { between_failures, ..site }));
        }
    }
}
