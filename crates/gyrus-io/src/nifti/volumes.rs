//! Reads an image volume by volume, in memory that does not grow with the number of volumes.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::bufread::MultiGzDecoder;
use ndarray::Array2;

use super::fields::{Fields, SECOND_SIZE};
use super::header::{Header, REMEDY};
use crate::error::shown;
use crate::source::{self, GZIP};
use crate::{IoError, Place};

/// An open image, read from its first volume to its last.
pub struct Volumes {
    path: PathBuf,
    header: Header,
    stream: Box<dyn Read + Send>,
    read: usize,
    buffer: Vec<u8>,
}

/// No stream of deflate inflates by more than this (RFC 1951: 258 bytes from 2 bits).
const MOST_INFLATION: u64 = 1032;

/// Voxels are decoded in pieces of this many.
const PIECE: usize = 1 << 16;

impl Volumes {
    /// Opens an image (`.nii`, or compressed by gzip) and checks its header against the size of the file.
    ///
    /// # Errors
    /// - the file is missing, empty, cut short or a git-annex pointer,
    /// - it is not a single NIfTI-1 or NIfTI-2 file of three or four axes and one number in each voxel.
    pub fn open(path: &Path) -> Result<Self, IoError> {
        let source = source::open(path)?;
        let mut start = [0; 2];
        let compressed = (&source.file).read(&mut start).is_ok_and(|read| read == 2) && start == GZIP;
        let file = File::open(path).map_err(|error| source::unreadable(path, &error))?;
        let plain = BufReader::with_capacity(1 << 17, file);
        let mut stream: Box<dyn Read + Send> =
            if compressed { Box::new(MultiGzDecoder::new(plain)) } else { Box::new(plain) };
        let most = if compressed { source.len.saturating_mul(MOST_INFLATION) } else { source.len };
        let header = read_header(path, &mut stream, most)?;
        if header.expected_bytes() > most {
            let expected = header.expected_bytes();
            return Err(IoError::Truncated { path: path.to_owned(), found: most, expected });
        }
        let buffer = vec![0; PIECE.min(header.grid.n_voxels()) * header.datatype.size()];
        Ok(Self { path: path.to_owned(), header, stream, read: 0, buffer })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Hands the values of the next volume's `voxels` (indices, ascending) to `visit`, in order; false after the last volume.
    ///
    /// Values are `stored × slope + intercept`, computed in `f64`.
    ///
    /// # Errors
    /// - the file ends early, or its compressed stream is damaged,
    /// - the indices do not ascend or do not lie in the grid.
    pub fn next_volume(&mut self, voxels: &[usize], mut visit: impl FnMut(f64)) -> Result<bool, IoError> {
        let n_voxels = self.header.grid.n_voxels();
        if !voxels.is_sorted_by(|left, right| left < right)
            || voxels.last().is_some_and(|last| *last >= n_voxels)
        {
            let expected = format!("ascending indices below {n_voxels}");
            let remedy = "use a mask on the grid of this image";
            return Err(IoError::malformed(
                &self.path,
                Place::File,
                "voxels outside of the image",
                expected,
                remedy,
            ));
        }
        let mut pending = voxels;
        self.next_pieces(|values, first, count| {
            let (now, later) = pending.split_at(pending.partition_point(|voxel| *voxel < first + count));
            now.iter().for_each(|voxel| visit(values.get(voxel - first)));
            pending = later;
        })
    }

    /// Hands all values of the next volume to `visit`; false after the last volume.
    ///
    /// # Errors
    /// - as [`Volumes::next_volume`].
    pub fn next_whole_volume(&mut self, mut visit: impl FnMut(f64)) -> Result<bool, IoError> {
        self.next_pieces(|values, _, count| (0..count).for_each(|index| visit(values.get(index))))
    }

    /// Reads the next volume in pieces, handed on with their first voxel and their number of voxels.
    fn next_pieces(&mut self, mut visit: impl FnMut(Piece<'_>, usize, usize)) -> Result<bool, IoError> {
        if self.read == self.header.n_volumes {
            return Ok(false);
        }
        let size = self.header.datatype.size();
        let n_voxels = self.header.grid.n_voxels();
        for first in (0..n_voxels).step_by(PIECE) {
            let count = PIECE.min(n_voxels - first);
            self.fill(count * size, first)?;
            visit(Piece { bytes: &self.buffer[..count * size], header: &self.header }, first, count);
        }
        self.read += 1;
        if self.read == self.header.n_volumes {
            self.check_end()?;
        }
        Ok(true)
    }

    /// Fills the buffer; `first` is the first voxel of the piece.
    fn fill(&mut self, bytes: usize, first: usize) -> Result<(), IoError> {
        let mut filled = 0;
        while filled < bytes {
            match self.stream.read(&mut self.buffer[filled..bytes]) {
                Ok(0) => {
                    let voxels = self.read as u64 * self.header.grid.n_voxels() as u64 + first as u64;
                    let before = self.header.voxel_offset + voxels * self.header.datatype.size() as u64;
                    let (found, expected) = (before + filled as u64, self.header.expected_bytes());
                    return Err(IoError::Truncated { path: self.path.clone(), found, expected });
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(damaged(&self.path, &error)),
            }
        }
        Ok(())
    }

    /// Reads on to the checksum of a compressed stream.
    fn check_end(&mut self) -> Result<(), IoError> {
        let read = std::io::copy(&mut (&mut self.stream).take(512), &mut std::io::sink());
        read.map(drop).map_err(|error| damaged(&self.path, &error))
    }
}

/// Some consecutive voxels as they are stored.
#[derive(Clone, Copy)]
struct Piece<'a> {
    bytes: &'a [u8],
    header: &'a Header,
}

impl Piece<'_> {
    fn get(&self, index: usize) -> f64 {
        let size = self.header.datatype.size();
        let bytes = &self.bytes[index * size..(index + 1) * size];
        let stored = self.header.datatype.decode(bytes, self.header.big_endian);
        self.header.scaling.map_or(stored, |(slope, inter)| stored * slope + inter)
    }
}

/// Reads the `voxels` (indices, ascending) of all volumes, shape (n_volumes, n_voxels).
///
/// # Errors
/// - as [`Volumes::open`] and [`Volumes::next_volume`].
pub fn read_masked(path: &Path, voxels: &[usize]) -> Result<Array2<f32>, IoError> {
    let mut volumes = Volumes::open(path)?;
    let n_volumes = volumes.header.n_volumes;
    let mut values: Vec<f32> = Vec::new();
    let mut rows = 0;
    while volumes.next_volume(voxels, |value| values.push(value as f32))? {
        rows += 1;
    }
    let columns = values.len() / n_volumes.max(1);
    Array2::from_shape_vec((rows, columns), values).map_err(|error| {
        IoError::malformed(path, Place::File, error.to_string(), "volumes of equal size", REMEDY)
    })
}

/// Reads all voxels of an image of one volume, such as a mask or an atlas.
///
/// # Errors
/// - as [`Volumes::open`] and [`Volumes::next_volume`],
/// - the image has more than one volume.
pub fn read_volume(path: &Path) -> Result<(Header, Vec<f64>), IoError> {
    let mut volumes = Volumes::open(path)?;
    if volumes.header.n_volumes != 1 {
        let found = format!("{} volumes", volumes.header.n_volumes);
        let remedy = "name an image of a single volume";
        return Err(IoError::malformed(path, Place::File, found, "1 volume", remedy));
    }
    // What a compressed file announces may never come: nothing is reserved for it.
    let mut values = Vec::new();
    volumes.next_whole_volume(|value| values.push(value))?;
    Ok((volumes.header, values))
}

fn read_header(path: &Path, stream: &mut dyn Read, most: u64) -> Result<Header, IoError> {
    let mut bytes = Vec::with_capacity(SECOND_SIZE);
    let read = |bytes: &mut Vec<u8>, stream: &mut dyn Read, size: usize| {
        let missing = (size - bytes.len()) as u64;
        stream.take(missing).read_to_end(bytes).map_err(|error| damaged(path, &error))?;
        if bytes.len() < size {
            let (found, expected) = (bytes.len() as u64, size as u64);
            return Err(IoError::Truncated { path: path.to_owned(), found, expected });
        }
        Ok(())
    };
    read(&mut bytes, stream, 4)?;
    let announced = Fields::announced([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let (size, big_endian) = announced.ok_or_else(|| {
        let found = format!("a file that starts with the bytes {bytes:02x?}");
        let remedy = "check that this is the image you mean";
        IoError::malformed(path, Place::Byte(0), found, "a NIfTI-1 or NIfTI-2 header", remedy)
    })?;
    read(&mut bytes, stream, size)?;
    let header = Header::parse(path, &Fields::new(bytes, big_endian))?;
    if header.voxel_offset > most {
        let expected = header.expected_bytes();
        return Err(IoError::Truncated { path: path.to_owned(), found: most, expected });
    }
    let between = header.voxel_offset - size as u64;
    let skipped = std::io::copy(&mut stream.take(between), &mut std::io::sink());
    let skipped = skipped.map_err(|error| damaged(path, &error))?;
    if skipped < between {
        let (found, expected) = (size as u64 + skipped, header.expected_bytes());
        return Err(IoError::Truncated { path: path.to_owned(), found, expected });
    }
    Ok(header)
}

fn damaged(path: &Path, error: &std::io::Error) -> IoError {
    if error.kind() == std::io::ErrorKind::UnexpectedEof
        || error.kind() == std::io::ErrorKind::InvalidInput
        || error.kind() == std::io::ErrorKind::InvalidData
    {
        let found = format!("a gzip stream that cannot be inflated ({})", shown(&error.to_string()));
        return IoError::malformed(path, Place::File, found, "a whole gzip stream", REMEDY);
    }
    source::unreadable(path, error)
}
