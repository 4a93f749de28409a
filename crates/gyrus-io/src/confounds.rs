//! Columns of a confounds table, chosen by name, as fMRIPrep writes them.

use std::path::Path;

use ndarray::Array2;

use crate::error::{few, place_number, shown};
use crate::natural::natural_order;
use crate::table::number::{self, Cell, Missing};
use crate::table::{Delimiter, Matrix, Record, Records};
use crate::{IoError, Place, Read, Warning, text};

/// Reads the columns that `names` ask for; `*` in a name stands for any characters (`cosine*`). Columns come in the order of the
/// names, those of one wildcard in natural order, each once.
///
/// A first row of `n/a`, as derivatives have it, is filled with the value of the second, and a warning names the columns.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or not text,
/// - a name fits no column, a row is ragged, a cell is not a number,
/// - `n/a` stands in another row than the first, or in all rows of a column.
pub fn read(path: &Path, names: &[String]) -> Result<Read<Matrix>, IoError> {
    parse(path, &text::read(path)?, names)
}

/// Reads confounds from the text of a table; errors name `path`.
///
/// # Errors
/// - as [`read`].
pub fn parse(path: &Path, text: &str, names: &[String]) -> Result<Read<Matrix>, IoError> {
    let mut records = Records::new(path, text, Delimiter::detect(path, text));
    let Some(first) = records.next().transpose()? else { return Err(no_rows(path)) };
    let header: Vec<&str> = first.cells.iter().map(|cell| cell.trim()).collect();
    let chosen = choose(path, &header, names)?;
    let mut values = Vec::new();
    let mut lines = Vec::new();
    for record in records {
        let record = record?;
        for column in &chosen {
            values.push(parse_cell(path, &header, &record, *column)?);
        }
        lines.push(record.line);
    }
    if lines.is_empty() {
        return Err(no_rows(path));
    }
    let names: Vec<String> = chosen.iter().map(|column| header[*column].to_owned()).collect();
    let mut table = Array2::from_shape_vec((lines.len(), chosen.len()), values).map_err(|_| no_rows(path))?;
    let filled = fill_first_row(path, &mut table, &names, &lines)?;
    let warnings = if filled.is_empty() {
        Vec::new()
    } else {
        vec![Warning::BackFilled { columns: few(&filled, usize::MAX) }]
    };
    Ok(Read { value: Matrix { names: Some(names), values: table }, warnings })
}

fn choose(path: &Path, header: &[&str], names: &[String]) -> Result<Vec<usize>, IoError> {
    let mut chosen: Vec<usize> = Vec::new();
    for name in names {
        let mut fitting: Vec<usize> =
            (0..header.len()).filter(|column| fits(name, header[*column])).collect();
        fitting.sort_by(|left, right| natural_order(header[*left], header[*right]));
        if fitting.is_empty() {
            return Err(no_such(path, header, name));
        }
        if let Some(pair) = fitting.windows(2).find(|pair| header[pair[0]] == header[pair[1]]) {
            let place = Place::Cell(1, place_number(pair[1] + 1));
            let found = format!("the name `{}` a second time", shown(header[pair[1]]));
            return Err(IoError::malformed(path, place, found, "different names", "correct the header line"));
        }
        fitting.retain(|column| !chosen.contains(column));
        chosen.extend(fitting);
    }
    Ok(chosen)
}

/// Whether a name fits a pattern with `*`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut left) = name.strip_prefix(start) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let Some(end) = parts.pop() else { return true };
    for part in parts {
        let Some(at) = left.find(part) else { return false };
        left = &left[at + part.len()..];
    }
    left.ends_with(end)
}

fn no_such(path: &Path, header: &[&str], name: &str) -> IoError {
    let stem = name.trim_end_matches(|c: char| c == '*' || c.is_ascii_digit()).to_lowercase();
    let stem = stem.split(['_', '-']).next().unwrap_or_default();
    let near: Vec<&str> =
        header.iter().copied().filter(|known| known.to_lowercase().contains(stem)).collect();
    let available = if near.is_empty() || stem.is_empty() { few(header, 20) } else { few(&near, 20) };
    let remedy = "correct the name in denoise.confound_columns";
    IoError::NoSuch { path: path.to_owned(), kind: "column", asked: shown(name), available, remedy }
}

