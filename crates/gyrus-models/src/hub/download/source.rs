//! What can go wrong between the hub and the cache, in the words of the house.

use std::io;
use std::path::{Path, PathBuf};

use crate::ModelError;
use crate::hub::NEWEST;

/// What is fetched from where, as errors name it.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) revision: String,
    pub(super) endpoint: String,
    pub(super) cache: PathBuf,
}

/// What the hub said beside the status.
pub(super) struct Refusal {
    pub(super) status: u16,
    /// The header `x-error-code`.
    pub(super) code: String,
    /// The header `x-error-message`.
    pub(super) message: String,
}

impl Source {
    fn error(&self, place: &str, found: String, expected: &str, remedy: String) -> ModelError {
        let (name, expected) = (self.name.clone(), expected.to_owned());
        ModelError::Download { name, place: place.to_owned(), found, expected, remedy }
    }

    fn elsewhere(&self) -> String {
        let option = match self.revision.as_str() {
            NEWEST => String::new(),
            revision => format!(" --revision {revision}"),
        };
        format!(
            "run `hf download {}{option}` where there is a network and copy its cache to {}",
            self.name,
            self.cache.display()
        )
    }

    /// No answer at all.
    pub(super) fn unreached(&self, url: &str, reason: &str) -> ModelError {
        let remedy = format!("check the network and HF_ENDPOINT, or {}", self.elsewhere());
        self.error(url, format!("no answer ({reason})"), "the Hugging Face hub", remedy)
    }

    /// An answer that is none.
    pub(super) fn refused(&self, url: &str, refusal: &Refusal) -> ModelError {
        let Refusal { status, code, message } = refusal;
        let said = [code, message].into_iter().filter(|text| !text.is_empty());
        let said: String = said.map(|text| format!(", {text}")).collect();
        let found = format!("HTTP {status}{said}");
        let page = format!("{}/{}", self.endpoint, self.name);
        let (expected, remedy) = match (*status, code.as_str()) {
            (401 | 403, "GatedRepo") => (
                "a token whose owner accepted the terms",
                format!("accept them at {page} and set HF_TOKEN to a token of that account"),
            ),
            (401 | 403, _) => (
                "a language model that everyone may read",
                format!("correct the name, or set HF_TOKEN to a token that may read {page}"),
            ),
            (404, "RevisionNotFound") => (
                "a branch, tag or commit",
                format!("correct the revision `{}`; {page} lists those there are", self.revision),
            ),
            (404, _) => ("a language model of this name", format!("correct the name; look it up at {page}")),
            _ => ("an answer", format!("try again later, or {}", self.elsewhere())),
        };
        self.error(url, found, expected, remedy)
    }

    /// An answer that says something else than the protocol.
    pub(super) fn strange(&self, url: &str, found: String, expected: &str) -> ModelError {
        let remedy = format!("check that HF_ENDPOINT is a Hugging Face hub, or {}", self.elsewhere());
        self.error(url, found, expected, remedy)
    }

    /// A repository without a file that is needed.
    pub(super) fn without(&self, file: &str, files: &[String]) -> ModelError {
        let shown = files.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
        let remedy = if file.ends_with("tokenizer.json") {
            "choose a repository with a fast tokenizer, or save one with transformers into a folder"
        } else {
            "choose a repository or revision that has it, or save the model with transformers as safetensors into a folder"
        };
        self.error(&self.endpoint, format!("no {file} among {shown}"), file, remedy.to_owned())
    }

    /// Bytes that stopped coming.
    pub(super) fn cut(&self, file: &str, (bytes, of): (u64, u64), reason: &str) -> ModelError {
        let remedy = "run it again: it goes on where it stopped".to_owned();
        self.error(file, format!("{bytes} bytes ({reason})"), &format!("{of} bytes"), remedy)
    }

    /// A file of another size than the hub states.
    pub(super) fn other_size(&self, file: &str, (bytes, of): (u64, u64)) -> ModelError {
        let remedy =
            "try again later; the server that holds the bytes may not have the newest ones yet".to_owned();
        self.error(
            file,
            format!("a file of {bytes} bytes"),
            &format!("{of} bytes, as the hub states"),
            remedy,
        )
    }

    /// Something that is no file where the part of one belongs.
    pub(super) fn in_the_way(&self, path: &Path) -> ModelError {
        let (found, expected) =
            ("something that is no file", "none, or the part of a file that an earlier call left");
        self.error(&path.display().to_string(), found.to_owned(), expected, "remove it".to_owned())
    }

    /// Bytes that are others than the hub states.
    pub(super) fn damaged(&self, file: &str, found: &str, expected: &str) -> ModelError {
        let remedy = "the damaged file was removed: run it again".to_owned();
        self.error(file, format!("bytes with the hash {found}"), expected, remedy)
    }

    /// A cache that cannot be written.
    pub(super) fn unwritten(&self, path: &Path, error: &io::Error) -> ModelError {
        let remedy = "make room or rights there, or set HF_HOME to another folder".to_owned();
        self.error(&path.display().to_string(), error.to_string(), "a cache that can be written", remedy)
    }
}
