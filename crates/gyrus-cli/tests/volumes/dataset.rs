//! A small data set with derivatives: three participants, three runs of a story each, 36 voxels.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::checkpoint::{self, Size};
use super::image::Image;
use super::numbers::Numbers;
use super::program::{Ran, gyrus};

pub const PARTICIPANTS: [&str; 3] = ["01", "02", "03"];
pub const RUNS: [usize; 3] = [1, 2, 3];
pub const SHAPE: [usize; 3] = [4, 3, 3];
pub const VOLUMES: usize = 70;
pub const VOXELS: usize = 36;
pub const SPACE: &str = "MNI152NLin2009cAsym";

const AFFINE: [[f32; 4]; 3] = [[3.0, 0.0, 0.0, -4.5], [0.0, 3.0, 0.0, -3.0], [0.0, 0.0, 3.0, -3.0]];
const WORDS: [&str; 8] = ["the", "rabbit", "ran", "down", "a", "hole", "and", "Alice"];
const MOTION: [&str; 6] = ["trans_x", "trans_y", "trans_z", "rot_x", "rot_y", "rot_z"];

const TEXT: &str = r#"[study]
name = "volumes"

[[stimulus]]
name = "story-1"
words = "bids/stimuli/story-1_words.tsv"
event = "story-1.wav"

[[stimulus]]
name = "story-2"
words = "bids/stimuli/story-2_words.tsv"
event = "story-2.wav"

[[stimulus]]
name = "story-3"
words = "bids/stimuli/story-3_words.tsv"
event = "story-3.wav"

[bids]
folder = "bids"
space = "MNI152NLin2009cAsym"

[denoise]
high_pass = "128 s"
motion = 12

[[language_model]]
path = "model"
untrained_seeds = 1

[alignment]
delays = ["2 s", "4 s"]
compare = false

[encoding]
inner_folds = 3
alphas = { from = 0.1, to = 1e4, count = 4 }
baseline = ["word_rate", "layer_0"]

[statistics]
surrogates = 19
bootstraps = 40

[execution]
threads = 1
"#;

/// A data set and a study of it, in a folder of their own.
pub struct Dataset {
    folder: tempfile::TempDir,
}

impl Dataset {
    pub fn new() -> Self {
        let data = Self { folder: tempfile::tempdir().unwrap() };
        data.write("study.toml", TEXT.as_bytes());
        let made = r#"{"Name": "x", "BIDSVersion": "1.8.0", "GeneratedBy": [{"Name": "fMRIPrep", "Version": "25.2.0"}]}"#;
        data.write("bids/derivatives/fmriprep/dataset_description.json", made.as_bytes());
        for run in RUNS {
            data.write(&format!("bids/stimuli/story-{run}_words.tsv"), words(run as u64).as_bytes());
        }
        for (person, participant) in PARTICIPANTS.iter().enumerate() {
            for run in RUNS {
                data.write_run(participant, run, &image((10 * person + run) as u64));
            }
        }
        checkpoint::write(&data.path("model"), &WORDS, Size { width: 8, vocabulary: WORDS.len() + 3 });
        data
    }

    /// Writes image, mask, confounds and events of a run.
    pub fn write_run(&self, participant: &str, run: usize, image: &Image) {
        self.write(&bold(participant, run), &image.bytes());
        self.write(
            &bold(participant, run).replace(".nii", ".json"),
            br#"{"RepetitionTime": 2.0, "StartTime": 1.0}"#,
        );
        self.write(&mask(participant, run), &mask_image(|_| true).bytes());
        let events = format!("onset\tduration\ttrial_type\tstim_file\n3.0\t130\tstory\tstory-{run}.wav\n");
        self.write(&events_file(participant, run), events.as_bytes());
        self.write(&confounds(participant, run), table(run as u64, VOLUMES).as_bytes());
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn remove(&self, name: &str) {
        fs::remove_file(self.path(name)).unwrap();
    }

    /// Replaces the only occurrence of a text in a file.
    pub fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert_eq!(text.matches(from).count(), 1, "`{from}` in {name}");
        self.write(name, text.replace(from, to).as_bytes());
    }

