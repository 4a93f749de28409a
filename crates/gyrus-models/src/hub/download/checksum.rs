//! The hash that the hub states of a file, and the hash of the bytes that came.

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// How the hub names a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Checksum(String);

impl Checksum {
    /// From an `ETag`: 64 hexadecimal digits are SHA-256 (large files), 40 are Git's SHA-1 of a blob (small ones).
    pub(super) fn of_etag(etag: &str) -> Option<Self> {
        let text = etag.trim().trim_start_matches("W/").trim_matches('"');
        let is_hash = matches!(text.len(), 40 | 64) && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_hash.then(|| Self(text.to_ascii_lowercase()))
    }

    /// The digits, which are also the name of the blob in the cache.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Begins to hash a file of so many bytes.
    pub(super) fn begin(&self, bytes: u64) -> Running {
        if self.0.len() == 64 {
            return Running::Sha256(Sha256::new());
        }
        Running::Git(Sha1::new_with_prefix(format!("blob {bytes}\0")))
    }
}

/// A hash of the bytes so far.
pub(super) enum Running {
    Sha256(Sha256),
    Git(Sha1),
}

impl Running {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(hash) => hash.update(bytes),
            Self::Git(hash) => hash.update(bytes),
        }
    }

    /// Hexadecimal digits.
    pub(super) fn finish(self) -> String {
        let bytes = match self {
            Self::Sha256(hash) => hash.finalize().to_vec(),
            Self::Git(hash) => hash.finalize().to_vec(),
        };
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hashes of "hello\n": `sha256sum`, and `git hash-object`.
    #[test]
    fn hashes_are_those_of_sha256sum_and_git() {
        for (etag, expected) in [
            (
                "\"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03\"",
                "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
            ),
            ("W/\"CE013625030BA8DBA906F756967F9E9CA394464A\"", "ce013625030ba8dba906f756967f9e9ca394464a"),
        ] {
            let checksum = Checksum::of_etag(etag).unwrap();
            let mut running = checksum.begin(6);
            running.update(b"hel");
            running.update(b"lo\n");
            assert_eq!(checksum.text(), expected);
            assert_eq!(running.finish(), expected);
        }
    }

    #[test]
    fn other_etags_are_no_hashes() {
        for etag in ["", "\"abc\"", "\"ze013625030ba8dba906f756967f9e9ca394464a\"", "../../../../etc/passwd"]
        {
            assert_eq!(Checksum::of_etag(etag), None, "{etag}");
        }
    }
}
