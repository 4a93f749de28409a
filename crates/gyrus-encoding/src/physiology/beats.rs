//! The most plausible chain of peaks among all local maxima of a trace, by dynamic programming.

/// Of the typical period, what two peaks of a chain are at least apart, and what is as bad as any longer pause.
const NEAREST: f64 = 0.4;
const FARTHEST: f64 = 3.0;

/// The chain of candidates (time, strength) that maximises Σ strength − Σ ln²(interval / period), with the period that is
/// typical at the later peak of each interval. Intervals below 0.4 periods are not allowed; beyond 3 they cost what 3 cost.
pub(super) fn chain(candidates: &[(f64, f64)], period: impl Fn(f64) -> f64) -> Vec<usize> {
    let mut best = Vec::with_capacity(candidates.len());
    let mut before: Vec<Option<usize>> = Vec::with_capacity(candidates.len());
    let (mut near, mut far): (usize, Option<(f64, usize)>) = (0, None);
    for (index, (time, strength)) in candidates.iter().enumerate() {
        let typical = period(*time);
        while time - candidates[near].0 > FARTHEST * typical {
            far =
                far.into_iter().chain([(best[near], near)]).max_by(|left, right| left.0.total_cmp(&right.0));
            near += 1;
        }
        let joined = |other: usize| {
            let share = (time - candidates[other].0) / typical;
            (share >= NEAREST).then(|| (best[other] - cost(share), other))
        };
        let paused = far.map(|(score, other)| (score - cost(FARTHEST), other));
        let chosen =
            (near..index).filter_map(joined).chain(paused).max_by(|left, right| left.0.total_cmp(&right.0));
        let chosen = chosen.filter(|(score, _)| *score > 0.0);
        best.push(strength + chosen.map_or(0.0, |(score, _)| score));
        before.push(chosen.map(|(_, other)| other));
    }
    let mut last = (0..best.len()).max_by(|left, right| best[*left].total_cmp(&best[*right]));
    let mut found = Vec::new();
    while let Some(index) = last {
        found.push(index);
        last = before[index];
    }
    found.reverse();
    found
}

fn cost(share: f64) -> f64 {
    let logarithm = libm::log(share);
    logarithm * logarithm
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every chain, one by one.
    fn best_of_all(candidates: &[(f64, f64)], period: f64) -> f64 {
        let worth = |chosen: u32| {
            let of: Vec<(f64, f64)> = (0..candidates.len())
                .filter(|index| chosen >> index & 1 == 1)
                .map(|index| candidates[index])
                .collect();
            let mut total: f64 = of.iter().map(|(_, strength)| strength).sum();
            for pair in of.windows(2) {
                let share = (pair[1].0 - pair[0].0) / period;
                total -= if share < NEAREST { f64::INFINITY } else { share.min(FARTHEST).ln().powi(2) };
            }
            total
        };
        (1..1_u32 << candidates.len()).map(worth).fold(f64::NEG_INFINITY, f64::max)
    }

    #[test]
    fn no_other_chain_is_better() {
        let mut seed = 1_u64;
        let mut next = move || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 40) as f64 / f64::from(1 << 24)
        };
        for _ in 0..40 {
            let mut time = 0.0;
            let candidates: Vec<(f64, f64)> = (0..12)
                .map(|index| {
                    time += 0.1 + next() + if index == 6 { 5.0 * next() } else { 0.0 };
                    (time, 1.2 * next())
                })
                .collect();
            let found = chain(&candidates, |_| 0.9);
            let mut worth: f64 = found.iter().map(|index| candidates[*index].1).sum();
            for pair in found.windows(2) {
                worth -=
                    ((candidates[pair[1]].0 - candidates[pair[0]].0) / 0.9_f64).min(FARTHEST).ln().powi(2);
            }
            let best = best_of_all(&candidates, 0.9);
            assert!((worth - best).abs() < 1e-9, "{worth} {best}");
        }
        assert_eq!(chain(&[], |_| 1.0), Vec::<usize>::new());
    }
}
