//! Arrays as NumPy stores them: `.npy`, format versions 1 to 3.

mod element;
mod header;

use std::io::{Read, Write};
use std::path::Path;

pub use element::Real;
use header::Header;
use ndarray::{ArrayD, ArrayViewD, IxDyn, ShapeBuilder};

use crate::{IoError, Place, atomic, source};

/// Reads an array of any numeric type, converted to `T`. The axes are as in the file, whatever its order in memory.
///
/// # Errors
/// - the file is missing, empty, cut short or a git-annex pointer,
/// - it is not an npy file, or holds something else than real numbers,
/// - its shape does not fit its size.
pub fn read<T: Real>(path: &Path) -> Result<ArrayD<T>, IoError> {
    let source = source::open(path)?;
    let len = source.len;
    read_from(path, std::io::BufReader::new(source.file), len)
}

/// Writes an array as format version 1.0, little-endian, in C order: the bytes that NumPy writes.
///
/// # Errors
/// - the file cannot be written.
pub fn write<T: Real>(path: &Path, array: &ArrayViewD<'_, T>) -> Result<(), IoError> {
    atomic::write_with(path, |writer| write_to(writer, array))
}

/// Writes the bytes of an array's file.
pub(crate) fn write_to<T: Real>(writer: &mut dyn Write, array: &ArrayViewD<'_, T>) -> std::io::Result<()> {
    writer.write_all(&header::written(T::DESCRIPTION, array.shape()))?;
    array.iter().try_for_each(|value| value.write(writer))
}

/// Reads an array from `len` bytes; errors name `path`.
///
/// # Errors
/// - as [`read`].
pub fn read_from<T: Real>(path: &Path, mut reader: impl Read, len: u64) -> Result<ArrayD<T>, IoError> {
    let header = Header::read(path, &mut reader, len)?;
    let values = element::read_all::<T>(path, &mut reader, &header)?;
    let shape = IxDyn(&header.shape).set_f(header.fortran_order);
    ArrayD::from_shape_vec(shape, values).map_err(|error| {
        let found = format!("an array of shape {:?} ({error})", header.shape);
        IoError::malformed(path, Place::File, found, "a shape that fits the data", "save the array again")
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{ArrayD, IxDyn};
    use proptest::prelude::*;

    use super::*;

    fn round_trip<T: Real + PartialEq + std::fmt::Debug>(array: &ArrayD<T>) -> Vec<u8> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.npy");
        write(&path, &array.view()).unwrap();
        assert_eq!(read::<T>(&path).unwrap(), array);
        std::fs::read(&path).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(shape in proptest::collection::vec(0usize..4, 0..4)) {
            let count: usize = shape.iter().product();
            let array = ArrayD::from_shape_vec(IxDyn(&shape), (0..count).map(|i| i as f64 * 0.1).collect()).unwrap();
            round_trip(&array);
            round_trip(&array.mapv(|value| value as f32));
        }
    }

    fn check(bytes: &[u8], message: &str) {
        let error = read_from::<f64>(Path::new("a.npy"), bytes, bytes.len() as u64).unwrap_err().to_string();
        assert!(error.starts_with(&format!("a.npy: {message}")), "{error}");
    }

    fn file(header: &str, data: &[u8]) -> Vec<u8> {
        let len = u16::try_from(header.len()).unwrap().to_le_bytes();
        [b"\x93NUMPY\x01\x00".as_slice(), &len, header.as_bytes(), data].concat()
    }

    #[test]
    fn headers_are_checked_before_memory_is_taken() {
        let whole = round_trip(&ArrayD::from_elem(IxDyn(&[2, 3]), 1.0));
        check(&whole[..whole.len() - 1], "found 175 bytes, expected 176; the file is cut short");
        check(&whole[..20], "found 20 bytes, expected 128");
        check(b"PK\x03\x04 a zip file", "byte 0: found another kind of file");
        let header = "{'descr': '<f8', 'fortran_order': False, 'shape': (1099511627776, 4096), }";
        check(&file(header, b"12345678"), "found 92 bytes, expected");
        check(&file(&header.replace("4096", "18446744073709551615"), b""), "byte 10: found the shape");
        check(&file(&header.replace("<f8", "|O"), b""), "byte 10: found elements of type `|O`");
        check(
            &file("{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }", b""),
            "byte 10: found",
        );
    }

    #[test]
    fn every_numeric_type_and_both_orders() {
        let read = |header: &str, data: &[u8]| {
            let bytes = file(header, data);
            let array: ArrayD<f64> = read_from(Path::new("a"), &bytes[..], bytes.len() as u64).unwrap();
            (array.shape().to_vec(), array.iter().copied().collect::<Vec<f64>>())
        };
        let of = |descr: &str| format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (2,), }}");
        assert_eq!(read(&of("|i1"), &[255, 1]), (vec![2], vec![-1.0, 1.0]));
        assert_eq!(read(&of("|b1"), &[0, 1]).1, [0.0, 1.0]);
        assert_eq!(read(&of(">i2"), &[255, 254, 1, 0]).1, [-2.0, 256.0]);
        assert_eq!(read(&of("<u4"), &[255, 255, 255, 255, 1, 0, 0, 0]).1, [4_294_967_295.0, 1.0]);
        assert_eq!(read(&of("<f2"), &[0x00, 0x3c, 0x00, 0xc0]).1, [1.0, -2.0]);
        let fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }";
        let data: Vec<u8> = [1f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()).collect();
        assert_eq!(read(fortran, &data), (vec![2, 2], vec![1.0, 3.0, 2.0, 4.0]));
    }
}
