//! Opens users' files, and tells missing, empty and annexed ones apart from ones that can be read.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use flate2::bufread;
use flate2::read::MultiGzDecoder;

use crate::IoError;
use crate::error::{few, shown};
use crate::natural::natural_order;

/// An open regular file with its size in bytes.
pub(crate) struct Source {
    pub(crate) file: File,
    pub(crate) len: u64,
}

/// Opens a file that must hold something.
pub(crate) fn open(path: &Path) -> Result<Source, IoError> {
    let metadata = fs::metadata(path).map_err(|error| why_not_opened(path, &error))?;
    if !metadata.is_file() {
        let reason = if metadata.is_dir() { "it is a folder" } else { "it is not a regular file" };
        return Err(IoError::Unreadable { path: path.to_owned(), reason: reason.to_owned() });
    }
    if metadata.len() == 0 {
        return Err(IoError::Empty { path: path.to_owned(), expected: "data".to_owned() });
    }
    let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
    if metadata.len() < LONGEST_POINTER {
        refuse_pointer(path, &mut file)?;
        file.rewind().map_err(|error| unreadable(path, &error))?;
    }
    Ok(Source { file, len: metadata.len() })
}

/// A file as a stream of its bytes, inflated where gzip has compressed it.
pub(crate) struct Stream {
    pub(crate) reader: Box<dyn Read + Send>,
    pub(crate) is_compressed: bool,
    /// It cannot have more bytes than this.
    pub(crate) most: u64,
}

/// No stream of deflate inflates by more than this (RFC 1951: 258 bytes from 2 bits).
const MOST_OF_DEFLATE: u64 = 1032;

/// Opens a file that must hold something, to be read from its start.
pub(crate) fn stream(path: &Path) -> Result<Stream, IoError> {
    let Source { mut file, len } = open(path)?;
    let mut start = [0; 2];
    let is_compressed = file.read(&mut start).is_ok_and(|read| read == 2) && start == GZIP;
    file.rewind().map_err(|error| unreadable(path, &error))?;
    let plain = BufReader::with_capacity(1 << 17, file);
    Ok(match is_compressed {
        true => Stream {
            reader: Box::new(bufread::MultiGzDecoder::new(plain)),
            is_compressed,
            most: len.saturating_mul(MOST_OF_DEFLATE),
        },
        false => Stream { reader: Box::new(plain), is_compressed, most: len },
    })
}

/// All bytes of a file.
pub(crate) fn bytes(path: &Path) -> Result<Vec<u8>, IoError> {
    let source = open(path)?;
    let mut bytes = Vec::new();
    let read = source.file.take(source.len).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    Ok(bytes)
}

/// All bytes of a file, inflated if they are compressed by gzip.
pub(crate) fn inflated_bytes(path: &Path) -> Result<Vec<u8>, IoError> {
    let packed = bytes(path)?;
    if !packed.starts_with(&GZIP) {
        return Ok(packed);
    }
    let limit = (packed.len() as u64).saturating_mul(MOST_INFLATION) + (1 << 20);
    let mut inflated = Vec::new();
    let read = MultiGzDecoder::new(&packed[..]).take(limit + 1).read_to_end(&mut inflated);
    let wrong = |found: String| {
        let expected = "a whole gzip stream";
        IoError::malformed(path, crate::Place::File, found, expected, "copy or download the file again")
    };
    read.map_err(|error| {
        wrong(format!("a gzip stream that cannot be inflated ({})", shown(&error.to_string())))
    })?;
    if inflated.len() as u64 > limit {
        return Err(wrong(format!(
            "a gzip stream that inflates to more than {MOST_INFLATION} times its size"
        )));
    }
    Ok(inflated)
}

/// The magic number of gzip (RFC 1952, 2.3.1).
pub(crate) const GZIP: [u8; 2] = [0x1f, 0x8b];

/// Tables of text shrink by 3 to 20 times; what claims far more is not one.
const MOST_INFLATION: u64 = 200;

/// Pointer files of git-annex hold one line; the tool itself reads no more than 32 KiB.
pub(crate) const LONGEST_POINTER: u64 = 32 * 1024;

pub(crate) fn unreadable(path: &Path, error: &io::Error) -> IoError {
    IoError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}

/// Whether a path is a link of git-annex whose content is not here.
pub(crate) fn is_dangling(path: &Path) -> bool {
    path.is_symlink() && !path.exists()
}

/// The error for a link whose content is not here.
pub(crate) fn dangling(path: &Path) -> IoError {
    let target = fs::read_link(path).unwrap_or_default();
    if target.to_string_lossy().replace('\\', "/").contains("annex/objects/") {
        return IoError::Annexed { path: path.to_owned(), command: datalad_get(path) };
    }
    IoError::Unreadable {
        path: path.to_owned(),
        reason: format!("a link to {}, which is not there", target.display()),
    }
}

