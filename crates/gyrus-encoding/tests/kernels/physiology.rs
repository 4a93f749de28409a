//! Heart and breath against formulas in NumPy and SciPy, closed forms, and simulated bodies.

use std::f64::consts::{PI, TAU};

use gyrus_encoding::EncodingError;
use gyrus_encoding::denoise::{Regressors, clean};
use gyrus_encoding::physiology::{
    Orders, Peaks, Response, Rhythm, Trace, cardiac_phase, delayed, find_peaks, heart_rate, prepared,
    respiratory_phase, respiratory_variation, respiratory_volume_per_time, retroicor,
};
use gyrus_encoding::simulate::scan::Cycles;
use gyrus_encoding::statistics::pearson;
use ndarray::{Array2, array};

use crate::golden::{self, list, table};
use crate::simulate::{normal, pool, random, seconds};

fn trace(start: f64, rate: f64, values: Vec<f64>) -> Trace {
    Trace::new(seconds(start), rate, values).unwrap()
}

/// `value` at `rate` per second from `from` to `to`.
fn sampled((from, to): (f64, f64), rate: f64, value: impl FnMut(f64) -> f64) -> Trace {
    let count = ((to - from) * rate).round() as usize;
    trace(from, rate, (0..count).map(|sample| from + sample as f64 / rate).map(value).collect())
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "{index}: {found} {expected}");
    }
}

fn golden_traces(golden: &serde_json::Value) -> (Trace, Trace) {
    (trace(-6.3, 40.0, list(&golden["pulse"])), trace(-6.3, 20.0, list(&golden["belt"])))
}

#[test]
fn responses_are_the_printed_formulas_and_reach_one() {
    let golden = golden::read_from("physiology", "physiology");
    for (response, name) in [(Response::Cardiac, "crf"), (Response::Respiratory, "rrf")] {
        let found: Vec<f64> = list(&golden["seconds"]).iter().map(|time| response.at(*time)).collect();
        close(&found, &list(&golden[name]), 1e-12);
        assert_eq!(response.at(-0.1), 0.0, "no response before its cause");
        let kernel = response.kernel();
        assert!((kernel.iter().fold(0.0_f64, |most, value| most.max(value.abs())) - 1.0).abs() < 1e-15);
        let ratio = kernel[40] / kernel[120];
        assert!((ratio - response.at(4.0) / response.at(12.0)).abs() < 1e-9);
    }
}

#[test]
fn phases_and_fourier_series_are_those_of_numpy() {
    let golden = golden::read_from("physiology", "physiology");
    let (_, belt) = golden_traces(&golden);
    let volumes = list(&golden["volumes"]);
    let heart = cardiac_phase(&list(&golden["beats"]), &volumes);
    close(&heart, &list(&golden["cardiac_phase"]), 1e-9);
    let breath = respiratory_phase(&belt, &volumes);
    close(&breath, &list(&golden["respiratory_phase"]), 1e-12);
    let found = retroicor(volumes.len(), (&heart, &breath), Orders::default()).unwrap();
    let expected = table(&golden["retroicor"]);
    assert_eq!((found.values.dim(), found.columns.len()), ((volumes.len(), 18), 18));
    assert!((&found.values - &expected).iter().all(|difference| difference.abs() < 1e-8));
}

#[test]
fn peaks_of_clean_traces_are_those_of_scipy() {
    let golden = golden::read_from("physiology", "physiology");
    let (pulse, belt) = golden_traces(&golden);
    for (trace, rhythm, expected, step) in
        [(&pulse, Rhythm::Heart, "found", 1.0 / 40.0), (&belt, Rhythm::Breath, "breaths", 0.15)]
    {
        let Peaks { times, quality } = find_peaks(trace, rhythm).unwrap();
        // Between samples, and of a filtered breath.
        close(&times, &list(&golden[expected]), step);
        assert!(quality.plausible == 1.0 && quality.explained > 0.85 && !quality.is_low(), "{quality:?}");
    }
}

#[test]
fn rates_after_their_responses_are_those_of_numpy() {
    let golden = golden::read_from("physiology", "physiology");
    let (_, belt) = golden_traces(&golden);
    let volumes = list(&golden["volumes"]);
    let rate = heart_rate(&list(&golden["beats"]), (belt.start(), belt.end()));
    close(&delayed(&rate, Some(Response::Cardiac), 0.0, &volumes), &list(&golden["heart_rate"]), 1e-6);
    let variation = respiratory_variation(&belt);
    close(
        &delayed(&variation, Some(Response::Respiratory), 2.0, &volumes),
        &list(&golden["variation"]),
        1e-8,
    );
    let volume = respiratory_volume_per_time(&belt, &list(&golden["breaths"]));
    close(
        &delayed(&volume, Some(Response::Respiratory), 0.0, &volumes),
        &list(&golden["volume_per_time"]),
        1e-8,
    );
}

