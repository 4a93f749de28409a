//! Files of git-annex whose content is elsewhere: what they stand for, and where it belongs.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::source;

/// What a link or a pointer of git-annex stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its key, such as `MD5E-s1041287--e157ef21efb92a887656eeba8004e569.csv`.
    pub key: String,
    /// Bytes, where the key has them.
    pub bytes: Option<u64>,
    /// The hash of its bytes, where the key has one.
    pub checksum: Option<Checksum>,
    /// Where the bytes belong: what the link points to, or the file itself.
    pub place: PathBuf,
}

/// A hash that a key has of the bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checksum {
    /// Its name as git-annex has it, such as `MD5` or `BLAKE2B512`.
    pub name: String,
    /// Hexadecimal digits.
    pub digits: String,
}

/// What a path stands for; None where it is an ordinary file, there or not, or its content is here.
#[must_use]
pub fn missing(path: &Path) -> Option<Content> {
    let (target, place) = match fs::read_link(path) {
        Ok(_) if path.exists() => return None,
        Ok(target) => {
            let target = target.to_string_lossy().replace('\\', "/");
            let place = in_store(path, &target)?;
            (target, place)
        }
        Err(_) => (pointer(path)?, path.to_owned()),
    };
    let key = target.trim_end().rsplit('/').next()?.to_owned();
    let (bytes, checksum) = parts(&key);
    Some(Content { key, bytes, checksum, place })
}

/// Whether a path is a file whose content is here.
#[must_use]
pub fn is_here(path: &Path) -> bool {
    path.is_file() && missing(path).is_none()
}

/// Where a link leads, if that is in the store of content of the repository that holds it: up as many folders as lie between, then
/// into `.git/annex/objects`, and never up again. What is written there leaves no other file changed.
fn in_store(path: &Path, target: &str) -> Option<PathBuf> {
    let root = source::root_of(path)?;
    let depth = path.parent()?.strip_prefix(root).ok()?.components().count();
    let inside = target.strip_prefix(&"../".repeat(depth))?;
    let is_store = inside.starts_with(".git/annex/objects/") && !inside.split('/').any(|part| part == "..");
    is_store.then(|| root.join(inside))
}

/// Files of one line that stand for others (unlocked files, and systems without links).
fn pointer(path: &Path) -> Option<String> {
    let mut start = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(source::LONGEST_POINTER).read_to_end(&mut start).ok()?;
    let text = String::from_utf8(start).ok()?;
    source::is_pointer(&text).then(|| text.lines().next().unwrap_or_default().to_owned())
}

/// Backends whose keys say nothing of the bytes.
const WITHOUT_HASH: [&str; 2] = ["WORM", "URL"];

/// The fields of a key: `BACKEND-s<bytes>--<hash>.<extension>`.
fn parts(key: &str) -> (Option<u64>, Option<Checksum>) {
    let Some((fields, name)) = key.split_once("--") else { return (None, None) };
    let mut fields = fields.split('-');
    let backend = fields.next().unwrap_or_default();
    let bytes = fields.find_map(|field| field.strip_prefix('s')?.parse().ok());
    let digits = name.split('.').next().unwrap_or_default();
    // With E at its end the key has the extension too.
    let name = backend.strip_suffix('E').unwrap_or(backend);
    let is_hash = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let checksum = (is_hash && !WITHOUT_HASH.contains(&name))
        .then(|| Checksum { name: name.to_owned(), digits: digits.to_owned() });
    (bytes, checksum)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "MD5E-s5--5d41402abc4b2a76b9719d911017c592.nii.gz";

    #[test]
    fn keys_are_taken_apart() {
        let checksum =
            |name: &str, digits: &str| Some(Checksum { name: name.to_owned(), digits: digits.to_owned() });
        assert_eq!(parts(KEY), (Some(5), checksum("MD5", "5d41402abc4b2a76b9719d911017c592")));
        assert_eq!(parts("BLAKE2B512-s12-m3--abc"), (Some(12), checksum("BLAKE2B512", "abc")));
        assert_eq!(parts("WORM-s12-m3--abc"), (Some(12), None));
        assert_eq!(parts("URL--http&c%%a"), (None, None));
        assert_eq!(parts("nothing"), (None, None));
    }

    #[test]
    fn links_that_lead_elsewhere_are_no_links_of_git_annex() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join(".git")).unwrap();
        let link = folder.path().join("sub-1/func/a.nii.gz");
        let store = |target: &str| in_store(&link, target);
        let place = folder.path().join(".git/annex/objects/a/b/KEY/KEY");
        assert_eq!(store("../../.git/annex/objects/a/b/KEY/KEY"), Some(place));
        for target in [
            "/home/somebody/.git/annex/objects/KEY",
            "../../.git/annex/objects/../../hooks/post-checkout",
            "../../../.git/annex/objects/KEY",
            "../.git/annex/objects/KEY",
            "../../other/.git/annex/objects/KEY",
            "../../annex/objects/KEY",
        ] {
            assert_eq!(store(target), None, "{target}");
        }
        let nowhere = tempfile::tempdir().unwrap();
        assert_eq!(in_store(&nowhere.path().join("a"), ".git/annex/objects/KEY"), None, "no repository");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_pointers_stand_for_content_until_it_is_here() {
        let folder = tempfile::tempdir().unwrap();
        let (link, file, plain) =
            (folder.path().join("a.nii.gz"), folder.path().join("b.nii.gz"), folder.path().join("c"));
        fs::create_dir(folder.path().join(".git")).unwrap();
        std::os::unix::fs::symlink(format!(".git/annex/objects/x/y/{KEY}/{KEY}"), &link).unwrap();
        fs::write(&file, format!("/annex/objects/{KEY}\n")).unwrap();
        fs::write(&plain, "hello").unwrap();
        let found = missing(&link).unwrap();
        assert_eq!((found.key.as_str(), found.bytes, is_here(&link)), (KEY, Some(5), false));
        assert_eq!(found.place, folder.path().join(format!(".git/annex/objects/x/y/{KEY}/{KEY}")));
        assert_eq!((missing(&file).unwrap().place, is_here(&file)), (file.clone(), false));
        assert_eq!((missing(&plain), is_here(&plain)), (None, true));
        fs::create_dir_all(found.place.parent().unwrap()).unwrap();
        fs::write(&found.place, "hello").unwrap();
        assert_eq!((missing(&link), is_here(&link)), (None, true));
        assert_eq!((missing(&folder.path().join("no")), is_here(&folder.path().join("no"))), (None, false));
    }
}