    pub fn set(&self, from: &str, to: &str) {
        self.edit("study.toml", from, to);
    }

    /// Writes an image of a participant's run anew.
    pub fn change(&self, participant: &str, run: usize, change: impl FnOnce(&mut Image)) {
        let person = PARTICIPANTS.iter().position(|known| *known == participant).unwrap();
        let mut image = image((10 * person + run) as u64);
        change(&mut image);
        self.write(&bold(participant, run), &image.bytes());
    }

    pub fn check(&self) -> Ran {
        gyrus(&[Path::new("check"), &self.path("study.toml")])
    }

    pub fn analyze(&self, output: &str, further: &[&str]) -> Ran {
        let (study, output) = (self.path("study.toml"), self.path(output));
        let first = [Path::new("analyze"), &study, Path::new("-o"), &output];
        let arguments: Vec<&Path> = first.into_iter().chain(further.iter().map(Path::new)).collect();
        gyrus(&arguments)
    }

    /// The rows of a table of the results, cell by cell.
    pub fn rows(&self, name: &str) -> Vec<Vec<String>> {
        let text = self.read(name);
        text.lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
    }
}

fn stem(participant: &str, run: usize) -> String {
    format!("bids/derivatives/fmriprep/sub-{participant}/func/sub-{participant}_task-story_run-{run}")
}

pub fn bold(participant: &str, run: usize) -> String {
    format!("{}_space-{SPACE}_desc-preproc_bold.nii", stem(participant, run))
}

pub fn mask(participant: &str, run: usize) -> String {
    format!("{}_space-{SPACE}_desc-brain_mask.nii", stem(participant, run))
}

pub fn confounds(participant: &str, run: usize) -> String {
    format!("{}_desc-confounds_timeseries.tsv", stem(participant, run))
}

pub fn events_file(participant: &str, run: usize) -> String {
    format!("bids/sub-{participant}/func/sub-{participant}_task-story_run-{run}_events.tsv")
}

/// Noise on a level that differs between voxels.
pub fn image(seed: u64) -> Image {
    let mut numbers = Numbers::new(seed);
    let value = |index: usize| (900.0 + 5.0 * (index % VOXELS) as f64 + 40.0 * numbers.next()) as i16;
    Image {
        shape: [SHAPE[0], SHAPE[1], SHAPE[2], VOLUMES],
        affine: AFFINE,
        sform_code: 4,
        repetition_time: 2.0,
        values: (0..VOXELS * VOLUMES).map(value).collect(),
    }
}

pub fn mask_image(is_inside: impl Fn(usize) -> bool) -> Image {
    let values = (0..VOXELS).map(|voxel| i16::from(is_inside(voxel))).collect();
    Image { shape: [SHAPE[0], SHAPE[1], SHAPE[2], 1], values, repetition_time: 0.0, ..image(0) }
}

pub fn words(seed: u64) -> String {
    let mut numbers = Numbers::new(seed);
    let mut text = "onset\tword\n".to_owned();
    let mut onset = 0.3;
    while onset < 128.0 {
        let word = WORDS[(numbers.next().abs() * 1e6) as usize % WORDS.len()];
        writeln!(text, "{onset:.3}\t{word}").unwrap();
        onset += 0.6 + 0.3 * numbers.next();
    }
    text
}

/// Parameters and their differences, as fMRIPrep writes them; `framewise_displacement` is 1 in volume 40.
pub fn table(seed: u64, rows: usize) -> String {
    let mut numbers = Numbers::new(100 + seed);
    let names: Vec<String> =
        MOTION.iter().flat_map(|name| [(*name).to_owned(), format!("{name}_derivative1")]).collect();
    let mut text = format!("{}\tframewise_displacement\n", names.join("\t"));
    for row in 0..rows {
        let cells = names.iter().map(|name| match (row, name.ends_with("1")) {
            (0, true) => "n/a".to_owned(),
            _ => format!("{:.6}", 0.1 * numbers.next()),
        });
        let displacement = ["n/a", "0.1", "1.0"][usize::from(row > 0) + usize::from(row == 40)];
        writeln!(text, "{}\t{displacement}", cells.collect::<Vec<_>>().join("\t")).unwrap();
    }
    text
}
