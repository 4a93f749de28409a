//! Names of the hub: from the local cache, or fetched into it where gyrus was built to and may.

use std::path::{Path, PathBuf};

use gyrus_models::{Cache, HubName, ModelError, NEWEST};

use super::require_files;
use crate::Progress;

/// Where the cache keeps a language model, and its name there, if there is no such folder and it might be a name of the
/// hub.
pub(crate) fn cached(
    (path, folder): (&Path, &Path),
    revision: Option<&str>,
    progress: &dyn Progress,
) -> Result<Option<(PathBuf, String)>, ModelError> {
    let name = path.to_str().and_then(HubName::new).filter(|_| !folder.exists());
    let Some(name) = name else { return Ok(None) };
    let (cache, revision) = (Cache::of_environment(), revision.unwrap_or(NEWEST));
    let found = cache.find(&name, revision);
    let is_whole = found.as_ref().is_ok_and(|folder| require_files(folder).is_ok());
    let fetched = if is_whole { None } else { fetched(&cache, (&name, revision), progress) };
    Ok(Some((fetched.unwrap_or(found)?, name.short().to_owned())))
}

/// What the hub gives; none where it is not asked.
#[cfg(feature = "download")]
fn fetched(
    cache: &Cache,
    (name, revision): (&HubName, &str),
    progress: &dyn Progress,
) -> Option<Result<PathBuf, ModelError>> {
    let hub = gyrus_models::Hub::of_environment()?;
    progress.begin(&format!("fetching {}", name.short()));
    let fetched = hub.fetch(cache, name, revision, &|share| progress.advance(share));
    let commit = fetched.as_ref().ok().and_then(|folder| folder.file_name());
    if let Some(commit) = commit.map(|commit| commit.to_string_lossy()).filter(|commit| commit != revision) {
        progress.note(&format!(
            "`{revision}` of {} is commit {commit}; revision = \"{commit}\" keeps it when the hub moves on",
            name.short()
        ));
    }
    progress.begin("opening files");
    Some(fetched)
}

#[cfg(not(feature = "download"))]
fn fetched(
    _cache: &Cache,
    _named: (&HubName, &str),
    _progress: &dyn Progress,
) -> Option<Result<PathBuf, ModelError>> {
    None
}
