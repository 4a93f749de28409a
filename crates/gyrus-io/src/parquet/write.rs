//! Writes tables as Parquet, with every property of the writer fixed.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::Type;

use super::{Column, Table};
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
    let bytes = serialize(table)
        .map_err(|error| IoError::Unwritable { path: path.to_owned(), reason: error.to_string() })?;
    atomic::write(path, &bytes)
}

const ROWS_PER_GROUP: usize = 1 << 20;

fn serialize(table: &Table) -> Result<Vec<u8>, ParquetError> {
    let mut writer =
        SerializedFileWriter::new(Vec::new(), Arc::new(schema(table)?), Arc::new(properties()?))?;
    for start in (0..table.n_rows()).step_by(ROWS_PER_GROUP) {
        let rows = start..table.n_rows().min(start + ROWS_PER_GROUP);
        let mut group = writer.next_row_group()?;
        for (_, column) in &table.columns {
            let Some(mut writer) = group.next_column()? else { break };
            match column {
                Column::Utf8(values) => {
                    let bytes = |text: &String| ByteArray::from(text.as_str());
                    write_values::<ByteArrayType, _>(&mut writer, &values[rows.clone()], bytes)?;
                }
                Column::I64(values) => {
                    write_values::<Int64Type, _>(&mut writer, &values[rows.clone()], |value| *value)?
                }
                Column::F64(values) => {
                    write_values::<DoubleType, _>(&mut writer, &values[rows.clone()], |value| *value)?
                }
            }
            writer.close()?;
        }
        group.close()?;
    }
    writer.into_inner()
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

fn schema(table: &Table) -> Result<Type, ParquetError> {
    let field = |(name, column): &(String, Column)| {
        let (physical, logical) = match column {
            Column::Utf8(_) => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
            Column::I64(_) => (Physical::INT64, None),
            Column::F64(_) => (Physical::DOUBLE, None),
        };
        let builder = Type::primitive_type_builder(name, physical).with_repetition(Repetition::OPTIONAL);
        builder.with_logical_type(logical).build().map(Arc::new)
    };
    let fields = table.columns.iter().map(field).collect::<Result<Vec<_>, _>>()?;
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
