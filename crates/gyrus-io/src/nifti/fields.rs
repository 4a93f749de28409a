//! Fixed fields of a header in the byte order of its file, at the offsets of NIfTI-1 or of NIfTI-2.

/// The bytes of a header.
pub(super) struct Fields {
    bytes: Vec<u8>,
    pub(super) big_endian: bool,
    pub(super) is_second: bool,
}

/// Size of the headers, as their first four bytes say it (nifti1.h, nifti2.h: sizeof_hdr).
pub(super) const FIRST_SIZE: usize = 348;
pub(super) const SECOND_SIZE: usize = 540;

impl Fields {
    /// Which of the two formats and byte orders four bytes announce.
    pub(super) fn announced(start: [u8; 4]) -> Option<(usize, bool)> {
        let sizes = [FIRST_SIZE, SECOND_SIZE];
        let find = |value: u32| sizes.into_iter().find(|size| *size == value as usize);
        let little = find(u32::from_le_bytes(start)).map(|size| (size, false));
        little.or_else(|| find(u32::from_be_bytes(start)).map(|size| (size, true)))
    }

    /// The bytes must be as many as the format has.
    pub(super) fn new(bytes: Vec<u8>, big_endian: bool) -> Self {
        let is_second = bytes.len() == SECOND_SIZE;
        Self { bytes, big_endian, is_second }
    }

    /// The field at one offset in NIfTI-1 and at another in NIfTI-2.
    pub(super) fn place(&self, first: usize, second: usize) -> usize {
        if self.is_second { second } else { first }
    }

    pub(super) fn raw(&self, at: usize, len: usize) -> &[u8] {
        self.bytes.get(at..at + len).unwrap_or_default()
    }

    fn array<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut bytes: [u8; N] = self.raw(at, N).try_into().unwrap_or([0; N]);
        if self.big_endian {
            bytes.reverse();
        }
        bytes
    }

    pub(super) fn i16(&self, at: usize) -> i16 {
        i16::from_le_bytes(self.array(at))
    }

    /// A whole number that has 16 bits in NIfTI-1 and 32 in NIfTI-2.
    pub(super) fn short(&self, first: usize, second: usize) -> i32 {
        if self.is_second { i32::from_le_bytes(self.array(second)) } else { i32::from(self.i16(first)) }
    }

    /// A number of an axis: 16 bits in NIfTI-1, 64 in NIfTI-2.
    pub(super) fn count(&self, first: usize, second: usize, index: usize) -> i64 {
        if self.is_second {
            i64::from_le_bytes(self.array(second + 8 * index))
        } else {
            i64::from(self.i16(first + 2 * index))
        }
    }

    /// A number: 32 bits in NIfTI-1, 64 in NIfTI-2.
    pub(super) fn number(&self, first: usize, second: usize, index: usize) -> f64 {
        if self.is_second {
            f64::from_le_bytes(self.array(second + 8 * index))
        } else {
            f64::from(f32::from_le_bytes(self.array(first + 4 * index)))
        }
    }

    pub(super) fn numbers<const N: usize>(&self, first: usize, second: usize) -> [f64; N] {
        std::array::from_fn(|index| self.number(first, second, index))
    }

    /// Where the voxels start: a float in NIfTI-1, a whole number in NIfTI-2.
    pub(super) fn voxel_offset(&self) -> f64 {
        if self.is_second { i64::from_le_bytes(self.array(168)) as f64 } else { self.number(108, 168, 0) }
    }

    /// A text that ends at its first zero byte.
    pub(super) fn text(&self, at: usize, len: usize) -> String {
        let bytes = self.raw(at, len);
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
        String::from_utf8_lossy(&bytes[..end]).into_owned()
    }
}
