//! The parts of the zip format that NumPy writes: stored and deflated entries, also of more than 4 GiB (APPNOTE 4.3, 4.5).

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use flate2::CrcReader;
use flate2::read::DeflateDecoder;

use crate::error::shown;
use crate::{IoError, Place, source};

/// An open archive.
pub(super) struct Archive {
    path: PathBuf,
    file: File,
    len: u64,
    pub(super) entries: Vec<Entry>,
}

/// One entry of the central directory.
pub(super) struct Entry {
    pub(super) name: String,
    /// Bytes after inflating.
    pub(super) size: u64,
    packed: u64,
    method: u16,
    checksum: u32,
    offset: u64,
}

/// No stream of deflate inflates by more than this (RFC 1951: 258 bytes from 2 bits).
const MOST_INFLATION: u64 = 1032;

impl Archive {
    pub(super) fn open(path: &Path) -> Result<Self, IoError> {
        let source = source::open(path)?;
        let mut archive =
            Self { path: path.to_owned(), file: source.file, len: source.len, entries: Vec::new() };
        let (offset, size) = archive.find_directory()?;
        let directory = archive.bytes(offset, size)?;
        archive.entries = archive.parse_directory(&directory, offset)?;
        Ok(archive)
    }

    /// Where the central directory is, from the record at the end of the file.
    fn find_directory(&mut self) -> Result<(u64, u64), IoError> {
        let tail_len = self.len.min(22 + u64::from(u16::MAX));
        let tail_start = self.len - tail_len;
        let tail = self.bytes(tail_start, tail_len)?;
        let end =
            tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06").filter(|end| tail.len() - end >= 22);
        let Some(end) = end else {
            return Err(self.wrong(0, "no zip archive, or one that is cut short".to_owned()));
        };
        let record = &tail[end..];
        let (size, offset) = (u64::from(le32(record, 12)), u64::from(le32(record, 16)));
        if size != u64::from(u32::MAX) && offset != u64::from(u32::MAX) {
            return Ok((offset, size));
        }
        let locator = end
            .checked_sub(20)
            .map(|start| &tail[start..end])
            .filter(|bytes| bytes.starts_with(b"PK\x06\x07"));
        let Some(locator) = locator else {
            return Err(
                self.wrong(tail_start + end as u64, "a large archive without its zip64 locator".to_owned())
            );
        };
        let place = le64(locator, 8);
        let record = self.bytes(place, 56)?;
        if !record.starts_with(b"PK\x06\x06") {
            return Err(self.wrong(place, "a damaged zip64 record".to_owned()));
        }
        Ok((le64(&record, 48), le64(&record, 40)))
    }

    fn parse_directory(&self, directory: &[u8], offset: u64) -> Result<Vec<Entry>, IoError> {
        let mut entries = Vec::new();
        let mut rest = directory;
        while !rest.is_empty() {
            let place = offset + (directory.len() - rest.len()) as u64;
            let Some((entry, after)) = parse_entry(rest) else {
                return Err(self.wrong(place, "a damaged entry of the zip directory".to_owned()));
            };
            let fits = match entry.method {
                0 => entry.size == entry.packed,
                8 => entry.size <= entry.packed.saturating_mul(MOST_INFLATION),
                method => return Err(self.wrong(place, format!("an entry packed by method {method}"))),
            };
            if !fits || entry.packed > self.len {
                let found = format!(
                    "an entry `{}` of {} bytes from {}",
                    shown(&entry.name),
                    entry.size,
                    entry.packed
                );
                return Err(self.wrong(place, found));
            }
            entries.push(entry);
            rest = after;
        }
        Ok(entries)
    }

