//! Writes tables as Parquet, with every property of the writer fixed.

use std::io::{self, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::{Column, Kind, Table};
use crate::{IoError, Place, atomic};

/// Writes a table: all columns optional, zstd, row groups of 2²⁰ rows, created by "gyrus".
///
/// # Errors
/// - the columns are not of one length,
/// - the file cannot be written.
pub fn write_parquet(path: &Path, table: &Table) -> Result<(), IoError> {
    let expected = table.n_rows();
    if let Some((name, column)) = table.columns.iter().find(|(_, column)| column.len() != expected) {
        let found = format!("{} rows in the column `{name}`", column.len());
        let remedy = "this is a fault of the program: report it";
        return Err(IoError::malformed(path, Place::File, found, expected.to_string(), remedy));
    }
    let fields: Vec<(&str, Kind)> =
        table.columns.iter().map(|(name, column)| (name.as_str(), column.kind())).collect();
    let mut bytes = Vec::new();
    write_rows(&mut bytes, &fields, expected, |column, rows| table.columns[column].1.rows(rows))
        .map_err(|error| IoError::Unwritable { path: path.to_owned(), reason: error.to_string() })?;
    atomic::write(path, &bytes)
}

const ROWS_PER_GROUP: usize = 1 << 20;

/// Rows that are asked for at a time: a multiple of the batches that the library writes, so that no byte depends on it.
const ROWS_AT_ONCE: usize = 1 << 16;

/// Writes a table that is never whole in memory: `values` is asked for some rows of a column, group by group and column by column.
/// The bytes are those of [`write_parquet`].
///
/// # Errors
/// - the writer fails, or `values` returns another kind of column or another number of rows.
pub fn write_rows(
    writer: impl Write + Send,
    fields: &[(&str, Kind)],
    n_rows: usize,
    values: impl Fn(usize, Range<usize>) -> Column,
) -> io::Result<()> {
    let written = || -> Result<(), ParquetError> {
        let mut file = SerializedFileWriter::new(writer, Arc::new(schema(fields)?), Arc::new(properties()?))?;
        for start in (0..n_rows).step_by(ROWS_PER_GROUP) {
            let end = n_rows.min(start + ROWS_PER_GROUP);
            let mut group = file.next_row_group()?;
            for (column, (_, kind)) in fields.iter().enumerate() {
                let Some(mut writer) = group.next_column()? else { break };
                for first in (start..end).step_by(ROWS_AT_ONCE) {
                    let rows = first..end.min(first + ROWS_AT_ONCE);
                    let found = values(column, rows.clone());
                    if found.kind() != *kind || found.len() != rows.len() {
                        return Err(ParquetError::General(format!(
                            "rows {rows:?} of column {column} are not there"
                        )));
                    }
                    write_column(&mut writer, &found)?;
                }
                writer.close()?;
            }
            group.close()?;
        }
        file.close().map(drop)
    };
    written().map_err(io::Error::other)
}

fn write_column(writer: &mut SerializedColumnWriter<'_>, column: &Column) -> Result<(), ParquetError> {
    match column {
        Column::Utf8(values) => {
            write_values::<ByteArrayType, _>(writer, values, |text| ByteArray::from(text.as_str()))
        }
        Column::I64(values) => write_values::<Int64Type, _>(writer, values, |value| *value),
        Column::F64(values) => write_values::<DoubleType, _>(writer, values, |value| *value),
    }
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let builder = WriterProperties::builder()
        .set_created_by("gyrus".to_owned())
        .set_writer_version(WriterVersion::PARQUET_1_0)
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_dictionary_enabled(true);
    Ok(builder.build())
}

fn schema(fields: &[(&str, Kind)]) -> Result<Type, ParquetError> {
    let field = |(name, kind): &(&str, Kind)| {
        let (physical, logical) = match kind {
            Kind::Utf8 => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Kind::I64 => (Physical::INT64, None),
            Kind::F64 => (Physical::DOUBLE, None),
        };
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        builder.with_logical_type(logical).build().map(Arc::new)
    };
    let fields = fields.iter().map(field).collect::<Result<Vec<_>, _>>()?;
    Type::group_type_builder("table").with_fields(fields).build()
}

fn write_values<T: DataType, V>(
    writer: &mut SerializedColumnWriter<'_>,
    values: &[Option<V>],
    convert: impl Fn(&V) -> T::T,
) -> Result<(), ParquetError> {
    let levels: Vec<i16> = values.iter().map(|value| i16::from(value.is_some())).collect();
    let present: Vec<T::T> = values.iter().flatten().map(convert).collect();
    writer.typed::<T>().write_batch(&present, Some(&levels), None)?;
    Ok(())
}
