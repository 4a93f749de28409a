//! What recipes ask of a folder: which images there are of whom, and whose content is here.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gyrus_io::bids::Name;
use gyrus_io::{annex, natural_order};

use crate::counted;
use crate::init::{Labels, Part, quoted};

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

/// A file that a study may need.
#[derive(Debug, Clone)]
pub(super) struct File {
    /// Labels of whom and of which task it is, where it is of one.
    pub(super) participant: Option<String>,
    pub(super) task: Option<String>,
    /// The space of an image.
    pub(super) space: Option<String>,
    pub(super) path: PathBuf,
}

impl File {
    /// A file by the entities of its name.
    pub(super) fn named(path: PathBuf) -> Self {
        let name = path.file_name().and_then(|name| Name::parse(&name.to_string_lossy()));
        let label = |key: &str| name.as_ref().and_then(|name| name.get(key)).map(str::to_owned);
        Self { participant: label("sub"), task: label("task"), space: label("space"), path }
    }

    /// A file that belongs to everybody.
    pub(super) fn of_all(path: PathBuf) -> Self {
        Self { participant: None, task: None, space: None, path }
    }

    /// A file of somebody's, or of everybody's, by what else says so than its name.
    pub(super) fn of(participant: Option<String>, task: Option<String>, path: PathBuf) -> Self {
        Self { participant, task, ..Self::of_all(path) }
    }

    /// Whether it is an image and not a table.
    pub(super) fn is_image(&self) -> bool {
        self.path.extension().is_none_or(|extension| extension != "tsv" && extension != "json")
    }

    pub(super) fn labels(&self) -> Labels<'_> {
        (self.participant.as_deref(), self.task.as_deref())
    }
}

/// The files of a part of a data set, and those that they share: what is of a task is needed where somebody's files of it are.
pub(super) fn of_part<'f>(files: &'f [File], part: &Part) -> Vec<&'f File> {
    let chosen: Vec<&File> = files.iter().filter(|file| part.has(file.labels())).collect();
    let tasks_of_people: BTreeSet<&str> = files
        .iter()
        .filter(|file| file.participant.is_some())
        .filter_map(|file| file.task.as_deref())
        .collect();
    let tasks_of_chosen: BTreeSet<&str> = chosen
        .iter()
        .filter(|file| file.participant.is_some())
        .filter_map(|file| file.task.as_deref())
        .collect();
    let is_needed = |file: &&File| match (&file.participant, &file.task) {
        (None, Some(task)) => {
            !tasks_of_people.contains(task.as_str()) || tasks_of_chosen.contains(task.as_str())
        }
        _ => true,
    };
    chosen.into_iter().filter(is_needed).collect()
}

/// Those whose files are here, or all of them where nobody's are; says who is left out.
pub(super) fn usable(images: Images, notes: &mut Vec<String>) -> Images {
    let is_whole = |files: &[(Name, PathBuf)]| files.iter().all(|(_, path)| annex::is_here(path));
    let (here, away): (Images, Images) = images.into_iter().partition(|(_, files)| is_whole(files));
    if here.is_empty() {
        let people = counted(away.len(), "participant is", "participants are");
        notes
            .push(format!("no image is here: {people} listed all the same; bring theirs with `gyrus fetch`"));
        return away;
    }
    if !away.is_empty() {
        let people = counted(away.len(), "participant is", "participants are");
        notes.push(format!("{people} left out whose images are not all here: bring them with `gyrus fetch`"));
    }
    here
}

/// A list as TOML writes it.
pub(super) fn list<'l>(labels: impl Iterator<Item = &'l str>) -> String {
    format!("[{}]", labels.map(quoted).collect::<Vec<_>>().join(", "))
}

/// All files below a folder, by their paths. Links to folders are not followed, and hidden folders are left alone.
pub(super) fn below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let is_hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        match path.is_dir() && !path.is_symlink() {
            true if is_hidden => {}
            true => files.extend(below(&path)),
            false => files.push(path),
        }
    }
    files
}
