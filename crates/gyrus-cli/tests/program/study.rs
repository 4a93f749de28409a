//! A small generated study: three participants, 270 volumes, three regions, a story of known words.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::checkpoint::{self, Size};
use super::numbers::Numbers;
use super::program::{Ran, gyrus};

/// A study in a folder of its own.
pub struct Study {
    folder: tempfile::TempDir,
}

pub const PARTICIPANTS: [&str; 3] = ["ann", "ben", "cid"];
pub const VOLUMES: usize = 270;
pub const REGIONS: usize = 3;

const WORDS: [&str; 12] =
    ["the", "rabbit", "ran", "down", "a", "hole", "and", "Alice", "fell", "after", "it", "slowly"];

const TEXT: &str = r#"[study]
name = "small"

[[stimulus]]
name = "story"
words = "words.tsv"

[responses]
table = "responses/{participant}.tsv"
repetition_time = "2 s"
stimulus = "story"
trim_start = "0 s"

[denoise]
high_pass = "128 s"
confounds = "motion/{participant}.txt"

[[language_model]]
path = "model"
layers = "all"
context = 64
untrained_seeds = 1

[alignment]
method = "lanczos"
delays = ["2 s", "4 s"]
compare = false

[encoding]
folds = { blocks = 3, gap = "24 s" }
inner_folds = 3
alphas = { from = 0.1, to = 1e4, count = 4 }
baseline = ["word_rate", "layer_0"]

[statistics]
surrogates = 19
bootstraps = 50
seed = 3

[execution]
threads = 1
memory = "1 GiB"
"#;

impl Study {
    /// A study that can be analysed.
    pub fn new() -> Self {
        let study = Self { folder: tempfile::tempdir().unwrap() };
        study.write("study.toml", TEXT);
        study.write("words.tsv", &words(620));
        for (index, participant) in PARTICIPANTS.iter().enumerate() {
            study.write(&format!("responses/{participant}.tsv"), &responses(index as u64));
            study.write(&format!("motion/{participant}.txt"), &motion(100 + index as u64, VOLUMES));
        }
        checkpoint::write(&study.path("model"), &WORDS, Size { width: 8, vocabulary: WORDS.len() + 3 });
        study
    }

    /// A path inside the study's folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file.
    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// The text of a file.
    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Cells of a table of the analysis in `out`, without its header.
    pub fn rows(&self, table: &str) -> Vec<Vec<String>> {
        let text = self.read(&format!("out/tables/{table}"));
        text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }

    /// Replaces the only occurrence of a text in a file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, &text.replace(from, to));
    }

    /// Replaces the only occurrence of a text in the study file.
    pub fn set(&self, from: &str, to: &str) {
        self.edit("study.toml", from, to);
    }

    /// Replaces a column of a participant's responses.
    pub fn set_column(&self, participant: &str, column: usize, cell: &str) {
        let name = format!("responses/{participant}.tsv");
        let row = |(index, line): (usize, &str)| {
            let mut cells: Vec<&str> = line.split('\t').collect();
            if index > 0 {
                cells[column] = cell;
            }
            cells.join("\t") + "\n"
        };
        self.write(&name, &self.read(&name).lines().enumerate().map(row).collect::<String>());
    }

    /// Removes a file or folder.
    pub fn remove(&self, name: &str) {
        let path = self.path(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    /// Runs `gyrus check`.
    pub fn check(&self) -> Ran {
        gyrus(&[Path::new("check"), &self.path("study.toml")])
    }

    /// Runs `gyrus analyze` into a folder of the study, with further arguments.
    pub fn analyze(&self, output: &str, further: &[&str]) -> Ran {
        let (study, output) = (self.path("study.toml"), self.path(output));
        let first = [Path::new("analyze"), &study, Path::new("-o"), &output];
        let arguments: Vec<&Path> = first.into_iter().chain(further.iter().map(Path::new)).collect();
        gyrus(&arguments)
    }
}

/// Words of a story, one every 0.8 s or so.
pub fn words(count: usize) -> String {
    let mut numbers = Numbers::new(1);
    let mut text = "onset\tword\n".to_owned();
    let mut onset = 0.5;
    for _ in 0..count {
        let word = WORDS[(numbers.next().abs() * 1e6) as usize % WORDS.len()];
        writeln!(text, "{onset:.3}\t{word}").unwrap();
        onset += 0.8 + 0.3 * numbers.next();
    }
    text
}

/// Autocorrelated responses of three regions, the second of them in part the same for everybody.
pub fn responses(seed: u64) -> String {
    let (mut own, mut shared) = (Numbers::new(11 + seed), Numbers::new(5));
    let mut state = [0.0; REGIONS];
    let mut text = "front\tmiddle\tback\n".to_owned();
    for _ in 0..VOLUMES {
        let common = shared.next();
        for (region, value) in state.iter_mut().enumerate() {
            *value = 0.6 * *value + own.next() + if region == 1 { common } else { 0.0 };
        }
        writeln!(text, "{:.5}\t{:.5}\t{:.5}", 100.0 + state[0], 90.0 + state[1], 80.0 + state[2]).unwrap();
    }
    text
}

/// Six columns without a header.
pub fn motion(seed: u64, rows: usize) -> String {
    let mut numbers = Numbers::new(seed);
    let mut row = || (0..6).map(|_| format!("{:.5}", numbers.next())).collect::<Vec<_>>().join(" ") + "\n";
    (0..rows).map(|_| row()).collect()
}
