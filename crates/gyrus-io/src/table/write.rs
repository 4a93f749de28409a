//! Tables as tab-separated text, the same bytes for the same values.

use std::fmt::Write as _;
use std::path::Path;

use crate::{IoError, Place, atomic};

/// A cell to write.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A text without tabs and line breaks.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number; written with the fewest digits that read back as the same number. Not-a-number is written `n/a`.
    Number(f64),
    /// Nothing: `n/a`.
    Missing,
}

/// Writes a table with a header, a tab between cells, `\n` after every line and `n/a` for what is missing.
///
/// # Errors
/// - the file cannot be written,
/// - a row has another number of cells than the header, or a text holds a tab or line break.
pub fn write_tsv(path: &Path, names: &[&str], rows: &[Vec<Cell>]) -> Result<(), IoError> {
    let mut text = names.join("\t");
    text.push('\n');
    for (index, row) in rows.iter().enumerate() {
        let line = crate::error::place_number(index + 2);
        if row.len() != names.len() {
            let (found, expected) = (row.len(), names.len());
            return Err(IoError::Ragged { path: path.to_owned(), line, found, expected, first: 1 });
        }
        for (column, cell) in row.iter().enumerate() {
            if column > 0 {
                text.push('\t');
            }
            push(&mut text, cell).map_err(|found| {
                let expected = "a text without tabs and line breaks";
                IoError::malformed(path, Place::Line(line), found, expected, "rename what the table is about")
            })?;
        }
        text.push('\n');
    }
    atomic::write(path, text.as_bytes())
}

fn push(text: &mut String, cell: &Cell) -> Result<(), String> {
    match cell {
        Cell::Text(found) if found.contains(['\t', '\n', '\r']) => return Err(crate::error::shown(found)),
        Cell::Text(found) => text.push_str(found),
        Cell::Integer(number) => write!(text, "{number}").unwrap_or_default(),
        Cell::Number(number) if number.is_nan() => text.push_str("n/a"),
        Cell::Number(number) => push_number(text, *number),
        Cell::Missing => text.push_str("n/a"),
    }
    Ok(())
}

/// Decimal between 1e-5 and 1e15, with an exponent elsewhere.
fn push_number(text: &mut String, number: f64) {
    let is_decimal = number == 0.0 || (1e-5..1e15).contains(&number.abs());
    let written = if is_decimal { write!(text, "{number}") } else { write!(text, "{number:e}") };
    written.unwrap_or_default();
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::table::{MatrixOptions, read_matrix};

    #[test]
    fn cells_are_written_in_one_way() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.tsv");
        let row = vec![Cell::Text("x y".to_owned()), Cell::Integer(-3), Cell::Number(0.1), Cell::Missing];
        write_tsv(&path, &["a", "b", "c", "d"], &[row]).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "a\tb\tc\td\nx y\t-3\t0.1\tn/a\n");
        assert!(write_tsv(&path, &["a"], &[vec![Cell::Text("x\ty".to_owned())]]).is_err());
        assert!(write_tsv(&path, &["a"], &[vec![]]).is_err());
    }

    proptest! {
        #[test]
        fn numbers_come_back_bit_for_bit(number in any::<f64>()) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.tsv");
            write_tsv(&path, &["a"], &[vec![Cell::Number(number)]]).unwrap();
            let read = read_matrix(&path, &MatrixOptions::responses()).unwrap().values[(0, 0)];
            prop_assert!(read.to_bits() == number.to_bits() || (read.is_nan() && number.is_nan()));
        }
    }
}
