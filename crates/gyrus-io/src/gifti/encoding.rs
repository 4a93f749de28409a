//! The bytes of an array: as numbers in text, as base64, compressed, or in another file.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use base64::Engine;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::{GzDecoder, ZlibDecoder};

use crate::error::shown;
use crate::nifti::DataType;
use crate::xml::Element;
use crate::{IoError, source};

/// Bytes of numbers and their order.
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    pub(super) is_big_endian: bool,
}

/// Decodes the arrays of one file, within what its size explains.
pub(super) struct Decoder<'a> {
    path: &'a Path,
    left: u64,
    taken: BTreeMap<String, u64>,
}

/// Recordings shrink by 1.1 to 20 times and labels by more; arrays of one number shrink by 1000, and few are large.
const MOST_INFLATION: u64 = 200;
const ALWAYS_ALLOWED: u64 = 1 << 26;

#[derive(Clone, Copy)]
enum Stored {
    Ascii,
    Base64,
    Compressed,
    External,
}

const ENCODINGS: [(&str, Stored); 4] = [
    ("ASCII", Stored::Ascii),
    ("Base64Binary", Stored::Base64),
    ("GZipBase64Binary", Stored::Compressed),
    ("ExternalFileBinary", Stored::External),
];

const ORDERS: [(&str, bool); 2] = [("LittleEndian", false), ("BigEndian", true)];

impl<'a> Decoder<'a> {
    /// For a file of so many bytes.
    pub(super) fn new(path: &'a Path, len: u64) -> Self {
        let left = len.saturating_mul(MOST_INFLATION).saturating_add(ALWAYS_ALLOWED);
        Self { path, left, taken: BTreeMap::new() }
    }

    /// The bytes of `count` numbers.
    pub(super) fn decode(
        &mut self,
        array: Element<'_, '_>,
        datatype: DataType,
        count: usize,
    ) -> Result<Content, IoError> {
        let encoding = array.choice("Encoding", &ENCODINGS)?;
        let wanted = count * datatype.size();
        let bytes = match encoding {
            Stored::Ascii => {
                let bytes = ascii(array, datatype, count)?;
                return Ok(Content { bytes, is_big_endian: false });
            }
            Stored::Base64 => base64(array)?,
            Stored::Compressed => self.inflate(array, wanted)?,
            Stored::External => self.external(array, wanted)?,
        };
        if bytes.len() != wanted {
            let found = format!("an array of {} bytes", bytes.len());
            return Err(array.wrong(found, format!("{wanted} bytes ({count} numbers)")));
        }
        Ok(Content { bytes, is_big_endian: array.choice("Endian", &ORDERS)? })
    }

    fn inflate(&mut self, array: Element<'_, '_>, wanted: usize) -> Result<Vec<u8>, IoError> {
        let packed = base64(array)?;
        let wanted = wanted as u64;
        if wanted > self.left {
            let expected = format!("no more than {MOST_INFLATION} times the size of the file");
            return Err(array.wrong(format!("an array that inflates to {wanted} bytes"), expected));
        }
        self.left -= wanted;
        let mut bytes = Vec::new();
        // The format asks for the stream of zlib; some programs write that of gzip.
        let read = if packed.starts_with(&source::GZIP) {
            GzDecoder::new(&packed[..]).take(wanted + 1).read_to_end(&mut bytes)
        } else {
            ZlibDecoder::new(&packed[..]).take(wanted + 1).read_to_end(&mut bytes)
        };
        read.map_err(|error| {
            let found = format!("an array that cannot be inflated ({})", shown(&error.to_string()));
            array.wrong(found, "a whole zlib stream")
        })?;
        Ok(bytes)
    }

    /// Bytes of a file in the same folder; no file is read in larger parts than it has.
    fn external(&mut self, array: Element<'_, '_>, wanted: usize) -> Result<Vec<u8>, IoError> {
        let name = array.attribute("ExternalFileName")?;
        if name.is_empty() || name == ".." || name.contains(['/', '\\', '\0']) {
            let expected = "the name of a file in the same folder";
            return Err(array.unexpected("ExternalFileName", name, expected));
        }
        let offset: u64 = match array.optional("ExternalFileOffset") {
            None | Some("") => 0,
            Some(_) => array.number("ExternalFileOffset")?,
        };
        let path = self.path.with_file_name(name);
        let beside = |error: IoError| array.wrong(format!("an external file ({error})"), "one to read");
        let mut source = source::open(&path).map_err(beside)?;
        let taken = self.taken.entry(name.to_owned()).or_default();
        *taken = taken.saturating_add(wanted as u64);
        let end = offset.saturating_add(wanted as u64);
        if end.max(*taken) > source.len {
            let found = format!("{} bytes in {}", source.len, shown(name));
            return Err(array.wrong(found, format!("at least {}", end.max(*taken))));
        }
        let mut bytes = Vec::new();
        let read = source.file.seek(SeekFrom::Start(offset));
        let read = read.and_then(|_| source.file.take(wanted as u64).read_to_end(&mut bytes));
        read.map_err(|error| beside(source::unreadable(&path, &error)))?;
        Ok(bytes)
    }
}

fn data<'a>(array: Element<'a, '_>) -> Result<std::borrow::Cow<'a, str>, IoError> {
    let data = array.children("Data").next();
    Ok(data.ok_or_else(|| array.wrong("an array without <Data>", "its values"))?.text())
}

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &base64::alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

fn base64(array: Element<'_, '_>) -> Result<Vec<u8>, IoError> {
    let text = data(array)?;
    let letters: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    ENGINE.decode(letters).map_err(|error| {
        array.wrong(format!("values that are no base64 ({})", shown(&error.to_string())), "base64")
    })
}

fn ascii(array: Element<'_, '_>, datatype: DataType, count: usize) -> Result<Vec<u8>, IoError> {
    let text = data(array)?;
    let size = datatype.size();
    let mut bytes = Vec::new();
    for word in text.split_ascii_whitespace() {
        let encoded = word.parse().ok().and_then(|value| datatype.encode(value));
        let encoded = encoded.ok_or_else(|| {
            array.wrong(format!("the value `{}`", shown(word)), format!("numbers of the type {datatype:?}"))
        })?;
        bytes.extend_from_slice(&encoded[..size]);
    }
    if bytes.len() / size != count {
        let found = format!("an array of {} numbers", bytes.len() / size);
        return Err(array.wrong(found, format!("{count} numbers")));
    }
    Ok(bytes)
}
