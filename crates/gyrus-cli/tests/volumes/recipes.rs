//! Public data sets by their recipes: their trees as their repositories list them, with planted content in place of what git-annex
//! keeps elsewhere.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::checkpoint::{self, Size};
use super::dataset::{self, VOXELS, mask_image};
use super::image::Image;
use super::numbers::Numbers;
use super::program::{Ran, gyrus};

/// A clone of a data set without its annexed content, and a language model beside it.
pub struct Clone {
    folder: tempfile::TempDir,
    pub files: BTreeMap<String, Option<i64>>,
}

#[derive(serde::Deserialize)]
struct Listing {
    texts: Vec<String>,
    files: BTreeMap<String, Option<i64>>,
}

impl Clone {
    pub fn of(accession: &str) -> Self {
        let packed = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../fixtures/recipes")
            .join(format!("{accession}.json.gz"));
        let mut text = String::new();
        let file = fs::File::open(packed).unwrap();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let listing: Listing = serde_json::from_str(&text).unwrap();
        let clone = Self { folder: tempfile::tempdir().unwrap(), files: listing.files };
        fs::create_dir_all(clone.path("data/.git")).unwrap();
        for (path, number) in &clone.files {
            let place = clone.path(&format!("data/{path}"));
            fs::create_dir_all(place.parent().unwrap()).unwrap();
            match number {
                None => {
                    let up = "../".repeat(path.matches('/').count());
                    let key = format!("MD5E-s7--{}", path.replace('/', "_"));
                    std::os::unix::fs::symlink(format!("{up}.git/annex/objects/{key}/{key}"), place).unwrap();
                }
                Some(number) => {
                    let text =
                        usize::try_from(*number).map_or("other text", |number| &*listing.texts[number]);
                    fs::write(place, text).unwrap();
                }
            }
        }
        checkpoint::write(
            &clone.path("model"),
            &["the", "rabbit", "ran", "down"],
            Size { width: 8, vocabulary: 7 },
        );
        clone
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes the content of an annexed file, or of one that is not in the tree.
    pub fn plant(&self, name: &str, bytes: &[u8]) {
        let path = self.path(&format!("data/{name}"));
        let place = match fs::read_link(&path) {
            Ok(target) => path.parent().unwrap().join(target),
            Err(_) => path,
        };
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, bytes).unwrap();
    }

    pub fn init(&self, further: &[&str]) -> Ran {
        let (data, model, study) = (self.path("data"), self.path("model"), self.path("study.toml"));
        for made in ["study.toml", "study_runs.tsv"] {
            let _ = fs::remove_file(self.path(made));
        }
        let first = [Path::new("init"), &data, Path::new("-m"), &model, Path::new("-o"), &study];
        gyrus(&first.into_iter().chain(further.iter().map(Path::new)).collect::<Vec<_>>())
    }

    pub fn study(&self) -> String {
        fs::read_to_string(self.path("study.toml")).unwrap()
    }

    /// Rows of the table of runs: participant, task, run, stimulus, onset.
    pub fn runs(&self) -> Vec<[String; 5]> {
        let text = fs::read_to_string(self.path("study_runs.tsv")).unwrap();
        let cells = |line: &str| {
            let cells: Vec<&str> = line.split('\t').collect();
            [0, 2, 3, 4, 5].map(|column| cells[column].to_owned())
        };
        text.lines().skip(1).map(cells).collect()
    }

    fn set(&self, from: &str, to: &str) {
        let text = self.study();
        assert_eq!(text.matches(from).count(), 1, "`{from}` in\n{text}");
        fs::write(self.path("study.toml"), text.replace(from, to)).unwrap();
    }

    /// The study is checked and analysed; what the check says.
    fn analysed(&self) -> String {
        self.set("surrogates = 1000", "surrogates = 9");
        self.set("untrained_seeds = 5", "untrained_seeds = 1");
        let study = self.path("study.toml");
        let checked = gyrus(&[Path::new("check"), &study]).succeeded();
        gyrus(&[Path::new("analyze"), &study, Path::new("-o"), &self.path("out")]).succeeded();
        assert!(self.path("out/report/index.html").is_file());
        checked.stdout + &checked.stderr
    }
}

