//! Atlases: images whose voxels hold the number of a parcel, and tables of the parcels' names.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Grid, read_volume};
use crate::table::{Delimiter, Records};
use crate::{IoError, Place, Warning, text};

/// Parcels of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Atlas {
    /// The grid.
    pub grid: Grid,
    /// Number of the parcel that each voxel lies in, 0 for none; the first axis fastest.
    pub labels: Vec<u32>,
    /// What is odd about the header.
    pub warnings: Vec<Warning>,
}

/// Reads an atlas: one volume of whole numbers, 0 outside of every parcel.
///
/// # Errors
/// - as [`read_volume`],
/// - a voxel holds something else than a whole number from 0 to 2³² − 1, or all hold 0.
pub fn read_atlas(path: &Path) -> Result<Atlas, IoError> {
    let (header, values) = read_volume(path)?;
    let label = |value: &f64| {
        let is_label = value.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(value);
        is_label.then_some(*value as u32).ok_or_else(|| {
            let remedy = "name an atlas of whole numbers (no probabilities, no interpolated labels)";
            IoError::malformed(
                path,
                Place::File,
                format!("the value {value}"),
                "the number of a parcel",
                remedy,
            )
        })
    };
    let labels: Vec<u32> = values.iter().map(label).collect::<Result<_, _>>()?;
    if labels.iter().all(|label| *label == 0) {
        let remedy = "name an atlas with parcels";
        return Err(IoError::malformed(path, Place::File, "zeros only", "numbers of parcels", remedy));
    }
    Ok(Atlas { warnings: header.warnings(), grid: header.grid, labels })
}

/// Names of parcels by their number: a table with the columns `index` and `name` (BIDS), or rows of a number and a name
/// without a header (FSL, FreeSurfer's colour tables).
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - a row does not start with a whole number, or a number comes twice with different names.
pub fn read_labels(path: &Path) -> Result<BTreeMap<u32, String>, IoError> {
    parse_labels(path, &text::read(path)?)
}

/// Reads names of parcels from the text of their table; errors name `path`.
///
/// # Errors
/// - as [`read_labels`].
pub fn parse_labels(path: &Path, text: &str) -> Result<BTreeMap<u32, String>, IoError> {
    let (mut index, mut name) = (0, 1);
    let mut labels = BTreeMap::new();
    for (row, record) in Records::new(path, text, Delimiter::detect(path, text)).enumerate() {
        let record = record?;
        let column = |known: &str| record.cells.iter().position(|cell| cell.trim() == known);
        if let (0, Some(numbers), Some(names)) = (row, column("index"), column("name").or(column("label"))) {
            (index, name) = (numbers, names);
            continue;
        }
        let wrong = |found: String, expected: &str| {
            let remedy = "give the table the columns `index` and `name`";
            IoError::malformed(path, Place::Line(record.line), found, expected, remedy)
        };
        let cells = record.cells.get(index).zip(record.cells.get(name));
        let (number, text) = cells.ok_or_else(|| wrong("one column".to_owned(), "a number and a name"))?;
        let number: u32 = number.trim().parse().map_err(|_| {
            wrong(format!("`{}`", crate::error::shown(number)), "the whole number of a parcel")
        })?;
        if labels.insert(number, text.trim().to_owned()).is_some_and(|before| before != text.trim()) {
            return Err(wrong(format!("parcel {number} a second time"), "one name for each parcel"));
        }
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Vec<(u32, String)>, String> {
        let labels = parse_labels(Path::new("l.tsv"), text).map_err(|error| error.to_string())?;
        Ok(labels.into_iter().collect())
    }

    #[test]
    fn names_with_and_without_a_header() {
        let expected = vec![(1, "A1".to_owned()), (300, "left STS".to_owned())];
        assert_eq!(parse("index\tname\tcolor\n300\tleft STS\t#fff\n1\tA1\tn/a\n").unwrap(), expected);
        assert_eq!(parse("1\tA1\n300\tleft STS\n").unwrap(), expected);
    }

    #[test]
    fn what_is_no_table_of_labels_is_refused() {
        let check = |text: &str, message: &str| assert!(parse(text).unwrap_err().contains(message), "{text}");
        check("index\tname\nx\tA\n", "l.tsv: line 2: found `x`, expected the whole number of a parcel");
        check("1\tA\n1\tB\n", "line 2: found parcel 1 a second time, expected one name for each parcel");
    }
}
