//! Reads the Parquet files that gyrus writes, and flat ones of other programs with the same kinds of columns.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use super::{Column, Table};
use crate::error::shown;
use crate::{IoError, Place, source};

/// Reads a table.
///
/// # Errors
/// - the file is missing, empty, cut short or a git-annex pointer,
/// - it is not Parquet, or has a column that is not a flat one of texts or numbers.
pub fn read_parquet(path: &Path) -> Result<Table, IoError> {
    let source = source::open(path)?;
    let most_rows = source.len.saturating_mul(MOST_ROWS_PER_BYTE);
    // The parquet package checks less than this crate promises.
    let read = catch_unwind(AssertUnwindSafe(|| read_columns(source.file, most_rows)));
    let read = read.unwrap_or_else(|_| Err(ParquetError::General("damaged data".to_owned())));
    read.map_err(|error| {
        let found = format!("something that is not readable as Parquet ({})", shown(&error.to_string()));
        let expected = "columns of texts, whole numbers and numbers";
        IoError::malformed(path, Place::File, found, expected, "run the study again, or copy the file again")
    })
}

/// A run of equal values takes a few bytes per page of 20,000 rows.
const MOST_ROWS_PER_BYTE: u64 = 4096;

const ROWS_PER_BATCH: usize = 1 << 16;

fn read_columns(file: std::fs::File, most_rows: u64) -> Result<Table, ParquetError> {
    let reader = SerializedFileReader::new(file)?;
    let metadata = reader.metadata();
    let rows = metadata.file_metadata().num_rows();
    if u64::try_from(rows).map_or(true, |rows| rows > most_rows) {
        return Err(ParquetError::General(format!("{rows} rows in a file of this size")));
    }
    let schema = metadata.file_metadata().schema_descr();
    let mut columns = Vec::new();
    for index in 0..schema.num_columns() {
        let description = schema.column(index);
        if description.max_rep_level() > 0 || description.path().parts().len() != 1 {
            return Err(ParquetError::General(format!("the nested column {}", description.path())));
        }
        let may_miss = description.max_def_level() > 0;
        let mut column = None;
        for group in 0..reader.num_row_groups() {
            let group = reader.get_row_group(group)?;
            append(&mut column, group.get_column_reader(index)?, may_miss, rows as usize)?;
        }
        let column = match column {
            Some(column) => column,
            None => empty(description.physical_type()),
        };
        if column.len() as u64 != rows as u64 {
            return Err(ParquetError::General(format!("{} of {rows} rows", column.len())));
        }
        columns.push((description.name().to_owned(), column));
    }
    Ok(Table { columns })
}

fn empty(physical: parquet::basic::Type) -> Column {
    match physical {
        parquet::basic::Type::BYTE_ARRAY => Column::Utf8(Vec::new()),
        parquet::basic::Type::INT32 | parquet::basic::Type::INT64 => Column::I64(Vec::new()),
        _ => Column::F64(Vec::new()),
    }
}

fn append(
    column: &mut Option<Column>,
    reader: ColumnReader,
    may_miss: bool,
    most_rows: usize,
) -> Result<(), ParquetError> {
    let texts = |bytes: ByteArray| bytes.as_utf8().map(str::to_owned);
    match reader {
        ColumnReader::ByteArrayColumnReader(reader) => {
            let Column::Utf8(values) = column.get_or_insert(Column::Utf8(Vec::new())) else { return Ok(()) };
            drain(reader, values, may_miss, most_rows, texts)
        }
        ColumnReader::Int64ColumnReader(reader) => {
            let Column::I64(values) = column.get_or_insert(Column::I64(Vec::new())) else { return Ok(()) };
            drain(reader, values, may_miss, most_rows, Ok)
        }
        ColumnReader::Int32ColumnReader(reader) => {
            let Column::I64(values) = column.get_or_insert(Column::I64(Vec::new())) else { return Ok(()) };
            drain(reader, values, may_miss, most_rows, |value| Ok(i64::from(value)))
        }
        ColumnReader::DoubleColumnReader(reader) => {
            let Column::F64(values) = column.get_or_insert(Column::F64(Vec::new())) else { return Ok(()) };
            drain(reader, values, may_miss, most_rows, Ok)
        }
        ColumnReader::FloatColumnReader(reader) => {
            let Column::F64(values) = column.get_or_insert(Column::F64(Vec::new())) else { return Ok(()) };
            drain(reader, values, may_miss, most_rows, |value| Ok(f64::from(value)))
        }
        _ => Err(ParquetError::General("a column of another type".to_owned())),
    }
}

/// Appends all rows of one column of one row group.
fn drain<T: DataType, V>(
    mut reader: ColumnReaderImpl<T>,
    rows: &mut Vec<Option<V>>,
    may_miss: bool,
    most_rows: usize,
    convert: impl Fn(T::T) -> Result<V, ParquetError>,
) -> Result<(), ParquetError> {
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    loop {
        levels.clear();
        values.clear();
        let wanted = may_miss.then_some(&mut levels);
        let (records, _, _) = reader.read_records(ROWS_PER_BATCH, wanted, None, &mut values)?;
        if records == 0 {
            return Ok(());
        }
        if rows.len() + records > most_rows {
            return Err(ParquetError::General("more rows than announced".to_owned()));
        }
        let mut present = values.drain(..).map(&convert);
        for row in 0..records {
            let is_present = !may_miss || levels.get(row).is_some_and(|level| *level > 0);
            rows.push(if is_present { present.next().transpose()? } else { None });
        }
    }
}