pub fn image(seed: u64, volumes: usize) -> Image {
    let mut numbers = Numbers::new(seed);
    let value = |index: usize| (900.0 + 5.0 * (index % VOXELS) as f64 + 40.0 * numbers.next()) as i16;
    let values = (0..VOXELS * volumes).map(value).collect();
    let like = dataset::image(0);
    Image { shape: [like.shape[0], like.shape[1], like.shape[2], volumes], values, ..like }
}

pub fn packed(image: &Image) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut encoder, &image.bytes()).unwrap();
    encoder.finish().unwrap()
}

/// Onset, offset and text of words between two times.
fn words(seed: u64, from: f64, to: f64) -> Vec<(f64, f64, &'static str)> {
    let mut numbers = Numbers::new(seed);
    let mut onset = from;
    let mut words = Vec::new();
    while onset < to {
        words.push((
            onset,
            onset + 0.3,
            ["the", "rabbit", "ran", "down"][(numbers.next().abs() * 1e6) as usize % 4],
        ));
        onset += 0.6 + 0.2 * numbers.next().abs();
    }
    words
}

/// Two regions that fill the image.
fn plant_atlas(clone: &Clone) {
    let values = (0..VOXELS).map(|voxel| if voxel < VOXELS / 2 { 1 } else { 2 }).collect();
    fs::write(clone.path("atlas.nii"), Image { values, ..mask_image(|_| true) }.bytes()).unwrap();
    fs::write(clone.path("atlas.tsv"), "index\tname\n1\tlow\n2\thigh\n").unwrap();
    clone.set("# atlas = \"atlas.nii.gz\"  ", "atlas = \"atlas.nii\"  ");
    clone.set("# atlas_labels = \"atlas.tsv\"", "atlas_labels = \"atlas.tsv\"");
}

#[test]
fn the_little_prince_has_its_runs_in_the_order_of_its_sections() {
    let clone = Clone::of("ds003643");
    let error = clone.init(&[]).error();
    assert!(
        error.contains("the tasks lppCN, lppEN, lppFR") && error.contains("choose it with --tasks"),
        "{error}"
    );
    let said = clone.init(&["--tasks", "lppEN"]).succeeded().stderr;
    assert!(said.contains("lppEN_word_information.csv is not here: bring it"), "{said}");
    assert!(said.contains("note: the folder says that it is ds003643"), "{said}");
    assert!(said.contains("no image is here: 49 participants are listed all the same"), "{said}");
    let runs = clone.runs();
    assert_eq!(runs.len(), 49 * 9);
    let of = |who: &str| -> Vec<(String, String)> {
        let own = runs.iter().filter(|row| row[0] == who);
        own.map(|[_, _, run, stimulus, onset]| {
            assert_eq!(onset, "0");
            (run.clone(), stimulus.clone())
        })
        .collect()
    };
    let order = ["09", "11", "12", "13", "14", "19", "20", "21", "22"];
    let expected: Vec<(String, String)> = order
        .iter()
        .enumerate()
        .map(|(at, run)| ((*run).to_owned(), format!("section {}", at + 1)))
        .collect();
    assert_eq!(of("EN061"), expected);
    let mut table = "word,lemma,onset,offset,section\n".to_owned();
    for section in 1..=9 {
        for (onset, offset, word) in words(section, 0.5, 90.0) {
            writeln!(table, "{word},{word},{onset:.3},{offset:.3},{section}").unwrap();
        }
    }
    clone.plant("annotation/EN/lppEN_word_information.csv", table.as_bytes());
    for [who, _, run, ..] in runs.iter().filter(|row| ["EN057", "EN058", "EN061"].contains(&row[0].as_str()))
    {
        let name = format!(
            "derivatives/sub-{who}/func/sub-{who}_task-lppEN_run-{run}_space-MNIColin27_desc-preproc_bold.nii.gz"
        );
        clone.plant(&name, &packed(&image(run.parse::<u64>().unwrap(), 50)));
    }
    let said = clone.init(&["--tasks", "lppEN"]).succeeded().stderr;
    assert!(said.contains("46 participants are left out whose images are not all here"), "{said}");
    assert_eq!(clone.runs().len(), 27);
    for line in [
        "participants = [\"EN057\", \"EN058\", \"EN061\"]",
        "rows = { section = \"9\" }",
        "skip_lines = [3921, 6777, 6783]",
    ] {
        assert!(clone.study().contains(line), "`{line}` is not in\n{}", clone.study());
    }
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("set bids.mask or bids.atlas"), "{error}");
    plant_atlas(&clone);
    let said = clone.analysed();
    assert!(said.contains("3 participants, 36 targets, 9 stimuli"), "{said}");
    assert!(said.contains("no run has a brain mask: voxels are chosen by their regions alone"), "{said}");
}

