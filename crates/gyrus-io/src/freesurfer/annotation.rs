//! Annotations (`.annot`): the colour of every vertex, and the table of what colours stand for.

use std::collections::BTreeMap;
use std::path::Path;

use super::bytes::Bytes;
use crate::surface::Parcellation;
use crate::{IoError, source};

/// Reads an annotation. Keys are the numbers of the entries of its colour table; vertices whose colour is 0 or not in
/// the table have key −1.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or cut short,
/// - vertices are not numbered from 0 without gaps, there is no colour table, it has a version other than 1 or 2, or an
///   entry comes twice.
pub fn read_annotation(path: &Path) -> Result<Parcellation, IoError> {
    parse_annotation(path, &source::inflated_bytes(path)?)
}

/// Reads an annotation from its bytes; errors name `path`.
///
/// # Errors
/// - as [`read_annotation`].
pub fn parse_annotation(path: &Path, bytes: &[u8]) -> Result<Parcellation, IoError> {
    let mut bytes = Bytes::new(path, bytes);
    let n_vertices = bytes.count("vertices", 8)?;
    let mut colours = Vec::with_capacity(n_vertices);
    for expected in 0..n_vertices {
        let vertex = bytes.whole()?;
        if usize::try_from(vertex) != Ok(expected) {
            return Err(bytes.before(format!("vertex {vertex}"), format!("vertex {expected}")));
        }
        colours.push(bytes.whole()?);
    }
    if bytes.rest().is_empty() || bytes.whole()? == 0 {
        return Err(bytes.before("no colour table", "the names of parcels"));
    }
    let table = table(&mut bytes)?;
    // Of two entries of one colour the first is meant.
    let mut keys = BTreeMap::new();
    for (key, (_, colour)) in &table {
        keys.entry(*colour).or_insert(*key);
    }
    let key = |colour: i32| if colour == 0 { None } else { keys.get(&colour).copied() };
    Ok(Parcellation {
        parcels: colours.into_iter().map(|colour| key(colour).unwrap_or(-1)).collect(),
        names: table.into_iter().map(|(key, (name, _))| (key, name)).collect(),
    })
}

/// Names and colours by the number of their entry.
fn table(bytes: &mut Bytes<'_>) -> Result<BTreeMap<i32, (String, i32)>, IoError> {
    let announced = bytes.whole()?;
    let is_second = match announced {
        -2 => true,
        1.. => false,
        other => return Err(bytes.before(format!("a colour table of version {other}"), "version 1 or 2")),
    };
    if is_second {
        // The largest number of an entry, which nothing here depends on.
        bytes.whole()?;
    }
    // The file that the table came from.
    bytes.text()?;
    // An entry has at least a length and four numbers.
    let n_entries =
        if is_second { bytes.count("entries of the colour table", 20)? } else { announced as usize };
    let mut entries = BTreeMap::new();
    for position in 0..n_entries {
        let key = if is_second { bytes.whole()? } else { position as i32 };
        if key < 0 || entries.contains_key(&key) {
            return Err(bytes.before(format!("entry {key} of the colour table"), "each entry once, from 0"));
        }
        let name = bytes.text()?;
        let [red, green, blue, _] = [bytes.whole()?, bytes.whole()?, bytes.whole()?, bytes.whole()?];
        let colour = red.wrapping_add(green.wrapping_shl(8)).wrapping_add(blue.wrapping_shl(16));
        entries.insert(key, (name, colour));
    }
    Ok(entries)
}
