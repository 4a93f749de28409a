//! A small calibration with a fixed seed; `cargo xtask calibrate` is the full one.

use std::sync::Arc;

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{
    Calibration, Condition, DesignOutcome, Estimate, GainOutcome, Gains, Group, GroupOutcome, LayerHolds,
    Noise, SimulatedFolds, Stretch, covers_population, simulate_design, simulate_gain, simulate_group,
    simulate_stretch, summarise,
};

fn backend() -> Backend {
    Backend::cpu(Arc::new(rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap()))
}

fn outcomes(folds: SimulatedFolds, designs: usize) -> Vec<DesignOutcome> {
    let backend = backend();
    let calibration = Calibration { targets: 12, surrogates: 99, folds, seed: 5 };
    let conditions = [0.5, 0.8, 0.9].map(|rho| Condition { rho, samples: 200 });
    let design =
        |index: usize| simulate_design(&backend, &calibration, (conditions[index % 3], index)).unwrap();
    (0..designs).map(design).collect()
}

/// 24 designs of 12 targets: the rate has a standard error of about .015, so that .05 ± .04 fails for a null that
/// forgets autocorrelation (.10 and more) and for one that is never reached.
#[test]
fn the_default_null_keeps_its_level() {
    let outcomes = outcomes(SimulatedFolds::Blocks, 24);
    let rate = summarise(&outcomes, |design| design.false_positives);
    assert!((rate.mean - 0.05).abs() < 0.04, "{rate:?}");
    let by_freedom = summarise(&outcomes, |design| design.by_freedom);
    assert!((by_freedom.mean - 0.05).abs() < 0.05, "{by_freedom:?}");
    let excess = summarise(&outcomes, |design| design.excess);
    assert!(excess.mean.abs() < 2.5 * excess.standard_error, "{excess:?}");
}

/// Shuffled folds put neighbours on both sides: scores of pure noise rise far above 0.
#[test]
fn shuffled_folds_inflate_scores_of_noise() {
    let shuffled = summarise(&outcomes(SimulatedFolds::Shuffled, 12), |design| design.score);
    assert!(shuffled.mean > 5.0 * shuffled.standard_error && shuffled.mean > 0.05, "{shuffled:?}");
}

fn groups(shared: f64, surrogates: usize, count: usize) -> Vec<GroupOutcome> {
    let noise = [Noise::Autoregressive(0.8), Noise::Autoregressive(0.8)];
    let (participants, sides, samples) = (12, [3, 3, 2], 200);
    let group = Group { participants, sides, shared, samples, noise, surrogates, seed: 3 };
    (0..count).map(|index| simulate_group(&backend(), &group, index).unwrap()).collect()
}

fn rate(outcomes: &[GroupOutcome], is: fn(&GroupOutcome) -> bool) -> f64 {
    outcomes.iter().filter(|one| is(one)).count() as f64 / outcomes.len() as f64
}

/// People who share half of their responses: 60 data sets, so that a rate of .05 has a standard error of .028. Tests over
/// people take what is shared for evidence; surrogates that are the same for everybody do not.
#[test]
fn a_shared_story_deceives_tests_over_people_and_not_the_surrogates() {
    let outcomes = groups(0.5, 39, 60);
    let uncorrected = summarise(&outcomes, |one| one.stimulus.uncorrected);
    assert!((uncorrected.mean - 0.05).abs() < 0.04, "{uncorrected:?}");
    for (name, found) in [
        ("maximum", rate(&outcomes, |one| one.stimulus.by_maximum)),
        ("mass", rate(&outcomes, |one| one.stimulus.by_mass)),
        ("enhancement", rate(&outcomes, |one| one.stimulus.by_enhancement)),
    ] {
        assert!(found < 0.14, "{name}: {found}");
    }
    let student = summarise(&outcomes, |one| one.student);
    assert!(student.mean > 0.1, "{student:?}");
    assert!(rate(&outcomes, |one| one.signs.by_maximum) > 0.14, "signs see a story as many people");
}