#[test]
fn alice_has_the_clock_of_images_without_their_first_volumes() {
    let clone = Clone::of("ds002322");
    let said = clone.init(&[]).succeeded().stderr;
    assert!(said.contains("there is no preprocessed image of sub-38, sub-46, sub-52"), "{said}");
    let runs = clone.runs();
    assert_eq!(runs.len(), 23);
    for who in ["46", "52"] {
        let name = format!("derivatives/sub-{who}/sub-{who}_task-alice_bold_preprocessed.nii.gz");
        clone.plant(&name, b"elsewhere");
    }
    let said = clone.init(&["--participants", "46,52"]).error();
    assert!(said.contains("nobody to analyse"), "{said}");
    assert_eq!(runs[0], ["18", "alice", "n/a", "DownTheRabbitHole", "-19.343"]);
    for who in ["18", "22", "39"] {
        let name = format!("derivatives/sub-{who}/sub-{who}_task-alice_bold_preprocessed.nii.gz");
        clone.plant(&name, &packed(&image(who.parse().unwrap(), 372)));
    }
    let said = clone.init(&["--participants", "sub-18,22,39,41"]).succeeded().stderr;
    assert!(said.contains("1 participant is left out whose images are not all here"), "{said}");
    plant_atlas(&clone);
    clone.set("[denoise]\n", "[denoise]\nconfounds = \"motion/{participant}.txt\"\nconfounds_skip_rows = 10\nconfound_columns = [\"x\"]\n");
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("denoise.confounds") && error.contains("found no file that fits"), "{error}");
    fs::create_dir(clone.path("motion")).unwrap();
    let mut motion = "x\n".to_owned();
    (0..382).for_each(|row| writeln!(motion, "{}", (row * 37 % 11) as f64 / 10.0).unwrap());
    for who in ["18", "22"] {
        fs::write(clone.path(&format!("motion/{who}.txt")), &motion).unwrap();
    }
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("found no table for data/derivatives/sub-39/"), "{error}");
    fs::write(clone.path("motion/39.txt"), &motion).unwrap();
    let said = clone.analysed();
    assert!(said.contains("3 participants, 36 targets, 1 stimulus"), "{said}");
}

