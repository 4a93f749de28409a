//! Big-endian numbers of a file, one after the other, and errors that name their byte.

use std::path::Path;

use crate::{IoError, Place};

/// A place in the bytes of the file at `path`.
pub(super) struct Bytes<'a> {
    path: &'a Path,
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(path: &'a Path, all: &'a [u8]) -> Self {
        Self { path, all, at: 0 }
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], IoError> {
        let end = self.at.saturating_add(count);
        let taken = self.all.get(self.at..end).ok_or_else(|| IoError::Truncated {
            path: self.path.to_owned(),
            found: self.all.len() as u64,
            expected: end as u64,
        })?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], IoError> {
        Ok(self.take(N)?.try_into().unwrap_or([0; N]))
    }

    pub(super) fn whole(&mut self) -> Result<i32, IoError> {
        Ok(i32::from_be_bytes(self.array()?))
    }

    pub(super) fn float(&mut self) -> Result<f32, IoError> {
        Ok(f32::from_be_bytes(self.array()?))
    }

    /// A number of things of `size` bytes each, which must fit in what follows.
    pub(super) fn count(&mut self, what: &str, size: usize) -> Result<usize, IoError> {
        let number = self.whole()?;
        let count =
            usize::try_from(number).map_err(|_| self.before(format!("{number} {what}"), "0 or more"))?;
        let end = count.saturating_mul(size).saturating_add(self.at);
        if end > self.all.len() {
            let (found, expected) = (self.all.len() as u64, end as u64);
            return Err(IoError::Truncated { path: self.path.to_owned(), found, expected });
        }
        Ok(count)
    }

    /// A text after its length; it ends at its first zero byte.
    pub(super) fn text(&mut self) -> Result<String, IoError> {
        let len = self.count("letters", 1)?;
        let bytes = self.take(len)?;
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(len);
        Ok(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }

    /// Floating-point numbers, after whose bytes nothing is asked.
    pub(super) fn floats(&mut self, count: usize) -> Result<Vec<f32>, IoError> {
        let bytes = self.take(count.saturating_mul(4))?;
        Ok(bytes.as_chunks::<4>().0.iter().map(|four| f32::from_be_bytes(*four)).collect())
    }

    /// What is left.
    pub(super) fn rest(&self) -> &'a [u8] {
        &self.all[self.at..]
    }

    /// The number that was read last is not what the format allows.
    pub(super) fn before(&self, found: impl Into<String>, expected: impl Into<String>) -> IoError {
        let place = Place::Byte(self.at.saturating_sub(4) as u64);
        let remedy = "write the file again, or copy or download it again";
        IoError::malformed(self.path, place, found, expected, remedy)
    }
}