#[test]
fn a_sinusoid_has_the_phases_and_rates_of_its_formula() {
    let belt = sampled((-10.0, 110.0), 50.0, |time| 1.5 * (TAU * 0.25 * time).sin());
    let peaks: Vec<f64> = (-3..28).map(|breath| 1.0 + 4.0 * f64::from(breath)).collect();
    let times: Vec<f64> = (0..60).map(|volume| 1.37 * f64::from(volume) + 0.3).collect();
    for (time, phase) in times.iter().zip(cardiac_phase(&peaks, &times)) {
        let expected = TAU * ((time - 1.0) / 4.0).rem_euclid(1.0);
        assert!((phase - expected).abs() < 1e-9, "{time}: {phase} {expected}");
    }
    // Amplitudes of a sinusoid have the distribution ½ + asin(r / A) / π. The outermost of 100 bins holds acos(0.98) / π of them.
    for (time, phase) in times.iter().zip(respiratory_phase(&belt, &times)) {
        let (sine, cosine) = (TAU * 0.25 * time).sin_cos();
        let expected = (PI / 2.0 + sine.asin()) * cosine.signum();
        assert!((phase - expected).abs() < 0.21, "{time}: {phase} {expected}");
    }
    let found = find_peaks(&belt, Rhythm::Breath).unwrap();
    for peak in &found.times {
        assert!(((peak - 1.0) / 4.0 - ((peak - 1.0) / 4.0).round()).abs() < 0.005, "{peak}");
    }
    let volume = respiratory_volume_per_time(&belt, &peaks);
    assert!((0..100).all(|time| (volume.at(f64::from(time)) - 2.0 * 1.5 / 4.0).abs() < 1e-9));
    // Six seconds hold one and a half periods: with the mean over them, half the square less the square of the mean.
    let variation = respiratory_variation(&belt);
    let mean = 1.5 * (TAU * 0.25 * 3.0).sin() / (TAU * 0.25 * 3.0);
    assert!(
        (variation.at(21.0) - (1.5 * 1.5 / 2.0 - mean * mean).sqrt()).abs() < 0.01,
        "{}",
        variation.at(21.0)
    );
    let beats: Vec<f64> = (0..100).map(|beat| 0.75 * f64::from(beat)).collect();
    let rate = heart_rate(&beats, (-5.0, 80.0));
    assert!(rate.values().iter().all(|rate| (rate - 80.0).abs() < 1e-9));
}

#[test]
fn a_positive_lag_delays_and_the_ends_keep_their_values() {
    let bump = sampled((0.0, 100.0), 10.0, |time| 2.0 + (-(time - 30.0) * (time - 30.0) / 8.0).exp());
    let times: Vec<f64> = (0..100).map(f64::from).collect();
    let peak = |response, lag| {
        let values = delayed(&bump, response, lag, &times);
        let most = (0..100).max_by(|left, right| values[*left].total_cmp(&values[*right])).unwrap();
        (most, values)
    };
    for (lag, at) in [(0.0, 30), (4.0, 34), (10.0, 40), (-5.0, 25)] {
        assert_eq!(peak(None, lag).0, at, "lag {lag}");
    }
    let still = peak(Some(Response::Respiratory), 0.0);
    let later = peak(Some(Response::Respiratory), 7.0);
    assert!((31..38).contains(&still.0), "a response follows its cause: {}", still.0);
    assert_eq!(later.0, still.0 + 7);
    // Nothing of a bump before it happens, and no wrap from the end to the start.
    assert!((still.1[20] - still.1[0]).abs() < 1e-3);
    let ramp = sampled((0.0, 50.0), 10.0, |time| time);
    assert_eq!(
        delayed(&ramp, None, 4.0, &[0.0, 2.0, 4.0, 10.0, 53.0, 90.0]),
        [0.0, 0.0, 0.0, 6.0, 49.0, 49.9]
    );
}

