//! The hash that the hub states of a file.

use crate::transfer::{Checksum, Hash};

/// From an `ETag`: 64 hexadecimal digits are SHA-256 (large files), 40 are Git's SHA-1 of a blob (small ones).
pub(super) fn of_etag(etag: &str) -> Option<Checksum> {
    let text = etag.trim().trim_start_matches("W/").trim_matches('"');
    Checksum::of(Hash::Sha256, 64, text).or_else(|| Checksum::of(Hash::Git, 40, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn etags_are_hashes_of_git_or_of_large_files() {
        let large = "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";
        assert_eq!(of_etag(&format!("\"{large}\"")), Checksum::of(Hash::Sha256, 64, large));
        let small = of_etag("W/\"CE013625030BA8DBA906F756967F9E9CA394464A\"").unwrap();
        assert_eq!((small.hash, small.digits()), (Hash::Git, "ce013625030ba8dba906f756967f9e9ca394464a"));
    }

    #[test]
    fn other_etags_are_no_hashes() {
        for etag in ["", "\"abc\"", "\"ze013625030ba8dba906f756967f9e9ca394464a\"", "../../../../etc/passwd"]
        {
            assert_eq!(of_etag(etag), None, "{etag}");
        }
    }
}
