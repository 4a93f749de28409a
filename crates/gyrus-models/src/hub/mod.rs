//! Names of the Hugging Face hub: looked up in the cache that its own tools fill, and fetched into it by the feature
//! `download`.

#[cfg(feature = "download")]
mod download;

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::ModelError;
#[cfg(feature = "download")]
pub use download::Hub;

/// A language model as the hub names it, such as "openai-community/gpt2".
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubName(String);

/// A folder in the layout of `huggingface_hub`: `models--OWNER--NAME` with `refs`, `snapshots` and `blobs`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cache {
    folder: PathBuf,
}

/// What the hub calls the newest state of a repository.
pub const NEWEST: &str = "main";

impl HubName {
    /// The text as a name: letters, digits, `.`, `_` and `-`, with at most one `/` between owner and name.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "._-".contains(letter);
        let is_part = |part: &str| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric()) && part.chars().all(is_letter)
        };
        let parts: Vec<&str> = text.split('/').collect();
        (parts.len() <= 2 && parts.into_iter().all(is_part)).then(|| Self(text.to_owned()))
    }

    /// The name without its owner.
    #[must_use]
    pub fn short(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    fn folder(&self) -> String {
        format!("models--{}", self.0.replace('/', "--"))
    }
}

impl Cache {
    /// The cache in a folder.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// Where `huggingface_hub` keeps it: `HF_HUB_CACHE`, else `HF_HOME/hub`, else `huggingface/hub` below
    /// `XDG_CACHE_HOME` or `~/.cache`.
    #[must_use]
    pub fn of_environment() -> Self {
        Self { folder: variable("HF_HUB_CACHE").unwrap_or_else(|| own_folder().join("hub")) }
    }

    /// The folder of a language model at a branch, a tag or a whole commit. Nothing is fetched.
    ///
    /// # Errors
    /// - [`ModelError::Hub`] if the cache does not hold it, with the command that fetches it.
    pub fn find(&self, name: &HubName, revision: &str) -> Result<PathBuf, ModelError> {
        let forbidden = if is_offline() { ", and HF_HUB_OFFLINE forbids the network" } else { "" };
        let missing = |reason: String| ModelError::Hub {
            name: name.0.clone(),
            cache: self.folder.clone(),
            reason: format!("{reason}{forbidden}"),
            option: if revision == NEWEST { String::new() } else { format!(" --revision {revision}") },
        };
        let repository = self.folder.join(name.folder());
        if !repository.is_dir() {
            return Err(missing("it was never fetched".to_owned()));
        }
        if !whole_revision(revision) {
            return Err(missing(format!("`{revision}` is no branch, tag or commit")));
        }
        let commit = match fs::read_to_string(repository.join("refs").join(revision)) {
            Ok(commit) => commit.trim().to_owned(),
            Err(_) => revision.to_owned(),
        };
        let snapshot = repository.join("snapshots").join(&commit);
        let is_whole = !commit.is_empty() && !commit.contains(['/', '\\', '.']) && snapshot.is_dir();
        if is_whole { Ok(snapshot) } else { Err(missing(format!("revision `{revision}` was not fetched"))) }
    }
}

/// Whether the text can be a branch, a tag or a commit: a path without steps upwards.
fn whole_revision(revision: &str) -> bool {
    let is_step = |part: Component<'_>| matches!(part, Component::Normal(_));
    !revision.is_empty() && !revision.ends_with('/') && Path::new(revision).components().all(is_step)
}

fn variable(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// Where the hub's tools keep what is theirs.
fn own_folder() -> PathBuf {
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).unwrap_or_default();
    let caches = || variable("XDG_CACHE_HOME").unwrap_or_else(|| home().join(".cache"));
    variable("HF_HOME").unwrap_or_else(|| caches().join("huggingface"))
}

/// Whether the environment forbids the network.
fn is_offline() -> bool {
    let says = |name: &str| {
        std::env::var(name).is_ok_and(|value| {
            ["1", "on", "yes", "true"].iter().any(|yes| value.trim().eq_ignore_ascii_case(yes))
        })
    };
    says("HF_HUB_OFFLINE") || says("TRANSFORMERS_OFFLINE")
}

/// The token of `HF_TOKEN`, or of the file of `HF_TOKEN_PATH` or `HF_HOME/token`.
#[cfg(feature = "download")]
fn token() -> Option<String> {
    let of_file = || {
        let path = variable("HF_TOKEN_PATH").unwrap_or_else(|| own_folder().join("token"));
        fs::read_to_string(path).ok()
    };
    let token = std::env::var("HF_TOKEN").ok().or_else(of_file)?.trim().to_owned();
    (!token.is_empty()).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

    /// A cache with one commit of one language model, which `main` and a tag name.
    fn cache() -> (tempfile::TempDir, Cache) {
        let folder = tempfile::tempdir().unwrap();
        let repository = folder.path().join("models--openai-community--gpt2");
        fs::create_dir_all(repository.join("refs")).unwrap();
        fs::create_dir_all(repository.join("snapshots").join(COMMIT)).unwrap();
        fs::write(repository.join("refs/main"), COMMIT).unwrap();
        fs::write(repository.join("refs/v1.0"), format!("{COMMIT}\n")).unwrap();
        fs::write(repository.join("refs/gone"), "0123456789abcdef0123456789abcdef01234567").unwrap();
        fs::write(repository.join("refs/wild"), "../..").unwrap();
        let cache = Cache::at(folder.path());
        (folder, cache)
    }

    #[test]
    fn branches_tags_and_commits_lead_to_the_snapshot() {
        let (folder, cache) = cache();
        let name = HubName::new("openai-community/gpt2").unwrap();
        let expected = folder.path().join("models--openai-community--gpt2/snapshots").join(COMMIT);
        for revision in [NEWEST, "v1.0", COMMIT] {
            assert_eq!(cache.find(&name, revision).unwrap(), expected);
        }
        assert_eq!(name.short(), "gpt2");
    }

    #[test]
    fn what_is_not_there_is_named_with_the_command_that_fetches_it() {
        let (_folder, cache) = cache();
        let says = |name: &str, revision: &str| {
            cache.find(&HubName::new(name).unwrap(), revision).unwrap_err().to_string()
        };
        let error = says("somebody/other", NEWEST);
        assert!(error.contains("`somebody/other`") && error.contains("never fetched"), "{error}");
        assert!(error.contains("run `hf download somebody/other`"), "{error}");
        for revision in ["v2", "gone", "wild", "../../..", ""] {
            let error = says("openai-community/gpt2", revision);
            assert!(error.contains(&format!("--revision {revision}")), "{error}");
        }
    }

    #[test]
    fn paths_are_not_names() {
        for text in ["gpt2", "openai-community/gpt2", "a/b-1.5_c"] {
            assert!(HubName::new(text).is_some(), "{text}");
        }
        for text in ["", "/a", "a/", "./a", "../a", "a/b/c", "a b", "~/a", "a\\b", ".hidden"] {
            assert!(HubName::new(text).is_none(), "{text}");
        }
    }
}
