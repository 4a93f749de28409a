//! Bytes of a text file as characters: UTF-8 and UTF-16, with and without a byte-order mark.

use std::path::Path;

use crate::error::place_number;
use crate::{IoError, Place, source};

/// The text of a file, inflated if it is compressed by gzip; without its byte-order mark.
///
/// # Errors
/// - the file is missing, empty, a git-annex pointer or neither UTF-8 nor UTF-16.
pub fn read(path: &Path) -> Result<String, IoError> {
    decode(path, source::inflated_bytes(path)?)
}

/// The characters that some bytes stand for; a byte-order mark is left out.
pub(crate) fn decode(path: &Path, bytes: Vec<u8>) -> Result<String, IoError> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => decode_utf8(path, bytes[3..].to_vec()),
        [0xff, 0xfe, rest @ ..] => decode_utf16(path, rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => decode_utf16(path, rest, u16::from_be_bytes),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => {
            decode_utf16(path, &bytes, u16::from_le_bytes)
        }
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => {
            decode_utf16(path, &bytes, u16::from_be_bytes)
        }
        _ => decode_utf8(path, bytes),
    }
}

const EXPECTED: &str = "text in UTF-8 or UTF-16";
const REMEDY: &str = "save the file as UTF-8";

fn decode_utf8(path: &Path, bytes: Vec<u8>) -> Result<String, IoError> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let bytes = error.as_bytes();
        let line = 1 + bytes[..valid].iter().filter(|byte| **byte == b'\n').count();
        let found = format!("the byte 0x{:02X} at offset {valid}", bytes[valid]);
        IoError::malformed(path, Place::Line(place_number(line)), found, EXPECTED, REMEDY)
    })
}

fn decode_utf16(path: &Path, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, IoError> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let wrong = |found: String| IoError::malformed(path, Place::File, found, EXPECTED, REMEDY);
    if !odd.is_empty() {
        return Err(wrong("UTF-16 text of an odd number of bytes".to_owned()));
    }
    let characters = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
    let text: Result<String, _> = characters.collect();
    text.map_err(|error| wrong(format!("the unpaired UTF-16 surrogate 0x{:04X}", error.unpaired_surrogate())))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(Path::new("x"), bytes.to_vec()).unwrap(), expected);
    }

    #[test]
    fn the_same_text_in_every_encoding() {
        let utf16 = |unit: fn(u16) -> [u8; 2]| "aé😀".encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        check("aé😀".as_bytes(), "aé😀");
        check(&[b"\xef\xbb\xbf".as_slice(), "aé😀".as_bytes()].concat(), "aé😀");
        check(&[b"\xff\xfe".to_vec(), utf16(u16::to_le_bytes)].concat(), "aé😀");
        check(&[b"\xfe\xff".to_vec(), utf16(u16::to_be_bytes)].concat(), "aé😀");
        check(b"a\0b\0", "ab");
        check(b"\0a\0b", "ab");
    }

    #[test]
    fn other_bytes_are_an_error_with_the_line() {
        let error = decode(Path::new("x.txt"), b"one\ntwo \xe9".to_vec()).unwrap_err().to_string();
        assert!(
            error.starts_with("x.txt: line 2: found the byte 0xE9 at offset 8, expected text in UTF-8"),
            "{error}"
        );
        assert!(decode(Path::new("x"), b"\xff\xfea".to_vec()).is_err());
        assert!(decode(Path::new("x"), b"\xff\xfe\x00\xd8".to_vec()).is_err());
    }
}
