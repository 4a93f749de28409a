//! The text of a table as rows of cells.

use std::borrow::Cow;
use std::path::Path;

use crate::error::place_number;
use crate::{IoError, Place};

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delimiter {
    /// Any number of spaces and tabs; lines that start with `#` are comments.
    Whitespace,
    /// One tab; quotes mean nothing, as BIDS wants it.
    Tab,
    /// A comma; cells may be quoted (RFC 4180).
    Comma,
    /// A semicolon; cells may be quoted.
    Semicolon,
}

impl Delimiter {
    /// What a file of this name and text uses.
    pub(crate) fn detect(path: &Path, text: &str) -> Self {
        let name =
            path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
        let name = name.strip_suffix(".gz").unwrap_or(&name);
        let first =
            text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#')).unwrap_or_default();
        if name.ends_with(".tsv") {
            Self::Tab
        } else if first.contains(',') {
            Self::Comma
        } else if first.contains(';') {
            Self::Semicolon
        } else if name.ends_with(".csv") {
            if first.contains('\t') { Self::Tab } else { Self::Comma }
        } else {
            Self::Whitespace
        }
    }

    fn character(self) -> Option<char> {
        match self {
            Self::Whitespace => None,
            Self::Tab => Some('\t'),
            Self::Comma => Some(','),
            Self::Semicolon => Some(';'),
        }
    }
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Record<'a> {
    /// Line on which it starts, from 1.
    pub(crate) line: u32,
    pub(crate) cells: Vec<Cow<'a, str>>,
}

/// The rows of a text. Every row has as many cells as the first; blank lines may only lead or trail.
pub(crate) struct Records<'a> {
    path: &'a Path,
    rest: &'a str,
    delimiter: Delimiter,
    line: usize,
    first: Option<(u32, usize)>,
}

impl<'a> Records<'a> {
    pub(crate) fn new(path: &'a Path, text: &'a str, delimiter: Delimiter) -> Self {
        Self { path, rest: text, delimiter, line: 1, first: None }
    }

    /// Leaves out blank lines and comments; blank lines between rows are an error.
    fn skip_to_row(&mut self) -> Result<bool, IoError> {
        let mut blank = None;
        loop {
            let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
            let line = &self.rest[..end];
            let is_comment = self.delimiter == Delimiter::Whitespace && line.starts_with('#');
            let is_blank =
                line.bytes().all(|byte| byte == b' ' || byte == b'\t') && !self.is_row_of_tabs(line);
            if !is_comment && !is_blank {
                break;
            }
            if self.rest.is_empty() {
                return Ok(false);
            }
            if is_blank && blank.is_none() {
                blank = Some(self.line);
            }
            self.rest = &self.rest[end..];
            self.end_line();
        }
        match (blank, self.first) {
            (Some(line), Some((_, columns))) => {
                let expected = format!("a row of {columns} columns");
                let place = Place::Line(place_number(line));
                Err(IoError::malformed(
                    self.path,
                    place,
                    "an empty line",
                    expected,
                    "remove the line or fill it",
                ))
            }
            _ => Ok(true),
        }
    }

    /// Tabs alone are a row of empty cells where the first row had as many.
    fn is_row_of_tabs(&self, line: &str) -> bool {
        let columns = self.first.map_or(1, |(_, columns)| columns);
        self.delimiter == Delimiter::Tab && columns > 1 && line.split('\t').count() == columns
    }

    fn end_line(&mut self) {
        let ending = if self.rest.starts_with("\r\n") { 2 } else { 1.min(self.rest.len()) };
        self.rest = &self.rest[ending..];
        self.line += 1;
    }

