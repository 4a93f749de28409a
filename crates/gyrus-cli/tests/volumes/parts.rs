//! Parts of public data sets: what of them is not here, labels that nothing has, and tasks of Narratives with their clocks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::dataset::{self, mask_image};
use super::image::Image;
use super::program::{Ran, gyrus};
use super::recipes::{Clone, image, packed};

fn fetch(folder: &Path, further: &[&str]) -> Ran {
    let first = [Path::new("fetch"), folder].map(|path| path.as_os_str().to_owned());
    gyrus(&first.into_iter().chain(further.iter().map(|&word| word.into())).collect::<Vec<_>>())
}

#[test]
fn what_is_not_here_is_listed_with_commands_that_bring_it() {
    let clone = Clone::of("ds003643");
    let data = clone.path("data");
    let said = fetch(&data, &["--participants", "EN057,sub-EN061"]).succeeded().stdout;
    assert!(said.starts_with("19 of 19 files that a study needs are not here, 133 B."), "{said}");
    let same = format!("gyrus fetch {} --participants EN057,sub-EN061", data.display());
    for line in [
        format!("{same} --run\n"),
        format!("{same} --list | (cd {} && git annex get --batch)\n", data.display()),
        format!("{same} --list | (cd {} && tr '\\n' '\\0' | xargs -0 datalad get)\n", data.display()),
    ] {
        assert!(said.contains(&line), "`{line}` is not in {said}");
    }
    let listed = fetch(&data, &["--participants", "EN061", "--list"]).succeeded().stdout;
    let lines: Vec<&str> = listed.lines().collect();
    assert_eq!(lines.len(), 10);
    assert!(
        lines[0].starts_with("derivatives/sub-EN061/func/sub-EN061_task-lppEN_run-09_space-MNIColin27"),
        "{listed}"
    );
    assert_eq!(lines[9], "annotation/EN/lppEN_word_information.csv");
    lines.iter().for_each(|line| clone.plant(line, b"content"));
    assert_eq!(fetch(&data, &["--participants", "EN061"]).succeeded().stdout, "all 10 files are here\n");
    let nowhere = clone.path("no");
    let error = gyrus(&[Path::new("fetch"), &nowhere, Path::new("--recipe"), Path::new("lebel")]).error();
    assert!(error.contains("git clone https://github.com/OpenNeuroDatasets/ds003020.git"), "{error}");
    let lebel = Clone::of("ds003020");
    let story = [
        Path::new("fetch"),
        &lebel.path("data"),
        Path::new("--participants"),
        Path::new("UTS01"),
        Path::new("--tasks"),
        Path::new("buck"),
        Path::new("--list"),
    ]
    .map(Path::to_owned);
    let listed = gyrus(&story).succeeded().stdout;
    assert_eq!(listed, "derivative/preprocessed_data/UTS01/buck.hf5\nderivative/TextGrids/buck.TextGrid\n");
}

#[test]
fn labels_that_nothing_has_are_errors() {
    let participants = ["--participants", "EN057,999"];
    let mut clone = Clone::of("ds003643");
    let mut of = "ds003643";
    for (accession, further, says) in [
        ("ds003643", &participants[..], "no participant `999`, expected one of CN001, CN002, CN003, "),
        ("ds003643", &["--tasks", "lppIT"], "no task `lppIT`, expected one of lppCN, lppEN, lppFR"),
        (
            "ds003020",
            &["--participants", "UTS3"],
            "no participant `UTS3`, expected one of UTS01, UTS02, UTS03",
        ),
        (
            "ds003020",
            &["--participants", "UTS03", "--tasks", "buk"],
            "no task `buk`, expected one of adollshouse, ",
        ),
        (
            "ds003020",
            &["--participants", "UTS04", "--tasks", "buck,afatherscover"],
            "no task `afatherscover`, expected one of adollshouse, ",
        ),
        ("ds002322", &["--participants", "18,99"], "no participant `99`, expected one of 18, 22, 23, "),
        ("ds002322", &["--tasks", "wonderland"], "no task `wonderland`, expected one of alice"),
    ] {
        if accession != of {
            (clone, of) = (Clone::of(accession), accession);
        }
        for error in [fetch(&clone.path("data"), further).error(), clone.init(further).error()] {
            assert!(error.contains(says), "`{says}` is not in {error}");
        }
    }
    // People and languages that do not go together.
    let clone = Clone::of("ds003643");
    for (further, says) in [
        (["--participants", "EN057", "--tasks", "lppEN,lppFR"], "no task `lppFR`, expected one of lppEN"),
        (
            ["--participants", "EN057,FR001", "--tasks", "lppEN"],
            "nothing of the participant `FR001` and the tasks lppEN",
        ),
    ] {
        for error in [fetch(&clone.path("data"), &further).error(), clone.init(&further).error()] {
            assert!(error.contains(says), "`{says}` is not in {error}");
        }
    }
    assert!(!clone.path("study.toml").exists() && !clone.path("study_runs.tsv").exists());
}

