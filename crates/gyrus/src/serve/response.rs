//! What a browser is answered: a file of the folder, the way to the page, or a refusal.

use std::fs::File;
use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use super::request::Request;
use crate::outputs::EVERYTHING;

/// An answer, not yet sent.
pub(super) struct Response {
    status: u16,
    kind: &'static str,
    location: Option<&'static str>,
    length: u64,
    /// None of a HEAD.
    content: Option<Box<dyn Read>>,
}

const PAGE: &str = "/report/index.html";
/// What is changed in the page where there is more than it has room for: it may ask, and knows for what.
const OFFERS: [(&str, &str); 2] = [
    ("<html lang=\"en\">", "<html lang=\"en\" data-everything=\"../tables/everything.json\">"),
    ("default-src &#39;none&#39;;", "default-src &#39;none&#39;; connect-src &#39;self&#39;;"),
];

impl Response {
    /// The answer to a request for a file of `folder`, which is canonical.
    pub(super) fn of(request: &Request, folder: &Path, port: u16) -> Self {
        let hosts = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
        if !hosts.contains(&request.host.to_ascii_lowercase()) {
            return Self::refused(403);
        }
        let has_content = match request.method.as_str() {
            "GET" => true,
            "HEAD" => false,
            _ => return Self::refused(405),
        };
        if request.path.is_empty() {
            return Self { location: Some(PAGE), ..Self::refused(302) };
        }
        match found(&request.path, folder) {
            None => Self::refused(404),
            Some((path, file, length)) => {
                let (content, length) = content(&path, (file, length), folder);
                let content = has_content.then_some(content);
                Self { status: 200, kind: kind(&path), location: None, length, content }
            }
        }
    }

    pub(super) fn refused(status: u16) -> Self {
        Self { status, kind: "text/plain", location: None, length: 0, content: None }
    }

    pub(super) fn write(self, mut stream: impl Write) -> io::Result<()> {
        let words = match self.status {
            200 => "OK",
            302 => "Found",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            _ => "Bad Request",
        };
        write!(stream, "HTTP/1.1 {} {words}\r\n", self.status)?;
        write!(stream, "Content-Type: {}\r\nContent-Length: {}\r\n", self.kind, self.length)?;
        if let Some(location) = self.location {
            write!(stream, "Location: {location}\r\n")?;
        }
        if self.status == 405 {
            write!(stream, "Allow: GET, HEAD\r\n")?;
        }
        // Written again by every analysis, read by nobody else's page, and never taken for another type.
        write!(stream, "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n")?;
        write!(stream, "Cross-Origin-Resource-Policy: same-origin\r\nConnection: close\r\n\r\n")?;
        if let Some(mut content) = self.content {
            io::copy(&mut content, &mut stream)?;
        }
        stream.flush()
    }
}

/// The bytes of a file; the page says where everything is, if there is more than it shows.
fn content(path: &Path, (file, length): (File, u64), folder: &Path) -> (Box<dyn Read>, u64) {
    let is_page = path == folder.join(PAGE.trim_start_matches('/'));
    if !is_page || !folder.join(EVERYTHING).is_file() {
        return (Box::new(file.take(length)), length);
    }
    let mut page = String::new();
    if file.take(length).read_to_string(&mut page).is_err() {
        page.clear();
    }
    let page = OFFERS.iter().fold(page, |page, (from, to)| page.replacen(from, to, 1));
    let length = page.len() as u64;
    (Box::new(Cursor::new(page)), length)
}

/// A file below the folder, wherever links lead.
fn found(path: &[String], folder: &Path) -> Option<(PathBuf, File, u64)> {
    let path = path.iter().fold(folder.to_owned(), |path, part| path.join(part));
    let path = std::fs::canonicalize(path).ok()?;
    let is_hidden = |below: &Path| below.iter().any(|part| part.to_string_lossy().starts_with('.'));
    if path.strip_prefix(folder).map_or(true, is_hidden) {
        return None;
    }
    let file = File::open(&path).ok()?;
    let about = file.metadata().ok()?;
    about.is_file().then_some((path, file, about.len()))
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json") => "application/json",
        Some("tsv" | "md" | "toml" | "bib") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