    fn row(&mut self) -> Result<Record<'a>, IoError> {
        let line = place_number(self.line);
        let cells = match self.delimiter.character() {
            Some(delimiter @ (',' | ';')) => self.quoted_cells(delimiter)?,
            character => {
                let end = self.rest.find(['\n', '\r']).unwrap_or(self.rest.len());
                let row = &self.rest[..end];
                self.rest = &self.rest[end..];
                match character {
                    Some(delimiter) => row.split(delimiter).map(Cow::Borrowed).collect(),
                    None => row.split_ascii_whitespace().map(Cow::Borrowed).collect(),
                }
            }
        };
        self.end_line();
        let (first, expected) = *self.first.get_or_insert((line, cells.len()));
        if cells.len() != expected {
            return Err(IoError::Ragged {
                path: self.path.to_owned(),
                line,
                found: cells.len(),
                expected,
                first,
            });
        }
        Ok(Record { line, cells })
    }

    fn quoted_cells(&mut self, delimiter: char) -> Result<Vec<Cow<'a, str>>, IoError> {
        let mut cells = Vec::new();
        loop {
            cells.push(self.quoted_cell(delimiter)?);
            match self.rest.strip_prefix(delimiter) {
                Some(rest) => self.rest = rest,
                None => return Ok(cells),
            }
        }
    }

    fn quoted_cell(&mut self, delimiter: char) -> Result<Cow<'a, str>, IoError> {
        let ends_cell = [delimiter, '\n', '\r'];
        let Some(mut inside) = self.rest.strip_prefix('"') else {
            let end = self.rest.find(ends_cell).unwrap_or(self.rest.len());
            let (cell, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Ok(Cow::Borrowed(cell));
        };
        let mut cell = String::new();
        loop {
            let Some(quote) = inside.find('"') else {
                let place = Place::Line(place_number(self.line));
                let expected = "its closing quote";
                let remedy = "close the quote, or double it where it is part of the text";
                return Err(IoError::malformed(
                    self.path,
                    place,
                    "a cell that opens with a quote",
                    expected,
                    remedy,
                ));
            };
            cell.push_str(&inside[..quote]);
            inside = &inside[quote + 1..];
            match inside.strip_prefix('"') {
                Some(rest) => inside = rest,
                None => break,
            }
            cell.push('"');
        }
        let end = inside.find(ends_cell).unwrap_or(inside.len());
        cell.push_str(&inside[..end]);
        self.line += cell.matches('\n').count();
        self.rest = &inside[end..];
        Ok(Cow::Owned(cell))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, IoError>;

    fn next(&mut self) -> Option<Self::Item> {
        let read = match self.skip_to_row() {
            Ok(false) => return None,
            Ok(true) => self.row(),
            Err(error) => Err(error),
        };
        if read.is_err() {
            self.rest = "";
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str, delimiter: Delimiter) -> Result<Vec<Vec<String>>, IoError> {
        let records = Records::new(Path::new("t"), text, delimiter);
        records.map(|record| Ok(record?.cells.into_iter().map(Cow::into_owned).collect())).collect()
    }

    fn check(text: &str, delimiter: Delimiter, expected: &[&[&str]]) {
        assert_eq!(cells(text, delimiter).unwrap(), expected);
    }

    #[test]
    fn every_delimiter_and_line_ending() {
        check("a\t\"b\r\nc\td\n", Delimiter::Tab, &[&["a", "\"b"], &["c", "d"]]);
        check("\n # \n".trim_start(), Delimiter::Whitespace, &[]);
        check("# x\n  1  2\r3\t4", Delimiter::Whitespace, &[&["1", "2"], &["3", "4"]]);
        check("\"a,\"\"b\"\"\n\",c\r\n,\r\n\n", Delimiter::Comma, &[&["a,\"b\"\n", "c"], &["", ""]]);
        check("1,5;2", Delimiter::Semicolon, &[&["1,5", "2"]]);
        check("a\tb\n\t\n", Delimiter::Tab, &[&["a", "b"], &["", ""]]);
    }

    #[test]
    fn rows_of_another_length_are_an_error_with_both_counts() {
        let error = cells("1 2 3\n4 5 6\n7 8\n", Delimiter::Whitespace).unwrap_err().to_string();
        assert_eq!(
            error,
            "t: line 3: found 2 columns, expected 3 as in line 1; add the missing cells or remove the surplus ones"
        );
        let error = cells("1 2\n\n3 4\n", Delimiter::Whitespace).unwrap_err().to_string();
        assert!(error.starts_with("t: line 2: found an empty line, expected a row of 2 columns"), "{error}");
        let error = cells("a,b\nc,\"d\n", Delimiter::Comma).unwrap_err().to_string();
        assert!(error.starts_with("t: line 2: found a cell that opens with a quote"), "{error}");
    }

    proptest! {
        #[test]
        fn quoted_rows_are_read_as_the_csv_package_writes_them(
            rows in proptest::collection::vec(proptest::collection::vec("[a,;\"\n\r \té]{0,5}", 3), 1..6)
        ) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            rows.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            prop_assert_eq!(cells(&text, Delimiter::Comma).unwrap(), rows);
        }
    }
}
