//! Writes images: NIfTI-1, or NIfTI-2 where an axis needs it; little-endian, the same bytes for the same values.

use std::io::{self, Write};
use std::path::Path;

use flate2::{Compression, GzBuilder};

use super::fields::{FIRST_SIZE, SECOND_SIZE};
use super::{Affine, DataType};
use crate::{IoError, atomic};

/// What the header of a new image shall say. Statistics are written as floating point, never as whole numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct NewImage<'a> {
    /// Three axes, or four with the volumes last.
    pub shape: &'a [usize],
    /// Where the voxels lie, in millimetres.
    pub affine: Affine,
    /// The code of the space: 1 scanner, 2 aligned, 3 Talairach, 4 MNI152.
    pub space_code: i16,
    /// How to store a voxel.
    pub datatype: DataType,
    /// Seconds between volumes, for four axes.
    pub repetition_time: Option<f64>,
    /// The `intent_code`, 0 for none.
    pub intent: i16,
    /// At most 79 bytes.
    pub description: &'a str,
}

/// Writes an image, compressed if the name ends in `.gz`. Values come with the first axis fastest.
///
/// # Errors
/// - the file cannot be written,
/// - there are more or fewer values than the shape has voxels, or a whole type cannot hold one.
pub fn write(
    path: &Path,
    image: &NewImage<'_>,
    values: impl IntoIterator<Item = f64>,
) -> Result<(), IoError> {
    let compressed = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
    atomic::write_with(path, |writer| {
        if !compressed {
            return write_all(writer, image, values);
        }
        let mut encoder = GzBuilder::new().mtime(0).write(writer, Compression::new(6));
        write_all(&mut encoder, image, values)?;
        encoder.finish().map(drop)
    })
}

fn write_all(
    writer: &mut dyn Write,
    image: &NewImage<'_>,
    values: impl IntoIterator<Item = f64>,
) -> io::Result<()> {
    writer.write_all(&header(image)?)?;
    let size = image.datatype.size();
    let expected: usize = image.shape.iter().product();
    let mut count = 0usize;
    let mut buffer = Vec::with_capacity(1 << 16);
    for value in values {
        let Some(bytes) = image.datatype.encode(value) else {
            return Err(io::Error::other(format!("{value} is not a value of the type {:?}", image.datatype)));
        };
        buffer.extend_from_slice(&bytes[..size]);
        count += 1;
        if buffer.len() >= (1 << 16) - 8 {
            writer.write_all(&buffer)?;
            buffer.clear();
        }
    }
    if count != expected {
        return Err(io::Error::other(format!("{count} values for an image of {expected} voxels")));
    }
    writer.write_all(&buffer)
}

/// The header with the four bytes behind it that say that there is no extension.
fn header(image: &NewImage<'_>) -> io::Result<Vec<u8>> {
    let is_plausible = (3..=4).contains(&image.shape.len()) && image.shape.iter().all(|axis| *axis > 0);
    if !is_plausible {
        return Err(io::Error::other(format!("an image of shape {:?}", image.shape)));
    }
    let is_second = image.shape.iter().any(|axis| *axis > i16::MAX as usize);
    let mut new = New { bytes: vec![0; if is_second { SECOND_SIZE } else { FIRST_SIZE }], is_second };
    new.at(0, 0, &(new.bytes.len() as i32).to_le_bytes(), &(new.bytes.len() as i32).to_le_bytes());
    new.at(344, 4, b"n+1\0", b"n+2\0\r\n\x1a\n");
    let mut axes = [1usize; 8];
    axes[0] = image.shape.len();
    axes[1..=image.shape.len()].copy_from_slice(image.shape);
    for (index, axis) in axes.into_iter().enumerate() {
        new.at(40 + 2 * index, 16 + 8 * index, &(axis as i16).to_le_bytes(), &(axis as i64).to_le_bytes());
    }
    let code = image.datatype.code().to_le_bytes();
    let bits = (8 * image.datatype.size() as i16).to_le_bytes();
    new.at(70, 12, &code, &code);
    new.at(72, 14, &bits, &bits);
    let [x, y, z] = image.affine.voxel_sizes();
    let time = image.repetition_time.unwrap_or(0.0);
    let quaternion = image.affine.to_quaternion();
    let qfac = quaternion.map_or(1.0, |(_, qfac)| qfac);
    for (index, zoom) in [qfac, x, y, z, time, 1.0, 1.0, 1.0].into_iter().enumerate() {
        new.number(76 + 4 * index, 104 + 8 * index, zoom);
    }
    new.at(108, 168, &352f32.to_le_bytes(), &544i64.to_le_bytes());
    new.number(112, 176, 1.0);
    let description = &image.description.as_bytes()[..image.description.len().min(79)];
    new.at(148, 240, description, description);
    new.short(254, 348, image.space_code);
    // The same place in the words of older programs, where those words can say it.
    if let Some(([b, c, d], _)) = quaternion {
        new.short(252, 344, image.space_code);
        let offsets = image.affine.0.map(|row| row[3]);
        for (index, value) in [b, c, d].into_iter().chain(offsets).enumerate() {
            new.number(256 + 4 * index, 352 + 8 * index, value);
        }
    }
    for (row, values) in image.affine.0.iter().enumerate() {
        for (column, value) in values.iter().enumerate() {
            new.number(280 + 16 * row + 4 * column, 400 + 32 * row + 8 * column, *value);
        }
    }
    let units = if image.repetition_time.is_some() { 2 | 8 } else { 2u8 };
    new.at(123, 500, &[units], &i32::from(units).to_le_bytes());
    new.short(68, 504, image.intent);
    new.bytes.extend([0; 4]);
    Ok(new.bytes)
}