    /// The bytes of an entry, inflated.
    pub(super) fn reader(&mut self, index: usize) -> Result<Checked<'_>, IoError> {
        let Entry { offset, packed, size, method, checksum, .. } = self.entries[index];
        let local = self.bytes(offset, 30)?;
        if !local.starts_with(b"PK\x03\x04") {
            return Err(self.wrong(offset, "a damaged entry of the zip archive".to_owned()));
        }
        let start = offset + 30 + u64::from(le16(&local, 26)) + u64::from(le16(&local, 28));
        if start.saturating_add(packed) > self.len {
            let expected = start.saturating_add(packed);
            return Err(IoError::Truncated { path: self.path.clone(), found: self.len, expected });
        }
        self.file.seek(SeekFrom::Start(start)).map_err(|error| source::unreadable(&self.path, &error))?;
        let bytes = io::BufReader::new(&mut self.file).take(packed);
        let inflated: Box<dyn Read + '_> =
            if method == 8 { Box::new(DeflateDecoder::new(bytes)) } else { Box::new(bytes) };
        Ok(Checked { reader: CrcReader::new(inflated.take(size)), checksum })
    }

    fn bytes(&mut self, offset: u64, count: u64) -> Result<Vec<u8>, IoError> {
        let expected = offset.saturating_add(count);
        if expected > self.len {
            return Err(IoError::Truncated { path: self.path.clone(), found: self.len, expected });
        }
        let mut bytes = Vec::new();
        let read = self.file.seek(SeekFrom::Start(offset));
        let read = read.and_then(|_| (&mut self.file).take(count).read_to_end(&mut bytes));
        read.map_err(|error| source::unreadable(&self.path, &error))?;
        if (bytes.len() as u64) < count {
            let found = offset + bytes.len() as u64;
            return Err(IoError::Truncated { path: self.path.clone(), found, expected });
        }
        Ok(bytes)
    }

    fn wrong(&self, byte: u64, found: String) -> IoError {
        let expected = "an npz file as numpy.savez writes it";
        IoError::malformed(
            &self.path,
            Place::Byte(byte),
            found,
            expected,
            "save the arrays again, or copy the file again",
        )
    }
}

/// A reader that knows whether it has delivered what the archive's checksum stands for.
pub(super) struct Checked<'a> {
    reader: CrcReader<io::Take<Box<dyn Read + 'a>>>,
    checksum: u32,
}

impl Checked<'_> {
    pub(super) fn is_whole(&mut self) -> bool {
        io::copy(&mut self.reader, &mut io::sink()).is_ok() && self.reader.crc().sum() == self.checksum
    }
}

impl Read for Checked<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

fn parse_entry(bytes: &[u8]) -> Option<(Entry, &[u8])> {
    if bytes.len() < 46 || !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let (name_len, extra_len) = (usize::from(le16(bytes, 28)), usize::from(le16(bytes, 30)));
    let name = bytes.get(46..46 + name_len)?;
    let extra = bytes.get(46 + name_len..46 + name_len + extra_len)?;
    let after = bytes.get(46 + name_len + extra_len + usize::from(le16(bytes, 32))..)?;
    let mut large = large_fields(extra);
    let mut field = |offset: usize| match le32(bytes, offset) {
        u32::MAX => large.next(),
        value => Some(u64::from(value)),
    };
    let (size, packed, offset) = (field(24)?, field(20)?, field(42)?);
    let name = String::from_utf8_lossy(name).into_owned();
    Some((Entry { name, size, packed, method: le16(bytes, 10), checksum: le32(bytes, 16), offset }, after))
}

/// The 64-bit fields of the zip64 extra field (header 1).
fn large_fields(mut extra: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let mut found: &[u8] = &[];
    while extra.len() >= 4 {
        let (id, size) = (le16(extra, 0), usize::from(le16(extra, 2)));
        let Some(data) = extra.get(4..4 + size) else { break };
        if id == 1 {
            found = data;
        }
        extra = &extra[4 + size..];
    }
    found.chunks_exact(8).map(|bytes| le64(bytes, 0))
}

fn le16(bytes: &[u8], at: usize) -> u16 {
    u16::from_le_bytes([bytes[at], bytes[at + 1]])
}

fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from(le16(bytes, at)) | u32::from(le16(bytes, at + 2)) << 16
}

fn le64(bytes: &[u8], at: usize) -> u64 {
    u64::from(le32(bytes, at)) | u64::from(le32(bytes, at + 4)) << 32
}
