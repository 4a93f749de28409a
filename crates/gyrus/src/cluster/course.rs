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
pub(super) struct Time(pub(super) f64);

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

/// Runs shares, each a list of tasks in seconds, in their order: the next one on the node that is up and free first. A node that fails
/// loses the task that each of its shares is at, and nothing before it; the rest of the share goes back into the queue.
#[must_use]
pub fn course(shares: &[Vec<f64>], site: &Site) -> Course {
    let nodes = site.nodes.max(1);
    let free_of = |count: usize| -> BinaryHeap<Reverse<(Time, usize)>> {
        (0..count).map(|place| Reverse((Time(0.0), place))).collect()
    };
    // Whoever runs holds a place on a node, and one of those that the cluster allows in all.
    let (mut places, mut allowed) = (free_of(nodes * site.shares_per_node), free_of(site.limit.max(1)));
    let mut queue: BinaryHeap<Waiting> =
        (0..shares.len()).map(|share| Reverse((Time(0.0), share, 0))).collect();
    let mut failures: Vec<Failures> = (0..nodes).map(|node| Failures::new(site, node as u64)).collect();
    let mut course = Course { makespan: 0.0, lost: 0.0, useful: 0.0, failures: 0 };
    while let (Some(Reverse((Time(ready), share, first))), Some(Reverse((Time(turn), slot)))) =
        (queue.pop(), allowed.pop())
    {
        let (start, place) = next_place(&mut places, &mut failures, ready.max(turn));
        let failure = failures[place % nodes].after(start);
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
            now = failure;
        } else {
            course.makespan = course.makespan.max(now);
        }
        places.push(Reverse((Time(now), place)));
        allowed.push(Reverse((Time(now), slot)));
    }
    course
}

/// The place that is free, on a node that is up, at `time` or first after it; and when.
fn next_place(
    places: &mut BinaryHeap<Reverse<(Time, usize)>>,
    failures: &mut [Failures],
    time: f64,
) -> (f64, usize) {
    loop {
        let Some(Reverse((Time(idle), place))) = places.pop() else { return (time, 0) };
        let start = idle.max(time);
        let node = place % failures.len();
        match failures[node].up_at(start) {
            up if up <= start => return (start, place),
            up => places.push(Reverse((Time(up), place))),
        }
    }
}

/// The failures of a node, at random times.
struct Failures {
    state: u64,
    mean: f64,
    repair: f64,
    /// Those so far thought of, in order.
    times: Vec<f64>,
}

impl Failures {
    fn new(site: &Site, node: u64) -> Self {
        let state = site.seed ^ node.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Self { state, mean: site.between_failures, repair: site.repair, times: Vec::new() }
    }

    /// Exponential with the mean; SplitMix64 (Steele et al. 2014, 10.1145/2714064.2660195).
    fn interval(&mut self) -> f64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let uniform = ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64;
        -self.mean * libm::log((1.0 - uniform).min(1.0 - f64::EPSILON))
    }

    /// The first failure after a time.
    fn after(&mut self, time: f64) -> f64 {
        while self.times.last().is_none_or(|last| *last <= time) {
            let back = self.times.last().map_or(0.0, |last| last + self.repair);
            let next = back + self.interval();
            self.times.push(next);
        }
        self.times[self.times.partition_point(|failure| *failure <= time)]
    }

    /// The first moment from a time on at which the node is up.
    fn up_at(&mut self, time: f64) -> f64 {
        self.after(time);
        let before = self.times.partition_point(|failure| *failure <= time);
        match before.checked_sub(1).map(|last| self.times[last] + self.repair) {
            Some(back) if back > time => back,
            _ => time,
        }
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
    fn nodes_that_are_down_take_nothing_and_others_do() {
        // Node 0 fails at 10 s and at nothing else; node 1 never does.
        let mut failures: Vec<Failures> = (0..2).map(|node| Failures::new(&SITE, node)).collect();
        failures[0] =
            Failures { repair: 3600.0, times: vec![10.0, f64::INFINITY], ..Failures::new(&SITE, 0) };
        assert_eq!(
            [5.0, 10.0, 220.0, 221.0, 3610.0].map(|time| failures[0].up_at(time)),
            [5.0, 3610.0, 3610.0, 3610.0, 3610.0]
        );
        let mut places: BinaryHeap<Reverse<(Time, usize)>> =
            [Reverse((Time(0.0), 0)), Reverse((Time(50.0), 1))].into();
        assert_eq!(next_place(&mut places, &mut failures, 100.0), (100.0, 1));
        let mut places: BinaryHeap<Reverse<(Time, usize)>> = [Reverse((Time(0.0), 0))].into();
        assert_eq!(next_place(&mut places, &mut failures, 100.0), (3610.0, 0));
        assert_eq!(failures[0].after(3610.0), f64::INFINITY);
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