/// A header in the making; every field has an offset in NIfTI-1 and one in NIfTI-2.
struct New {
    bytes: Vec<u8>,
    is_second: bool,
}

impl New {
    fn at(&mut self, first: usize, second: usize, in_first: &[u8], in_second: &[u8]) {
        let (at, value) = if self.is_second { (second, in_second) } else { (first, in_first) };
        self.bytes[at..at + value.len()].copy_from_slice(value);
    }

    fn number(&mut self, first: usize, second: usize, value: f64) {
        self.at(first, second, &(value as f32).to_le_bytes(), &value.to_le_bytes());
    }

    fn short(&mut self, first: usize, second: usize, value: i16) {
        self.at(first, second, &value.to_le_bytes(), &i32::from(value).to_le_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Mask, Orientation, Volumes, read_mask, read_masked, read_volume};
    use super::*;

    const AFFINE: Affine = Affine([[-2.0, 0.0, 0.0, 90.0], [0.0, 2.0, 0.5, -126.0], [0.0, -0.5, 2.0, -72.0]]);

    fn image(shape: &[usize]) -> NewImage<'_> {
        NewImage {
            shape,
            affine: AFFINE,
            space_code: 4,
            datatype: DataType::F32,
            repetition_time: (shape.len() == 4).then_some(1.5),
            intent: 0,
            description: "gyrus",
        }
    }

    #[test]
    fn images_come_back_plain_and_compressed() {
        let folder = tempfile::tempdir().unwrap();
        for (name, shape) in
            [("a.nii", [70, 60, 50, 2]), ("a.nii.gz", [70, 60, 50, 2]), ("b.nii.gz", [40000, 2, 1, 3])]
        {
            let path = folder.path().join(name);
            let count: usize = shape.iter().product();
            write(&path, &image(&shape), (0..count).map(|i| i as f64 * 0.5 - 7.0)).unwrap();
            let first = std::fs::read(&path).unwrap();
            write(&path, &image(&shape), (0..count).map(|i| i as f64 * 0.5 - 7.0)).unwrap();
            assert_eq!(std::fs::read(&path).unwrap(), first);

            let volumes = Volumes::open(&path).unwrap();
            let header = volumes.header();
            assert_eq!((header.grid.shape, header.n_volumes), ([shape[0], shape[1], shape[2]], shape[3]));
            assert_eq!((header.grid.affine, header.grid.orientation), (AFFINE, Orientation::Sform(4)));
            assert_eq!((header.repetition_time(), header.is_second), (Some(1.5), shape[0] > 32767));
            assert_eq!((header.description.as_str(), header.scaling), ("gyrus", None));

            let voxels = [0, 1, 65535, 65536, 79_999];
            let read = read_masked(&path, &voxels).unwrap();
            assert_eq!(read.dim(), (shape[3], 5));
            let n_voxels = count / shape[3];
            for (row, values) in read.outer_iter().enumerate() {
                let expected = voxels.map(|voxel| ((row * n_voxels + voxel) as f64 * 0.5 - 7.0) as f32);
                assert_eq!(values.to_vec(), expected);
            }
        }
    }

    #[test]
    fn masks_meet_on_one_grid_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mask.nii.gz");
        let mut new = NewImage { datatype: DataType::U8, ..image(&[2, 2, 1]) };
        write(&path, &new, [0.0, 1.0, 1.0, 0.0]).unwrap();
        let first = read_mask(&path).unwrap();
        assert_eq!(first.voxels, [1, 2]);
        write(&path, &new, [1.0, 1.0, 0.0, 0.0]).unwrap();
        let second = read_mask(&path).unwrap();
        assert_eq!(first.intersection(&second, &path).unwrap(), Mask { voxels: vec![1], ..first.clone() });
        new.affine.0[0][3] += 1.0;
        write(&path, &new, [1.0, 1.0, 0.0, 0.0]).unwrap();
        let error = first.intersection(&read_mask(&path).unwrap(), &path).unwrap_err().to_string();
        assert!(
            error.contains("found a grid of [2, 2, 1] LAS voxels from (91.00, -126.00, -72.00) mm"),
            "{error}"
        );
        write(&path, &new, [1.0, 2.0, 0.0, 0.0]).unwrap();
        assert!(
            read_mask(&path).unwrap_err().to_string().contains("found the values 1 and 2, expected a mask")
        );
        write(&path, &new, [0.0; 4]).unwrap();
        assert!(read_mask(&path).unwrap_err().to_string().contains("found zeros only"));
        assert_eq!(read_volume(&path).unwrap().1, [0.0; 4]);
    }

    #[test]
    fn what_a_type_cannot_hold_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.nii");
        let new = NewImage { datatype: DataType::I16, ..image(&[2, 1, 1]) };
        assert!(
            write(&path, &new, [0.5, 1.0])
                .unwrap_err()
                .to_string()
                .contains("0.5 is not a value of the type I16")
        );
        assert!(
            write(&path, &new, [1.0]).unwrap_err().to_string().contains("1 values for an image of 2 voxels")
        );
        assert!(write(&path, &image(&[2, 1]), [1.0, 2.0]).is_err());
        assert!(!path.exists());
    }
}
