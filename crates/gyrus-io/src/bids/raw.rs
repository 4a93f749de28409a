//! Files of the raw data set that belong to a recording: its events and its image, by the inheritance of BIDS.

use std::path::{Path, PathBuf};

use super::{Name, same_label};
use crate::{IoError, Place, source};

/// The file of a recording with a suffix and extension (`events` and `.tsv`): that of its own folder, else one above it
/// that says nothing else of the recording. The one with the most entities wins.
///
/// # Errors
/// - two files of one folder apply with equally many entities.
pub fn find_raw(root: &Path, name: &Name, suffix: &str, extension: &str) -> Result<Option<PathBuf>, IoError> {
    let applies = |file: &Name| {
        let fits = |(key, label): (&String, &String)| name.get(key).is_some_and(|own| same_label(own, label));
        file.suffix == suffix && file.extension == extension && file.entities.iter().all(fits)
    };
    for folder in folders(root, name).iter().rev() {
        let named = source::names_in(folder).into_iter().filter_map(|file| Some((Name::parse(&file)?, file)));
        let mut fitting: Vec<(Name, String)> = named.filter(|(file, _)| applies(file)).collect();
        // Of sub-1 and sub-01, which both fit, the one that is written alike.
        let alike =
            |file: &Name| file.entities.iter().filter(|(key, label)| name.get(key) == Some(label)).count();
        fitting.sort_by_key(|(file, _)| std::cmp::Reverse((file.entities.len(), alike(file))));
        match &fitting[..] {
            [] => {}
            [(first, file), (second, other), ..]
                if first.entities.len() == second.entities.len() && alike(first) == alike(second) =>
            {
                let found = format!("{file} and {other}, which both apply to {}", recording(name));
                let expected = "one such file at a level (BIDS, inheritance principle)";
                return Err(IoError::malformed(folder, Place::File, found, expected, REMEDY));
            }
            [(_, file), ..] => return Ok(Some(folder.join(file))),
        }
    }
    Ok(None)
}

pub(super) const REMEDY: &str = "remove one of them, or name it after the recordings that it belongs to";

/// What a recording is called, as in `sub-01 task-story run-2`.
pub(super) fn recording(name: &Name) -> String {
    let parts =
        ["sub", "ses", "task", "run"].iter().filter_map(|key| Some(format!("{key}-{}", name.get(key)?)));
    parts.collect::<Vec<_>>().join(" ")
}

/// The folders in which a file of a recording may lie, from the root down.
pub(super) fn folders(root: &Path, name: &Name) -> Vec<PathBuf> {
    let mut folders = vec![root.to_owned()];
    for key in ["sub", "ses"] {
        let Some(label) = name.get(key) else { continue };
        let above = folders.last().cloned().unwrap_or_default();
        let is_it = |folder: &String| {
            folder
                .strip_prefix(key)
                .and_then(|rest| rest.strip_prefix('-'))
                .is_some_and(|own| same_label(own, label))
        };
        let alike = format!("{key}-{label}");
        let own = source::names_in(&above).into_iter().filter(is_it).min_by_key(|folder| *folder != alike);
        folders.extend(own.map(|folder| above.join(folder)));
    }
    let data = folders.last().map(|folder| folder.join("func"));
    folders.extend(data);
    folders
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_nearest_file_that_fits_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("sub-1/ses-02/func")).unwrap();
        let name = Name::parse("sub-01_ses-2_task-a_run-1_space-T1w_desc-preproc_bold.nii.gz").unwrap();
        let events = || find_raw(root, &name, "events", ".tsv").unwrap();
        assert_eq!(events(), None);
        let write = |path: &str| {
            fs::write(root.join(path), "x").unwrap();
            root.join(path)
        };
        let general = write("task-a_events.tsv");
        write("task-b_events.tsv");
        assert_eq!(events(), Some(general));
        let own = write("sub-1/ses-02/func/sub-1_ses-02_task-a_run-01_events.tsv");
        write("sub-1/ses-02/func/sub-1_ses-02_task-a_run-10_events.tsv");
        assert_eq!(events(), Some(own));
        std::fs::remove_file(root.join("sub-1/ses-02/func/sub-1_ses-02_task-a_run-01_events.tsv")).unwrap();
        write("run-1_events.tsv");
        let error = find_raw(root, &name, "events", ".tsv").unwrap_err().to_string();
        assert_eq!(
            error,
            format!(
                "{}: found run-1_events.tsv and task-a_events.tsv, which both apply to sub-01 ses-2 task-a run-1, expected one such \
                 file at a level (BIDS, inheritance principle); {REMEDY}",
                root.display()
            )
        );
    }
}