fn parse_cell(path: &Path, header: &[&str], record: &Record<'_>, column: usize) -> Result<f64, IoError> {
    let cell = Cell { path, line: record.line, column, name: Some(header[column]) };
    let value = number::parse(&record.cells[column], Missing::Allowed, cell)?;
    let is_missing = record.cells[column].trim() == number::NOT_AVAILABLE;
    if value.is_finite() || is_missing {
        return Ok(value);
    }
    Err(IoError::NotANumber {
        path: path.to_owned(),
        line: record.line,
        column: format!("{} (`{}`)", column + 1, shown(header[column])),
        found: shown(&record.cells[column]),
        expected: "a finite number",
    })
}

/// Fills the first row from the second; returns the names of the columns where that was needed.
fn fill_first_row(
    path: &Path,
    table: &mut Array2<f64>,
    names: &[String],
    lines: &[u32],
) -> Result<Vec<String>, IoError> {
    let mut filled = Vec::new();
    for (column, mut values) in table.columns_mut().into_iter().enumerate() {
        if values.iter().all(|value| value.is_nan()) {
            let found = format!("n/a in every row of `{}`", shown(&names[column]));
            let remedy = "leave the column out; the program that wrote it could not compute it";
            return Err(IoError::malformed(path, Place::File, found, "numbers", remedy));
        }
        if let Some(row) = values.iter().skip(1).position(|value| value.is_nan()) {
            let place = Place::Line(lines[row + 1]);
            let found = format!("n/a in the column `{}`", shown(&names[column]));
            let remedy =
                "leave the column out, or fill the cell; only the first row is filled from the second";
            return Err(IoError::malformed(path, place, found, "a number", remedy));
        }
        if values[0].is_nan() {
            values[0] = values[1];
            filled.push(names[column].clone());
        }
    }
    Ok(filled)
}

fn no_rows(path: &Path) -> IoError {
    IoError::malformed(
        path,
        Place::File,
        "no row",
        "a header line and rows",
        "check that this is the file you mean",
    )
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    const TABLE: &str = "a_10\tb\ta_9\tc\n1\tn/a\t2\tn/a\n3\t4\t5\tn/a\n6\t7\t8\tn/a\n";

    fn parse_names(text: &str, names: &[&str]) -> Result<Read<Matrix>, IoError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        parse(Path::new("c.tsv"), text, &names)
    }

    #[test]
    fn columns_are_chosen_by_name_and_wildcard() {
        let read = parse_names(TABLE, &["b", "a_*", "a_9"]).unwrap();
        assert_eq!(read.value.names.unwrap(), ["b", "a_9", "a_10"]);
        assert_eq!(read.value.values, array![[4.0, 2.0, 1.0], [4.0, 5.0, 3.0], [7.0, 8.0, 6.0]]);
        assert_eq!(read.warnings, [Warning::BackFilled { columns: "b".to_owned() }]);
        assert!(fits("*_x*y", "a_x1y") && !fits("*_x*y", "a_x1") && fits("*", "") && !fits("ab*b", "ab"));
    }

    fn check(text: &str, names: &[&str], message: &str) {
        let error = parse_names(text, names).unwrap_err().to_string();
        assert!(error.starts_with(&format!("c.tsv: {message}")), "{error}");
    }

    #[test]
    fn errors_say_what_to_do() {
        check(TABLE, &["c"], "found n/a in every row of `c`, expected numbers; leave the column out");
        check(TABLE, &["a_1"], "found no column `a_1`, expected one of: a_10, a_9; correct the name");
        check(
            &TABLE.replace("6\t7", "6\tn/a"),
            &["b"],
            "line 4: found n/a in the column `b`, expected a number",
        );
        check(
            &TABLE.replace("6\t7", "6\tx"),
            &["b"],
            "line 4, column 2 (`b`): found `x`, expected a number or n/a",
        );
        check(
            &TABLE.replace("6\t7", "6\tinf"),
            &["b"],
            "line 4, column 2 (`b`): found `inf`, expected a finite number",
        );
        check(&TABLE.replace("6\t7\t", "6\t"), &["b"], "line 4: found 3 columns, expected 4 as in line 1");
    }
}
