//! The snapshot of a commit: names that lead to blobs, and the branch or tag that leads to it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::endpoint::{Listing, Remote};

/// Gives every blob its name at a commit, and writes down last which commit a branch or tag is.
pub(super) fn write(
    repository: &Path,
    listing: &Listing,
    revision: &str,
    remotes: &[Remote],
) -> io::Result<PathBuf> {
    let folder = repository.join("snapshots").join(&listing.commit);
    fs::create_dir_all(&folder)?;
    for remote in remotes {
        link(repository, remote.checksum.digits(), &folder.join(&remote.file))?;
    }
    if revision != listing.commit {
        let name = repository.join("refs").join(revision);
        let aside = name.with_added_extension(format!("{}.part", std::process::id()));
        fs::create_dir_all(name.parent().unwrap_or(repository))?;
        fs::write(&aside, &listing.commit)?;
        fs::rename(aside, name)?;
    }
    Ok(folder)
}

#[cfg(unix)]
fn link(_repository: &Path, blob: &str, name: &Path) -> io::Result<()> {
    let target = Path::new("../../blobs").join(blob);
    if fs::read_link(name).is_ok_and(|found| found == target) {
        return Ok(());
    }
    // A name that leads elsewhere, or nowhere, is replaced in one step.
    let aside = name.with_added_extension(format!("{}.part", std::process::id()));
    let _ = fs::remove_file(&aside);
    std::os::unix::fs::symlink(target, &aside)?;
    fs::rename(aside, name)
}

/// Links need rights that not everyone has elsewhere; the same file under a second name needs none.
#[cfg(not(unix))]
fn link(repository: &Path, blob: &str, name: &Path) -> io::Result<()> {
    let blob = repository.join("blobs").join(blob);
    let aside = name.with_added_extension(format!("{}.part", std::process::id()));
    let _ = fs::remove_file(&aside);
    if fs::hard_link(&blob, &aside).is_err() {
        fs::copy(&blob, &aside)?;
    }
    fs::rename(aside, name)
}
