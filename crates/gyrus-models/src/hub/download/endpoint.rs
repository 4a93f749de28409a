//! What the hub is asked: the files of a revision, what each of them is, and their bytes.

use std::time::Duration;

use serde::Deserialize;
use ureq::http::{HeaderMap, Response};
use ureq::{Agent, Body, RequestExt};

use super::checksum::of_etag;
use super::source::{Refusal, Source};
use crate::ModelError;
use crate::http::{agent, answer, escaped};
use crate::hub::{Cache, HubName, is_offline, token, whole_revision};
use crate::transfer::{Answer, Checksum};

/// Renames of a repository that are followed.
const RENAMES: usize = 5;
/// A list of files is shorter.
const MOST_LISTED: u64 = 64 << 20;

/// A server that speaks the protocol of the Hugging Face hub.
#[derive(Debug, Clone)]
pub struct Hub {
    /// Follows redirections, as to the servers that hold large files.
    agent: Agent,
    /// Shows them.
    still: Agent,
    endpoint: String,
    token: Option<String>,
}

/// The files of a repository at a commit.
pub(super) struct Listing {
    pub(super) source: Source,
    pub(super) commit: String,
    pub(super) files: Vec<String>,
}

/// A file as the hub states it.
pub(super) struct Remote {
    pub(super) source: Source,
    pub(super) file: String,
    pub(super) url: String,
    pub(super) checksum: Checksum,
    pub(super) bytes: u64,
}

#[derive(Deserialize)]
struct Revision {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Deserialize)]
struct Sibling {
    rfilename: String,
}

impl Listing {
    pub(super) fn has(&self, file: &str) -> bool {
        self.files.iter().any(|found| found == file)
    }
}

impl Hub {
    /// The hub of the environment: `HF_ENDPOINT`, or `https://huggingface.co`, with the token of `HF_TOKEN`,
    /// `HF_TOKEN_PATH` or `HF_HOME/token`; none where `HF_HUB_OFFLINE` or `TRANSFORMERS_OFFLINE` says so.
    #[must_use]
    pub fn of_environment() -> Option<Self> {
        if is_offline() {
            return None;
        }
        let endpoint = std::env::var("HF_ENDPOINT").ok().filter(|value| !value.trim().is_empty());
        Some(Self::at(endpoint.as_deref().unwrap_or("https://huggingface.co"), token()))
    }

    /// The hub at an address such as `https://huggingface.co`.
    #[must_use]
    pub fn at(endpoint: &str, token: Option<String>) -> Self {
        let endpoint = endpoint.trim().trim_end_matches('/').to_owned();
        let (agent, still) = (agent(&endpoint, 10), agent(&endpoint, 0));
        Self { agent, still, endpoint, token }
    }

    /// The commit of a revision, and its files.
    pub(super) fn listing(
        &self,
        cache: &Cache,
        name: &HubName,
        revision: &str,
    ) -> Result<Listing, ModelError> {
        let (endpoint, cache) = (self.endpoint.clone(), cache.folder.clone());
        let source = Source { name: name.0.clone(), revision: revision.to_owned(), endpoint, cache };
        if !whole_revision(revision) {
            let refusal =
                Refusal { status: 404, code: "RevisionNotFound".to_owned(), message: String::new() };
            return Err(source.refused(&self.endpoint, &refusal));
        }
        let url = format!("{}/api/models/{}/revision/{}", self.endpoint, name.0, escaped(revision));
        let mut response = self.ask(&self.agent, &source, ("GET", &url), 0)?;
        let text = response.body_mut().with_config().limit(MOST_LISTED).read_to_string();
        let text = text.map_err(|error| source.unreached(&url, &error.to_string()))?;
        let expected = "a commit and its files";
        let answer: Revision = serde_json::from_str(&text).map_err(|error| {
            source.strange(&url, format!("an answer that is no such list ({error})"), expected)
        })?;
        let is_commit = answer.sha.len() == 40 && answer.sha.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_commit {
            return Err(source.strange(&url, format!("`{}`", answer.sha), "a commit of 40 digits"));
        }
        let files = answer.siblings.into_iter().map(|sibling| sibling.rfilename).collect();
        Ok(Listing { source, commit: answer.sha, files })
    }

