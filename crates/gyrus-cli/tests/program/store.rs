//! The store: shared between studies, and never trusted with damaged content.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::study::{PARTICIPANTS, Study};

/// Every file of an output folder that must be the same after the same study, by its path: all but provenance.json.
pub fn bytes_of(output: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    walk(output, &mut |path| {
        let name = path.strip_prefix(output).unwrap().to_str().unwrap().to_owned();
        if name != "provenance.json" && !name.ends_with(".gyrus-lock") {
            files.insert(name, fs::read(path).unwrap());
        }
    });
    files
}

/// When each finished task of a store was written.
pub fn finished(store: &Path) -> BTreeMap<PathBuf, SystemTime> {
    let mut tasks = BTreeMap::new();
    walk(store, &mut |path| {
        if path.ends_with("manifest.json") && !path.starts_with(store.join("unfinished")) {
            tasks.insert(path.to_owned(), fs::metadata(path).unwrap().modified().unwrap());
        }
    });
    tasks
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
        if entry.path().is_dir() { walk(&entry.path(), visit) } else { visit(&entry.path()) }
    }
}

#[test]
fn two_studies_share_a_store() {
    let study = Study::new();
    let store = study.path("shared");
    let flag = ["--store", store.to_str().unwrap()];
    study.analyze("first", &flag).succeeded();
    let before = finished(&store);
    study.set("name = \"small\"", "name = \"other\"");
    study.set("seed = 3", "seed = 4");
    let ran = study.analyze("second", &flag).succeeded();
    assert!(ran.stderr.contains("note: 12 of 16 tasks are finished already"), "{}", ran.stderr);
    let after = finished(&store);
    assert!(before.iter().all(|(task, written)| after[task] == *written), "finished tasks stay as they are");
    let new: Vec<_> = after.keys().filter(|task| !before.contains_key(*task)).collect();
    assert_eq!(
        new.len(),
        4,
        "another seed means other nulls of the three layers, and another answer: {new:?}"
    );
    assert!(!study.path("first/store").exists());
    study.analyze("alone", &[]).succeeded();
    let own = bytes_of(&study.path("alone"));
    let shared = bytes_of(&study.path("second"));
    assert!(shared.iter().all(|(name, bytes)| own[name] == *bytes), "a shared store changes no byte");
}

/// The same numbers under other names.
#[test]
fn who_has_another_name_by_now_is_not_called_by_the_old_one() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    let carpet = |study: &Study| {
        let page = study.read("out/report/index.html");
        let end = page.find(" over time, before and after cleaning").expect("a carpet");
        page[..end].rsplit(' ').next().unwrap().to_owned()
    };
    let before = carpet(&study);
    assert!(PARTICIPANTS.contains(&&*before), "{before}");
    for name in PARTICIPANTS {
        for (folder, ending) in [("responses", "tsv"), ("motion", "txt")] {
            let path = |name: &str| study.path(&format!("{folder}/{name}.{ending}"));
            fs::rename(path(name), path(&format!("new{name}"))).unwrap();
        }
    }
    study.analyze("out", &[]).succeeded();
    assert_eq!(carpet(&study), format!("new{before}"));
}

#[test]
fn a_damaged_result_is_noticed_and_computed_again() {
    let study = Study::new();
    study.analyze("out", &[]).succeeded();
    let whole = bytes_of(&study.path("out"));
    let large = |kind: &str| {
        let name = whole
            .keys()
            .find(|name| name.starts_with(&format!("store/{kind}/")) && !name.ends_with("manifest.json"));
        study.path("out").join(name.unwrap())
    };
    for kind in ["prepare", "extract", "baseline", "fit", "infer"] {
        let path = large(kind);
        let mut bytes = fs::read(&path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&path, &bytes).unwrap();
        let ran = study.analyze("out", &[]).succeeded();
        let note = ran.stderr.lines().find(|line| line.starts_with("note: ") && line.contains("was damaged"));
        let note = note.unwrap_or_else(|| panic!("{kind}: {}", ran.stderr));
        assert!(note.contains(path.parent().unwrap().to_str().unwrap()), "{note}");
        assert!(note.contains("its digest differs") && note.contains("computed again"), "{note}");
        assert_eq!(bytes_of(&study.path("out")), whole, "{kind}");
    }
    fs::remove_file(large("fit")).unwrap();
    let ran = study.analyze("out", &[]).succeeded();
    assert!(ran.stderr.contains("was damaged"), "{}", ran.stderr);
    assert_eq!(bytes_of(&study.path("out")), whole);
}
