//! What half of the people say of the width of an interval over all of them.

use gyrus::results::Results;
use gyrus_encoding::statistics::{MeanSquares, Over, Pilot, Planned};
use ndarray::Array2;

const DRAWS: usize = 1000;
const HALF: usize = 13;

/// The first `HALF` of people in a random order (splitmix64, Fisher and Yates).
fn drawn(state: &mut u64, count: usize) -> Vec<usize> {
    let mut next = || {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut order: Vec<usize> = (0..count).collect();
    for place in 0..HALF {
        order.swap(place, place + (next() % (count - place) as u64) as usize);
    }
    order.truncate(HALF);
    order
}

/// Predicted from 13 people for all, over people who hear the same story: the ratio to the interval of all of them has its
/// median in [.9, 1.1], and of the score 90 % in [.7, 1.3] (gains differ too much between few people for that); the uncertainty holds the found width in 93 % of
/// the draws or more.
pub fn half_of_the_people_predict_the_width_of_all(results: &Results) {
    for effect in ["score", "unique_gain"] {
        let scores = results.pilot.iter().find(|one| one.effect == effect && one.region.is_none()).unwrap();
        let (people, n_folds) = (scores.folds.len(), scores.folds[0].len());
        let measured = |chosen: &[usize]| {
            let folds =
                Array2::from_shape_fn((chosen.len(), n_folds), |(row, fold)| scores.folds[chosen[row]][fold]);
            let (blocks, block_hours) = (&scores.blocks, scores.block_hours);
            let pilot = Pilot { folds: folds.view(), fold_hours: scores.fold_hours, blocks, block_hours };
            MeanSquares::of(&pilot).unwrap()
        };
        let hours = n_folds as f64 * scores.fold_hours;
        let planned = Planned { participants: people as f64, hours, block_hours: scores.block_hours };
        let everybody: Vec<usize> = (0..people).collect();
        let width =
            |found: &gyrus_encoding::statistics::Variances| found.half_width(Over::People, &planned, 0.95);
        let found = width(&measured(&everybody).variances());
        let (mut state, mut ratios, mut covered) = (1, Vec::new(), 0);
        for _ in 0..DRAWS {
            let pilot = measured(&drawn(&mut state, people));
            ratios.push(width(&pilot.variances()) / found);
            let interval = pilot.interval(400, 1, 0.95, width);
            covered += usize::from(interval.low <= found && found <= interval.high);
        }
        ratios.sort_by(f64::total_cmp);
        let [low, median, high] = [DRAWS / 20, DRAWS / 2, DRAWS - DRAWS / 20].map(|place| ratios[place]);
        let within = ratios.iter().filter(|ratio| (0.7..=1.3).contains(*ratio)).count();
        // For the table in docs/methods/power.md.
        eprintln!("{effect}: {median:.2}, {low:.2} to {high:.2}, {within} within, {covered} covered");
        assert!((0.9..=1.1).contains(&median), "{effect}: {median}");
        assert!(effect != "score" || low >= 0.7 && high <= 1.3, "{effect}: {low} to {high}");
        assert!(covered >= 93 * DRAWS / 100, "{effect}: {covered}");
    }
}
