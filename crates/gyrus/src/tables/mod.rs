//! Tables of results as tab-separated text: header, fixed order of rows, `n/a` where there is no number.

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

fn text(table: &TableSchema, rows: &[Vec<String>]) -> String {
    let header: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let mut text = header.join("\t");
    text.push('\n');
    for row in rows {
        text.push_str(&row.join("\t"));
        text.push('\n');
    }
    text
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