fn why_not_opened(path: &Path, error: &io::Error) -> IoError {
    if is_dangling(path) {
        return dangling(path);
    }
    match error.kind() {
        io::ErrorKind::NotFound => IoError::Missing { path: path.to_owned(), nearby: nearby(path) },
        _ => unreadable(path, error),
    }
}

fn refuse_pointer(path: &Path, file: &mut File) -> Result<(), IoError> {
    let mut start = Vec::with_capacity(64);
    file.take(64).read_to_end(&mut start).map_err(|error| unreadable(path, &error))?;
    let start = String::from_utf8_lossy(&start);
    let is_lfs = start.starts_with("version https://git-lfs.github.com/spec/");
    match (is_pointer(&start), is_lfs) {
        (true, _) => Err(IoError::Annexed { path: path.to_owned(), command: datalad_get(path) }),
        (_, true) => {
            let command = format!("git lfs pull --include {}", quoted(path));
            Err(IoError::Annexed { path: path.to_owned(), command })
        }
        _ => Ok(()),
    }
}

/// Whether a text is that of a pointer file of git-annex.
pub(crate) fn is_pointer(text: &str) -> bool {
    text.starts_with("/annex/objects/")
        || (text.starts_with("../") && text.trim_start_matches("../").starts_with(".git/annex/objects/"))
}

/// The root of the repository that holds a path.
pub(crate) fn root_of(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|folder| folder.join(".git").exists())
}

fn datalad_get(path: &Path) -> String {
    match root_of(path) {
        Some(root) if !root.as_os_str().is_empty() => {
            let inside = path.strip_prefix(root).unwrap_or(path);
            format!("datalad get -d {} {}", quoted(root), quoted(&root.join(inside)))
        }
        _ => format!("datalad get {}", quoted(path)),
    }
}

fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+=:,@%".contains(c);
    if text.chars().all(is_plain) { text } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

/// What the nearest folder that exists holds.
fn nearby(path: &Path) -> String {
    let folder = existing_folder(path);
    format!("{} holds {}", folder.display(), few(&names_in(&folder), 5))
}

/// The nearest folder above a path that exists.
pub(crate) fn existing_folder(path: &Path) -> PathBuf {
    let mut folders = path.ancestors().skip(1);
    let found = folders.find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
    if found.as_os_str().is_empty() { PathBuf::from(".") } else { found.to_owned() }
}

/// The visible names in a folder, in natural order.
pub(crate) fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter(|name| !name.starts_with('.')).collect();
    names.sort_by(|a, b| natural_order(a, b));
    names
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn check(path: &Path, message: &str) {
        let error = inflated_bytes(path).unwrap_err().to_string();
        assert_eq!(error, format!("{}: {message}", path.display()));
    }

    #[test]
    fn files_that_hold_nothing_to_read() {
        let folder = tempfile::tempdir().unwrap();
        let here = |name: &str| folder.path().join(name);
        fs::write(here("sub-10.txt"), "x").unwrap();
        fs::write(here("sub-2.txt"), "x").unwrap();
        let listing = format!(
            "found no such file, expected one; {} holds sub-2.txt, sub-10.txt: correct the path",
            folder.path().display()
        );
        check(&here("sub-1.txt"), &listing);
        check(&here("no/sub-1.txt"), &listing);
        fs::write(here("empty"), "").unwrap();
        check(&here("empty"), "found 0 bytes, expected data; copy or download the file again");
        fs::write(here("pointer.nii.gz"), "/annex/objects/MD5E-s132--0123.nii.gz\n").unwrap();
        let command = format!("datalad get {}", here("pointer.nii.gz").display());
        let found = "found a git-annex pointer, expected the content it stands for";
        check(&here("pointer.nii.gz"), &format!("{found}; run `{command}`"));
        check(
            folder.path(),
            "found something that cannot be read (it is a folder), expected a readable file; check its permissions and the disk",
        );
    }

    #[test]
    fn gzip_is_inflated_within_bounds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tsv.gz");
        let pack = |bytes: &[u8]| {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        fs::write(&path, pack(b"1\t2\n")).unwrap();
        assert_eq!(inflated_bytes(&path).unwrap(), b"1\t2\n");
        fs::write(&path, pack(&vec![b' '; 50_000_000])).unwrap();
        assert!(inflated_bytes(&path).unwrap_err().to_string().contains("more than 200 times"));
        let whole = pack(b"1\t2\n");
        fs::write(&path, &whole[..whole.len() - 6]).unwrap();
        assert!(inflated_bytes(&path).unwrap_err().to_string().contains("cannot be inflated"));
    }
}
