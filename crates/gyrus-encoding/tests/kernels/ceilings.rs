//! Ceilings against pairwise loops and against a planted shared signal.

use gyrus_core::{Fold, FoldRule, Folds, Timeline};
use gyrus_encoding::EncodingError;
use gyrus_encoding::ceilings::{Pairwise, Participants, leave_one_out, pairwise};
use gyrus_encoding::statistics::pearson;
use ndarray::{Array2, s};

use crate::simulate::{noise, normal, random};

pub fn folds(samples: usize) -> Vec<Fold> {
    let timeline = Timeline::new([(samples, "story".to_owned())]);
    Folds::new(&timeline, &FoldRule::Blocks { count: 4, gap: 3 }).unwrap().as_slice().to_vec()
}

pub fn shared(seed: u64, people: usize, samples: usize, share: f64) -> Vec<Array2<f32>> {
    let mut random = random(seed);
    let signal: Vec<f64> = (0..samples).map(|_| normal(&mut random)).collect();
    let (kept, own) = (share.sqrt() as f32, (1.0 - share).sqrt() as f32);
    let response = |_| {
        noise(&mut random, samples, 1) * own
            + Array2::from_shape_fn((samples, 1), |(t, _)| kept * signal[t] as f32)
    };
    (0..people).map(response).collect()
}

fn within(a: &Array2<f32>, b: &Array2<f64>, target: usize, folds: &[Fold]) -> f64 {
    let r = |fold: &Fold| {
        let x: Vec<f64> = fold.test.iter().map(|row| f64::from(a[(*row, target)])).collect();
        let y: Vec<f64> = fold.test.iter().map(|row| b[(*row, target)]).collect();
        pearson(&x, &y).unwrap()
    };
    folds.iter().map(r).sum::<f64>() / folds.len() as f64
}

#[test]
fn ceilings_are_their_definitions_and_skip_missing_targets() {
    let mut random = random(1);
    let mut people: Vec<Array2<f32>> = (0..5).map(|_| noise(&mut random, 60, 3)).collect();
    people[2].column_mut(1).fill(f32::NAN);
    for one in 1..5 {
        people[one].column_mut(2).fill(f32::NAN);
    }
    let folds = folds(60);
    let participants = Participants::new(people.iter().map(|one| one.view()).collect(), &folds).unwrap();
    let made = leave_one_out(&participants);
    let pairs = pairwise(&participants);
    for target in 0..2 {
        let with: Vec<usize> = (0..5).filter(|one| target == 0 || *one != 2).collect();
        let mut sum = 0.0;
        for one in &with {
            let others: Vec<usize> = with.iter().copied().filter(|other| other != one).collect();
            let mut mean = Array2::<f64>::zeros((60, 3));
            others.iter().for_each(|other| mean += &people[*other].mapv(f64::from));
            mean /= others.len() as f64;
            assert!((made[(*one, target)] - within(&people[*one], &mean, target, &folds)).abs() < 1e-9);
            for other in others.iter().filter(|other| *other > one) {
                sum += within(&people[*one], &people[*other].mapv(f64::from), target, &folds);
            }
        }
        let count = with.len() * (with.len() - 1) / 2;
        assert_eq!(pairs[target].pairs, count);
        assert!((pairs[target].mean - sum / count as f64).abs() < 1e-9);
    }
    assert!(made[(2, 1)].is_nan() && made.column(2).iter().all(|r| r.is_nan()) && pairs[2].mean.is_nan());
    assert_eq!(pairs[2].ceiling(), None);
}

#[test]
fn the_participant_is_never_among_the_others() {
    let folds = folds(80);
    let mut people = shared(2, 6, 80, 0.0);
    let view = |people: &[Array2<f32>]| {
        let participants = Participants::new(people.iter().map(|one| one.view()).collect(), &folds).unwrap();
        (leave_one_out(&participants), pairwise(&participants)[0])
    };
    let before = view(&people).0;
    people[0].mapv_inplace(|value| value * 1000.0 + 5.0);
    let after = view(&people).0;
    assert!((before[(0, 0)] - after[(0, 0)]).abs() < 1e-6, "a scale of one's own responses changes nothing");
    let mean = (0..200).map(|seed| {
        let people = shared(100 + seed, 3, 80, 0.0);
        let participants = Participants::new(people.iter().map(|one| one.view()).collect(), &folds).unwrap();
        leave_one_out(&participants).mean().unwrap()
    });
    let mean = mean.sum::<f64>() / 200.0;
    // With the participant in the mean of three, noise alone would give 1/√3.
    assert!(mean.abs() < 0.03, "{mean}");
}

#[test]
fn ceilings_enclose_a_planted_shared_signal() {
    let people = shared(5, 20, 20_000, 0.36);
    let folds = folds(20_000);
    let participants = Participants::new(people.iter().map(|one| one.view()).collect(), &folds).unwrap();
    let truth = 0.6;
    let lower = leave_one_out(&participants).mean().unwrap();
    let upper = pairwise(&participants)[0].ceiling().unwrap();
    let expected = 0.36 / (0.36_f64 + 0.64 / 19.0).sqrt();
    assert!((lower - expected).abs() < 0.01 && lower < truth, "{lower} {expected}");
    assert!((upper - truth).abs() < 0.01, "{upper}");
}

#[test]
fn participants_that_cannot_be_compared_are_an_error() {
    let people = shared(1, 2, 40, 0.5);
    let error = Participants::new(vec![people[0].view()], &folds(40)).unwrap_err();
    assert_eq!(error, EncodingError::TooFewParticipants { found: 1, needed: 2 });
    let error =
        Participants::new(vec![people[0].view(), people[1].slice(s![..30, ..])], &folds(40)).unwrap_err();
    assert!(
        matches!(error, EncodingError::ParticipantShape { participant: 1, found: (30, 1), .. }),
        "{error}"
    );
    assert!(Participants::new(people.iter().map(|one| one.view()).collect(), &folds(50)).is_err());
}

#[test]
fn two_participants_are_each_others_others() {
    let (mut people, folds) = (shared(6, 2, 60, 0.5), folds(60));
    for one in &mut people {
        *one = ndarray::concatenate![ndarray::Axis(1), *one, Array2::from_elem((60, 1), f32::NAN)];
    }
    let r = within(&people[0], &people[1].mapv(f64::from), 0, &folds);
    let participants = Participants::new(people.iter().map(|one| one.view()).collect(), &folds).unwrap();
    let found = leave_one_out(&participants);
    assert!((found[(0, 0)] - r).abs() < 1e-12 && (found[(1, 0)] - r).abs() < 1e-12, "{found} {r}");
    assert!(found.column(1).iter().all(|r| r.is_nan()), "nobody has the other target");
    let found = pairwise(&participants);
    assert!((found[0].mean - r).abs() < 1e-12 && found[0].pairs == 1);
    assert_eq!(Pairwise { mean: 0.0, pairs: 1 }.ceiling(), None);
}
