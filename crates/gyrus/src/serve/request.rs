//! What a browser asks for: the first lines of HTTP/1.1 (RFC 9112), of which only method, path and host matter here.

use std::io::{BufRead, Read};

/// A request that was understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Parts of the path, decoded; none of them leads anywhere but down.
    pub(super) path: Vec<String>,
    pub(super) host: String,
}

/// Bytes of all lines before the empty one.
const MOST_BYTES: u64 = 16 * 1024;

impl Request {
    /// Reads lines up to the empty one. Else the status that says what is wrong.
    pub(super) fn read(source: &mut impl BufRead) -> Result<Self, u16> {
        let mut source = source.take(MOST_BYTES);
        let first = line(&mut source)?;
        let parts: Vec<&str> = first.split(' ').collect();
        let [method, target, version] = parts[..] else { return Err(400) };
        if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
            return Err(400);
        }
        let mut host = String::new();
        loop {
            let next = line(&mut source)?;
            if next.is_empty() {
                break;
            }
            let (name, value) = next.split_once(':').ok_or(400_u16)?;
            if name.eq_ignore_ascii_case("host") {
                host = value.trim().to_owned();
            }
        }
        Ok(Self { method: method.to_owned(), path: path(target)?, host })
    }
}

/// A line without its end.
fn line(source: &mut impl BufRead) -> Result<String, u16> {
    let mut bytes = Vec::new();
    source.read_until(b'\n', &mut bytes).map_err(|_| 400_u16)?;
    // Cut off by its sender, or longer than any browser's.
    let text = bytes.strip_suffix(b"\n").ok_or(400_u16)?;
    let text = text.strip_suffix(b"\r").unwrap_or(text);
    String::from_utf8(text.to_vec()).map_err(|_| 400)
}

/// The parts of a target between its slashes; whatever could lead elsewhere is as good as not there.
fn path(target: &str) -> Result<Vec<String>, u16> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let path = path.strip_prefix('/').ok_or(400_u16)?;
    let mut parts = Vec::new();
    for part in path.split('/').filter(|part| !part.is_empty()) {
        let part = decoded(part).ok_or(400_u16)?;
        if part.starts_with('.') || part.contains(['/', '\\', ':', '\0']) {
            return Err(404);
        }
        parts.push(part);
    }
    Ok(parts)
}

/// Text whose bytes are written as `%` and two digits where they are special (RFC 3986, section 2.1).
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(target: &str) -> Result<Request, u16> {
        Request::read(
            &mut format!("GET {target} HTTP/1.1\r\nAccept: */*\r\nhost: 127.0.0.1:80\r\n\r\n").as_bytes(),
        )
    }

    #[test]
    fn paths_are_decoded_once() {
        let path = |target: &str| asked(target).map(|request| request.path);
        assert_eq!(path("/"), Ok(vec![]));
        assert_eq!(path("/maps//a%20b.nii?x=1#y"), Ok(vec!["maps".to_owned(), "a b.nii".to_owned()]));
        assert_eq!(path("/%C3%A4"), Ok(vec!["ä".to_owned()]));
        assert_eq!(path("/a%2525"), Ok(vec!["a%25".to_owned()]));
        assert_eq!(asked("/").unwrap().host, "127.0.0.1:80");
    }

    #[test]
    fn nothing_leads_out_of_the_folder() {
        for target in [
            "/..",
            "/a/../b",
            "/%2e%2e/x",
            "/%2E./x",
            "/..%2fx",
            "/a%2fb",
            "/a%5cb",
            "/%00",
            "/C:/x",
            "/.git",
        ] {
            assert_eq!(asked(target), Err(404), "{target}");
        }
        for target in ["x", "http://127.0.0.1/x", "*", "/%zz", "/%4", "/%ff"] {
            assert_eq!(asked(target), Err(400), "{target}");
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let long = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000));
        for bytes in [
            "",
            "GET / HTTP/1.1\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/2\r\n\r\n",
            "GET / HTTP/1.1\r\nx\r\n\r\n",
            &long,
        ] {
            assert_eq!(Request::read(&mut bytes.as_bytes()), Err(400), "{bytes}");
        }
        assert_eq!(Request::read(&mut &b"GET /\xff HTTP/1.1\r\n\r\n"[..]), Err(400));
    }
}