#[test]
fn names_alone_choose_a_part_too() {
    let clone = Clone::of("ds003643");
    let listed = |further: &[&str]| {
        let first = ["--recipe", "none", "--list"];
        let all: Vec<&str> = first.iter().chain(further).copied().collect();
        let said = fetch(&clone.path("data"), &all).succeeded().stdout;
        said.lines().map(str::to_owned).collect::<Vec<String>>()
    };
    let is_of = |line: &String, label: &str| line.contains(label);
    let (all, one) = (listed(&[]), listed(&["--participants", "EN061", "--tasks", "lppEN"]));
    assert!(all.len() > 1000 && one.len() < 200, "{} {}", all.len(), one.len());
    assert!(all.iter().any(|line| is_of(line, "sub-FR001_task-lppFR")));
    assert!(one.iter().any(|line| is_of(line, "sub-EN061_task-lppEN_run-09_")));
    let others = one.iter().filter(|line| is_of(line, "sub-") && !is_of(line, "sub-EN061"));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
    let error = fetch(&clone.path("data"), &["--recipe", "none", "--tasks", "rest"]).error();
    assert!(error.contains("no task `rest`"), "{error}");
}

#[test]
fn commands_are_printed_as_a_shell_reads_them() {
    let clone = Clone::of("ds002322");
    let odd = clone.path("what's here");
    fs::rename(clone.path("data"), &odd).unwrap();
    let further = ["--recipe", "alice", "--from", "http://localhost/a b"];
    let said = fetch(&odd, &further).succeeded().stdout;
    let quoted = format!("'{}'", odd.display().to_string().replace('\'', "'\\''"));
    let line = format!("gyrus fetch {quoted} --recipe alice --from 'http://localhost/a b' --run\n");
    assert!(said.contains(&line), "`{line}` is not in {said}");
    let line =
        format!("gyrus fetch {quoted} --recipe alice --list | (cd {quoted} && git annex get --batch)\n");
    assert!(said.contains(&line), "`{line}` is not in {said}");
}

#[test]
fn alice_leaves_out_whose_start_is_not_known() {
    let clone = Clone::of("ds002322");
    for who in ["18", "22", "23", "46"] {
        let name = format!("derivatives/sub-{who}/sub-{who}_task-alice_bold_preprocessed.nii.gz");
        clone.plant(&name, b"content");
    }
    let story = "1.5\t748\tDownTheRabbitHoleFinal_mono.wav\n";
    let events = [
        ("22", format!("onset\tduration\tstim_file\n0.0\t1\tpulse.wav\n{story}")),
        ("23", "onset\tduration\tstim_file\n0.0\t1\tpulse.wav\n".to_owned()),
    ];
    for (who, text) in events {
        fs::write(clone.path(&format!("data/sub-{who}/sub-{who}_task-alice_events.tsv")), text).unwrap();
    }
    let said = clone.init(&["--participants", "18,22,23,46"]).succeeded().stderr;
    assert!(
        said.contains("sub-23 is left out: ") && said.contains("has no event of DownTheRabbitHole"),
        "{said}"
    );
    assert!(said.contains("sub-46 is left out: ") && said.contains("n/a"), "{said}");
    assert!(said.contains("found 2 participants, 2 runs, 1 stimulus;"), "{said}");
    let onsets: Vec<[String; 2]> = clone.runs().into_iter().map(|[who, .., onset]| [who, onset]).collect();
    assert_eq!(onsets, [["18", "-19.343"], ["22", "-18.5"]].map(|row| row.map(str::to_owned)));
    assert!(clone.study().contains("participants = [\"18\", \"22\"]"), "{}", clone.study());
}

#[test]
fn who_is_elsewhere_is_left_out_and_other_spaces_are_not_needed() {
    let clone = Clone::of("ds002345");
    let made = r#"{"Name": "x", "BIDSVersion": "1.2.0", "GeneratedBy": [{"Name": "fMRIPrep", "Version": "20.0.5"}]}"#;
    clone.plant("derivatives/fmriprep/dataset_description.json", made.as_bytes());
    for who in ["002", "003"] {
        let stem = format!("derivatives/fmriprep/sub-{who}/func/sub-{who}_task-pieman_run-1");
        fs::create_dir_all(clone.path(&format!("data/{stem}")).parent().unwrap()).unwrap();
        for (space, end) in
            [("_space-MNI152NLin2009cAsym", "-preproc_bold.nii.gz"), ("_space-T1w", "-preproc_bold.nii.gz")]
        {
            let name = format!("{stem}{space}_desc{end}");
            let away = "../../../../.git/annex/objects/KEY/MD5-s1--0123";
            std::os::unix::fs::symlink(away, clone.path(&format!("data/{name}"))).unwrap();
        }
        clone.plant(
            &format!("{stem}_space-MNI152NLin2009cAsym_desc-brain_mask.nii.gz"),
            &packed(&mask_image(|_| true)),
        );
        clone.plant(&format!("{stem}_desc-confounds_regressors.tsv"), dataset::table(1, 10).as_bytes());
    }
    let listed = fetch(&clone.path("data"), &["--list"]).succeeded().stdout;
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(!listed.contains("T1w"), "{listed}");
    assert!(clone.init(&[]).error().contains("git-annex"));
    let name = "derivatives/fmriprep/sub-003/func/sub-003_task-pieman_run-1_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz";
    fs::remove_file(clone.path(&format!("data/{name}"))).unwrap();
    clone.plant(name, &packed(&Image { repetition_time: 1.5, ..image(1, 10) }));
    let said = clone.init(&[]).succeeded().stderr;
    assert!(said.contains("1 participant is left out whose files are not all here"), "{said}");
    assert!(said.contains("found 1 participant, 1 run, 1 stimulus;"), "{said}");
    assert!(clone.study().contains("participants = [\"003\"]"), "{}", clone.study());
}

