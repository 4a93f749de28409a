//! Eyes and voice against naive loops, NumPy, and what is known of simple recordings.

use gyrus_encoding::align::glover;
use gyrus_encoding::physiology::{
    Response, STEP, Trace, blinks, delayed, gaze_speed, loudness, means_around, shut,
};

use crate::golden::{self, list};
use crate::simulate::{normal, random, seconds};

fn trace(start: f64, rate: f64, values: Vec<f64>) -> Trace {
    Trace::new(seconds(start), rate, values).unwrap()
}

fn close(found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len());
    for (index, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() <= tolerance, "{index}: {found} {expected}");
    }
}

/// A gaze with holes at 100 Hz, from 3.2 s before the first volume on.
fn gaze(seed: u64) -> Trace {
    let mut random = random(seed);
    let mut place = 500.0;
    let mut value = |sample: usize| {
        place += 3.0 * normal(&mut random);
        if (700..760).contains(&sample) || (1500..1520).contains(&sample) { f64::NAN } else { place }
    };
    trace(-3.2, 100.0, (0..2400).map(&mut value).collect())
}

/// The samples in a window that are not missing.
fn inside(trace: &Trace, from: f64, to: f64) -> Vec<f64> {
    let times = (0..trace.values().len()).filter(|sample| {
        let time = trace.time(*sample);
        time >= from - 1e-7 && time < to - 1e-7
    });
    times.map(|sample| trace.values()[sample]).filter(|value| !value.is_nan()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn means_are_those_of_a_loop_and_straight_where_nothing_is_known() {
    let gaze = gaze(1);
    let times: Vec<f64> = (0..40).map(|volume| -2.9 + 0.5 * f64::from(volume)).collect();
    let found = means_around(&gaze, 0.5, &times);
    let naive: Vec<f64> = times.iter().map(|time| mean(&inside(&gaze, time - 0.25, time + 0.25))).collect();
    let hole = naive.iter().position(|mean| mean.is_nan()).unwrap();
    assert_eq!(naive.iter().filter(|mean| mean.is_nan()).count(), 1, "the hole of 0.6 s is one window wide");
    for (index, (one, other)) in found.iter().zip(&naive).enumerate() {
        assert!(index == hole || (one - other).abs() < 1e-8, "{index}: {one} {other}");
    }
    assert!((found[hole] - f64::midpoint(naive[hole - 1], naive[hole + 1])).abs() < 1e-8);
    let none = trace(0.0, 10.0, vec![f64::NAN; 30]);
    assert!(means_around(&none, 1.0, &[0.5, 1.5]).iter().all(|mean| mean.is_nan()));
}

#[test]
fn shut_eyes_are_counted_as_a_loop_counts_them() {
    let gaze = gaze(2);
    let found = shut(&gaze);
    assert_eq!(found.values().len(), 241);
    for (index, share) in found.values().iter().enumerate() {
        let time = -3.2 + index as f64 * STEP;
        let all = (0..2400).filter(|sample| {
            let at = gaze.time(*sample);
            at >= time - 0.5 - 1e-7 && at < time + 0.5 - 1e-7
        });
        let expected = 1.0 - inside(&gaze, time - 0.5, time + 0.5).len() as f64 / all.count() as f64;
        assert!((share - expected).abs() < 1e-12, "{time}: {share} {expected}");
    }
    assert_eq!(blinks(&gaze), 2);
    let lost: Vec<f64> = (0..400)
        .map(|sample| if (50..250).contains(&sample) || sample == 300 { f64::NAN } else { 1.0 })
        .collect();
    assert_eq!(blinks(&trace(0.0, 100.0, lost)), 0, "two seconds are a loss, one sample is noise");
}

#[test]
fn an_eye_that_moves_steadily_has_that_speed_and_a_still_one_none() {
    let at =
        |speed: f64| (0..3000).map(|sample| 100.0 + speed * f64::from(sample) / 500.0).collect::<Vec<f64>>();
    let found = gaze_speed(&trace(-1.0, 500.0, at(30.0)), &trace(-1.0, 500.0, at(40.0)));
    found.values().iter().for_each(|speed| assert!((speed - 50.0).abs() < 1e-6, "{speed}"));
    let still = gaze_speed(&trace(0.0, 500.0, at(0.0)), &trace(0.0, 500.0, at(0.0)));
    assert!(still.values().iter().all(|speed| *speed == 0.0));
    let none = trace(0.0, 500.0, vec![f64::NAN; 3000]);
    assert!(
        gaze_speed(&none, &none).values().iter().all(|speed| *speed == 0.0),
        "no speed where nothing is known"
    );
}

#[test]
fn loudness_is_in_decibels_above_the_whole() {
    let mut random = random(4);
    let size = |sample: i32| if (2000..2500).contains(&sample) { 10.0 } else { 1.0 };
    let audio =
        trace(-2.0, 500.0, (0..6000).map(|sample| 7.0 + size(sample) * normal(&mut random)).collect());
    let found = loudness(&audio);
    let centre = mean(audio.values());
    let level = |values: &[f64]| {
        (values.iter().map(|value| (value - centre).powi(2)).sum::<f64>() / values.len() as f64).sqrt()
    };
    for (index, one) in found.values().iter().enumerate() {
        let time = -2.0 + index as f64 * STEP;
        let expected =
            20.0 * (level(&inside(&audio, time - 0.25, time + 0.25)) / level(audio.values())).log10();
        assert!((one - expected).abs() < 1e-6, "{time}: {one} {expected}");
    }
    let (quiet, cough) = (found.at(0.0), found.at(2.5));
    assert!((cough - quiet - 20.0).abs() < 1.5, "{quiet} {cough}");
    let silent: Vec<f64> =
        (0..1000).map(|sample| f64::from(u8::from(sample >= 500))).map(|on| on * 3.0).collect();
    let mixed = [silent, vec![1.5; 1000]].concat();
    assert!((loudness(&trace(0.0, 500.0, mixed)).at(3.0) + 60.0).abs() < 1e-9, "silence is −60 dB");
}

#[test]
fn eyes_and_voice_are_those_of_numpy() {
    let golden = &golden::read_from("physiology", "behaviour");
    let with_holes = |name: &str| {
        golden[name]
            .as_array()
            .unwrap()
            .iter()
            .map(|value| value.as_f64().unwrap_or(f64::NAN))
            .collect::<Vec<f64>>()
    };
    let (x, y) = (trace(-1.5, 100.0, with_holes("x")), trace(-1.5, 100.0, with_holes("y")));
    let volumes = list(&golden["volumes"]);
    close(&means_around(&x, 1.5, &volumes), &list(&golden["gaze"]), 1e-8);
    let later = |trace: &Trace| delayed(trace, Some(Response::Haemodynamic), 0.0, &volumes);
    close(&later(&shut(&x)), &list(&golden["shut"]), 1e-8);
    close(&later(&gaze_speed(&x, &y)), &list(&golden["speed"]), 1e-6);
    let audio = trace(-1.5, 100.0, list(&golden["audio"]));
    close(&later(&loudness(&audio)), &list(&golden["loudness"]), 1e-6);
    assert_eq!(blinks(&x) as u64, golden["blinks"].as_u64().unwrap());
    assert_eq!(Response::Haemodynamic.at(5.0), glover(5.0));
}
