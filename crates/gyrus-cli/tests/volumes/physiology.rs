//! Recordings of heart and breath: regressors in the one projection, what is wrong with recordings of real life, and a planted
//! body whose variance goes and beneath which the score returns.

use std::fmt::Write;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::dataset::{Dataset, PARTICIPANTS, RUNS};
use super::program::{Says, gyrus};

const ASKED: &str = "physiology = { regressors = [\"retroicor\", \"rvt\", \"rv\", \"heart_rate\"], lags = [\"0 s\", \"5 s\"] }";
const JSON: &str =
    r#"{"SamplingFrequency": 40, "Columns": ["cardiac", "respiratory", "oxygen saturation", "trigger"]}"#;

pub fn physio(participant: &str, run: usize, ending: &str) -> String {
    format!("bids/sub-{participant}/func/sub-{participant}_task-story_run-{run}{ending}")
}

/// A beat every 0.8 s and a breath every 4.2 s, both a little uneven, from `from` to `to` at 40 Hz; triggers every 2 s from 0 on.
fn recording(from: f64, to: f64, columns: impl Fn([f64; 4]) -> String) -> Vec<u8> {
    let mut text = String::new();
    let samples = ((to - from) * 40.0).round() as usize;
    for sample in 0..samples {
        let time = from + sample as f64 / 40.0;
        let beat = (time / 0.8 + 0.3 * (time / 9.0).sin()).rem_euclid(1.0);
        let pulse =
            (-(beat - 0.2) * (beat - 0.2) / 0.01).exp() + 0.3 * (-(beat - 0.5) * (beat - 0.5) / 0.02).exp();
        let breath = (std::f64::consts::TAU * (time / 4.2 + 0.4 * (time / 13.0).sin())).sin();
        let tick = (time * 40.0).round() as i64;
        let trigger = f64::from(u8::from(tick >= 0 && tick % 80 == 0 && time < 139.0));
        writeln!(text, "{}", columns([pulse, breath, 97.0, trigger])).unwrap();
    }
    packed(&text)
}

