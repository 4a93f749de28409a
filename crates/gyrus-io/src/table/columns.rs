//! Columns of a text table, chosen by name, as texts.

use std::borrow::Cow;
use std::path::Path;

use super::{Delimiter, Records, header};
use crate::error::few;
use crate::{IoError, Place, text};

/// The rows of some columns of a table, with their line numbers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Columns<'a> {
    /// Index in the file of each column asked for.
    pub(crate) indices: Vec<usize>,
    /// Line, and one cell per column asked for.
    pub(crate) rows: Vec<(u32, Vec<Cow<'a, str>>)>,
}

/// Reads some columns of a table with a header; one row of texts for each row, in the order asked for.
/// Texts are taken as they are: `null`, `NA` and `1` are words.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - it has no column of a name asked for, or a row has another number of cells than the header.
pub fn read_text_columns(path: &Path, names: &[&str]) -> Result<Vec<Vec<String>>, IoError> {
    let text = text::read(path)?;
    let columns = read_columns(path, &text, names)?;
    let owned = |(_, row): (u32, Vec<Cow<'_, str>>)| row.into_iter().map(Cow::into_owned).collect();
    Ok(columns.rows.into_iter().map(owned).collect())
}

/// The names of a table's columns.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text, or two names are the same.
pub fn read_header(path: &Path) -> Result<Vec<String>, IoError> {
    let text = text::read(path)?;
    match Records::new(path, &text, Delimiter::detect(path, &text)).next().transpose()? {
        Some(first) => header::names(path, &first),
        None => Err(no_row(path)),
    }
}

fn no_row(path: &Path) -> IoError {
    let remedy = "check that this is the file you mean";
    IoError::malformed(path, Place::File, "no row", "a header line and rows", remedy)
}

pub(crate) fn read_columns<'a>(
    path: &'a Path,
    text: &'a str,
    names: &[&str],
) -> Result<Columns<'a>, IoError> {
    let mut records = Records::new(path, text, Delimiter::detect(path, text));
    let Some(first) = records.next().transpose()? else {
        return Err(no_row(path));
    };
    let header = header::names(path, &first)?;
    let index = |name: &&str| match header.iter().position(|known| known == name) {
        Some(index) => Ok(index),
        None => Err(IoError::NoSuch {
            path: path.to_owned(),
            kind: "column",
            asked: (*name).to_owned(),
            available: few(&header, 20),
            remedy: "name one of these columns in the study file, or add the header line",
        }),
    };
    let indices: Vec<usize> = names.iter().map(index).collect::<Result<_, _>>()?;
    let mut rows = Vec::new();
    for record in records {
        let record = record?;
        let chosen = indices.iter().map(|index| record.cells[*index].clone()).collect();
        rows.push((record.line, chosen));
    }
    Ok(Columns { indices, rows })
}
