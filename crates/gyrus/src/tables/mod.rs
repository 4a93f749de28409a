//! Tables of results as tab-separated text: header, fixed order of rows, `n/a` where there is no number.

mod carpet;
mod depth;
mod methods;
mod quality;
mod rows;
mod schema;

pub(crate) use rows::{estimate, number, region, text as words};
pub use schema::{Column, SCHEMA, TableSchema, markdown};
pub(crate) use schema::{column, page};

use crate::results::Results;

/// Every table by its file name.
#[must_use]
pub fn all(results: &Results) -> Vec<(String, String)> {
    SCHEMA
        .iter()
        .filter_map(|table| Some((table.file.to_owned(), text(table, &rows::of(table.file, results)?))))
        .collect()
}

/// The cells of a table as they are written; None for an unknown file.
#[must_use]
pub fn cells(file: &str, results: &Results) -> Option<Vec<Vec<String>>> {
    rows::of(file, results)
}

/// A table as a file has it.
pub(crate) fn text(table: &TableSchema, rows: &[Vec<String>]) -> String {
    let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    tab_separated(&header, rows)
}

/// A header and rows of cells, a line each.
pub(crate) fn tab_separated(header: &[&str], rows: &[Vec<String>]) -> String {
    let lines: String = rows.iter().map(|row| row.join("\t") + "\n").collect();
    header.join("\t") + "\n" + &lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_lists_every_column() {
        let markdown = markdown();
        for table in SCHEMA {
            assert!(markdown.contains(table.file));
            for column in table.columns {
                assert!(markdown.contains(&format!("`{}`", column.name)), "{} {}", table.file, column.name);
            }
        }
    }
}
