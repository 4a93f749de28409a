//! A zip archive of npy files, stored without packing, as `numpy.savez` writes it (APPNOTE 4.3).

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use flate2::Crc;
use ndarray::ArrayViewD;

use crate::npy::{self, Real};
use crate::{IoError, atomic};

/// What NumPy writes in place of the time of an entry: 1 January 1980.
const DATE: u16 = 33;
const VERSION: u16 = 20;

/// Writes arrays in the order of their names, the same bytes for the same arrays.
///
/// # Errors
/// - the file cannot be written,
/// - it would hold 4 GiB or more, which this format does not address.
pub fn write<T: Real>(path: &Path, arrays: &BTreeMap<&str, ArrayViewD<'_, T>>) -> Result<(), IoError> {
    atomic::write_with(path, |writer| {
        let mut archive = Archive { writer, offset: 0, directory: Vec::new(), entries: 0 };
        for (name, array) in arrays {
            archive.add(&format!("{name}.npy"), array)?;
        }
        archive.finish()
    })
}

struct Archive<'a> {
    writer: &'a mut dyn Write,
    offset: u64,
    directory: Vec<u8>,
    entries: u16,
}

/// Bytes counted and summed on their way to nowhere.
struct Summed(Crc, u64);

impl Write for Summed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        self.1 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Archive<'_> {
    fn add<T: Real>(&mut self, name: &str, array: &ArrayViewD<'_, T>) -> io::Result<()> {
        let mut summed = Summed(Crc::new(), 0);
        npy::write_to(&mut summed, array)?;
        let start = narrow(self.offset)?;
        let size = narrow(summed.1)?;
        let name_size = u16::try_from(name.len()).map_err(|_| too_large())?;
        // Version, flags, method (stored), time, date, checksum, sizes, lengths of name and extra field.
        let mut fields = Vec::new();
        for field in [VERSION, 0, 0, 0, DATE] {
            fields.extend(field.to_le_bytes());
        }
        for field in [summed.0.sum(), size, size] {
            fields.extend(field.to_le_bytes());
        }
        for field in [name_size, 0] {
            fields.extend(field.to_le_bytes());
        }
        let local = [b"PK\x03\x04".as_slice(), &fields, name.as_bytes()].concat();
        self.writer.write_all(&local)?;
        npy::write_to(self.writer, array)?;
        self.offset += local.len() as u64 + u64::from(size);
        self.directory.extend([b"PK\x01\x02".as_slice(), &VERSION.to_le_bytes(), &fields].concat());
        // Comment, disk, attributes inside and outside, and where the entry starts.
        self.directory.extend([0; 10]);
        self.directory.extend(start.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries = self.entries.checked_add(1).ok_or_else(too_large)?;
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        let (start, size) = (narrow(self.offset)?, narrow(self.directory.len() as u64)?);
        self.writer.write_all(&self.directory)?;
        self.writer.write_all(b"PK\x05\x06\0\0\0\0")?;
        for count in [self.entries, self.entries] {
            self.writer.write_all(&count.to_le_bytes())?;
        }
        self.writer.write_all(&size.to_le_bytes())?;
        self.writer.write_all(&start.to_le_bytes())?;
        self.writer.write_all(&[0, 0])
    }
}

fn narrow(size: u64) -> io::Result<u32> {
    u32::try_from(size).ok().filter(|size| *size < u32::MAX).ok_or_else(too_large)
}

fn too_large() -> io::Error {
    io::Error::other("4 GiB or more do not fit an .npz; write .safetensors")
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, IxDyn};

    use super::*;
    use crate::npz;

    #[test]
    fn other_readers_and_our_own_read_what_was_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npz");
        let of = |shape: &[usize], from: f32| {
            let mut next = from;
            ArrayD::from_shape_simple_fn(IxDyn(shape), || {
                next += 0.5;
                next
            })
        };
        let (one, two, none) = (of(&[3, 4], 1.0), of(&[2], -7.0), of(&[0, 5], 0.0));
        let arrays =
            BTreeMap::from([("layer_1", one.view()), ("layer_0", two.view()), ("empty", none.view())]);
        write(&path, &arrays).unwrap();
        assert_eq!(npz::names(&path).unwrap(), ["empty", "layer_0", "layer_1"]);
        for (name, array) in &arrays {
            assert_eq!(npz::read::<f32>(&path, Some(name)).unwrap(), array);
        }
        let mut other = npyz::npz::NpzArchive::open(&path).unwrap();
        let read = other.by_name("layer_1").unwrap().unwrap();
        assert_eq!(read.shape(), [3, 4]);
        assert_eq!(read.into_vec::<f32>().unwrap(), one.iter().copied().collect::<Vec<_>>());
        let again = folder.path().join("b.npz");
        write(&again, &arrays).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), std::fs::read(&again).unwrap());
    }
}
