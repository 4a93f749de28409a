//! Writes GIFTI files: the same bytes for the same content.

use std::io::{self, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::write::ZlibEncoder;

use super::document::TYPES;
use super::{Array, Gifti, Label, intent};
use crate::{IoError, atomic};

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// As numbers, one a line.
    Ascii,
    /// Their bytes as base64.
    Base64,
    /// Compressed bytes as base64.
    Compressed,
}

/// Writes a GIFTI file, little-endian with the last axis fastest. Compressed as a whole if the name ends in `.gz`.
///
/// # Errors
/// - the file cannot be written,
/// - a text has a character that XML does not allow, or a whole number is beyond 2⁵³.
pub fn write(path: &Path, gifti: &Gifti, encoding: Encoding) -> Result<(), IoError> {
    let mut bytes = Vec::new();
    document(&mut bytes, gifti, encoding)
        .map_err(|error| IoError::Unwritable { path: path.to_owned(), reason: error.to_string() })?;
    let is_packed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    if is_packed { atomic::write_compressed(path, &bytes) } else { atomic::write(path, &bytes) }
}

fn document(out: &mut Vec<u8>, gifti: &Gifti, encoding: Encoding) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(
        out,
        "<!DOCTYPE GIFTI SYSTEM \"http://www.nitrc.org/frs/download.php/115/gifti.dtd\">\n\
         <GIFTI Version=\"1.0\" NumberOfDataArrays=\"{}\">",
        gifti.arrays.len()
    )?;
    metadata(out, &gifti.metadata)?;
    writeln!(out, "<LabelTable>")?;
    gifti.labels.iter().try_for_each(|entry| label(out, entry))?;
    writeln!(out, "</LabelTable>")?;
    gifti.arrays.iter().try_for_each(|entry| array(out, entry, encoding))?;
    writeln!(out, "</GIFTI>")
}

fn metadata(out: &mut Vec<u8>, entries: &[(String, String)]) -> io::Result<()> {
    writeln!(out, "<MetaData>")?;
    for (name, value) in entries {
        writeln!(out, "<MD><Name>{}</Name><Value>{}</Value></MD>", escaped(name)?, escaped(value)?)?;
    }
    writeln!(out, "</MetaData>")
}

fn label(out: &mut Vec<u8>, label: &Label) -> io::Result<()> {
    write!(out, "<Label Key=\"{}\"", label.key)?;
    if let Some([red, green, blue, alpha]) = label.colour {
        write!(out, " Red=\"{red}\" Green=\"{green}\" Blue=\"{blue}\" Alpha=\"{alpha}\"")?;
    }
    writeln!(out, ">{}</Label>", escaped(&label.name)?)
}

fn array(out: &mut Vec<u8>, array: &Array, encoding: Encoding) -> io::Result<()> {
    let name = match encoding {
        Encoding::Ascii => "ASCII",
        Encoding::Base64 => "Base64Binary",
        Encoding::Compressed => "GZipBase64Binary",
    };
    let datatype = array.datatype();
    let kind = TYPES.iter().find(|(_, known)| *known == datatype).map_or("", |(name, _)| *name);
    write!(
        out,
        "<DataArray Intent=\"{}\" DataType=\"{kind}\" ArrayIndexingOrder=\"RowMajorOrder\" Dimensionality=\"{}\"",
        escaped(&array.intent)?,
        array.shape().len()
    )?;
    for (axis, count) in array.shape().iter().enumerate() {
        write!(out, " Dim{axis}=\"{count}\"")?;
    }
    let file = "ExternalFileName=\"\" ExternalFileOffset=\"\"";
    writeln!(out, " Encoding=\"{name}\" Endian=\"LittleEndian\" {file}>")?;
    metadata(out, &array.metadata)?;
    if array.intent == intent::POINT_SET {
        // The format asks for a transform beside coordinates: none, from a space that is not said to the same.
        let space = "NIFTI_XFORM_UNKNOWN";
        writeln!(
            out,
            "<CoordinateSystemTransformMatrix><DataSpace>{space}</DataSpace>\
             <TransformedSpace>{space}</TransformedSpace>\
             <MatrixData>1 0 0 0\n0 1 0 0\n0 0 1 0\n0 0 0 1</MatrixData></CoordinateSystemTransformMatrix>"
        )?;
    }
    write!(out, "<Data>")?;
    data(out, array, encoding)?;
    writeln!(out, "</Data>\n</DataArray>")
}

fn data(out: &mut Vec<u8>, array: &Array, encoding: Encoding) -> io::Result<()> {
    let datatype = array.datatype();
    if encoding == Encoding::Ascii {
        let is_single = datatype == crate::nifti::DataType::F32;
        return array.values().try_for_each(|value| match is_single {
            true => writeln!(out, "{}", value as f32),
            false => writeln!(out, "{value}"),
        });
    }
    let mut bytes = Vec::with_capacity(array.count() * datatype.size());
    for value in array.values() {
        let encoded = datatype.encode(value);
        let encoded = encoded.ok_or_else(|| io::Error::other(format!("{value} is beyond exact numbers")))?;
        bytes.extend_from_slice(&encoded[..datatype.size()]);
    }
    if encoding == Encoding::Compressed {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(&bytes)?;
        bytes = encoder.finish()?;
    }
    out.write_all(STANDARD.encode(bytes).as_bytes())
}

pub(crate) fn escaped(text: &str) -> io::Result<String> {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | ' '.. if !matches!(character, '\u{fffe}' | '\u{ffff}') => escaped.push(character),
            other => return Err(io::Error::other(format!("the character {other:?} cannot stand in XML"))),
        }
    }
    Ok(escaped)
}
