//! The names of a table's columns.

use std::path::Path;

use super::number::{self, NOT_AVAILABLE};
use super::records::Record;
use crate::error::{place_number, shown};
use crate::{IoError, Place};

/// Whether the first row of a table holds names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Header {
    /// It does if no cell of it is a number, or if it numbers the columns after a nameless first one.
    Detect,
    /// It does.
    Present,
    /// It does not.
    Absent,
}

/// Whether a row is a header.
pub(crate) fn is_header(record: &Record<'_>, header: Header) -> bool {
    let is_number = |cell: &str| number::number(cell.trim()).is_some() || cell.trim() == NOT_AVAILABLE;
    match header {
        Header::Present => true,
        Header::Absent => false,
        Header::Detect => {
            let cells = &record.cells;
            let numbers_columns = cells.len() > 1
                && cells[0].is_empty()
                && cells[1..].iter().enumerate().all(|(index, cell)| *cell == index.to_string());
            numbers_columns || !cells.iter().any(|cell| is_number(cell))
        }
    }
}

/// The names in a header; only the first may be blank, and no two may be equal.
pub(crate) fn names(path: &Path, record: &Record<'_>) -> Result<Vec<String>, IoError> {
    let names: Vec<String> = record.cells.iter().map(|cell| cell.trim().to_owned()).collect();
    let mut seen = std::collections::BTreeSet::new();
    for (column, name) in names.iter().enumerate() {
        let place = Place::Cell(record.line, place_number(column + 1));
        let wrong = |found: String| {
            let expected = "a name for each column, no two alike";
            Err(IoError::malformed(path, place, found, expected, "correct the header line"))
        };
        if name.is_empty() && column > 0 {
            return wrong("a column without a name".to_owned());
        }
        if !seen.insert(name) {
            return wrong(format!("the name `{}` a second time", shown(name)));
        }
    }
    Ok(names)
}
