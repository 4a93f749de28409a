//! The numeric types of NIfTI voxels.

/// How a voxel is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DataType {
    /// 8 bits without sign (code 2).
    U8,
    /// 8 bits (256).
    I8,
    /// 16 bits (4).
    I16,
    /// 16 bits without sign (512).
    U16,
    /// 32 bits (8).
    I32,
    /// 32 bits without sign (768).
    U32,
    /// 64 bits (1024).
    I64,
    /// 64 bits without sign (1280).
    U64,
    /// 32-bit floating point (16).
    F32,
    /// 64-bit floating point (64).
    F64,
}

impl DataType {
    const ALL: [(i16, Self); 10] = [
        (2, Self::U8),
        (256, Self::I8),
        (4, Self::I16),
        (512, Self::U16),
        (8, Self::I32),
        (768, Self::U32),
        (1024, Self::I64),
        (1280, Self::U64),
        (16, Self::F32),
        (64, Self::F64),
    ];

    /// From the code of the header; an error is the name of a type that is not numbers, or not read.
    pub(super) fn from_code(code: i16) -> Result<Self, &'static str> {
        if let Some((_, known)) = Self::ALL.iter().find(|(known, _)| *known == code) {
            return Ok(*known);
        }
        Err(match code {
            1 => "single bits",
            32 | 1792 | 2048 => "complex numbers",
            128 | 2304 => "colours",
            1536 => "128-bit floating point",
            _ => "an unknown type",
        })
    }

    /// The code of the header.
    #[must_use]
    pub fn code(self) -> i16 {
        Self::ALL.iter().find(|(_, known)| *known == self).map_or(0, |(code, _)| *code)
    }

    /// Bytes of a voxel.
    #[must_use]
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 | Self::U16 => 2,
            Self::I32 | Self::U32 | Self::F32 => 4,
            Self::I64 | Self::U64 | Self::F64 => 8,
        }
    }

    /// The largest and smallest whole number; None for floating point.
    pub(crate) fn range(self) -> Option<(f64, f64)> {
        Some(match self {
            Self::U8 => (0.0, f64::from(u8::MAX)),
            Self::I8 => (f64::from(i8::MIN), f64::from(i8::MAX)),
            Self::I16 => (f64::from(i16::MIN), f64::from(i16::MAX)),
            Self::U16 => (0.0, f64::from(u16::MAX)),
            Self::I32 => (f64::from(i32::MIN), f64::from(i32::MAX)),
            Self::U32 => (0.0, f64::from(u32::MAX)),
            // Whole numbers beyond 2⁵³ are not exact as f64.
            Self::I64 => (-9_007_199_254_740_992.0, 9_007_199_254_740_992.0),
            Self::U64 => (0.0, 9_007_199_254_740_992.0),
            Self::F32 | Self::F64 => return None,
        })
    }

    /// The number that some bytes stand for; there are `size` of them.
    pub(crate) fn decode(self, bytes: &[u8], big_endian: bool) -> f64 {
        let mut le = [0u8; 8];
        le[..bytes.len()].copy_from_slice(bytes);
        if big_endian {
            le[..bytes.len()].reverse();
        }
        let [a, b, c, d, ..] = le;
        match self {
            Self::U8 => f64::from(a),
            Self::I8 => f64::from(a as i8),
            Self::I16 => f64::from(i16::from_le_bytes([a, b])),
            Self::U16 => f64::from(u16::from_le_bytes([a, b])),
            Self::I32 => f64::from(i32::from_le_bytes([a, b, c, d])),
            Self::U32 => f64::from(u32::from_le_bytes([a, b, c, d])),
            Self::F32 => f64::from(f32::from_le_bytes([a, b, c, d])),
            Self::I64 => i64::from_le_bytes(le) as f64,
            Self::U64 => u64::from_le_bytes(le) as f64,
            Self::F64 => f64::from_le_bytes(le),
        }
    }

    /// The little-endian bytes of a number, the first `size` of them; whole types must hold it exactly.
    pub(crate) fn encode(self, value: f64) -> Option<[u8; 8]> {
        if let Some((least, most)) = self.range()
            && !(value.fract() == 0.0 && (least..=most).contains(&value))
        {
            return None;
        }
        let mut bytes = [0u8; 8];
        match self {
            Self::U8 | Self::I8 | Self::I16 | Self::U16 | Self::I32 | Self::U32 | Self::I64 => {
                bytes = (value as i64).to_le_bytes();
            }
            Self::U64 => bytes = (value as u64).to_le_bytes(),
            Self::F32 => bytes[..4].copy_from_slice(&(value as f32).to_le_bytes()),
            Self::F64 => bytes = value.to_le_bytes(),
        }
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_in_both_orders() {
        for (code, kind) in DataType::ALL {
            assert_eq!((kind.code(), DataType::from_code(code)), (code, Ok(kind)));
            let (least, most) = kind.range().unwrap_or((-1.5, 0.5));
            for value in [least, 0.0, 1.0, most] {
                let mut bytes = kind.encode(value).unwrap()[..kind.size()].to_vec();
                assert_eq!(kind.decode(&bytes, false), value, "{kind:?}");
                bytes.reverse();
                assert_eq!(kind.decode(&bytes, true), value, "{kind:?}");
            }
            assert_eq!(kind.encode(0.5).is_none(), kind.range().is_some());
            assert_eq!(kind.encode(1e30).is_none(), kind.range().is_some());
        }
        assert_eq!(DataType::from_code(128), Err("colours"));
    }
}
