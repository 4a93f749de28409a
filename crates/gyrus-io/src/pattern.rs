//! Files by a pattern with named fields, such as `{participant}-timecourses.txt`.

mod segment;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use segment::Segment;

use crate::error::few;
use crate::natural::natural_order;
use crate::{IoError, source};

/// A file that fits a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The file.
    pub path: PathBuf,
    /// The text of each field.
    pub fields: BTreeMap<String, String>,
}

impl Match {
    /// Whether it is no link of git-annex whose content is elsewhere. Nothing is opened: pointer files are told apart when they are read.
    #[must_use]
    pub fn is_here(&self) -> bool {
        !source::is_dangling(&self.path)
    }
}

/// Finds the files that fit a pattern, in natural order of their paths (`ses-2` before `ses-10`).
///
/// A field `{name}` stands for any characters but `/`, at least one; a name that is repeated stands for the same text
/// everywhere. A relative pattern starts at `base`. Hidden files are left out unless the pattern starts with a point.
///
/// # Errors
/// - as [`list`],
/// - the content of a file is not here (git-annex).
pub fn expand(pattern: &str, base: &Path) -> Result<Vec<Match>, IoError> {
    let found = list(pattern, base)?;
    require_content(&found)?;
    Ok(found)
}

/// An error for the first file whose content is not here.
///
/// # Errors
/// - the content of a file is not here (git-annex).
pub fn require_content(found: &[Match]) -> Result<(), IoError> {
    match found.iter().find(|found| !found.is_here()) {
        Some(dangling) => Err(source::dangling(&dangling.path)),
        None => Ok(()),
    }
}

/// As [`expand`], with links of git-annex whose content is not here.
///
/// # Errors
/// - the pattern has an open, empty or adjacent field,
/// - a name fits in more than one way, or no file fits.
pub fn list(pattern: &str, base: &Path) -> Result<Vec<Match>, IoError> {
    let wrong = |found: String| IoError::Pattern { pattern: pattern.to_owned(), found };
    let (mut folder, relative) = split_root(pattern, base);
    let mut partial: Vec<(PathBuf, Match)> = Vec::new();
    let mut segments = Vec::new();
    for text in relative.split('/').filter(|text| !text.is_empty() && *text != ".") {
        segments.push(Segment::parse(text).map_err(wrong)?);
    }
    let leading = segments.iter().take_while(|segment| segment.literal().is_some()).count();
    let leading = leading.min(segments.len().saturating_sub(1));
    folder.extend(segments[..leading].iter().filter_map(Segment::literal));
    partial.push((PathBuf::new(), Match { path: folder.clone(), fields: BTreeMap::new() }));
    for segment in &segments[leading..] {
        let mut next = Vec::new();
        for (relative, found) in partial {
            step(segment, &relative, &found, &mut next).map_err(wrong)?;
        }
        partial = next;
    }
    partial.retain(|(_, found)| found.path.is_file() || source::is_dangling(&found.path));
    if partial.is_empty() {
        return Err(no_match(pattern, &folder));
    }
    partial.sort_by(|(left, _), (right, _)| natural_order(&left.to_string_lossy(), &right.to_string_lossy()));
    Ok(partial.into_iter().map(|(_, found)| found).collect())
}

fn split_root<'a>(pattern: &'a str, base: &Path) -> (PathBuf, &'a str) {
    match pattern.strip_prefix('/') {
        Some(relative) => (PathBuf::from("/"), relative),
        None => (base.to_owned(), pattern),
    }
}

/// Goes one folder deeper: all entries that fit a segment.
fn step(
    segment: &Segment,
    relative: &Path,
    at: &Match,
    next: &mut Vec<(PathBuf, Match)>,
) -> Result<(), String> {
    let mut add = |name: &str, fields: BTreeMap<String, String>| {
        next.push((relative.join(name), Match { path: at.path.join(name), fields }));
    };
    if let Some(name) = segment.literal() {
        add(name, at.fields.clone());
        return Ok(());
    }
    for entry in std::fs::read_dir(&at.path).into_iter().flatten().flatten() {
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') && !segment.shows_hidden() {
            continue;
        }
        if let Some(fields) = segment.fit(&name, &at.fields)? {
            add(&name, fields);
        }
    }
    Ok(())
}