#[test]
fn before_and_after_the_peaks_cycles_go_on() {
    let peaks = [10.0, 11.0, 12.0, 13.0];
    let phases = cardiac_phase(&peaks, &[8.25, 9.5, 10.0, 10.25, 13.0, 14.75]);
    close(&phases, &[0.25 * TAU, 0.5 * TAU, 0.0, 0.25 * TAU, 0.0, 0.75 * TAU], 1e-9);
    let rate = heart_rate(&peaks, (0.0, 30.0));
    assert!(rate.values().iter().all(|rate| (rate - 60.0).abs() < 1e-9));
    assert!(matches!(
        retroicor(3, (&[0.0, 1.0], &[0.0; 3]), Orders::default()),
        Err(EncodingError::SampleMismatch { found: 2, expected: 3 })
    ));
    let alone =
        retroicor(3, (&[], &[0.0; 3]), Orders { cardiac: 0, respiratory: 2, interaction: 0 }).unwrap();
    assert_eq!(alone.values, array![[1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0], [1.0, 0.0, 1.0, 0.0]]);
}

#[test]
fn uneven_cycles_have_the_phases_of_their_formula() {
    // Five intervals, fewer than twenty: at both ends their mean, 8 s / 5.
    let peaks = [10.3, 11.3, 13.3, 14.3, 17.3, 18.3];
    let times = [9.5, 10.3, 10.8, 12.8, 13.4, 17.5, 20.3, 21.9];
    let expected = [0.5, 0.0, 0.5, 0.75, 0.1, 0.2, 0.25, 0.25].map(|share| share * TAU);
    close(&cardiac_phase(&peaks, &times), &expected, 1e-9);
    // A hair before a peak rounds to a whole cycle, which is the start of the next one.
    assert_eq!(cardiac_phase(&[0.0, 1.0, 2.0], &[-1e-20]), [0.0]);
}

#[test]
fn a_belt_that_rises_and_falls_by_steps_has_the_shares_of_its_histogram() {
    let belt = trace(0.0, 2.0, [0, 1, 2, 3, 4, 3, 2, 1, 0].map(f64::from).to_vec());
    let times: Vec<f64> = (0..9).map(|sample| 0.5 * f64::from(sample)).collect();
    // Level at the top, which counts as rising.
    let expected = [2.0, 4.0, 6.0, 8.0, 9.0, -8.0, -6.0, -4.0, -2.0].map(|share| share / 9.0 * PI);
    close(&respiratory_phase(&belt, &times), &expected, 1e-12);
}

#[test]
fn rates_are_those_of_the_peaks_within_three_seconds_and_one_more_on_each_side() {
    // At 0 s: from −5 s to 5 s, as −3 s is three seconds away.
    let rate = heart_rate(&[-5.0, -3.0, 0.0, 2.0, 5.0, 9.0], (0.0, 1.0));
    assert!((rate.values()[0] - 60.0 * 4.0 / 10.0).abs() < 1e-12, "{}", rate.values()[0]);
    let belt = sampled((0.0, 40.0), 25.0, |time| (TAU * 0.25 * time).sin());
    let high = belt.values().iter().map(|value| value + 1e8).collect();
    let [low, high] = [belt.clone(), trace(0.0, 25.0, high)].map(|belt| respiratory_variation(&belt));
    close(high.values(), low.values(), 1e-6);
    // The last peak lies after the last sample.
    let peaks: Vec<f64> = (0..11).map(|breath| 1.0 + 4.0 * f64::from(breath)).collect();
    let volume = respiratory_volume_per_time(&belt, &peaks);
    assert!((0..37).all(|time| (volume.at(f64::from(time)) - 0.5).abs() < 1e-9));
    assert!(volume.values().iter().all(|value| value.is_finite()));
}

#[test]
fn phases_that_an_order_asks_for_have_a_value_per_sample() {
    let long = [0.5; 3];
    for (cardiac, respiratory, interaction) in
        (0..8).map(|bits| (bits & 1, bits >> 1 & 1, bits >> 2 & 1)).chain([(2, 2, 1), (2, 2, 2), (0, 0, 2)])
    {
        let orders = Orders { cardiac, respiratory, interaction };
        let no_heart = retroicor(3, (&[], &long), orders);
        assert_eq!(no_heart.is_err(), cardiac > 0 || interaction > 0, "{orders:?}");
        let no_breath = retroicor(3, (&long, &[]), orders);
        assert_eq!(no_breath.is_err(), respiratory > 0 || interaction > 0, "{orders:?}");
        assert_eq!(retroicor(3, (&long, &long), orders).unwrap().values.dim(), (3, orders.columns()));
    }
}

