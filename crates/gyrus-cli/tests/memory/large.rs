//! A study whose every kind of task is large enough to be measured: many targets, a wide embedding of many words.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use crate::checkpoint::{self, Size};
use crate::numbers::Numbers;

const VOLUMES: usize = 270;

const TEXT: &str = r#"[study]
name = "large"

[[stimulus]]
name = "story"
words = "words.tsv"

[responses]
table = "responses/{participant}.npy"
regions = "regions.tsv"
repetition_time = "2 s"
trim_start = "0 s"

[[language_model]]
path = "model"
context = 64
untrained_seeds = 1

[alignment]
delays = ["2 s", "4 s"]
compare = false

[encoding]
folds = { blocks = 3, gap = "24 s" }
inner_folds = 3
alphas = { from = 0.1, to = 1e4, count = 4 }
baseline = ["word_rate", "layer_0"]

[statistics]
surrogates = 8
bootstraps = 40
"#;

/// Writes the study and returns its file.
pub fn write(folder: &Path, targets: usize, size: Size) -> PathBuf {
    fs::write(folder.join("study.toml"), TEXT).unwrap();
    fs::create_dir(folder.join("responses")).unwrap();
    for (seed, participant) in ["ann", "ben"].iter().enumerate() {
        fs::write(folder.join(format!("responses/{participant}.npy")), responses(seed as u64, targets))
            .unwrap();
    }
    let rows = (1..=targets).map(|target| format!("target {target}\tregion {}\n", target % 3));
    fs::write(folder.join("regions.tsv"), "target\tregion\n".to_owned() + &rows.collect::<String>()).unwrap();
    let mut words = "onset\tword\n".to_owned();
    for index in 0..600 {
        writeln!(words, "{}\tword{}", 0.5 + 0.8 * f64::from(index), index % 50).unwrap();
    }
    fs::write(folder.join("words.tsv"), words).unwrap();
    let vocabulary: Vec<String> = (0..50).map(|index| format!("word{index}")).collect();
    let vocabulary: Vec<&str> = vocabulary.iter().map(String::as_str).collect();
    checkpoint::write(&folder.join("model"), &vocabulary, size);
    folder.join("study.toml")
}

/// Noise in single precision, as NumPy stores it.
fn responses(seed: u64, targets: usize) -> Vec<u8> {
    let header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({VOLUMES}, {targets}), }}");
    let padded = format!("{header:<117}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend(u16::try_from(padded.len()).unwrap().to_le_bytes());
    bytes.extend(padded.bytes());
    let mut numbers = Numbers::new(seed);
    (0..VOLUMES * targets).for_each(|_| bytes.extend((numbers.next() as f32).to_le_bytes()));
    bytes
}
