//! The elements of an npy file, converted to `f32` or `f64`.

use std::io::{self, Read, Write};
use std::path::Path;

use half::f16;

use super::header::Header;
use crate::{IoError, source};

/// A type that arrays are read into and written from: `f32` or `f64`.
pub trait Real: Copy + sealed::Sealed {
    /// How NumPy names the little-endian type.
    const DESCRIPTION: &'static str;

    /// The nearest value.
    fn from_f64(value: f64) -> Self;

    /// Writes the little-endian bytes.
    ///
    /// # Errors
    /// - what the writer returned.
    fn write(self, writer: &mut dyn Write) -> io::Result<()>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

impl Real for f32 {
    const DESCRIPTION: &'static str = "<f4";

    fn from_f64(value: f64) -> Self {
        value as f32
    }

    fn write(self, writer: &mut dyn Write) -> io::Result<()> {
        writer.write_all(&self.to_le_bytes())
    }
}

impl Real for f64 {
    const DESCRIPTION: &'static str = "<f8";

    fn from_f64(value: f64) -> Self {
        value
    }

    fn write(self, writer: &mut dyn Write) -> io::Result<()> {
        writer.write_all(&self.to_le_bytes())
    }
}

/// A numeric type of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
}

impl Kind {
    /// From NumPy's letter and size, without the byte order.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "b1" => Self::Bool,
            "i1" => Self::I8,
            "i2" => Self::I16,
            "i4" => Self::I32,
            "i8" => Self::I64,
            "u1" => Self::U8,
            "u2" => Self::U16,
            "u4" => Self::U32,
            "u8" => Self::U64,
            "f2" => Self::F16,
            "f4" => Self::F32,
            "f8" => Self::F64,
            _ => return None,
        })
    }

    pub(super) fn size(self) -> usize {
        match self {
            Self::Bool | Self::I8 | Self::U8 => 1,
            Self::I16 | Self::U16 | Self::F16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The value of the first `size` bytes, little-endian.
    fn value(self, bytes: [u8; 8]) -> f64 {
        let [a, b, c, d, ..] = bytes;
        match self {
            Self::Bool => f64::from(u8::from(a != 0)),
            Self::I8 => f64::from(a as i8),
            Self::U8 => f64::from(a),
            Self::I16 => f64::from(i16::from_le_bytes([a, b])),
            Self::U16 => f64::from(u16::from_le_bytes([a, b])),
            Self::F16 => f16::from_le_bytes([a, b]).to_f64(),
            Self::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::I64 => i64::from_le_bytes(bytes) as f64,
            Self::U64 => u64::from_le_bytes(bytes) as f64,
            Self::F64 => f64::from_le_bytes(bytes),
        }
    }
}

/// All elements in the order of the file. The header was checked against the file's size.
pub(super) fn read_all<T: Real>(
    path: &Path,
    reader: &mut impl Read,
    header: &Header,
) -> Result<Vec<T>, IoError> {
    let size = header.kind.size();
    let mut values = Vec::new();
    // A compressed stream may end long before the count that it announces.
    values.try_reserve_exact(header.count.min(1 << 24)).map_err(|error| IoError::Unreadable {
        path: path.to_owned(),
        reason: format!("there is not enough memory for {} values: {error}", header.count),
    })?;
    let mut buffer = vec![0u8; size * header.count.clamp(1, 8192)];
    while values.len() < header.count {
        let elements = (header.count - values.len()).min(8192);
        let chunk = &mut buffer[..elements * size];
        reader.read_exact(chunk).map_err(|error| source::unreadable(path, &error))?;
        values.extend(chunk.chunks_exact(size).map(|bytes| T::from_f64(element(header, bytes))));
    }
    Ok(values)
}

fn element(header: &Header, bytes: &[u8]) -> f64 {
    let mut little = [0u8; 8];
    little[..bytes.len()].copy_from_slice(bytes);
    if header.big_endian {
        little[..bytes.len()].reverse();
    }
    header.kind.value(little)
}