#[test]
fn a_prepared_breath_has_mean_zero_and_deviation_one() {
    // A belt that slips makes the ends uneven.
    let belt = |unit: f64| {
        sampled((0.0, 90.0), 25.0, |time| {
            unit * ((TAU * 0.25 * time).sin() + if time > 75.0 { 6.0 } else { 2.0 })
        })
    };
    let found = prepared(&belt(1.0), Rhythm::Breath).unwrap();
    let n = found.values().len() as f64;
    let mean = found.values().iter().sum::<f64>() / n;
    let square = found.values().iter().map(|value| value * value).sum::<f64>() / n;
    assert!(mean.abs() < 1e-12 && (square - 1.0).abs() < 1e-12, "{mean} {square}");
    close(prepared(&belt(37.0), Rhythm::Breath).unwrap().values(), found.values(), 1e-9);
}

/// A wave of 0.06 s at each beat.
fn beats(seconds: f64, beats: &[(f64, f64)]) -> Trace {
    sampled((0.0, seconds), 100.0, |time| {
        beats.iter().fold(0.0, |sum, (at, size)| sum + size * (-((time - at) / 0.06).powi(2)).exp())
    })
}

#[test]
fn three_beats_are_enough() {
    let found = find_peaks(&beats(3.0, &[(0.5, 1.0), (1.5, 1.0), (2.5, 1.0)]), Rhythm::Heart).unwrap();
    close(&found.times, &[0.5, 1.5, 2.5], 0.01);
    assert!(find_peaks(&beats(2.0, &[(0.5, 1.0), (1.5, 1.0)]), Rhythm::Heart).is_err());
}

/// 60 s with a beat every 0.6 s, then 40 s with one every second, three of which have a bump half a second later.
#[test]
fn a_bump_between_slow_beats_is_no_beat_though_the_heart_was_faster_before() {
    let fast = (0..100).map(|beat| 0.5 + 0.6 * f64::from(beat));
    let truth: Vec<f64> = fast.chain((1..40).map(|beat| 59.9 + f64::from(beat))).collect();
    let waves = truth.iter().map(|at| (*at, 1.0)).chain([12.0, 18.0, 24.0].map(|beat| (60.4 + beat, 0.5)));
    let found = find_peaks(&beats(99.4, &waves.collect::<Vec<_>>()), Rhythm::Heart).unwrap();
    close(&found.times, &truth, 0.02);
}

/// A body for 10 minutes: pulse waves of a systolic and a dicrotic part, breaths drawn in by half a cosine and let out
/// exponentially, each with a length and a size of its own.
fn body(person: u32) -> [Cycles; 2] {
    Cycles::of(5, (person, 0), (-10.0, 620.0))
}

/// What devices make of it: noise, a wandering baseline, an amplitude that doubles, a cough, 12 bits, and missing samples.
fn recorded(cycles: &Cycles, seed: u64, rate: f64) -> Trace {
    let mut random = random(seed);
    let mut value = |time: f64| {
        let gain = 1.5 + 0.5 * (time / 90.0).sin();
        let wander = 3.0 * (time / 40.0).sin() + 0.01 * time;
        let cough = 8.0 * (-(time - 200.0) * (time - 200.0) / 0.02).exp();
        (100.0 * (gain * cycles.at(time) + wander + cough + 0.3 * normal(&mut random))).round()
    };
    let mut values = sampled((-8.0, 612.0), rate, &mut value).values().to_vec();
    let lost = (300.0 * rate) as usize;
    values[lost..lost + (0.4 * rate) as usize].fill(f64::NAN);
    trace(-8.0, rate, values)
}

/// Share of `truth` with a peak near it, and of `found` with none: of a constant shift, which is no fault, by its median.
fn agreement(found: &[f64], truth: &[f64], tolerance: f64) -> (f64, f64) {
    let nearest = |time: f64, others: &[f64]| {
        others.iter().map(|other| time - other).min_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap()
    };
    let mut shifts: Vec<f64> = found.iter().map(|time| nearest(*time, truth)).collect();
    shifts.sort_by(f64::total_cmp);
    let shift = shifts[shifts.len() / 2];
    let shifted: Vec<f64> = found.iter().map(|time| time - shift).collect();
    let hit = truth.iter().filter(|time| nearest(**time, &shifted).abs() < tolerance).count();
    let wrong = shifted.iter().filter(|time| nearest(**time, truth).abs() >= tolerance).count();
    (hit as f64 / truth.len() as f64, wrong as f64 / found.len() as f64)
}

