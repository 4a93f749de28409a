//! How often words occur in a language: lists of a word and its count on each line.

use std::collections::BTreeMap;
use std::path::Path;

use crate::error::{place_number, shown};
use crate::{IoError, Place, text};

/// Reads counts by lower-case word; counts of words that differ by case are added.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - a line is not a word and a whole number.
pub fn counts(path: &Path) -> Result<BTreeMap<String, u64>, IoError> {
    parse_counts(path, &text::read(path)?)
}

/// Reads counts from the text of a list; errors name `path`.
///
/// # Errors
/// - as [`counts`].
pub fn parse_counts(path: &Path, text: &str) -> Result<BTreeMap<String, u64>, IoError> {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let split = line.rsplit_once(char::is_whitespace);
        let parsed = split.and_then(|(word, count)| Some((word.trim(), count.parse::<u64>().ok()?)));
        let (word, count) = parsed.ok_or_else(|| {
            let found = format!("`{}`", shown(line));
            let place = Place::Line(place_number(index + 1));
            IoError::malformed(path, place, found, "a word, a space and a whole number", "correct the line")
        })?;
        let total = counts.entry(word.to_lowercase()).or_default();
        *total = total.saturating_add(count);
    }
    if counts.is_empty() {
        let expected = "a word and its count on each line";
        return Err(IoError::malformed(
            path,
            Place::File,
            "no line",
            expected,
            "check that this is the file you mean",
        ));
    }
    Ok(counts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_counts() {
        let read = parse_counts(Path::new("a.txt"), "you 3\r\nI\t2\ni 1\n\n").unwrap();
        assert_eq!(read, BTreeMap::from([("you".to_owned(), 3), ("i".to_owned(), 3)]));
        let error = parse_counts(Path::new("a.txt"), "you 3\nme -1\n").unwrap_err().to_string();
        assert_eq!(
            error,
            "a.txt: line 2: found `me -1`, expected a word, a space and a whole number; correct the line"
        );
        assert!(parse_counts(Path::new("a.txt"), "\n").is_err());
    }
}