#[test]
fn narratives_without_preprocessed_images_say_where_they_are() {
    let clone = Clone::of("ds002345");
    let error = fetch(&clone.path("data"), &[]).error();
    assert!(error.contains("no preprocessed image") && error.contains("datalad install"), "{error}");
}

/// Events of an audio file as the tree has them: onset, kind.
fn events(text: &str) -> BTreeMap<String, Vec<(f64, String)>> {
    let mut files = BTreeMap::<String, Vec<(f64, String)>>::new();
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        if cells.len() == 4 && cells[3] != "n/a" {
            let event = (cells[0].parse().unwrap(), cells[2].to_owned());
            files.entry(cells[3].to_owned()).or_default().push(event);
        }
    }
    files
}

#[test]
fn words_of_every_task_of_narratives_begin_with_the_audio() {
    let clone = Clone::of("ds002345");
    let made = r#"{"Name": "x", "BIDSVersion": "1.2.0", "GeneratedBy": [{"Name": "fMRIPrep", "Version": "20.0.5"}]}"#;
    clone.plant("derivatives/fmriprep/dataset_description.json", made.as_bytes());
    // One run of each task, and four of the task in which every run has two stories.
    let mut runs = BTreeMap::<&str, Vec<&str>>::new();
    for path in clone.files.keys().rev().filter(|path| path.ends_with("_events.tsv")) {
        let task = path.split("_task-").nth(1).unwrap().split('_').next().unwrap();
        let of_task = runs.entry(task).or_default();
        if of_task.len() < if task == "schema" { 4 } else { 1 } && path.contains("/func/") {
            of_task.push(path);
        }
    }
    let scan = packed(&Image { repetition_time: 1.5, ..image(1, 10) });
    let (mask, table) = (packed(&mask_image(|_| true)), dataset::table(1, 10));
    let mut expected = Vec::new();
    for path in runs.values().flatten() {
        let stem = format!("derivatives/fmriprep/{}", path.trim_end_matches("_events.tsv"));
        clone.plant(&format!("{stem}_space-MNI152NLin2009cAsym_desc-preproc_bold.nii.gz"), &scan);
        clone.plant(&format!("{stem}_space-MNI152NLin2009cAsym_desc-brain_mask.nii.gz"), &mask);
        clone.plant(&format!("{stem}_desc-confounds_regressors.tsv"), table.as_bytes());
        let text = fs::read_to_string(clone.path(&format!("data/{path}"))).unwrap();
        for (file, events) in events(&text) {
            assert!(events.iter().any(|(_, kind)| kind == "story"), "{path}");
            let name = path.split('/').next_back().unwrap();
            let who = name.strip_prefix("sub-").unwrap().split('_').next().unwrap();
            let story = file.trim_end_matches(".wav").trim_end_matches("_audio");
            expected.push((who.to_owned(), story.to_owned(), events[0].0));
        }
    }
    clone.init(&[]).succeeded();
    let mut found: Vec<(String, String, f64)> = Vec::new();
    for [who, _, _, story, onset] in clone.runs() {
        found.push((who, story, onset.parse().unwrap()));
    }
    let excluded =
        |row: &(String, String, f64)| !found.iter().any(|other| (&other.0, &other.1) == (&row.0, &row.1));
    let missing: Vec<_> = expected.iter().filter(|row| excluded(row)).collect();
    assert_eq!(
        missing,
        Vec::<&(String, String, f64)>::new(),
        "first runs of tasks are none that are excluded"
    );
    for row in &expected {
        let near = |other: &&(String, String, f64)| {
            (&other.0, &other.1) == (&row.0, &row.1) && (other.2 - row.2).abs() < 1e-9
        };
        assert!(found.iter().any(|other| near(&other)), "{row:?} is not in {found:?}");
    }
    assert!(
        runs.len() > 15 && found.len() == expected.len(),
        "{} tasks, {} stories",
        runs.len(),
        found.len()
    );
}
