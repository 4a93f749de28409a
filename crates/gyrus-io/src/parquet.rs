//! Tables of texts, whole numbers and numbers as Parquet files: the same bytes for the same table.

mod read;
mod write;

pub use read::read_parquet;
pub use write::{write_parquet, write_rows};

/// A table by columns.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Names and values, in order; all columns are of one length.
    pub columns: Vec<(String, Column)>,
}

/// The values of a column; None where there is none. Not-a-number is a number, and differs from none.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Texts.
    Utf8(Vec<Option<String>>),
    /// Whole numbers.
    I64(Vec<Option<i64>>),
    /// Numbers.
    F64(Vec<Option<f64>>),
}

/// What the values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Texts.
    Utf8,
    /// Whole numbers.
    I64,
    /// Numbers.
    F64,
}

impl Column {
    /// What its values are.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Utf8(_) => Kind::Utf8,
            Self::I64(_) => Kind::I64,
            Self::F64(_) => Kind::F64,
        }
    }

    fn rows(&self, rows: std::ops::Range<usize>) -> Self {
        match self {
            Self::Utf8(values) => Self::Utf8(values[rows].to_vec()),
            Self::I64(values) => Self::I64(values[rows].to_vec()),
            Self::F64(values) => Self::F64(values[rows].to_vec()),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Utf8(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::F64(values) => values.len(),
        }
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Table {
    /// The column of a name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(known, _)| known == name).map(|(_, column)| column)
    }

    /// Number of rows.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn table(rows: usize) -> Table {
        let text =
            |row: usize| [None, Some(format!("sub-{}", row % 7)), Some(String::new())][row % 3].clone();
        let whole = |row: usize| [None, Some(row as i64), Some(-1)][row % 3];
        let number = |row: usize| [None, Some(f64::NAN), Some(row as f64 * 0.1), Some(-0.0)][row % 4];
        Table {
            columns: vec![
                ("participant".to_owned(), Column::Utf8((0..rows).map(text).collect())),
                ("layer".to_owned(), Column::I64((0..rows).map(whole).collect())),
                ("score".to_owned(), Column::F64((0..rows).map(number).collect())),
                ("é nothing".to_owned(), Column::F64(vec![None; rows])),
            ],
        }
    }

    fn shown(table: &Table) -> String {
        format!("{table:?}")
    }

    #[test]
    fn what_is_written_is_read_and_the_bytes_are_fixed() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("a.parquet"), folder.path().join("b.parquet"));
        for rows in [0, 1, 1000, (1 << 20) + 3] {
            write_parquet(&first, &table(rows)).unwrap();
            write_parquet(&second, &table(rows)).unwrap();
            assert_eq!(std::fs::read(&first).unwrap(), std::fs::read(&second).unwrap());
            assert!(shown(&read_parquet(&first).unwrap()) == shown(&table(rows)), "{rows} rows");
        }
    }

    #[test]
    fn columns_of_different_length_are_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let mut wrong = table(3);
        wrong.columns[1].1 = Column::I64(vec![None]);
        let error = write_parquet(&folder.path().join("a"), &wrong).unwrap_err().to_string();
        assert!(error.contains("found 1 rows in the column `layer`, expected 3"), "{error}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn damaged_files_are_errors_or_tables(flips in proptest::collection::vec((0usize..4000, any::<u8>()), 1..4), cut in 0usize..4000) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.parquet");
            write_parquet(&path, &table(50)).unwrap();
            let mut bytes = std::fs::read(&path).unwrap();
            for (at, value) in flips {
                let at = at % bytes.len();
                bytes[at] = value;
            }
            if cut % 3 == 0 {
                bytes.truncate(cut);
            }
            std::fs::write(&path, bytes).unwrap();
            if let Err(error) = read_parquet(&path) {
                prop_assert!(error.to_string().contains("a.parquet"));
            }
        }
    }
}
