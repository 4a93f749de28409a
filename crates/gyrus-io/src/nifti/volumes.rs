//! Reads an image volume by volume, in memory that does not grow with the number of volumes.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use ndarray::Array2;

use super::fields::{Fields, SECOND_SIZE};
use super::header::{Header, REMEDY};
use crate::error::shown;
use crate::source;
use crate::{IoError, Place};

/// An open image, read from its first volume to its last.
pub struct Volumes {
    path: PathBuf,
    header: Header,
    stream: Box<dyn Read + Send>,
    is_compressed: bool,
    read: usize,
    buffer: Vec<u8>,
}

/// Voxels are decoded in pieces of this many.
const PIECE: usize = 1 << 16;

impl Volumes {
    /// Opens an image (`.nii`, or compressed by gzip) and checks its header against the size of the file.
    ///
    /// # Errors
    /// - the file is missing, empty, cut short or a git-annex pointer,
    /// - it is not a single NIfTI-1 or NIfTI-2 file of three or four axes and one number in each voxel.
    pub fn open(path: &Path) -> Result<Self, IoError> {
        let source::Stream { reader: mut stream, is_compressed, most } = source::stream(path)?;
        let header = read_header(path, &mut stream, most)?;
        if header.expected_bytes() > most {
            let expected = header.expected_bytes();
            return Err(IoError::Truncated { path: path.to_owned(), found: most, expected });
        }
        let buffer = vec![0; PIECE.min(header.grid.n_voxels()) * header.datatype.size()];
        Ok(Self { path: path.to_owned(), header, stream, is_compressed, read: 0, buffer })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Checks that a compressed image holds the bytes that its header announces; [`Volumes::open`] checks all others.
    ///
    /// A file of one gzip stream ends in its inflated length modulo 2³² (RFC 1952, 2.3.1). Only where that is something else is
    /// the file inflated: it is cut short, or holds several streams, or something behind its voxels.
    ///
    /// # Errors
    /// - the stream ends or breaks before the last voxel.
    pub fn require_whole(mut self) -> Result<(), IoError> {
        let announced = self.header.expected_bytes() as u32;
        if !self.is_compressed || stated_length(&self.path)? == announced {
            return Ok(());
        }
        while self.next_volume(&[], |_| {})? {}
        Ok(())
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
        let voxels = self.read as u64 * self.header.grid.n_voxels() as u64 + first as u64;
        let before = self.header.voxel_offset + voxels * self.header.datatype.size() as u64;
        let expected = self.header.expected_bytes();
        let mut filled = 0;
        while filled < bytes {
            match self.stream.read(&mut self.buffer[filled..bytes]) {
                Ok(0) => {
                    let found = before + filled as u64;
                    return Err(IoError::Truncated { path: self.path.clone(), found, expected });
                }
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(broken(&self.path, &error, (before + filled as u64, expected))),
            }
        }
        Ok(())
    }

    /// Reads on to the checksum of a compressed stream.
    fn check_end(&mut self) -> Result<(), IoError> {
        let read = std::io::copy(&mut (&mut self.stream).take(512), &mut std::io::sink());
        let whole = self.header.expected_bytes();
        read.map(drop).map_err(|error| broken(&self.path, &error, (whole, whole)))
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
        let read = stream.take(missing).read_to_end(bytes);
        read.map_err(|error| broken(path, &error, (bytes.len() as u64, size as u64)))?;
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
    let skipped = skipped.map_err(|error| broken(path, &error, (size as u64, header.expected_bytes())))?;
    if skipped < between {
        let (found, expected) = (size as u64 + skipped, header.expected_bytes());
        return Err(IoError::Truncated { path: path.to_owned(), found, expected });
    }
    Ok(header)
}

/// What the last four bytes of a gzip file say: the length of its last stream, inflated, modulo 2³².
fn stated_length(path: &Path) -> Result<u32, IoError> {
    let mut length = [0; 4];
    let read = File::open(path).and_then(|mut file| {
        file.seek(SeekFrom::End(-4))?;
        file.read_exact(&mut length)
    });
    read.map_err(|error| source::unreadable(path, &error))?;
    Ok(u32::from_le_bytes(length))
}

/// The error of a stream that breaks after `found` bytes of `expected`, inflated.
fn broken(path: &Path, error: &std::io::Error, (found, expected): (u64, u64)) -> IoError {
    let path = path.to_owned();
    let what = match error.kind() {
        ErrorKind::UnexpectedEof if found < expected => {
            return IoError::Truncated { path, found, expected };
        }
        ErrorKind::UnexpectedEof => "a gzip stream without its checksum".to_owned(),
        ErrorKind::InvalidInput | ErrorKind::InvalidData => format!(
            "a gzip stream that cannot be inflated beyond byte {found} ({})",
            shown(&error.to_string())
        ),
        _ => return source::unreadable(&path, error),
    };
    IoError::malformed(&path, Place::File, what, format!("a whole gzip stream of {expected} bytes"), REMEDY)
}