#[test]
fn peaks_are_found_beneath_noise_wander_and_changing_amplitude() {
    for person in 0..4 {
        let [heart, breath] = body(person);
        for (cycles, rhythm, rate, at, tolerance) in
            [(&heart, Rhythm::Heart, 240.0, 0.15, 0.1), (&breath, Rhythm::Breath, 50.0, 0.35, 0.6)]
        {
            let found = find_peaks(&recorded(cycles, u64::from(person), rate), rhythm).unwrap();
            let peaks = cycles.each.iter().map(|(start, length, _)| start + at * length);
            let truth: Vec<f64> = peaks.filter(|time| (-6.0..610.0).contains(time)).collect();
            let (hit, wrong) = agreement(&found.times, &truth, tolerance);
            assert!(hit > 0.97 && wrong < 0.03, "{person} {rhythm:?}: {hit} {wrong} {:?}", found.quality);
            assert!(!found.quality.is_low(), "{person} {rhythm:?}: {:?}", found.quality);
        }
    }
}

#[test]
fn electrocardiograms_are_read_either_way_up() {
    let [heart, _] = body(1);
    let wave = |time: f64| {
        heart.each.iter().filter(|(start, ..)| (time - start).abs() < 1.5).fold(0.0, |sum, (start, ..)| {
            let part = |at: f64, width: f64, size: f64| size * (-((time - start - at) / width).powi(2)).exp();
            sum + part(0.0, 0.012, 1.0) + part(0.3, 0.05, 0.25) + part(-0.16, 0.03, 0.12)
        })
    };
    let truth: Vec<f64> =
        heart.each.iter().map(|beat| beat.0).filter(|time| (1.0..119.0).contains(time)).collect();
    for sign in [1.0, -1.0] {
        let found =
            find_peaks(&sampled((0.0, 120.0), 500.0, |time| sign * wave(time)), Rhythm::Heart).unwrap();
        let (hit, wrong) = agreement(&found.times, &truth, 0.03);
        assert!(hit > 0.99 && wrong < 0.02, "{sign}: {hit} {wrong} {:?}", found.quality);
        assert!(!found.quality.is_low(), "{:?}", found.quality);
    }
}

#[test]
fn noise_and_flat_lines_are_no_rhythm() {
    for seed in 0..4 {
        let mut random = random(seed);
        let noise = sampled((0.0, 300.0), 50.0, |_| normal(&mut random));
        for rhythm in [Rhythm::Heart, Rhythm::Breath] {
            let quality = find_peaks(&noise, rhythm).unwrap().quality;
            assert!(quality.is_low(), "{rhythm:?} {quality:?}");
        }
    }
    for values in [vec![3.0; 500], vec![f64::NAN; 500]] {
        let error = find_peaks(&trace(0.0, 50.0, values), Rhythm::Heart).unwrap_err();
        assert!(matches!(error, EncodingError::Recording { .. }), "{error}");
    }
    assert!(find_peaks(&sampled((0.0, 1.0), 50.0, f64::sin), Rhythm::Breath).is_err());
    assert!(Trace::new(seconds(0.0), 0.0, vec![1.0]).is_err());
    assert!(Trace::new(seconds(0.0), 1.0, Vec::new()).is_err());
    assert!(Trace::new(seconds(0.0), 1.0, vec![f64::INFINITY]).is_err());
}

#[test]
fn missing_samples_are_filled_and_gaps_have_a_length() {
    let holes = trace(0.0, 2.0, vec![f64::NAN, 1.0, f64::NAN, f64::NAN, 4.0, 2.0, f64::NAN]);
    assert_eq!(holes.filled().unwrap().values(), [1.0, 1.0, 2.0, 3.0, 4.0, 2.0, 2.0]);
    assert_eq!(holes.longest_gap(0.5, 2.5), 1.5);
    assert_eq!(holes.longest_gap(0.0, 10.0), 7.5);
    assert_eq!((holes.end(), holes.at(-3.0).is_nan(), holes.at(2.25)), (3.5, true, 3.0));
    assert!(trace(0.0, 2.0, vec![3.0, f64::NAN, 3.0]).filled().is_err(), "no two samples differ");
}