/// Independent people: 100 data sets, a standard error of .022. Signs are of the normal excess of a score over its own surrogates; scores
/// as they are are hardly more often wrong, because every block that is held out loses a drift of its own (with the run's, the last
/// assertion would fail: .13).
#[test]
fn signs_of_independent_people_keep_the_family_wise_level() {
    let outcomes = groups(0.0, 39, 100);
    for (name, found) in [
        ("maximum", rate(&outcomes, |one| one.signs.by_maximum)),
        ("mass", rate(&outcomes, |one| one.signs.by_mass)),
        ("enhancement", rate(&outcomes, |one| one.signs.by_enhancement)),
    ] {
        assert!(found < 0.12, "{name}: {found}");
    }
    let [student, ranks, region, raw] = [
        summarise(&outcomes, |one| one.student),
        summarise(&outcomes, |one| one.ranks),
        summarise(&outcomes, |one| one.region),
        summarise(&outcomes, |one| one.against_zero),
    ];
    assert!((student.mean - 0.05).abs() < 0.03 && (ranks.mean - 0.05).abs() < 0.03, "{student:?} {ranks:?}");
    assert!(region.mean < 0.12, "{region:?}");
    assert!((raw.mean - 0.05).abs() < 0.04, "{raw:?}");
}

fn gains(holds: LayerHolds, (again, designs): (bool, usize)) -> [Estimate; 3] {
    let gains = Gains { holds, again, targets: 12, surrogates: 39, seed: 4 };
    let condition = Condition { rho: 0.8, samples: 200 };
    let of = |index| simulate_gain(&backend(), &gains, (condition, index)).unwrap();
    let outcomes: Vec<_> = (0..designs).map(of).collect();
    let baseline = summarise(&outcomes, |one| one.baseline);
    assert!(baseline.mean > 0.2, "the baseline holds something: {baseline:?}");
    let of = |quantity: fn(&GainOutcome) -> f64| summarise(&outcomes, quantity);
    [of(|one| one.excess), of(|one| one.false_positives), of(|one| one.gain)]
}

/// What choosing again does to the mean of a gain is too small for so few designs: `cargo xtask calibrate gains` shows it.
#[test]
fn gains_of_features_that_hold_nothing_are_centred_on_their_null() {
    for how in [(false, 24), (true, 12)] {
        let [excess, rate, _] = gains(LayerHolds::Nothing, how);
        assert!(excess.mean.abs() < 2.5 * excess.standard_error, "{how:?}: {excess:?}");
        assert!((rate.mean - 0.05).abs() < 0.04, "{how:?}: {rate:?}");
    }
}

/// A layer that says what the baseline says has no gain. Surrogates of all that it holds would lose what both say, and find a gain in
/// nearly every target.
#[test]
fn gains_of_features_that_repeat_the_baseline_are_centred_on_their_null() {
    for holds in [LayerHolds::Baseline, LayerHolds::WideBaseline] {
        let [excess, rate, gain] = gains(holds, (false, 24));
        assert!(gain.mean.abs() < 0.03, "{holds:?}: {gain:?}");
        assert!(excess.mean.abs() < 0.01, "{holds:?}: {excess:?}");
        assert!(rate.mean < 0.1, "{holds:?}: {rate:?}");
    }
}

/// An interval of few blocks is too short, and says so; longer ones hold what they are of.
#[test]
fn intervals_hold_what_they_are_of_where_the_story_is_long_enough() {
    let coverage = |samples: usize| {
        let condition = Condition { rho: 0.7, samples };
        let of = |index| simulate_stretch(&backend(), (condition, 6, 200), (5, index)).unwrap();
        let stretches: Vec<Stretch> = (0..100).map(of).collect();
        let truth = summarise(&stretches, |one| one.score).mean;
        let holds = stretches.iter().filter(|one| one.interval.low <= truth && truth <= one.interval.high);
        (holds.count(), stretches[0].unreliable)
    };
    let (long, short) = (coverage(600), coverage(180));
    assert!(long.0 >= 90 && !long.1, "{long:?}");
    assert!(short.0 >= 76 && short.1, "{short:?}");
    let people = (0..300).filter(|index| covers_population(20, false, (6, *index))).count();
    assert!((264..=294).contains(&people), "{people} of 300");
}
