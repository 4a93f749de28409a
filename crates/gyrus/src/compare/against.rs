//! The table of properties: numbers of language models that scores are held against.

use std::path::Path;

use gyrus_io::table::{read_header, read_text_columns};

use super::studies::Row;
use crate::Error;

/// A property of some of the rows.
pub(super) struct Property {
    pub name: String,
    /// Place of the row and its value.
    pub values: Vec<(usize, f64)>,
}

const KEYS: [&str; 2] = ["study", "language_model"];

/// Every column but `study` and `language_model`.
///
/// # Errors
/// - the table cannot be read or lacks a column,
/// - it names a language model that is not compared, or one twice,
/// - a cell is neither a number nor empty.
pub(super) fn read(path: &Path, rows: &[Row<'_>]) -> Result<Vec<Property>, Error> {
    let wrong =
        |found: String, expected: String| Err(Error::Unusable { path: path.to_owned(), found, expected });
    let header = read_header(path)?;
    let names: Vec<&str> = header.iter().map(String::as_str).filter(|name| !KEYS.contains(name)).collect();
    let columns: Vec<&str> = KEYS.into_iter().chain(names.iter().copied()).collect();
    let cells = read_text_columns(path, &columns)?;
    if names.is_empty() {
        return wrong(
            format!("the columns {} alone", header.join(", ")),
            "a column for each property beside study and language_model, such as parameters or hours; add it"
                .to_owned(),
        );
    }
    let mut properties: Vec<Property> =
        names.iter().map(|name| Property { name: (*name).to_owned(), values: Vec::new() }).collect();
    let mut known: Vec<usize> = Vec::new();
    for row in &cells {
        let (study, model) = (row[0].trim(), row[1].trim());
        let Some(place) = rows.iter().position(|known| is_meant(known, study, model)) else {
            let all: Vec<String> =
                rows.iter().map(|row| format!("{} {}", row.study.label, row.model.name)).collect();
            return wrong(
                format!("`{study}` `{model}`, which is not compared"),
                format!(
                    "study and language_model of one of: {}; correct the row or leave it out",
                    all.join("; ")
                ),
            );
        };
        if known.contains(&place) {
            return wrong(
                format!("`{study}` `{model}` twice"),
                "every language model once; leave one row out".to_owned(),
            );
        }
        known.push(place);
        for (property, cell) in properties.iter_mut().zip(&row[2..]) {
            match cell.trim() {
                "" | "n/a" => {}
                cell => match cell.parse::<f64>() {
                    Ok(value) if value.is_finite() => property.values.push((place, value)),
                    _ => {
                        return wrong(
                            format!("`{cell}` in column `{}` of `{study}` `{model}`", property.name),
                            "a number such as 124000000 or 1.24e8, or n/a; correct the cell".to_owned(),
                        );
                    }
                },
            }
        }
    }
    Ok(properties)
}

fn is_meant(row: &Row<'_>, study: &str, model: &str) -> bool {
    row.model.name == model && (row.study.label == study || row.study.folder.as_path() == Path::new(study))
}
