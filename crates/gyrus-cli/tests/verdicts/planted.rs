//! Listeners of one story whose responses follow what is planted: word rate, words, or words in their context.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};

use super::checkpoint::{self, Size};
use super::numbers::Numbers;
use super::program::gyrus;

const PEOPLE: usize = 6;
const VOLUMES: usize = 420;
const INTERVAL: f64 = 2.0;
/// Volumes from a word to what it does.
const DELAY: usize = 2;
const KINDS: usize = 36;
const UNITS: usize = 6;

/// What responses follow beside the rate of words.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Truth {
    /// Nothing.
    Rate,
    /// A property of each word, whatever stands before it.
    Word,
    /// A property that a word has only in its context.
    Context,
}

/// The story: onset and kind of each word.
struct Story(Vec<(f64, usize)>);

impl Story {
    fn new() -> Self {
        let mut numbers = Numbers::new(2);
        let mut words = Vec::new();
        let mut onset = 0.2;
        while onset < INTERVAL * (VOLUMES - DELAY) as f64 - 6.0 {
            words.push((onset, (numbers.next().abs() * 1e6) as usize % KINDS));
            let pause = if numbers.next() > 0.7 { 2.5 } else { 0.0 };
            onset += 0.55 + 0.2 * numbers.next() + pause;
        }
        Self(words)
    }

    fn table(&self) -> String {
        let mut text = "onset\tword\n".to_owned();
        self.0.iter().for_each(|(onset, kind)| writeln!(text, "{onset:.3}\t{}", name(*kind)).unwrap());
        text
    }

    /// Sum over the words of each volume, `DELAY` volumes later, with mean 0 and standard deviation 1.
    fn response(&self, of_word: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut sums = vec![0.0; VOLUMES];
        for (index, (onset, _)) in self.0.iter().enumerate() {
            sums[(onset / INTERVAL) as usize + DELAY] += of_word(index);
        }
        let mean = sums.iter().sum::<f64>() / VOLUMES as f64;
        let deviation = (sums.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / VOLUMES as f64).sqrt();
        sums.iter().map(|x| (x - mean) / deviation).collect()
    }
}

fn name(kind: usize) -> String {
    format!("{}{}", ["ba", "de", "fi", "go", "lu", "ma"][kind / 6], ["k", "l", "m", "n", "r", "s"][kind % 6])
}

const TEXT: &str = r#"[study]
name = "planted"

[[stimulus]]
name = "story"
words = "words.tsv"

[responses]
table = "responses/{participant}.tsv"
repetition_time = "2 s"
stimulus = "story"
trim_start = "0 s"

[alignment]
method = "sum"
delays = ["2 s", "4 s", "6 s"]
compare = false

[encoding]
folds = { blocks = 3, gap = "26 s" }
inner_folds = 3
alphas = { from = 1.0, to = 1e4, count = 5 }
baseline = ["word_rate", "layer_0"]

[statistics]
surrogates = 39
bootstraps = 200

[execution]
threads = 1

[[language_model]]
"#;

/// Verdicts of a study, by question: outcome, difference, and the lag of the last; and its contrasts.
pub struct Verdicts {
    rows: Vec<Vec<String>>,
    contrasts: Vec<Vec<String>>,
}

impl Verdicts {
    pub fn outcome(&self, question: &str) -> &str {
        &self.row(question)[2]
    }

    /// Difference and its intervals over participants and over the story.
    pub fn difference(&self, question: &str) -> Vec<f64> {
        self.row(question)[3..8].iter().map(|cell| cell.parse().unwrap()).collect()
    }

    /// Difference of a contrast with its intervals over participants and over the story, and p, mean over regions.
    pub fn contrast(&self, name: &str) -> Vec<f64> {
        let row = self.contrasts.iter().find(|row| row[0] == name && row[1] == "mean").unwrap();
        row[8..14].iter().map(|cell| cell.parse().unwrap()).collect()
    }

    pub fn lag(&self) -> f64 {
        self.row("alignment")[10].parse().unwrap()
    }

    fn row(&self, question: &str) -> &Vec<String> {
        self.rows
            .iter()
            .find(|row| row[1] == question)
            .unwrap_or_else(|| panic!("{question}: {:?}", self.rows))
    }
}

