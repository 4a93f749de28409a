//! A server on this machine that speaks the protocol of the hub, and misbehaves where a test asks it to.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use sha1::Sha1;
use sha2::{Digest, Sha256};

pub const COMMIT: &str = "607a30d783dfa663caf39e06633721c8d4cfcd7e";

/// A name that leads to itself.
pub const CIRCLE: &str = "somebody/circle";

/// How the server behaves.
#[derive(Default, Clone)]
pub struct Manners {
    /// Bytes of a large file after which a connection ends, for so many connections.
    pub cut: Option<(usize, usize)>,
    /// Large files are sent with one byte changed.
    pub is_damaged: bool,
    /// `Range` is not understood.
    pub is_without_ranges: bool,
    /// Every request is refused with this status and these headers.
    pub refusal: Option<(u16, &'static [(&'static str, &'static str)])>,
    /// The first requests of this number are answered with 503.
    pub busy: usize,
    /// What `x-repo-commit` says in place of the commit.
    pub other_commit: bool,
    /// What etags say in place of a hash.
    pub is_without_hashes: bool,
    /// The name that the repository has now.
    pub renamed: Option<&'static str>,
    /// A token without which nothing is told.
    pub token: Option<&'static str>,
}

/// A running server.
pub struct Server {
    pub endpoint: String,
    shared: Arc<Shared>,
}

struct Shared {
    files: BTreeMap<String, Vec<u8>>,
    manners: Mutex<Manners>,
    requests: Mutex<Vec<Request>>,
    port: u16,
}

/// What was asked.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub authorization: Option<String>,
}

impl Server {
    /// Serves the files of a folder as the repository `somebody/model`.
    pub fn of(folder: &Path, manners: Manners) -> Self {
        let files = std::fs::read_dir(folder).unwrap().map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read(path).unwrap())
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            files: files.collect(),
            manners: Mutex::new(manners),
            requests: Mutex::default(),
            port,
        });
        let serving = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&serving);
                std::thread::spawn(move || shared.answer(stream));
            }
        });
        Self { endpoint: format!("http://127.0.0.1:{port}"), shared }
    }

    pub fn behave(&self, manners: Manners) {
        *self.shared.manners.lock().unwrap() = manners;
    }

    /// What was asked so far; forgotten by this.
    pub fn requests(&self) -> Vec<Request> {
        std::mem::take(&mut self.shared.requests.lock().unwrap())
    }
}

/// A status, headers, and a body, of which a part may be sent.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    sent: usize,
}

impl Answer {
    fn new(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Self { status, headers: headers.collect(), sent: body.len(), body }
    }
}