pub fn packed(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

fn all([pulse, breath, oxygen, trigger]: [f64; 4]) -> String {
    format!("{pulse:.4}\t{breath:.4}\t{oxygen}\t{trigger}")
}

/// The data set with a recording of every run, its description divided between the root and the run.
fn recorded() -> Dataset {
    let data = Dataset::new();
    data.set("motion = 12", ASKED);
    data.write("bids/task-story_physio.json", JSON.as_bytes());
    for participant in PARTICIPANTS {
        for run in RUNS {
            data.write(&physio(participant, run, "_physio.tsv.gz"), &recording(-8.0, 145.0, all));
            data.write(&physio(participant, run, "_physio.json"), br#"{"StartTime": -8.0}"#);
        }
    }
    data
}

/// One run has its pulse and its belt in files of their own, at other rates, with missing samples and no triggers.
fn in_two_files(data: &Dataset) {
    data.remove(&physio("02", 1, "_physio.tsv.gz"));
    data.remove(&physio("02", 1, "_physio.json"));
    let belt = |[_, breath, ..]: [f64; 4]| format!("{breath:.4}");
    data.write(&physio("02", 1, "_recording-belt_physio.tsv.gz"), &recording(-3.5, 142.0, belt));
    let described = br#"{"StartTime": -3.5, "Columns": ["respiratory"]}"#;
    data.write(&physio("02", 1, "_recording-belt_physio.json"), described);
    let pulse = |[pulse, _, oxygen, _]: [f64; 4]| match pulse > 1.0 - 1e-5 {
        true => format!("n/a\t{oxygen}"),
        false => format!("{pulse:.4}\t{oxygen}"),
    };
    data.write(&physio("02", 1, "_recording-pulse_physio.tsv.gz"), &recording(-8.0, 145.0, pulse));
    let described =
        br#"{"StartTime": -8.0, "SamplingFrequency": 40, "Columns": ["cardiac", "oxygen saturation"]}"#;
    data.write(&physio("02", 1, "_recording-pulse_physio.json"), described);
}

#[test]
fn regressors_of_heart_and_breath_are_in_the_one_projection_and_in_every_table() {
    let data = recorded();
    in_two_files(&data);
    data.analyze("out", &[]).succeeded();
    let rows = data.rows("out/tables/variance_removed.tsv");
    let sources: Vec<&str> =
        rows.iter().filter(|row| row[0] == "sub-02").map(|row| row[1].as_str()).collect();
    assert_eq!(sources, ["drift", "RETROICOR", "RVT", "RV", "heart rate"]);
    // Three runs: constant, one cosine, 18 of RETROICOR, and two delays of three rates.
    assert_eq!(data.rows("out/tables/participants.tsv")[1][2], (3 * (1 + 1 + 18 + 6)).to_string());
    let traces = data.rows("out/tables/physiology.tsv");
    assert_eq!(traces.len(), 2 * 9);
    for trace in &traces {
        let number = |column: usize| -> f64 { trace[column].parse().unwrap() };
        let expected = if trace[2] == "cardiac" { 60.0 / 0.8 } else { 60.0 / 4.2 };
        assert!(
            (number(6) / expected - 1.0).abs() < 0.06 && number(7) > 0.95 && number(8) > 0.8,
            "{trace:?}"
        );
    }
    let of_02: Vec<&str> = traces[6..8].iter().map(|row| row[4].as_str()).collect();
    assert_eq!(of_02, ["-8", "-3.5"], "each file has its own start");
    let words = data.read("out/methods.md");
    for part in [
        "heart in 9 runs at 40 Hz",
        "breath in 9 runs",
        "order 3 cardiac, 4 respiratory, 1 of their sum",
        "delayed by 0 and 5 s",
    ] {
        assert!(words.contains(part), "{part}: {words}");
    }
    let cited = data.read("out/CITATION.bib");
    assert!(
        ["glover2000image", "birn2008respiration", "chang2009influence"]
            .iter()
            .all(|key| cited.contains(key)),
        "{cited}"
    );
    // With motion there are 60 samples less 38 dimensions left.
    data.set("high_pass", "motion = 12\nhigh_pass");
    let error = data.check().error();
    assert!(
        error.contains("60 samples less 38 regressors (constant included) leave 22 degrees of freedom"),
        "{error}"
    );
}

fn refused(change: impl FnOnce(&Dataset), [file, place, found, expected, remedy]: [&str; 5]) {
    let data = recorded();
    change(&data);
    data.check().refused(&Says { file, place, found, expected, remedy });
}

#[test]
fn what_is_wrong_with_recordings_is_said_with_numbers() {
    refused(
        |data| data.remove(&physio("03", 2, "_physio.tsv.gz")),
        [
            "/study.toml: ",
            "denoise.physiology: ",
            "found no recording of the body of bids/derivatives/fmriprep/sub-03/func/sub-03_task-story_run-2_",
            "expected a file that ends in _physio.tsv.gz in the folder func",
            "leave the participant out with responses.exclude, or remove denoise.physiology",
        ],
    );
    // Devices of one vendor write files of five minutes; here one minute of 140 s.
    refused(
        |data| {
            data.write(
                &physio("03", 2, "_physio.tsv.gz"),
                &recording(-8.0, 52.0, |[pulse, breath, oxygen, _]| all([pulse, breath, oxygen, 0.0])),
            )
        },
        [
            "/sub-03_task-story_run-2_physio.tsv.gz: ",
            "`cardiac`",
            "found `cardiac` from -8.00 s to 52.00 s after the first volume (2400 samples at 40 Hz)",
            "expected 21.00 s to 139.00 s, the analysed volumes, with at most 2 s missing",
            "copy the whole recording",
        ],
    );
    refused(
        |data| data.write(&physio("03", 2, "_physio.json"), br#"{"StartTime": 0}"#),
        [
            "/sub-03_task-story_run-2_physio.tsv.gz: ",
            "after the first volume (`StartTime` 0 s)",
            "found the first of 70 triggers 8.000 s",
            "expected it within half a volume (1 s) of the first of 70 volumes",
            "correct `StartTime` in the JSON file: -8.000 s would put it there",
        ],
    );
}

#[test]
fn columns_that_are_missing_or_flat_are_said_with_what_there_is() {
    refused(
        |data| {
            data.write(
                &physio("03", 2, "_physio.json"),
                br#"{"StartTime": -8, "Columns": ["a", "respiratory", "b", "trigger"]}"#,
            )
        },
        [
            "/study.toml: ",
            "denoise.physiology: ",
            "found no column `cardiac`",
            "sub-03_task-story_run-2_physio.tsv.gz has a, respiratory, b, trigger",
            "name another with cardiac_column",
        ],
    );
    refused(
        |data| {
            data.write(
                &physio("03", 2, "_physio.tsv.gz"),
                &recording(-8.0, 145.0, |[_, breath, oxygen, trigger]| all([512.0, breath, oxygen, trigger])),
            )
        },
        [
            "/sub-03_task-story_run-2_physio.tsv.gz: ",
            "`cardiac`",
            "found 512 in every sample",
            "expected values that differ",
            "leave the participant out with responses.exclude",
        ],
    );
}

/// Nothing is repaired in silence: what can be lived with is a warning in the tables.
#[test]
fn doubtful_recordings_are_warned_of() {
    let data = recorded();
    let noise = |[pulse, ..]: [f64; 4]| (pulse * 1e8).fract() - 0.5;
    data.write(
        &physio("01", 1, "_physio.tsv.gz"),
        &recording(-8.0, 145.0, |of| all([noise(of), of[1], of[2], of[3]])),
    );
    let coarse =
        |[pulse, breath, oxygen, _]: [f64; 4]| all([pulse, (2.0 * breath).round() / 2.0, oxygen, 0.0]);
    data.write(&physio("01", 2, "_physio.tsv.gz"), &recording(-8.0, 145.0, coarse));
    let gone = std::cell::Cell::new(0);
    let gap = |[pulse, breath, _, _]: [f64; 4]| {
        gone.set(gone.get() + 1);
        if (2000..2400).contains(&gone.get()) {
            format!("n/a\t{breath:.4}")
        } else {
            format!("{pulse:.4}\t{breath:.4}")
        }
    };
    data.write(&physio("01", 3, "_physio.tsv.gz"), &recording(0.0, 152.0, gap));
    data.write(
        &physio("01", 3, "_physio.json"),
        br#"{"StartTime": 0, "Columns": ["cardiac", "respiratory"]}"#,
    );
    let said = data.check().succeeded().stderr;
    for part in [
        "sub-01_task-story_run-1_physio.tsv.gz: peaks of `cardiac` are doubtful: ",
        "run-2_physio.tsv.gz: `respiratory` is stored in steps of 0.5000 at a standard deviation of 0.7",
        "run-2_physio.tsv.gz: there is no trigger in `trigger`, expected 70",
        "run-3_physio.tsv.gz: `cardiac` has no sample for 10.0 s",
        "run-3_physio.tsv.gz: `StartTime` is 0 and the recording goes on for 12.0 s after the last volume",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn settings_of_physiology_that_contradict_each_other() {
    let check = |to: &str, [key, found, expected]: [&str; 3]| {
        let data = Dataset::new();
        data.set("motion = 12", to);
        let error = data.check().error();
        for part in ["/study.toml: ", key, found, expected, "; "] {
            assert!(error.contains(part), "`{part}` is not in\n{error}");
        }
    };
    let none = ["denoise.physiology.regressors: ", "found []", "each at most once"];
    check("physiology = { regressors = [] }", none);
    let twice = ["denoise.physiology.regressors: ", "found [Rvt, Rvt]", "each at most once"];
    check("physiology = { regressors = [\"rvt\", \"rvt\"] }", twice);
    let orders = ["denoise.physiology: ", "found orders 11, 4, 1", "expected orders of 0 to 10"];
    check("physiology = { regressors = [\"retroicor\"], cardiac = 11 }", orders);
    let lags = ["denoise.physiology.lags: ", "found [70.0] s", "expected lags of −60 s to 60 s"];
    check("physiology = { regressors = [\"rv\"], lags = [\"70 s\"] }", lags);
}

/// A cohort of four people who hear the same, with bodies of a given strength in per cent of the brightness.
struct Cohort {
    folder: tempfile::TempDir,
}

impl Cohort {
    fn new(heartbeat: &str, breathing: &str, denoise: &str) -> Self {
        let cohort = Self { folder: tempfile::tempdir().unwrap() };
        let (data, study) = (cohort.path("data"), cohort.path("study.toml"));
        let size =
            "--participants 4 --runs 1 --voxels 600 --paragraphs 30 --seed 5 --threads 2 --strength 1.5";
        let body = ["--repetition-time", "2 s", "--heartbeat", heartbeat, "--breathing", breathing];
        let simulate = [Path::new("simulate"), &data].into_iter().chain(size.split(' ').map(Path::new));
        gyrus(&simulate.chain(body.into_iter().map(Path::new)).collect::<Vec<&Path>>()).succeeded();
        let model = data.join("language-model");
        gyrus(&[Path::new("init"), &data, Path::new("--model"), &model, Path::new("-o"), &study]).succeeded();
        let text = std::fs::read_to_string(&study).unwrap();
        let (before, after) = text.split_once("motion = ").unwrap();
        let after = after.split_once("# tissue").unwrap().1;
        let quick = format!("{before}motion = 6\n{denoise}\n#{after}")
            .replace("surrogates = 1000", "bootstraps = 200\nsurrogates = 19")
            .replace("untrained_seeds = 5", "untrained_seeds = 0")
            .replace("layers = \"all\"", "layers = [4]");
        std::fs::write(&study, quick).unwrap();
        gyrus(&[Path::new("analyze"), &study, Path::new("-o"), &cohort.path("out")]).succeeded();
        cohort
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Numbers of a column in the rows that begin with some cells.
    fn numbers(&self, table: &str, (first, column): (&[&str], &str)) -> Vec<f64> {
        let text = std::fs::read_to_string(self.path("out/tables").join(table)).unwrap();
        let mut lines = text.lines().map(|line| line.split('\t').collect::<Vec<&str>>());
        let place = lines.next().unwrap().iter().position(|name| *name == column).unwrap();
        let is_it = |row: &Vec<&str>| {
            first.iter().enumerate().all(|(index, cell)| cell.is_empty() || row[index] == *cell)
        };
        lines.filter(is_it).map(|row| row[place].parse().unwrap()).collect()
    }
}

/// The body is planted as waves at the moment of each slice; the share that it adds shows in how much less the drift has.
#[test]
fn planted_heart_and_breath_go_and_the_score_beneath_them_returns() {
    let quiet = Cohort::new("0", "0", "");
    let strong = Cohort::new("0.3", "1.3", "physiology = { regressors = [\"retroicor\"] }\ncompare = true");
    let share =
        |cohort: &Cohort, source: &str| cohort.numbers("variance_removed.tsv", (&["", source], "share"));
    let drift = share(&quiet, "drift").into_iter().zip(share(&strong, "drift"));
    let planted: Vec<f64> = drift.map(|(quiet, strong)| 1.0 - strong / quiet).collect();
    let taken = share(&strong, "RETROICOR");
    assert_eq!((planted.len(), taken.len()), (4, 4));
    for (planted, taken) in planted.iter().zip(&taken) {
        // Of 276 volumes, 18 columns take 0.065 of what is left by chance.
        assert!(*planted > 0.3 && taken - 0.065 * (1.0 - planted) > 0.8 * planted, "{planted} {taken}");
    }
    let score = |cohort: &Cohort, column: &str| cohort.numbers("layers.tsv", (&["", "4", "mean"], column))[0];
    let beneath = score(&quiet, "score");
    let (low, high) = (score(&strong, "score_low"), score(&strong, "score_high"));
    assert!((low..high).contains(&beneath), "{beneath} [{low}, {high}]");
    let compared = |column: &str| strong.numbers("noise.tsv", (&["", "RETROICOR", "mean"], column))[0];
    let (left_in, gained) = (compared("left_in"), compared("difference_low"));
    assert!(left_in < beneath - 0.04 && gained > 0.0, "{left_in} {beneath} {gained}");
}