    /// What a file is at the commit.
    pub(super) fn remote(&self, listing: &Listing, file: &str) -> Result<Remote, ModelError> {
        let source = listing.source.clone();
        if !listing.has(file) {
            return Err(source.without(file, &listing.files));
        }
        let url = format!("{}/{}/resolve/{}/{}", self.endpoint, source.name, listing.commit, escaped(file));
        let (url, headers) = self.headers(&source, url)?;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let strange = |found: Option<&str>, expected| {
            let found = found.map_or_else(|| "nothing".to_owned(), |text| format!("`{text}`"));
            source.strange(&url, found, expected)
        };
        let commit = text("x-repo-commit");
        if commit != Some(&listing.commit) {
            return Err(strange(commit, &format!("the commit {} in x-repo-commit", listing.commit)));
        }
        let etag = text("x-linked-etag").or_else(|| text("etag"));
        let checksum = etag.and_then(of_etag);
        let checksum =
            checksum.ok_or_else(|| strange(etag, "a SHA-256 or Git hash in x-linked-etag or etag"))?;
        let length = text("x-linked-size").or_else(|| text("content-length"));
        let bytes = length.and_then(|length| length.parse().ok());
        let bytes =
            bytes.ok_or_else(|| strange(length, "the file's bytes in x-linked-size or content-length"))?;
        Ok(Remote { source, file: file.to_owned(), url, checksum, bytes })
    }

    /// The address and the headers that state a commit. A repository that has another name now is followed there, servers that only
    /// hold bytes are not.
    fn headers(&self, source: &Source, mut url: String) -> Result<(String, HeaderMap), ModelError> {
        for _ in 0..RENAMES {
            let response = self.ask(&self.still, source, ("HEAD", &url), 0)?;
            let headers = response.headers().clone();
            let location = headers.get("location").and_then(|value| value.to_str().ok());
            match location.filter(|_| !headers.contains_key("x-repo-commit")) {
                Some(path) if path.starts_with('/') => url = format!("{}{path}", self.endpoint),
                Some(whole) if whole.starts_with(&format!("{}/", self.endpoint)) => {
                    whole.clone_into(&mut url)
                }
                _ => return Ok((url, headers)),
            }
        }
        Err(source.strange(&url, "names that lead in a circle".to_owned(), "a file"))
    }

    /// The bytes of a file from a place on.
    ///
    /// # Errors
    /// - [`ModelError::Download`] if asking again is no use.
    pub(super) fn bytes(&self, remote: &Remote, from: u64) -> Result<Answer, ModelError> {
        let answer = answer(self.send(&self.agent, ("GET", &remote.url), from), from);
        answer.map_err(|response| remote.source.refused(&remote.url, &refusal(&response)))
    }

    /// Asks, again where a server is busy.
    fn ask(
        &self,
        agent: &Agent,
        source: &Source,
        (method, url): (&str, &str),
        attempt: u32,
    ) -> Result<Response<Body>, ModelError> {
        let answer = self.send(agent, (method, url), 0);
        let status = answer.as_ref().map_or(0, |response| response.status().as_u16());
        match answer {
            Ok(response) if status < 400 => Ok(response),
            _ if attempt < 2 && matches!(status, 0 | 408 | 429 | 500..) => {
                std::thread::sleep(Duration::from_millis(200 << (2 * attempt)));
                self.ask(agent, source, (method, url), attempt + 1)
            }
            Ok(response) => Err(source.refused(url, &refusal(&response))),
            Err(error) => Err(source.unreached(url, &error.to_string())),
        }
    }

    fn send(
        &self,
        agent: &Agent,
        (method, url): (&str, &str),
        from: u64,
    ) -> Result<Response<Body>, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
        }
        request.body(())?.with_agent(agent).run()
    }
}

fn refusal(response: &Response<Body>) -> Refusal {
    let text = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    Refusal {
        status: response.status().as_u16(),
        code: text("x-error-code"),
        message: text("x-error-message"),
    }
}