impl Shared {
    fn answer(&self, stream: TcpStream) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        let Some(request) = request(&mut reader) else { return };
        self.requests.lock().unwrap().push(request.clone());
        let answer = self.reply(&request);
        let mut stream = stream;
        let mut head = format!("HTTP/1.1 {} Answer\r\nconnection: close\r\n", answer.status);
        for (name, value) in &answer.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if !answer.headers.iter().any(|(name, _)| name == "content-length") {
            head += &format!("content-length: {}\r\n", answer.body.len());
        }
        // A client that has seen enough hangs up.
        let _ = stream.write_all(format!("{head}\r\n").as_bytes());
        if request.method != "HEAD" {
            let _ = stream.write_all(&answer.body[..answer.sent]);
        }
    }

    fn reply(&self, request: &Request) -> Answer {
        let mut manners = self.manners.lock().unwrap();
        if manners.busy > 0 {
            manners.busy -= 1;
            return Answer::new(503, &[], b"busy".to_vec());
        }
        if let Some((status, headers)) = manners.refusal {
            return Answer::new(status, headers, b"no".to_vec());
        }
        if let Some(path) = request.path.strip_prefix("/bytes/") {
            return self.large(path, request, &mut manners);
        }
        let expected = manners.token.map(|token| format!("Bearer {token}"));
        if expected.is_some() && request.authorization != expected {
            let headers = [("x-error-code", "RepoNotFound"), ("x-error-message", "Repository not found")];
            return Answer::new(401, &headers, Vec::new());
        }
        let revisions = ["main", "v1", "refs%2Fpr%2F1", COMMIT];
        if revisions
            .iter()
            .any(|known| request.path == format!("/api/models/somebody/model/revision/{known}"))
        {
            return self.list();
        }
        match request.path.split_once(&format!("/resolve/{COMMIT}/")) {
            Some((_, file)) if self.files.contains_key(file) => self.resolve(request, file, &manners),
            _ if request.path.starts_with("/api/models/somebody/model/") => {
                Answer::new(404, &[("x-error-code", "RevisionNotFound")], Vec::new())
            }
            _ => Answer::new(404, &[("x-error-code", "EntryNotFound")], Vec::new()),
        }
    }

    fn list(&self) -> Answer {
        let names: Vec<_> = self.files.keys().map(|name| serde_json::json!({ "rfilename": name })).collect();
        let list = serde_json::json!({ "id": "somebody/model", "sha": COMMIT, "siblings": names });
        Answer::new(200, &[("content-type", "application/json")], list.to_string().into_bytes())
    }

    /// Weights are held elsewhere, as the hub does; other files are sent at once.
    fn resolve(&self, request: &Request, file: &str, manners: &Manners) -> Answer {
        if let Some(renamed) =
            manners.renamed.filter(|name| *name == CIRCLE || !request.path.starts_with(&format!("/{name}/")))
        {
            let location = format!("/{renamed}/resolve/{COMMIT}/{file}");
            return Answer::new(307, &[("location", &location)], Vec::new());
        }
        let bytes = &self.files[file];
        let commit = if manners.other_commit { "0".repeat(40) } else { COMMIT.to_owned() };
        let size = bytes.len().to_string();
        if file.ends_with(".safetensors") {
            let etag = if manners.is_without_hashes {
                "\"v1\"".to_owned()
            } else {
                format!("\"{}\"", sha256(bytes))
            };
            let location = format!("http://localhost:{}/bytes/{file}?signature=1", self.port);
            let headers = [
                ("x-repo-commit", commit.as_str()),
                ("x-linked-etag", &etag),
                ("x-linked-size", &size),
                ("etag", "\"of-the-redirection\""),
                ("location", &location),
            ];
            return Answer::new(302, &headers, Vec::new());
        }
        let etag = format!("\"{}\"", git(bytes));
        Answer::new(
            200,
            &[("x-repo-commit", &commit), ("etag", &etag), ("content-length", &size)],
            bytes.clone(),
        )
    }

    fn large(&self, path: &str, request: &Request, manners: &mut Manners) -> Answer {
        let file = path.split('?').next().unwrap_or_default();
        let mut bytes = self.files[file].clone();
        if manners.is_damaged {
            bytes[100] ^= 1;
        }
        let from =
            request.range.as_ref().filter(|_| !manners.is_without_ranges).map(|range| {
                range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap()
            });
        let mut answer = match from {
            Some(from) => {
                let range = format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len());
                Answer::new(206, &[("content-range", &range)], bytes.split_off(from))
            }
            None => Answer::new(200, &[], bytes),
        };
        if let Some((after, left)) = manners.cut.as_mut().filter(|(_, left)| *left > 0) {
            answer.sent = answer.sent.min(*after);
            *left -= 1;
        }
        answer
    }
}

fn request(reader: &mut impl BufRead) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut parts = line.split(' ').map(str::to_owned);
    let mut request =
        Request { method: parts.next()?, path: parts.next()?, range: None, authorization: None };
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { return Some(request) };
        match name.to_ascii_lowercase().as_str() {
            "range" => request.range = Some(value.to_owned()),
            "authorization" => request.authorization = Some(value.to_owned()),
            _ => (),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// As `git hash-object` has it.
pub fn git(bytes: &[u8]) -> String {
    let mut hash = Sha1::new();
    hash.update(format!("blob {}\0", bytes.len()));
    hash.update(bytes);
    hexadecimal(&hash.finalize())
}
