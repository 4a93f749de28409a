//! What recipes ask of a folder: which images there are of whom, and whose content is here.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use gyrus_io::bids::{Name, same_label};
use gyrus_io::{annex, natural_order};

use crate::init::quoted;

/// Images of each participant, by label in natural order.
pub(super) type Images = BTreeMap<Natural, Vec<(Name, PathBuf)>>;

/// A label that is sorted as people sort it: 2 before 10.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Natural(pub(super) String);

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        natural_order(&self.0, &other.0)
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether a label is among those that were asked for; all are when none was.
pub(super) fn is_asked(labels: &[String], label: &str) -> bool {
    labels.is_empty() || labels.iter().any(|asked| same_label(asked, label))
}

/// Those whose files are here, or all of them where nobody's are; says who is left out.
pub(super) fn usable(images: Images, notes: &mut Vec<String>) -> Images {
    let is_whole = |files: &[(Name, PathBuf)]| files.iter().all(|(_, path)| annex::is_here(path));
    let (here, away): (Images, Images) = images.into_iter().partition(|(_, files)| is_whole(files));
    if here.is_empty() {
        notes.push(format!(
            "no image is here: {} participants are listed all the same; bring theirs with `gyrus fetch`",
            away.len()
        ));
        return away;
    }
    if !away.is_empty() {
        notes.push(format!(
            "{} participants are left out whose images are not all here: bring them with `gyrus fetch`",
            away.len()
        ));
    }
    here
}

/// A list as TOML writes it.
pub(super) fn list<'l>(labels: impl Iterator<Item = &'l str>) -> String {
    format!("[{}]", labels.map(quoted).collect::<Vec<_>>().join(", "))
}

/// All files below a folder, so many folders deep, by their paths. Links to folders are not followed.
pub(super) fn below(folder: &Path, depth: usize) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.is_symlink() {
            let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            if depth > 0 && !is_hidden {
                files.extend(below(&path, depth - 1));
            }
        } else {
            files.push(path);
        }
    }
    files
}
