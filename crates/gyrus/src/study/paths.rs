//! Paths as people would write them: without `folder/..` on the way.

use std::path::{Component, Path, PathBuf};

/// The same file by a shorter path. A folder that is a link stays, because `..` below it leads elsewhere.
pub(crate) fn shortened(path: &Path) -> PathBuf {
    let mut short = PathBuf::new();
    for component in path.components() {
        let is_folder = matches!(short.components().next_back(), Some(Component::Normal(_)));
        match component {
            Component::CurDir => {}
            Component::ParentDir if is_folder && !short.is_symlink() => {
                short.pop();
            }
            component => short.push(component),
        }
    }
    if short.as_os_str().is_empty() { PathBuf::from(".") } else { short }
}

/// A path as seen from a folder; unchanged where the two have nothing in common.
pub(crate) fn relative_to(folder: &Path, path: &Path) -> PathBuf {
    let (folder, path) = (shortened(folder), shortened(path));
    if folder.is_absolute() != path.is_absolute() {
        return path;
    }
    let is_name = |component: &Component<'_>| *component != Component::CurDir;
    let above: Vec<Component<'_>> = folder.components().filter(is_name).collect();
    let below: Vec<Component<'_>> = path.components().filter(is_name).collect();
    let shared = above.iter().zip(&below).take_while(|(left, right)| left == right).count();
    if above[shared..].contains(&Component::ParentDir) {
        return path;
    }
    let up = above[shared..].iter().map(|_| Component::ParentDir);
    up.chain(below[shared..].iter().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, expected: &str) {
        assert_eq!(shortened(Path::new(path)), Path::new(expected));
    }

    #[test]
    fn a_folder_and_back_is_nowhere() {
        check("examples/alice/../../../shared/a.txt", "../shared/a.txt");
        check("./a/./b", "a/b");
        check("../../a/../b", "../../b");
        check("/a/../../b", "/../b");
        check("a/..", ".");
    }

    #[cfg(unix)]
    #[test]
    fn what_lies_above_a_link_is_not_guessed() {
        let folder = tempfile::tempdir().unwrap();
        std::os::unix::fs::symlink("/tmp", folder.path().join("link")).unwrap();
        let path = folder.path().join("link/../a");
        assert_eq!(shortened(&path), path);
    }

    #[test]
    fn a_path_is_seen_from_a_folder() {
        let seen = |folder: &str, path: &str| relative_to(Path::new(folder), Path::new(path));
        assert_eq!(seen("examples/alice", "../shared/a"), Path::new("../../../shared/a"));
        assert_eq!(seen("", "words.tsv"), Path::new("words.tsv"));
        assert_eq!(seen("/a/b", "/a/c/d"), Path::new("../c/d"));
        assert_eq!(seen("a", "/a/c"), Path::new("/a/c"));
        assert_eq!(seen("../a", "../b"), Path::new("../b"));
    }
}
