//! Words from a table with named columns.

use std::borrow::Cow;
use std::path::Path;

use gyrus_core::{Seconds, Word};

use super::gentle;
use super::order::ordered;
use crate::error::{place_number, shown};
use crate::table::number::{self, Cell, Missing};
use crate::table::{Columns, read_columns};
use crate::{IoError, Place, Read, text};

/// The names of a table's columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WordColumns {
    /// The words.
    pub word: String,
    /// Their onsets in seconds.
    pub onset: String,
    /// Their offsets in seconds, where the table has them.
    pub offset: Option<String>,
    /// Columns and what stands in them where a row is a word of this stimulus; all rows are when empty.
    pub rows: Vec<(String, String)>,
    /// Lines that are left out; the header is line 1.
    pub skip_lines: Vec<u32>,
}

impl WordColumns {
    /// Columns of these names, of all rows.
    #[must_use]
    pub fn new(word: &str, onset: &str, offset: Option<&str>) -> Self {
        let offset = offset.map(str::to_owned);
        Self {
            word: word.to_owned(),
            onset: onset.to_owned(),
            offset,
            rows: Vec::new(),
            skip_lines: Vec::new(),
        }
    }

    /// Whether a line with these cells of `rows` is a word of the stimulus.
    fn choose(&self, line: u32, cells: &[Cow<'_, str>]) -> bool {
        let fits = self.rows.iter().zip(cells).all(|((_, wanted), cell)| cell.trim() == wanted);
        fits && !self.skip_lines.contains(&line)
    }
}

/// Reads words from a tab- or comma-separated table with a header. Words are taken as they are written: `null` and `NA`
/// are words. A time of `n/a` or an empty one is no time. Onsets that go backwards are sorted and offsets before their onset left
/// out, each with a warning that counts them.
///
/// A table without a header in the form of gentle's align.csv is read as [`from_gentle`](super::from_gentle) does.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - a column is missing, a row is ragged, a word is blank or a time is not a number.
pub fn from_table(path: &Path, columns: &WordColumns) -> Result<Read<Vec<Word>>, IoError> {
    parse_table(path, &text::read(path)?, columns)
}

/// Reads words from the text of a table; errors name `path`.
///
/// # Errors
/// - as [`from_table`].
pub fn parse_table(path: &Path, text: &str, columns: &WordColumns) -> Result<Read<Vec<Word>>, IoError> {
    let mut names = vec![columns.word.as_str(), columns.onset.as_str()];
    names.extend(columns.offset.as_deref());
    let n_read = names.len();
    names.extend(columns.rows.iter().map(|(column, _)| column.as_str()));
    let Columns { indices, rows } = match read_columns(path, text, &names) {
        Err(IoError::NoSuch { .. } | IoError::Malformed { .. }) if gentle::is_gentle(path, text) => {
            return gentle::parse_headerless(path, text);
        }
        read => read?,
    };
    let mut words = Vec::with_capacity(rows.len());
    for (line, cells) in rows.into_iter().filter(|(line, cells)| columns.choose(*line, &cells[n_read..])) {
        let time = |column: usize| -> Result<Option<Seconds>, IoError> {
            let Some(text) = cells[..n_read].get(column) else { return Ok(None) };
            let cell = Cell { path, line, column: indices[column], name: Some(names[column]) };
            parse_time(text, cell)
        };
        let (onset, offset) = (time(1)?, time(2)?);
        words.push(checked(path, line, &cells[0], (onset, offset))?);
    }
    if words.is_empty() && !columns.rows.is_empty() {
        let wanted: Vec<String> =
            columns.rows.iter().map(|(column, value)| format!("{column} = {value}")).collect();
        let found = format!("no row with {}", wanted.join(" and "));
        let remedy = "correct stimulus.rows, or the table";
        return Err(IoError::malformed(path, Place::File, found, "words of this stimulus", remedy));
    }
    Ok(ordered(words, Vec::new()))
}

/// A finite time, or none for `n/a` and for an empty cell.
pub(super) fn parse_time(text: &str, cell: Cell<'_>) -> Result<Option<Seconds>, IoError> {
    if matches!(text.trim(), "" | number::NOT_AVAILABLE) {
        return Ok(None);
    }
    let seconds = number::parse(text, Missing::Allowed, cell)?;
    Seconds::new(seconds).map(Some).map_err(|_| IoError::NotANumber {
        path: cell.path.to_owned(),
        line: cell.line,
        column: cell.name.map_or_else(|| (cell.column + 1).to_string(), shown),
        found: shown(text),
        expected: "a finite number of seconds or n/a",
    })
}

/// A word whose text is not blank.
pub(super) fn checked(
    path: &Path,
    line: u32,
    text: &str,
    (onset, offset): (Option<Seconds>, Option<Seconds>),
) -> Result<Word, IoError> {
    let place = Place::Line(place_number(line as usize));
    let text = text.trim();
    if text.is_empty() {
        return Err(IoError::malformed(
            path,
            place,
            "an empty word",
            "a word",
            "fill the cell or remove the row",
        ));
    }
    Ok(Word { text: text.to_owned(), onset, offset })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns() -> WordColumns {
        WordColumns::new("word", "start", Some("end"))
    }

    type Plain = (String, Option<f64>, Option<f64>);

    fn parse(name: &str, text: &str) -> Result<Vec<Plain>, IoError> {
        let read = parse_table(Path::new(name), text, &columns())?;
        let plain = |word: Word| (word.text, word.onset.map(Seconds::get), word.offset.map(Seconds::get));
        Ok(read.value.into_iter().map(plain).collect())
    }

    #[test]
    fn one_table_holds_the_words_of_several_recordings() {
        let text = "word,start,end,section\na,0.1,0.2,1\nb,0.3,0.4,1\nb,0.3,0.4,1\nc,0.1,0.2,2\n";
        let of = |section: &str| WordColumns {
            rows: vec![("section".to_owned(), section.to_owned())],
            skip_lines: vec![4],
            ..columns()
        };
        let words = |section: &str| -> Vec<String> {
            let read = parse_table(Path::new("w.csv"), text, &of(section)).unwrap();
            read.value.into_iter().map(|word| word.text).collect()
        };
        assert_eq!((words("1"), words("2")), (vec!["a".to_owned(), "b".to_owned()], vec!["c".to_owned()]));
        let error = parse_table(Path::new("w.csv"), text, &of("3")).unwrap_err().to_string();
        assert_eq!(
            error,
            "w.csv: found no row with section = 3, expected words of this stimulus; correct stimulus.rows, or the table"
        );
        let other = WordColumns { rows: vec![("part".to_owned(), "1".to_owned())], ..columns() };
        assert!(
            parse_table(Path::new("w.csv"), text, &other)
                .unwrap_err()
                .to_string()
                .contains("no column `part`")
        );
    }

    #[test]
    fn words_are_never_taken_for_something_else() {
        let text = "\tword\tstart\tend\n0\tnull\t0\t1\r\n1\tNA\t1\t\n2\tnan\tn/a\tn/a\n3\t\"\t2\t3";
        let word = |text: &str, onset, offset| (text.to_owned(), onset, offset);
        let expected = [
            word("null", Some(0.0), Some(1.0)),
            word("NA", Some(1.0), None),
            word("nan", None, None),
            word("\"", Some(2.0), Some(3.0)),
        ];
        assert_eq!(parse("a.tsv", text).unwrap(), expected);
        assert_eq!(
            parse("a.csv", "start,word,end\n0,\"a, b\",1\n").unwrap(),
            [word("a, b", Some(0.0), Some(1.0))]
        );
    }

    fn check(text: &str, message: &str) {
        let error = parse("a.tsv", text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("a.tsv: {message}")), "{error}");
    }

    #[test]
    fn errors_name_line_and_column() {
        check(
            "word\tonset\nx\t1\n",
            "found no column `start`, expected one of: word, onset; name one of these columns",
        );
        check(
            "word\tstart\tend\nx\t1\t2\ny\tz\t2\n",
            "line 3, column 2 (`start`): found `z`, expected a number or n/a",
        );
        check(
            "word\tstart\tend\nx\tNaN\t2\n",
            "line 2, column start: found `NaN`, expected a finite number of seconds",
        );
        check("word\tstart\tend\n \t1\t2\n", "line 2: found an empty word, expected a word; fill the cell");
    }
}
