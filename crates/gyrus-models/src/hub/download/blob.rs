//! The bytes of one file in the cache of the hub.

use std::path::{Path, PathBuf};

use super::endpoint::{Hub, Remote};
use crate::ModelError;
use crate::transfer::{Failure, Wanted};

/// Where the cache keeps the file.
pub(super) fn path(repository: &Path, remote: &Remote) -> PathBuf {
    repository.join("blobs").join(remote.checksum.digits())
}

/// Fetches a file unless it is there. `tell` is told how many of its bytes are.
///
/// # Errors
/// - [`ModelError::Download`] if the bytes do not come or are others than the hub states, or cannot be written.
pub(super) fn fetch(
    hub: &Hub,
    repository: &Path,
    remote: &Remote,
    tell: &dyn Fn(u64),
) -> Result<(), ModelError> {
    let blob = path(repository, remote);
    if blob.is_file() {
        tell(remote.bytes);
        return Ok(());
    }
    let wanted = Wanted { bytes: Some(remote.bytes), checksum: &remote.checksum, place: &blob };
    let tell = |bytes: u64| {
        tell(bytes);
        Ok(())
    };
    let (source, file) = (&remote.source, &remote.file);
    wanted.fetch(&|from| hub.bytes(remote, from), &tell).map_err(|failure| match failure {
        Failure::Ended(error) => error,
        Failure::Disk(error) => source.unwritten(&wanted.partial(), &error),
        Failure::InTheWay => source.in_the_way(&wanted.partial()),
        Failure::Cut(bytes, reason) => source.cut(file, (bytes, remote.bytes), &reason),
        Failure::OtherSize(bytes) => source.other_size(file, (bytes, remote.bytes)),
        Failure::Damaged(found) => source.damaged(file, &found, remote.checksum.digits()),
    })
}