/// The 18 columns of a person from noisy recordings at their own rates, at volume times.
fn columns(person: u32, times: &[f64]) -> Regressors {
    let [heart, breath] = body(person);
    // The finger is 0.25 s behind.
    let pulse = recorded(&heart, 10 + u64::from(person), 120.0);
    let pulse = trace(pulse.start() + 0.25, pulse.rate(), pulse.values().to_vec());
    let belt = prepared(&recorded(&breath, 20 + u64::from(person), 40.0), Rhythm::Breath).unwrap();
    let peaks = find_peaks(&pulse, Rhythm::Heart).unwrap();
    let phases = (cardiac_phase(&peaks.times, times), respiratory_phase(&belt, times));
    retroicor(times.len(), (&phases.0, &phases.1), Orders::default()).unwrap()
}

/// Reference moments of volumes, 1.5 s apart.
fn volumes() -> Vec<f64> {
    (0..400).map(|volume| 1.5 * f64::from(volume) + 0.75).collect()
}

/// Shares that the 18 columns of `of` take out of the waves of `person` at slices that are acquired `away` from the reference
/// moment: heart, breath, and both.
fn taken(person: u32, of: u32, away: f64) -> Vec<f32> {
    let times = volumes();
    let [heart, breath] = body(person);
    let planted = Array2::from_shape_fn((400, 3), |(volume, target)| {
        let moment = times[volume] + away;
        [heart.at(moment), breath.at(moment), heart.at(moment) + breath.at(moment)][target] as f32
    });
    let cleaned = clean(&pool(1), planted.view(), &[columns(of, &times)], 30).unwrap();
    cleaned.variance_removed.row(0).to_vec()
}

#[test]
fn at_least_four_fifths_of_planted_heart_and_breath_go_and_another_body_takes_next_to_nothing() {
    for person in 0..4 {
        for away in [0.0, 0.05, -0.05] {
            let own = taken(person, person, away);
            assert!(own.iter().all(|share| *share >= 0.8), "{person} {away}: {own:?}");
        }
        let other = taken(person, person + 1, 0.0);
        assert!(other.iter().all(|share| *share < 0.12), "{person}: {other:?}");
    }
}

/// The price of one phase per volume, which docs/methods/physiology.md gives.
#[test]
fn slices_far_from_the_reference_moment_keep_more_of_the_heart() {
    let mean = |away: f64| {
        let shares: Vec<Vec<f32>> = (0..4).map(|person| taken(person, person, away)).collect();
        [0, 1].map(|wave| shares.iter().map(|share| share[wave]).sum::<f32>() / 4.0)
    };
    let found = [0.0, 0.2, 0.4, 0.7].map(mean);
    let expected = [[0.83, 0.90], [0.72, 0.88], [0.66, 0.80], [0.50, 0.64]];
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        assert!((found - expected).abs() < 0.02, "{found} {expected}");
    }
}

/// A feature explains a quarter of the variance beneath heart and breath, r = ½; they have more variance than all the rest.
#[test]
fn the_score_beneath_heart_and_breath_comes_back() {
    let times = volumes();
    let [heart, breath] = body(2);
    let mut random = random(3);
    let heard: Vec<f64> = (0..400).map(|_| normal(&mut random)).collect();
    let brain = Array2::from_shape_fn((400, 40), |(volume, _)| {
        (0.5 * heard[volume] + 0.75_f64.sqrt() * normal(&mut random)) as f32
    });
    let body = |volume: usize| 0.8 * (heart.at(times[volume]) + breath.at(times[volume]));
    let responses = Array2::from_shape_fn((400, 40), |place| brain[place] + body(place.0) as f32);
    let score = |responses: &Array2<f32>, regressors: &[Regressors]| {
        let cleaned = clean(&pool(1), responses.view(), regressors, 30).unwrap().values;
        let of = |target: usize| {
            let values: Vec<f64> = cleaned.column(target).iter().map(|value| f64::from(*value)).collect();
            pearson(&heard, &values).unwrap()
        };
        (0..40).map(of).sum::<f64>() / 40.0
    };
    let (planted, left_in) = (score(&brain, &[]), score(&responses, &[]));
    let taken_out = score(&responses, &[columns(2, &times)]);
    // 95 % over 400 samples less 19 dimensions, by Fisher's z.
    let half = 1.96 / (400.0 - 19.0 - 3.0_f64).sqrt();
    let (low, high) = ((taken_out.atanh() - half).tanh(), (taken_out.atanh() + half).tanh());
    assert!((low..high).contains(&planted), "{planted}: {taken_out} [{low}, {high}]");
    assert!(taken_out > left_in + 0.5 * (planted - left_in), "{left_in} {taken_out} {planted}");
}
