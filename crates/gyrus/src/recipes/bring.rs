//! Content of annexed files over HTTP: taken up where it stopped, hashed, and put where git-annex would put it.

use std::path::Path;

use gyrus_io::annex::Content;
use gyrus_models::transfer::{Checksum, Failure, Wanted};
use gyrus_models::{Client, escaped};

use super::{Missing, other};
use crate::{Error, Progress};

const ANOTHER: &str = "a server that holds another version of the data set never gives it, use datalad get";

/// Brings the files of `missing`, which lie below `folder`, from the same paths below `address`; returns how many came.
///
/// Bytes are written beside the place that the link of git-annex names, and get their name when they are as many, and have the hash,
/// that the key states. What was cut off goes on where it stopped, also in a later call.
///
/// # Errors
/// - a key has no hash that is known here; nothing is brought then,
/// - the server does not answer, has no such file, or gives other bytes than the key states,
/// - the disk does not take them, or the user asked to stop.
pub fn bring(
    missing: &Missing,
    (folder, address): (&Path, &str),
    progress: &dyn Progress,
) -> Result<usize, Error> {
    let mut files = Vec::new();
    for (file, content) in &missing.files {
        files.push((file, content, checksum(&folder.join(file), content)?));
    }
    let client = Client::of(address);
    let total = missing.bytes().max(1) as f64;
    let mut done = 0.0;
    for (file, content, checksum) in files {
        let url = format!("{}/{}", address.trim_end_matches('/'), address_of(file));
        let (path, wanted) =
            (folder.join(file), Wanted { bytes: content.bytes, checksum: &checksum, place: &content.place });
        let ask = |from: u64| {
            let refused = |status: u16| {
                let expected = format!("the file at {url}; check the address, or use datalad get");
                other(&path, format!("HTTP {status}"), &expected)
            };
            client.get(&url, from).map_err(refused)
        };
        let tell = |bytes: u64| {
            progress.advance((done + bytes as f64) / total);
            if progress.is_interrupted() { Err(Error::Interrupted) } else { Ok(()) }
        };
        wanted.fetch(&ask, &tell).map_err(|failure| failed(failure, &wanted, (&path, &url)))?;
        done += content.bytes.unwrap_or(0) as f64;
    }
    Ok(missing.files.len())
}

/// The hash by which bytes are known to be those of a key.
fn checksum(path: &Path, content: &Content) -> Result<Checksum, Error> {
    let stated = content.checksum.as_ref();
    let known = stated.and_then(|stated| Checksum::named(&stated.name, &stated.digits));
    known.ok_or_else(|| {
        let found = format!("the key {}, by which its bytes cannot be checked", content.key);
        let expected = "one with an MD5, SHA-1 or SHA-2 hash; bring it with datalad get or git annex get";
        other(path, found, expected)
    })
}

fn failed(failure: Failure<Error>, wanted: &Wanted, (path, url): (&Path, &str)) -> Error {
    let partial = wanted.partial();
    match failure {
        Failure::Ended(error) => error,
        Failure::Disk(error) => {
            other(&partial, error.to_string(), "a file that can be written; make room or rights there")
        }
        Failure::InTheWay => other(
            &partial,
            "something that is no file".to_owned(),
            "none, or the part of a file that an earlier call left; remove it",
        ),
        Failure::Cut(bytes, reason) => {
            let of = wanted.bytes.map_or_else(|| "all".to_owned(), |of| of.to_string());
            let expected = format!("{of} bytes of {url}; run it again: it goes on where it stopped");
            other(path, format!("{bytes} bytes ({reason})"), &expected)
        }
        Failure::OtherSize(bytes) => {
            let of = wanted.bytes.unwrap_or_default();
            let expected = format!("{of} bytes, as the key of git-annex states; {ANOTHER}");
            other(path, format!("a file of {bytes} bytes at {url}"), &expected)
        }
        Failure::Damaged(found) => {
            let digits = wanted.checksum.digits();
            let expected = format!(
                "{digits}, as the key of git-annex states; the damaged file was removed: run it again; {ANOTHER}"
            );
            other(path, format!("bytes with {found} at {url}"), &expected)
        }
    }
}

/// A path as part of an address.
fn address_of(path: &Path) -> String {
    let parts = path.iter().map(|part| escaped(&part.to_string_lossy()));
    parts.collect::<Vec<_>>().join("/")
}
