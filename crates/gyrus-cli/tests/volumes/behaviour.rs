//! Recordings of eyes and voice: regressors in the one projection, and what is wrong with recordings of real life.

use std::fmt::Write;

use super::dataset::{Dataset, PARTICIPANTS, RUNS};
use super::physiology::{packed, physio};
use super::program::Says;

const ASKED: &str = "physiology = { regressors = [\"gaze\", \"saccades\", \"blinks\", \"sound_level\"] }";
/// Samples per second of the tracker.
const RATE: usize = 100;

/// A tracker's clock, an eye that jumps every 1.3 s, and a pupil; shut for 0.2 s every 4 s, which the tracker writes as `hole`.
fn eye(seconds: usize, hole: &str) -> Vec<u8> {
    let mut text = String::new();
    for sample in 0..seconds * RATE {
        let time = sample as f64 / RATE as f64;
        let jump = (time / 1.3).floor();
        let place = |scale: f64| 500.0 + 200.0 * (scale * jump).sin() + 0.5 * (7.0 * time).sin();
        match time % 4.0 < 0.2 {
            true => writeln!(text, "{}\t{hole}\t{hole}\tn/a", 10 * sample),
            false => writeln!(text, "{}\t{:.2}\t{:.2}\t3.1", 10 * sample, place(1.7), place(2.9)),
        }
        .unwrap();
    }
    packed(&text)
}

/// A hum, and a cough every 11 s.
fn sound(seconds: usize) -> Vec<u8> {
    let mut text = String::new();
    for sample in 0..seconds * RATE {
        let time = sample as f64 / RATE as f64;
        let size = if time % 11.0 < 0.5 { 9.0 } else { 0.3 };
        writeln!(text, "{:.3}", size * (40.0 * time).sin()).unwrap();
    }
    packed(&text)
}

/// The data set with an eye and a microphone in every run; what all runs share is described at the root.
fn recorded() -> Dataset {
    let data = Dataset::new();
    data.set("motion = 12", ASKED);
    let eyes = br#"{"SamplingFrequency": 100, "PhysioType": "eyetrack", "Columns": ["timestamp", "x_coordinate", "y_coordinate", "pupil_size"]}"#;
    data.write("bids/task-story_recording-eye1_physio.json", eyes);
    data.write(
        "bids/task-story_recording-microphone_physio.json",
        br#"{"SamplingFrequency": 100, "StartTime": -1, "Columns": ["audio"]}"#,
    );
    let (eye, sound) = (eye(150, "n/a"), sound(150));
    for (participant, run) in PARTICIPANTS.iter().flat_map(|participant| RUNS.map(|run| (participant, run))) {
        data.write(&physio(participant, run, "_recording-eye1_physio.tsv.gz"), &eye);
        let start = br#"{"StartTime": -3.5, "RecordedEye": "left"}"#;
        data.write(&physio(participant, run, "_recording-eye1_physio.json"), start);
        data.write(&physio(participant, run, "_recording-microphone_physio.tsv.gz"), &sound);
    }
    data
}

#[test]
fn eyes_and_voice_are_in_the_one_projection_and_in_every_table() {
    let data = recorded();
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/variance_removed.tsv");
    let sources: Vec<&str> =
        rows.iter().filter(|row| row[0] == "sub-02").map(|row| row[1].as_str()).collect();
    assert_eq!(sources, ["drift", "gaze", "saccades", "blinks", "sound level"]);
    // Three runs: constant, one cosine, x and y, speed, and two of each of blinks and sound.
    assert_eq!(data.rows("out/tables/participants.tsv")[1][2], (3 * (1 + 1 + 2 + 1 + 2 + 2)).to_string());
    let eyes = data.rows("out/tables/physiology.tsv");
    assert_eq!(eyes.len(), 9);
    for eye in &eyes {
        let number = |column: usize| -> f64 { eye[column].parse().unwrap() };
        assert_eq!((eye[2].as_str(), number(5), eye[8].as_str()), ("eye", 38.0, "n/a"), "{eye:?}");
        assert!((number(7) - 0.95).abs() < 0.01, "{eye:?}");
    }
    let words = data.read("out/methods.md");
    for part in ["where the eye looked in each volume", "the loudness of the recorded sound"] {
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn both_eyes_lost_eyes_and_zeros_are_said() {
    let data = recorded();
    for file in ["tsv.gz", "json"] {
        let of = |label: &str| physio("01", 1, &format!("_recording-{label}_physio.{file}"));
        std::fs::copy(data.path(&of("eye1")), data.path(&of("eye2"))).unwrap();
    }
    std::fs::copy(
        data.path("bids/task-story_recording-eye1_physio.json"),
        data.path("bids/task-story_recording-eye2_physio.json"),
    )
    .unwrap();
    data.write(&physio("01", 2, "_recording-eye1_physio.tsv.gz"), &eye(150, "0"));
    let lost = packed(&"0\tn/a\tn/a\tn/a\n".repeat(9000));
    let seen = packed(&(0..6000).map(|at| format!("0\t{}\t{}\t1\n", at % 7, 1 + at % 5)).collect::<String>());
    let both = [lost, seen].concat();
    data.write(&physio("01", 3, "_recording-eye1_physio.tsv.gz"), &both);
    let ran = data.check().succeeded();
    let said = format!("{}{}", ran.stderr, ran.stdout);
    for part in [
        "run-1_recording-eye1_physio.tsv.gz: gaze is taken from here;",
        "run-2_recording-eye1_physio.tsv.gz: more than 1 % of the gaze is exactly (0, 0)",
        "run-3_recording-eye1_physio.tsv.gz: the eye was found in 40 % of the samples only",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

fn refused(change: impl FnOnce(&Dataset), [file, place, found, expected, remedy]: [&str; 5]) {
    let data = recorded();
    change(&data);
    data.check().refused(&Says { file, place, found, expected, remedy });
}

#[test]
fn recordings_without_an_eye_or_a_voice_are_refused() {
    refused(
        |data| data.remove(&physio("03", 2, "_recording-microphone_physio.tsv.gz")),
        [
            "/study.toml: ",
            "denoise.physiology: ",
            "found no column `audio`",
            "recording-eye1_physio.tsv.gz has timestamp, x_coordinate, y_coordinate, pupil_size",
            "name another with sound_column",
        ],
    );
    refused(
        |data| data.set("regressors", "gaze_columns = [\"x_coordinate\", \"height\"], regressors"),
        [
            "/study.toml: ",
            "denoise.physiology: ",
            "found no column `height`",
            "expected such a column",
            "name another with gaze_columns",
        ],
    );
    refused(
        |data| data.write(&physio("03", 2, "_recording-eye1_physio.tsv.gz"), &eye(60, "n/a")),
        [
            "/sub-03_task-story_run-2_recording-eye1_physio.tsv.gz: ",
            "`x_coordinate`",
            "found `x_coordinate` from -3.50 s to 56.50 s after the first volume (6000 samples at 100 Hz)",
            "expected 21.00 s to 139.00 s, the analysed volumes, with at most 2 s missing",
            "copy the whole recording",
        ],
    );
    refused(
        |data| {
            data.write(
                &physio("03", 2, "_recording-microphone_physio.tsv.gz"),
                &packed(&"0\n".repeat(15_000)),
            )
        },
        [
            "/sub-03_task-story_run-2_recording-microphone_physio.tsv.gz: ",
            "`audio`",
            "found 0 in every sample",
            "expected values that differ",
            "leave the participant out with responses.exclude",
        ],
    );
}