fn no_match(pattern: &str, folder: &Path) -> IoError {
    let folder = if folder.is_dir() { folder.to_owned() } else { source::existing_folder(folder) };
    let names = source::names_in(&folder);
    let listing = match names.len() {
        0 => "it is empty".to_owned(),
        _ => format!("it holds {}", few(&names, 5)),
    };
    IoError::NoMatch { pattern: pattern.to_owned(), folder, listing }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        folder
    }

    fn check(files: &[&str], pattern: &str, expected: &[(&str, &[(&str, &str)])]) {
        let folder = folder(files);
        let found = expand(pattern, folder.path()).unwrap();
        let expected: Vec<Match> = expected
            .iter()
            .map(|(path, fields)| Match {
                path: folder.path().join(path),
                fields: fields.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn one_field_in_natural_order() {
        check(
            &["r/s10-t.txt", "r/s2-t.txt", "r/s2-t.txt.bak", "r/.s3-t.txt", "r/-t.txt", "q/s4-t.txt"],
            "r/{participant}-t.txt",
            &[("r/s2-t.txt", &[("participant", "s2")]), ("r/s10-t.txt", &[("participant", "s10")])],
        );
    }

    #[test]
    fn several_fields_and_repeated_ones_agree() {
        check(
            &["sub-1/ses-2/sub-1_ses-2_task-a.tsv", "sub-1/ses-2/sub-2_ses-2_task-a.tsv", "sub-1/notes"],
            "./sub-{p}/ses-{s}/sub-{p}_ses-{s}_task-{t}.tsv",
            &[("sub-1/ses-2/sub-1_ses-2_task-a.tsv", &[("p", "1"), ("s", "2"), ("t", "a")])],
        );
        check(
            &["a/x.npy", "b/x.npy", "b/y.npy"],
            "{p}/x.npy",
            &[("a/x.npy", &[("p", "a")]), ("b/x.npy", &[("p", "b")])],
        );
    }

    #[test]
    fn a_name_without_fields_is_that_file() {
        check(&["a/b.txt"], "a/b.txt", &[("a/b.txt", &[])]);
    }

    fn error(files: &[&str], pattern: &str) -> String {
        let folder = folder(files);
        let shown = expand(pattern, folder.path()).unwrap_err().to_string();
        shown.replace(&folder.path().display().to_string(), "HERE")
    }

    #[test]
    fn nothing_found_says_where_and_what_is_there() {
        assert_eq!(
            error(&["r/s10.txt", "r/s2.txt"], "r/{p}.tsv"),
            "pattern `r/{p}.tsv`: found no file that fits in HERE/r, expected at least one; it holds s2.txt, s10.txt: correct the pattern or the folder"
        );
        assert_eq!(
            error(&["r/a.txt"], "q/{p}.tsv"),
            "pattern `q/{p}.tsv`: found no file that fits in HERE, expected at least one; it holds r: correct the pattern or the folder"
        );
    }

    #[test]
    fn patterns_that_cannot_be_understood_are_errors() {
        for pattern in ["{p", "{}", "p}", "{a}{b}", "{p q}"] {
            assert!(error(&["a"], pattern).contains("correct the pattern"), "{pattern}");
        }
        let ambiguous = error(&["a-b-c.txt"], "{x}-{y}.txt");
        assert!(
            ambiguous.contains("`a-b-c.txt`, which fits in two ways ({x} is `a` or `a-b`)"),
            "{ambiguous}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_without_content_print_the_command_that_gets_it() {
        let folder = folder(&["d/x"]);
        fs::create_dir(folder.path().join(".git")).unwrap();
        std::os::unix::fs::symlink("../.git/annex/objects/aa/bb/key/key", folder.path().join("d/s1.nii.gz"))
            .unwrap();
        let error = expand("d/{p}.nii.gz", folder.path()).unwrap_err();
        let here = folder.path().display().to_string();
        let IoError::Annexed { command, .. } = &error else { panic!("{error}") };
        assert_eq!(*command, format!("datalad get -d {here} {here}/d/s1.nii.gz"));
    }
}
