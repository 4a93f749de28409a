//! Real responses of people who share a story, and features of another: the group tests on the Alice recordings.

use std::error::Error;
use std::path::{Path, PathBuf};

use gyrus_encoding::backend::Backend;
use gyrus_encoding::calibration::{Group, GroupOutcome, Noise, features_of_another_story, summarise};
use gyrus_io::table::{MatrixOptions, read_matrix};

use super::judge::{Judgement, shown};

/// Volumes of the Alice recordings, the time between them, and the story time of the first.
const SAMPLES: usize = 362;
const REPETITION_TIME: f64 = 2.0;
const FIRST: f64 = 20.0;
const REGIONS: usize = 6;

pub struct Recordings {
    /// People one after another, region by region; standardised.
    series: Vec<Vec<f64>>,
    /// Words that begin in each volume.
    words: Vec<f64>,
}

impl Recordings {
    pub fn read() -> Result<Self, Box<dyn Error>> {
        let folder = folder().join("data/alice");
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder.join("responses"))
            .map_err(|error| format!("{}: {error}; set GYRUS_DATA", folder.display()))?
            .flatten()
            .map(|entry| entry.path())
            .collect();
        paths.sort();
        let mut series = Vec::new();
        for path in paths {
            let table = read_matrix(&path, &MatrixOptions::responses())?.values;
            // One participant's file holds nothing but zeros.
            if table.iter().any(|value| *value != 0.0) {
                series.extend(table.columns().into_iter().map(|column| standard(&column.to_vec())));
            }
        }
        let path = folder.join("DownTheRabbitHole.TextGrid");
        let words = gyrus_io::words::from_textgrid(&path, "word", &["sp".to_owned()], true)?;
        let mut counts = vec![0.0; SAMPLES];
        for onset in words.value.iter().filter_map(|word| word.onset) {
            let volume = ((onset.get() - FIRST) / REPETITION_TIME).floor();
            if volume >= 0.0 && (volume as usize) < SAMPLES {
                counts[volume as usize] += 1.0;
            }
        }
        Ok(Self { series, words: counts })
    }

    /// Noise as slow as the responses are.
    pub fn responses(&self) -> Noise {
        Noise::like(&self.series)
    }

    /// Noise as slow as the rate of words is.
    pub fn word_rate(&self) -> Noise {
        Noise::like(&[standard(&self.words)])
    }
}

fn folder() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    std::env::var_os("GYRUS_DATA").map_or_else(beside, PathBuf::from)
}

fn standard(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let deviation = (values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / n).sqrt();
    values.iter().map(|value| (value - mean) / deviation).collect()
}

pub fn run(backend: &Backend, count: usize) -> Result<(), Box<dyn Error>> {
    let recordings = Recordings::read()?;
    let group = |noise: Noise| Group {
        participants: recordings.series.len() / REGIONS,
        sides: [REGIONS as i32, 1, 1],
        shared: 0.0,
        samples: SAMPLES,
        noise: [noise.clone(), noise],
        surrogates: 199,
        seed: 23,
    };
    println!("features\tdesigns\tsurrogates\tstudent\tranks\tagainst_zero");
    let mut judgement = Judgement::default();
    for (name, noise) in
        [("as slow as the word rate", recordings.word_rate()), ("AR(1), rho .8", Noise::Autoregressive(0.8))]
    {
        let group = group(noise);
        let one = |index| features_of_another_story(backend, &group, &recordings.series, index);
        let outcomes = (0..count).map(one).collect::<Result<Vec<GroupOutcome>, _>>()?;
        let of = |quantity: fn(&GroupOutcome) -> f64| summarise(&outcomes, quantity);
        let (stimulus, student) = (of(|one| one.stimulus.uncorrected), of(|one| one.student));
        let columns = [stimulus, student, of(|one| one.ranks), of(|one| one.against_zero)].map(shown);
        println!("{name}\t{count}\t{}", columns.join("\t"));
        judgement.within(&format!("{name}, surrogates"), stimulus, [0.03, 0.07]);
    }
    judgement.end()
}
