//! Words from the align.csv of the gentle aligner: word, aligned word, start, end; no header; blank where unaligned.

use std::path::Path;

use gyrus_core::Word;

use super::order::ordered;
use super::table::{checked, parse_time};
use crate::error::place_number;
use crate::table::number::{self, Cell};
use crate::table::{Delimiter, Records};
use crate::{IoError, Place, Read, Warning, text};

/// Reads words in the order of the transcript; what gentle could not align has no time.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - a row does not have four cells, a word is blank or a time is not a number.
pub fn from_gentle(path: &Path) -> Result<Read<Vec<Word>>, IoError> {
    parse_gentle(path, &text::read(path)?)
}

/// Reads words from the text of an align.csv; errors name `path`.
///
/// # Errors
/// - as [`from_gentle`].
pub fn parse_gentle(path: &Path, text: &str) -> Result<Read<Vec<Word>>, IoError> {
    let mut words = Vec::new();
    for record in Records::new(path, text, Delimiter::Comma) {
        let record = record?;
        let [word, _, start, end] = record.cells.as_slice() else {
            let found = format!("{} columns", record.cells.len());
            let place = Place::Line(place_number(record.line as usize));
            let expected = "word, aligned word, start and end, as gentle writes them";
            return Err(IoError::malformed(
                path,
                place,
                found,
                expected,
                "name the columns in a header line",
            ));
        };
        let time = |column: usize, text: &str| {
            let cell = Cell { path, line: record.line, column, name: None };
            parse_time(text, cell)
        };
        words.push(checked(path, record.line, word, (time(2, start)?, time(3, end)?))?);
    }
    Ok(ordered(words, Vec::new()))
}

/// As [`parse_gentle`], with a warning that this form was recognised.
pub(super) fn parse_headerless(path: &Path, text: &str) -> Result<Read<Vec<Word>>, IoError> {
    let mut read = parse_gentle(path, text)?;
    read.warnings.insert(0, Warning::Gentle);
    Ok(read)
}

/// Whether the first row looks like gentle's: four cells, the last two both times or both blank.
pub(super) fn is_gentle(path: &Path, text: &str) -> bool {
    let first = Records::new(path, text, Delimiter::Comma).next();
    let Some(Ok(record)) = first else { return false };
    let [_, _, start, end] = record.cells.as_slice() else { return false };
    let is_time = |cell: &str| number::number(cell.trim()).is_some();
    (is_time(start) && is_time(end)) || (start.is_empty() && end.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::{WordColumns, parse_table};
    use super::*;

    const TEXT: &str = "I,i,0.5,0.7\r\nbegan,,,\r\nmy,<unk>,1.1,1.3\r\n";

    #[test]
    fn unaligned_words_are_kept_without_a_time() {
        let read = parse_gentle(Path::new("align.csv"), TEXT).unwrap();
        let texts: Vec<&str> = read.value.iter().map(|word| word.text.as_str()).collect();
        assert_eq!(texts, ["I", "began", "my"]);
        assert_eq!(read.value[1].onset, None);
        assert_eq!(read.value[2].offset.unwrap().get(), 1.3);
        assert_eq!(read.warnings, [Warning::Untimed { count: 1, first: "began".to_owned() }]);
    }

    #[test]
    fn it_is_recognised_where_a_header_was_expected() {
        let columns = WordColumns::new("word", "onset", None);
        let read = parse_table(Path::new("align.csv"), TEXT, &columns).unwrap();
        assert_eq!((read.value.len(), &read.warnings[0]), (3, &Warning::Gentle));
        assert!(parse_table(Path::new("a.csv"), "a,b,c,d\n1,2,3,4\n", &columns).is_err());
    }
}