#[test]
fn lebel_is_one_persons_stories() {
    let clone = Clone::of("ds003020");
    let error = clone.init(&[]).error();
    assert!(error.contains("UTS03 (84 stories)") && error.contains("choose with --participants"), "{error}");
    let said = clone.init(&["--participants", "UTS03"]).succeeded().stderr;
    assert!(said.contains("nothing is here: 84 stories are listed all the same"), "{said}");
    let volumes: BTreeMap<String, usize> =
        serde_json::from_str(&fs::read_to_string(clone.path("data/derivative/respdict.json")).unwrap())
            .unwrap();
    let stories = ["adollshouse", "inamoment", "wheretheressmoke"];
    for (seed, story) in stories.iter().enumerate() {
        // One matrix is longer than the list of runs makes one expect.
        let rows = volumes[*story] - 20 + usize::from(*story == "inamoment");
        let mut numbers = Numbers::new(seed as u64);
        let values: Vec<f32> = (0..rows * 8).map(|_| numbers.next() as f32).collect();
        let mut file = hdf5_pure::FileBuilder::new();
        file.create_dataset("data").with_f32_data(&values).with_shape(&[rows as u64, 8]);
        clone.plant(&format!("derivative/preprocessed_data/UTS03/{story}.hf5"), &file.finish().unwrap());
        clone.plant(&format!("derivative/TextGrids/{story}.TextGrid"), textgrid(seed as u64).as_bytes());
    }
    let said = clone.init(&["--participants", "UTS03"]).succeeded().stderr;
    assert!(said.contains("81 stories are left out that are not here"), "{said}");
    assert!(said.contains("inamoment has 206 rows, where 225 volumes less 20 were expected"), "{said}");
    assert!(!said.contains("adollshouse has"), "{said}");
    let study = clone.study();
    for line in [
        "participants = [\"UTS03\"]",
        "stimulus_time_of_first_volume = \"10 s\"",
        "folds = { test = [\"wheretheressmoke\"] }",
    ] {
        assert!(study.contains(line), "`{line}` is not in\n{study}");
    }
    let said = clone.analysed();
    assert!(said.contains("1 participant, 8 targets, 3 stimuli"), "{said}");
    // Confounds of people who were not chosen may be elsewhere.
    fs::create_dir(clone.path("motion")).unwrap();
    for story in stories {
        let rows = volumes[story] - 20 + usize::from(story == "inamoment");
        let motion: String = (0..rows).map(|row| format!("{}\n", (row * 37 % 11) as f64 / 10.0)).collect();
        fs::write(clone.path(&format!("motion/UTS03_{story}.tsv")), format!("x\n{motion}")).unwrap();
    }
    let away = "../.git/annex/objects/KEY/KEY";
    std::os::unix::fs::symlink(away, clone.path("motion/UTS01_adollshouse.tsv")).unwrap();
    std::os::unix::fs::symlink(away, clone.path("motion/UTS03_buck.tsv")).unwrap();
    let pattern = "confounds = \"motion/{participant}_{stimulus}.tsv\"\nconfound_columns = [\"x\"]";
    clone.set("[denoise]\n", &format!("[denoise]\n{pattern}\n"));
    gyrus(&[Path::new("check"), &clone.path("study.toml")]).succeeded();
    fs::remove_file(clone.path("motion/UTS03_inamoment.tsv")).unwrap();
    std::os::unix::fs::symlink(away, clone.path("motion/UTS03_inamoment.tsv")).unwrap();
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("denoise.confounds") && error.contains("UTS03_inamoment.tsv"), "{error}");
    // Stories that are here and were not asked for are none of the study's.
    clone.init(&["--participants", "UTS03", "--tasks", "adollshouse,inamoment"]).succeeded();
    let said = gyrus(&[Path::new("check"), &clone.path("study.toml")]).succeeded().stdout;
    assert!(said.contains("1 participant, 8 targets, 2 stimuli"), "{said}");
    clone.set("name = \"adollshouse\"", "name = \"dollhouse\"");
    clone.set("name = \"inamoment\"", "name = \"moment\"");
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("responses.table: found none that is of a stimulus of the study"), "{error}");
    clone.set("participants = [\"UTS03\"]", "participants = [\"UTS3\"]");
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("found `UTS3`, expected one of UTS01, UTS02, "), "{error}");
}

