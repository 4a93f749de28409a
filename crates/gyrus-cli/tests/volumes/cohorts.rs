//! Simulated cohorts with the faults of real ones, from `gyrus simulate` through `init` and `check` to maps: what is wrong
//! is said, what is left is analysed, and what was planted is found.

use std::path::{Path, PathBuf};

use super::orders;
use super::program::{Ran, gyrus};

/// A cohort whose second participant has no recordings of the body, whose third has a row of confounds too many, and
/// whose fourth lacks a run.
pub struct Cohort {
    folder: tempfile::TempDir,
}

impl Cohort {
    fn new(fmriprep: &str) -> Self {
        let cohort = Self { folder: tempfile::tempdir().unwrap() };
        let size = ["--participants", "5", "--runs", "3", "--voxels", "600", "--paragraphs", "40"];
        let damage = ["--without-physio", "2", "--extra-confounds-row", "3", "--missing-run", "4:2"];
        let others = ["--repetition-time", "2 s", "--seed", "3", "--threads", "2", "--fmriprep", fmriprep];
        let data = cohort.path("data");
        let arguments = [Path::new("simulate"), &data].into_iter();
        let arguments: Vec<&Path> =
            arguments.chain([&size[..], &damage, &others].concat().into_iter().map(Path::new)).collect();
        let said = gyrus(&arguments).succeeded().stdout;
        assert!(said.contains("14 recordings of 5 participants"), "{said}");
        cohort
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Writes the study with `gyrus init`, and leaves out what takes long.
    fn init(&self) -> Ran {
        let (data, study) = (self.path("data"), self.path("study.toml"));
        let model = self.path("data/language-model");
        let ran = gyrus(&[Path::new("init"), &data, Path::new("--model"), &model, Path::new("-o"), &study])
            .succeeded();
        let text = self.read("study.toml");
        let quick = text
            .replace("surrogates = 1000", "bootstraps = 40\nsurrogates = 39")
            .replace("untrained_seeds = 5", "untrained_seeds = 0")
            .replace("layers = \"all\"", "layers = [1, 3, 5, 7]");
        assert_ne!(text, quick);
        std::fs::write(&study, quick).unwrap();
        ran
    }

    fn check(&self) -> Ran {
        gyrus(&[Path::new("check"), &self.path("study.toml")]).succeeded()
    }

    fn analyze(&self) -> Ran {
        let (study, out) = (self.path("study.toml"), self.path("out"));
        gyrus(&[Path::new("analyze"), &study, Path::new("-o"), &out]).succeeded()
    }

    /// Rows of a table, by the names of its columns.
    pub fn column(&self, table: &str, name: &str) -> Vec<String> {
        let text = self.read(table);
        let mut lines = text.lines();
        let position = lines.next().unwrap().split('\t').position(|column| column == name).unwrap();
        lines.map(|line| line.split('\t').nth(position).unwrap().to_owned()).collect()
    }
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in\n{text}");
    }
}

/// Everything that is wrong is said by `init`, and again in the tables; the rest is analysed and shows what was planted.
fn is_analysed(fmriprep: &str, also_said: &[&str]) -> Cohort {
    let cohort = Cohort::new(fmriprep);
    let initial = cohort.init().stderr;
    says(&initial, &["sub-04 has no image of", "sub-03 was excluded", "rows of confounds for"]);
    says(&initial, also_said);
    let checked = cohort.check();
    says(&checked.stdout, &["4 participants", "3 stimuli", "excluded: sub-03"]);
    cohort.analyze();
    let excluded = cohort.read("out/tables/excluded.tsv");
    says(&excluded, &["sub-03", "rows of confounds for"]);
    let recordings = cohort.column("out/tables/cleaning.tsv", "participant");
    let of = |participant: &str| recordings.iter().filter(|row| *row == participant).count();
    assert_eq!(["sub-01", "sub-02", "sub-04", "sub-05"].map(of), [3, 3, 2, 3], "{recordings:?}");
    assert!(cohort.path("out/maps/group").is_dir() && cohort.path("out/report/index.html").is_file());
    let regions = cohort.column("out/tables/hierarchy.tsv", "region");
    let significant = cohort.column("out/tables/hierarchy.tsv", "significant");
    let planted = cohort.column("data/truth/planted.tsv", "layer");
    let names = cohort.column("data/truth/planted.tsv", "region");
    let is_found = |region: &String| {
        let row = regions.iter().position(|known| known == region);
        row.is_some_and(|row| significant[row] == "true")
    };
    let (mut found, mut alarms) = (0, 0);
    for (region, layer) in names.iter().zip(&planted) {
        match layer.as_str() {
            "n/a" => alarms += usize::from(is_found(region)),
            _ => found += usize::from(is_found(region)),
        }
    }
    assert!(found >= 14, "most of the 28 planted regions are found: {found}");
    assert!(alarms <= 1, "regions without effect are quiet: {alarms}");
    cohort
}

#[test]
fn a_layout_of_25_2_0_with_faults() {
    orders::what_was_planted_is_found(&is_analysed("25.2.0", &[]));
}

#[test]
fn a_layout_of_20_0_5_with_faults() {
    is_analysed("20.0.5", &["fMRIPrep 20.0.5"]);
}

/// The study file of the first call is used by the next ones; every participant has a folder, and what the language model
/// read is kept once.
#[test]
fn a_bids_app_of_participants_and_group() {
    let cohort = Cohort::new("25.2.0");
    let (data, out, model) = (cohort.path("data"), cohort.path("app"), cohort.path("data/language-model"));
    let call = |further: &[&str]| {
        let first = [Path::new("bids"), &data, &out];
        gyrus(&first.into_iter().chain(further.iter().map(Path::new)).collect::<Vec<&Path>>())
    };
    let error = call(&["participant"]).error();
    assert!(error.contains("--model: found none"), "{error}");
    std::fs::create_dir(&out).unwrap();
    cohort.init();
    let text = cohort
        .read("study.toml")
        .replace("\"data", "\"../data")
        .replace("folder = \"\"", "folder = \"../data\"");
    std::fs::write(out.join("study.toml"), text).unwrap();
    let model = model.to_str().unwrap();
    let said = call(&["participant", "--participant-label", "01", "sub-05", "--model", model]).succeeded();
    assert_eq!(said.stdout.lines().count(), 4, "{}", said.stdout);
    for participant in ["sub-01", "sub-05"] {
        assert!(out.join(participant).join("report/index.html").is_file(), "{participant}");
    }
    let error = call(&["participant", "--participant-label", "03"]).error();
    assert!(error.contains("found `03`, expected some of sub-01, sub-02, sub-04, sub-05"), "{error}");
    let error = call(&["group", "--participant-label", "01"]).error();
    assert!(error.contains("expected it beside `participant`"), "{error}");
    call(&["group"]).succeeded();
    let people = cohort.column("app/tables/participants.tsv", "participant");
    assert_eq!(people, ["sub-01", "sub-02", "sub-03", "sub-04", "sub-05"]);
}
