//! Language models fetched from the hub into the cache, checked, and resumed where they were cut off.

mod blob;
mod checksum;
mod endpoint;
mod snapshot;
mod source;

use std::fs::{self, File};
use std::path::PathBuf;

pub use endpoint::Hub;
use endpoint::{Listing, Remote};

use super::{Cache, HubName};
use crate::ModelError;

const WEIGHTS: &str = "model.safetensors";
const INDEX: &str = "model.safetensors.index.json";

impl Hub {
    /// Fetches what gyrus reads of a language model at a branch, a tag or a commit: config.json, tokenizer.json and the
    /// weights in safetensors, into the layout of `huggingface_hub`. Returns the folder of the snapshot.
    ///
    /// The revision is turned into a commit first, and every file is taken at that commit. A file gets its name only
    /// when its bytes have the hash that the hub states (SHA-256, or Git's SHA-1 of small files); what was cut off goes
    /// on where it stopped, also in a later call. A branch or tag is written down last, so it never names a snapshot
    /// that is not whole. `progress` is told the share of bytes that are there.
    ///
    /// # Errors
    /// - [`ModelError::Download`] if the hub cannot be reached, has no such name, revision or file, wants a token, gives
    ///   other bytes than it states, or the cache cannot be written.
    pub fn fetch(
        &self,
        cache: &Cache,
        name: &HubName,
        revision: &str,
        progress: &dyn Fn(f64),
    ) -> Result<PathBuf, ModelError> {
        let listing = self.listing(cache, name, revision)?;
        let repository = cache.folder.join(name.folder());
        let _lock = lock(cache, name).map_err(|error| listing.source.unwritten(&cache.folder, &error))?;
        let wanted = self.wanted(&repository, &listing)?;
        let remotes = wanted.iter().map(|file| self.remote(&listing, file)).collect::<Result<Vec<_>, _>>()?;
        let total = remotes.iter().map(|remote| remote.bytes).sum::<u64>().max(1) as f64;
        let mut done = 0;
        for remote in &remotes {
            let tell = |bytes: u64| progress((done + bytes) as f64 / total);
            blob::fetch(self, &repository, remote, &tell)?;
            done += remote.bytes;
        }
        snapshot::write(&repository, &listing, revision, &remotes)
            .map_err(|error| listing.source.unwritten(&repository, &error))
    }

    /// The files that make a language model; parts of weights as their index lists them.
    fn wanted(&self, repository: &std::path::Path, listing: &Listing) -> Result<Vec<String>, ModelError> {
        let mut wanted = vec!["config.json".to_owned(), "tokenizer.json".to_owned()];
        if listing.has(WEIGHTS) {
            wanted.push(WEIGHTS.to_owned());
        } else {
            let index = self.remote(listing, INDEX)?;
            blob::fetch(self, repository, &index, &|_| ())?;
            wanted.push(INDEX.to_owned());
            wanted.extend(parts(&index, &blob::path(repository, &index))?);
        }
        match wanted.iter().find(|file| !listing.has(file)) {
            Some(missing) => Err(listing.source.without(missing, &listing.files)),
            None => Ok(wanted),
        }
    }
}

/// Of several programs that fetch the same language model one works, the others wait and find it done.
fn lock(cache: &Cache, name: &HubName) -> std::io::Result<File> {
    let folder = cache.folder.join(".locks").join(name.folder());
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join("gyrus.lock"))?;
    file.lock()?;
    Ok(file)
}

/// Names of the files of an index of weights.
fn parts(index: &Remote, path: &std::path::Path) -> Result<Vec<String>, ModelError> {
    let damaged = |reason: String| ModelError::Damaged { path: path.to_owned(), reason };
    let bytes = crate::checkpoint::read(path)?;
    let index: serde_json::Value = serde_json::from_slice(&bytes)
        .map_err(|error| damaged(format!("{} of the hub: {error}, expected JSON", index.file)))?;
    let map = index["weight_map"].as_object();
    let map = map.ok_or_else(|| damaged("found no weight_map, expected the names of files".to_owned()))?;
    let mut names = std::collections::BTreeSet::new();
    for value in map.values() {
        let name = value.as_str().filter(|name| !name.starts_with('.') && !name.contains(['/', '\\']));
        let name = name
            .ok_or_else(|| damaged(format!("found {value} in weight_map, expected a file of the folder")))?;
        names.insert(name.to_owned());
    }
    Ok(names.into_iter().collect())
}