/// A transcript with phones, words, and sounds that are none.
fn textgrid(seed: u64) -> String {
    let words = words(seed, 0.5, 380.0);
    let mut labels = vec![(0.0, 0.2, "{BR}"), (0.2, 0.5, "sp")];
    labels.extend(&words);
    let tier = |name: &str| {
        let mut text = format!(
            "    item []:\n        class = \"IntervalTier\"\n        name = \"{name}\"\n        xmin = 0\n        xmax = 400\n        intervals: size = {}\n",
            labels.len()
        );
        for (index, (start, end, label)) in labels.iter().enumerate() {
            writeln!(
                text,
                "        intervals [{}]:\n            xmin = {start}\n            xmax = {end}\n            text = \"{label}\"",
                index + 1
            )
            .unwrap();
        }
        text
    };
    format!(
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = 400\ntiers? <exists>\nsize = 2\nitem []:\n{}{}",
        tier("phone"),
        tier("word")
    )
}

#[test]
fn narratives_begin_with_their_audio_and_without_the_scans_that_are_excluded() {
    let clone = Clone::of("ds002345");
    let made = r#"{"Name": "x", "BIDSVersion": "1.2.0", "GeneratedBy": [{"Name": "fMRIPrep", "Version": "20.0.5"}]}"#;
    clone.plant("derivatives/fmriprep/dataset_description.json", made.as_bytes());
    for (who, run) in [
        ("001", "_run-1"),
        ("002", "_run-1"),
        ("002", "_run-2"),
        ("013", "_run-1"),
        ("013", "_run-2"),
        ("038", ""),
    ] {
        let stem = format!("derivatives/fmriprep/sub-{who}/func/sub-{who}_task-pieman{run}");
        assert!(
            clone.files.contains_key(&format!("sub-{who}/func/sub-{who}_task-pieman{run}_events.tsv")),
            "{stem}"
        );
        let space = "_space-MNI152NLin2009cAsym_desc";
        let seed = who.parse::<u64>().unwrap() + run.len() as u64;
        let scan = Image { repetition_time: 1.5, ..image(seed, 290) };
        clone.plant(&format!("{stem}{space}-preproc_bold.nii.gz"), &packed(&scan));
        clone.plant(&format!("{stem}{space}-brain_mask.nii.gz"), &packed(&mask_image(|_| true)));
        clone.plant(&format!("{stem}_desc-confounds_regressors.tsv"), dataset::table(seed, 290).as_bytes());
    }
    let mut aligned = String::new();
    for (onset, offset, word) in words(1, 16.0, 430.0) {
        writeln!(aligned, "{word},{word},{onset:.2},{offset:.2}").unwrap();
    }
    clone.plant("stimuli/gentle/pieman/align.csv", aligned.as_bytes());
    let general = clone.init(&["--tasks", "pieman", "--recipe", "none"]).succeeded();
    assert!(
        clone.study().contains("event_type = \"TODO\"             # \"music\" or \"story\""),
        "{}",
        general.stderr
    );
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(error.contains("no event of a stimulus"), "{error}");
    clone.set("event_type = \"TODO\" ", "# event_type = \"TODO\" ");
    let error = gyrus(&[Path::new("check"), &clone.path("study.toml")]).error();
    assert!(
        error.contains("stimulus.event_type") && error.contains("of the kinds music, story in"),
        "{error}"
    );
    let said = clone.init(&["--tasks", "pieman"]).succeeded().stderr;
    assert!(
        said.contains("are not in the table of runs: sub-001 pieman 1, sub-013 pieman 2, sub-038 pieman"),
        "{said}"
    );
    assert!(said.contains("several values in one cell"), "{said}");
    let row = |who: &str, run: &str| [who, "pieman", run, "pieman", "0"].map(str::to_owned);
    assert_eq!(clone.runs(), [row("002", "1"), row("002", "2"), row("013", "1")]);
    assert!(said.contains("found 2 participants, 3 runs, 1 stimulus;"), "{said}");
    let said = clone.analysed();
    assert!(said.contains("2 participants, 36 targets, 1 stimulus"), "{said}");
}