/// A study of brought activations: layer 0 tells words apart, layer 1 holds a property of words in their context too.
pub fn brought(truth: Truth, change: impl Fn(String) -> String) -> Verdicts {
    let (story, folder) = (Story::new(), tempfile::tempdir().unwrap());
    let mut numbers = Numbers::new(40);
    let embedding: Vec<Vec<f64>> = (0..KINDS).map(|_| (0..UNITS).map(|_| numbers.next()).collect()).collect();
    let context: Vec<f64> = story.0.iter().map(|_| numbers.next()).collect();
    let words = story.0.len();
    let layer_0 =
        Array2::from_shape_fn((words, UNITS), |(word, unit)| embedding[story.0[word].1][unit] as f32);
    let layer_1 = Array2::from_shape_fn((words, UNITS + 1), |(word, unit)| match unit {
        UNITS => context[word] as f32,
        unit => layer_0[(word, unit)],
    });
    write_layers(&folder.path().join("story.safetensors"), &[("layer_0", &layer_0), ("layer_1", &layer_1)]);
    let property = |word: usize| match truth {
        Truth::Rate => 0.0,
        Truth::Word => embedding[story.0[word].1][0],
        Truth::Context => context[word],
    };
    let planted = (truth != Truth::Rate).then(|| story.response(property));
    analysed(folder.path(), &story, planted.as_deref(), "activations = \"{stimulus}.safetensors\"\n", change)
}

/// A study of a language model and two untrained copies; responses follow a unit of its last layer, or word rate alone.
pub fn read(follows_model: bool, change: impl Fn(String) -> String) -> Verdicts {
    let (story, folder) = (Story::new(), tempfile::tempdir().unwrap());
    let names: Vec<String> = (0..KINDS).map(name).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let path = |name: &str| folder.path().join(name);
    checkpoint::write(&path("model"), &names, Size { width: 8, vocabulary: KINDS + 3 });
    fs::write(path("words.tsv"), story.table()).unwrap();
    let (words, model, out) = (path("words.tsv"), path("model"), path("read.safetensors"));
    gyrus(&[Path::new("extract"), &words, Path::new("--model"), &model, Path::new("-o"), &out]).succeeded();
    let unit = last_layer(&out);
    let mean = unit.iter().sum::<f64>() / unit.len() as f64;
    let planted = follows_model.then(|| story.response(|word| unit[word] - mean));
    let section = "path = \"model\"\ncontext = 16\nuntrained_seeds = 2\n";
    analysed(folder.path(), &story, planted.as_deref(), section, change)
}

/// Writes what is missing, analyses, reads the verdicts.
fn analysed(
    folder: &Path,
    story: &Story,
    planted: Option<&[f64]>,
    section: &str,
    change: impl Fn(String) -> String,
) -> Verdicts {
    fs::write(folder.join("words.tsv"), story.table()).unwrap();
    fs::write(folder.join("study.toml"), change(format!("{TEXT}{section}"))).unwrap();
    fs::create_dir_all(folder.join("responses")).unwrap();
    let rate = story.response(|_| 1.0);
    for person in 0..PEOPLE {
        let text = responses(person as u64, &rate, planted);
        fs::write(folder.join(format!("responses/p{person}.tsv")), text).unwrap();
    }
    let (study, out): (PathBuf, PathBuf) = (folder.join("study.toml"), folder.join("out"));
    gyrus(&[Path::new("analyze"), &study, Path::new("-o"), &out]).succeeded();
    let rows = |table: &str| {
        let text = fs::read_to_string(out.join("tables").join(table)).unwrap();
        text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    };
    Verdicts { rows: rows("verdicts.tsv"), contrasts: rows("contrasts.tsv") }
}

/// Two regions: rate, what is planted, and autocorrelated noise of one's own.
fn responses(person: u64, rate: &[f64], planted: Option<&[f64]>) -> String {
    let mut numbers = Numbers::new(100 + person);
    let mut noise = [0.0; 2];
    let mut text = "left\tright\n".to_owned();
    for volume in 0..VOLUMES {
        let signal = rate[volume] + planted.map_or(0.0, |planted| 1.2 * planted[volume]);
        let mut cell = |noise: &mut f64, share: f64| {
            *noise = 0.4 * *noise + 1.6 * numbers.next();
            100.0 + share * signal + *noise
        };
        let [left, right] = &mut noise;
        writeln!(text, "{:.5}\t{:.5}", cell(left, 1.0), cell(right, 0.8)).unwrap();
    }
    text
}

fn write_layers(path: &Path, layers: &[(&str, &Array2<f32>)]) {
    let bytes: Vec<Vec<u8>> = layers
        .iter()
        .map(|(_, values)| values.iter().flat_map(|value| value.to_le_bytes()).collect())
        .collect();
    let views = layers.iter().zip(&bytes).map(|((name, values), bytes)| {
        (*name, TensorView::new(Dtype::F32, vec![values.nrows(), values.ncols()], bytes).unwrap())
    });
    safetensors::serialize_to_file(views, None, path).unwrap();
}

/// The first unit of layer 2 for each word.
fn last_layer(path: &Path) -> Vec<f64> {
    let bytes = fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let view = file.tensor("layer_2").unwrap();
    let values: Vec<f64> =
        view.data().as_chunks::<4>().0.iter().map(|bytes| f64::from(f32::from_le_bytes(*bytes))).collect();
    values.chunks(view.shape()[1]).map(|row| row[0]).collect()
}
