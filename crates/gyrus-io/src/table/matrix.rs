//! Tables of numbers only: samples in rows, one target or confound in each column.

use std::path::Path;

use ndarray::{Array2, Ix1, Ix2};

use super::number::{self, Cell, Missing};
use super::{Delimiter, Header, Records, header};
use crate::{IoError, Place, npy, npz, text};

/// A table of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Matrix {
    /// Names of the columns, where the file has them.
    pub names: Option<Vec<String>>,
    /// Shape (n_samples, n_columns).
    pub values: Array2<f64>,
}

/// How to read a table of numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixOptions {
    /// Whether the first row holds names.
    pub header: Header,
    /// Whether `n/a` may stand for a number.
    pub missing: Missing,
    /// What stands between cells; None goes by the file's name and first line.
    pub delimiter: Option<Delimiter>,
    /// Which array of an npz file to read; None wants it to hold a single one.
    pub array: Option<String>,
}

impl MatrixOptions {
    /// Responses: a target without a measurement (`n/a`) is not-a-number, to be excluded with its reason.
    #[must_use]
    pub fn responses() -> Self {
        Self { header: Header::Detect, missing: Missing::Allowed, delimiter: None, array: None }
    }

    /// Numbers in every cell.
    #[must_use]
    pub fn numbers() -> Self {
        Self { missing: Missing::Refused, ..Self::responses() }
    }
}

/// Reads a table of numbers: `.npy`, `.npz`, HDF5 (`.h5`, `.hdf5`, `.hf5`, `.hdf`, and MATLAB's `.mat` of version 7.3; in single
/// precision), or text (also `.gz`). A single column is a table of one column.
///
/// A nameless first column that counts the rows (0, 1, … or 1, 2, …) is an index and is left out.
///
/// # Errors
/// - the file is missing, empty, cut short, a git-annex pointer or not of its format,
/// - a row has another number of cells than the first, or a cell is not a number,
/// - two columns have one name, or an array has more than two axes.
pub fn read_matrix(path: &Path, options: &MatrixOptions) -> Result<Matrix, IoError> {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    let array = match extension.as_deref() {
        Some("npy") => npy::read::<f64>(path)?,
        Some("npz") => npz::read::<f64>(path, options.array.as_deref())?,
        Some("h5" | "hdf5" | "hf5" | "hdf" | "mat") => {
            crate::arrays::open(path)?.one(options.array.as_deref())?.mapv(f64::from)
        }
        _ => return parse_matrix(path, &text::read(path)?, options),
    };
    let shape = array.shape().to_vec();
    let values = match shape.len() {
        1 => array.into_dimensionality::<Ix1>().map(|column| column.insert_axis(ndarray::Axis(1))),
        _ => array.into_dimensionality::<Ix2>(),
    };
    let values = values.map_err(|_| {
        let found = format!("an array of shape {shape:?}");
        IoError::malformed(
            path,
            Place::File,
            found,
            "one of shape (samples, targets)",
            "save it with two axes",
        )
    })?;
    Ok(Matrix { names: None, values })
}

/// Reads a table of numbers from its text; errors name `path`.
///
/// # Errors
/// - as [`read_matrix`].
pub fn parse_matrix(path: &Path, text: &str, options: &MatrixOptions) -> Result<Matrix, IoError> {
    let delimiter = options.delimiter.unwrap_or_else(|| Delimiter::detect(path, text));
    let mut names = None;
    let mut values: Vec<f64> = Vec::new();
    let mut columns = 0;
    for (index, record) in Records::new(path, text, delimiter).enumerate() {
        let record = record?;
        columns = record.cells.len();
        if index == 0 && header::is_header(&record, options.header) {
            names = Some(header::names(path, &record)?);
            continue;
        }
        for (column, text) in record.cells.iter().enumerate() {
            let name = names.as_ref().map(|names| names[column].as_str());
            let cell = Cell { path, line: record.line, column, name };
            values.push(number::parse(text, options.missing, cell)?);
        }
    }
    let rows = values.len().checked_div(columns).unwrap_or(0);
    if rows == 0 {
        let expected = "at least one row of numbers";
        return Err(IoError::malformed(
            path,
            Place::File,
            "no row",
            expected,
            "check that this is the file you mean",
        ));
    }
    let shaped = Array2::from_shape_vec((rows, columns), values);
    let values = shaped.map_err(|error| {
        IoError::malformed(path, Place::File, error.to_string(), "a rectangular table", "check its rows")
    })?;
    without_index(path, Matrix { names, values })
}

