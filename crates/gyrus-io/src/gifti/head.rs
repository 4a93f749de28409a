//! How many volumes of how many vertices a file announces, without reading its values.

use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use super::read_series;
use crate::source;
use crate::{IoError, Place};

/// What a recording on a surface announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// Volumes of the recording.
    pub n_volumes: usize,
    /// Vertices of the surface.
    pub n_vertices: usize,
}

/// The tags of the file and of its first array are looked for in so many bytes.
const START: u64 = 1 << 18;

/// What a recording (`.func.gii`) announces, from its first bytes; it is read whole where they do not say it.
///
/// # Errors
/// - the file is missing, empty or a git-annex pointer; or, where it is read whole, as [`read_series`].
pub fn read_head(path: &Path) -> Result<Head, IoError> {
    let mut start = Vec::new();
    let read = source::open(path)?.file.take(START).read_to_end(&mut start);
    read.map_err(|error| source::unreadable(path, &error))?;
    match std::str::from_utf8(whole_characters(&start)).ok().and_then(announced) {
        Some(head) => Ok(head),
        None => {
            let (n_volumes, n_vertices) = read_series(path)?.values.dim();
            Ok(Head { n_volumes, n_vertices })
        }
    }
}

/// Checks that a file ends as a GIFTI file does; one that is compressed as a whole is read.
///
/// # Errors
/// - the file ends early.
pub fn require_end(path: &Path) -> Result<(), IoError> {
    let end = match source::stream(path)?.is_compressed {
        true => source::inflated_bytes(path)?,
        false => last_bytes(path)?,
    };
    // In UTF-16, every other byte is 0.
    let plain: Vec<u8> = end.into_iter().filter(|byte| *byte != 0).collect();
    if plain.trim_ascii_end().ends_with(b"</GIFTI>") {
        return Ok(());
    }
    let remedy = "copy or download the file again";
    Err(IoError::malformed(
        path,
        Place::File,
        "a file that ends before </GIFTI>",
        "a whole GIFTI file",
        remedy,
    ))
}

fn last_bytes(path: &Path) -> Result<Vec<u8>, IoError> {
    let source::Source { mut file, len } = source::open(path)?;
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(len.saturating_sub(256)));
    let read = read.and_then(|_| file.take(256).read_to_end(&mut bytes));
    read.map_err(|error| source::unreadable(path, &error))?;
    Ok(bytes)
}

/// Without a character that the last bytes cut.
fn whole_characters(bytes: &[u8]) -> &[u8] {
    match std::str::from_utf8(bytes) {
        Err(error) if error.error_len().is_none() => &bytes[..error.valid_up_to()],
        _ => bytes,
    }
}

fn announced(text: &str) -> Option<Head> {
    let arrays: usize = attribute(tag(text, "<GIFTI")?, "NumberOfDataArrays")?.parse().ok()?;
    let array = tag(text, "<DataArray")?;
    let axis = |name| attribute(array, name).and_then(|count| count.trim().parse::<usize>().ok());
    let n_vertices = axis("Dim0").filter(|count| *count > 0)?;
    let columns = if axis("Dimensionality")? > 1 { axis("Dim1")? } else { 1 };
    match (arrays, columns) {
        (0, _) | (_, 0) => None,
        (1, columns) => Some(Head { n_volumes: columns, n_vertices }),
        (arrays, 1) => Some(Head { n_volumes: arrays, n_vertices }),
        _ => None,
    }
}

/// The text of the first tag that starts so.
fn tag<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let at = text.find(start)?;
    let rest = &text[at..];
    Some(&rest[..rest.find('>')?])
}

fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let at = tag.match_indices(name).find_map(|(at, _)| {
        let is_whole = tag[..at].ends_with(|before: char| before.is_ascii_whitespace());
        let rest = tag[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
        is_whole.then_some(rest)
    })?;
    let quote = at.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    at[1..].split_once(quote).map(|(value, _)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_are_volumes_or_the_only_one_holds_them_all() {
        let head = |arrays: usize, axes: &str| {
            let text = format!(
                "<?xml?><GIFTI Version='1.0' NumberOfDataArrays = \"{arrays}\"><MetaData/>\n<DataArray\n Intent=\"x\" {axes}>"
            );
            announced(&text).map(|head| (head.n_volumes, head.n_vertices))
        };
        assert_eq!(head(300, "Dimensionality=\"1\" Dim0=\"10242\""), Some((300, 10242)));
        assert_eq!(head(1, "Dimensionality=\"2\" Dim0=\"10242\" Dim1='300'"), Some((300, 10242)));
        assert_eq!(head(2, "Dimensionality=\"2\" Dim0=\"10242\" Dim1=\"1\""), Some((2, 10242)));
        assert_eq!(head(2, "Dimensionality=\"2\" Dim0=\"10242\" Dim1=\"3\""), None);
        assert_eq!(head(0, "Dimensionality=\"1\" Dim0=\"10242\""), None);
        assert_eq!(head(2, "Dimensionality=\"1\" MyDim0=\"7\""), None);
    }
}