fn without_index(path: &Path, matrix: Matrix) -> Result<Matrix, IoError> {
    let Some(names) = &matrix.names else { return Ok(matrix) };
    if !names[0].is_empty() {
        return Ok(matrix);
    }
    let first = matrix.values.column(0);
    let counts_from = |start: f64| first.iter().enumerate().all(|(row, value)| *value == start + row as f64);
    if names.len() == 1 || !(counts_from(0.0) || counts_from(1.0)) {
        let expected = "a name, or row numbers that count from 0 or 1";
        return Err(IoError::malformed(
            path,
            Place::Cell(1, 1),
            "a column without a name",
            expected,
            "name the column",
        ));
    }
    let values = matrix.values.slice(ndarray::s![.., 1..]).to_owned();
    Ok(Matrix { names: Some(names[1..].to_vec()), values })
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn parse(name: &str, text: &str) -> Result<Matrix, IoError> {
        parse_matrix(Path::new(name), text, &MatrixOptions::numbers())
    }

    fn check(name: &str, text: &str, names: Option<&[&str]>, values: Array2<f64>) {
        let matrix = parse(name, text).unwrap();
        let names = names.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        assert_eq!(matrix, Matrix { names, values });
    }

    #[test]
    fn every_kind_of_text_table() {
        check("a.txt", "  1e0  -2\n\t3.5 4\n", None, array![[1.0, -2.0], [3.5, 4.0]]);
        check("a.tsv", "x\ty\r\n1\t2", Some(&["x", "y"]), array![[1.0, 2.0]]);
        check("a.csv", "\"x\",y\n1,2\n3,4\n", Some(&["x", "y"]), array![[1.0, 2.0], [3.0, 4.0]]);
        check("a.csv", "1\n2\n", None, array![[1.0], [2.0]]);
        check("a.csv", "x;y\n1;2\n", Some(&["x", "y"]), array![[1.0, 2.0]]);
        check("a.csv", ",0,1\n0,5,6\n1,7,8\n", Some(&["0", "1"]), array![[5.0, 6.0], [7.0, 8.0]]);
        check("a.1D", "# made by a program\n1 2\n", None, array![[1.0, 2.0]]);
    }

    #[test]
    fn missing_values_are_numbers_only_where_allowed() {
        let allowed =
            parse_matrix(Path::new("a.tsv"), "x\ty\nn/a\t1\n", &MatrixOptions::responses()).unwrap();
        assert!(allowed.values[(0, 0)].is_nan());
        for text in ["x\ty\nn/a\t1\n", "x\ty\nNA\t1\n", "x\ty\n\t1\n"] {
            assert!(parse("a.tsv", text).is_err(), "{text}");
        }
        assert!(parse_matrix(Path::new("a.tsv"), "x\ty\nNA\t1\n", &MatrixOptions::responses()).is_err());
    }

    fn check_error(name: &str, text: &str, message: &str) {
        let error = parse(name, text).unwrap_err().to_string();
        assert_eq!(error, message);
    }

    #[test]
    fn errors_name_the_place_what_was_found_and_what_to_do() {
        check_error(
            "a.txt",
            "1 2\n3 x4\n",
            "a.txt: line 2, column 2: found `x4`, expected a number; correct the cell",
        );
        check_error(
            "a.tsv",
            "x\ty\n1\tn/a\n",
            "a.tsv: line 2, column 2 (`y`): found `n/a`, expected a number; correct the cell",
        );
        check_error(
            "a.csv",
            "x;y\n1,5;2\n",
            "a.csv: line 2, column 1 (`x`): found `1,5`, expected a number with a point before its decimals; correct the cell",
        );
    }

    #[test]
    fn names_are_unique() {
        let error = parse("a.csv", "x,x\n1,2\n").unwrap_err().to_string();
        assert!(error.starts_with("a.csv: line 1, column 2: found the name `x` a second time"), "{error}");
        assert!(parse("a.csv", "x,,y\n1,2,3\n").is_err());
        assert!(parse("a.csv", ",x\n3,2\n").is_err());
        assert!(parse("a.csv", "x,y\n").is_err());
    }
}
