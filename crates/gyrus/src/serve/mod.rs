//! A finished study for browsers on the same machine: its folder, read-only, on loopback.

mod request;
mod response;

use std::io::{BufReader, ErrorKind};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::Error;
use request::Request;
use response::Response;

/// How long a browser may take for one request, and how often a server looks whether it should end.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(20);

/// A study's folder behind a port of 127.0.0.1, which no other machine reaches.
///
/// It answers GET and HEAD with files of the folder and nothing else: no path leads out of it, neither by `..` nor by links, and
/// names that begin with a dot are not served. Requests for any other host than this one are refused, so that no page of the
/// network can read the study through a name of its own.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    listener: TcpListener,
    address: SocketAddr,
}

impl Server {
    /// Opens a port for the folder of a finished study; without a port, one that is free.
    ///
    /// # Errors
    /// - [`Error::Unusable`] if the folder holds no report, or the port cannot be had.
    pub fn open(output: &Path, port: Option<u16>) -> Result<Self, Error> {
        let unusable = |path: &Path, found: String, expected: &str| Error::Unusable {
            path: path.to_owned(),
            found,
            expected: expected.to_owned(),
        };
        let page = output.join("report").join("index.html");
        if !page.is_file() {
            let expected = "the folder of a finished study; name the one that gyrus analyze wrote";
            return Err(unusable(&page, "no such file".to_owned(), expected));
        }
        let folder = std::fs::canonicalize(output)
            .map_err(|error| Error::Read { path: output.to_owned(), reason: error.to_string() })?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port.unwrap_or(0)));
        let opened = listener.and_then(|listener| {
            listener.set_nonblocking(true)?;
            listener.local_addr().map(|address| (listener, address))
        });
        let (listener, address) = opened.map_err(|error| {
            let found = format!("no way to listen on port {} ({error})", port.unwrap_or(0));
            unusable(output, found, "a free port; leave out --port, or name another")
        })?;
        Ok(Self { folder, listener, address })
    }

    /// What browsers are given.
    #[must_use]
    pub fn address(&self) -> String {
        format!("http://{}/report/index.html", self.address)
    }

    /// Answers until `is_over`, each request on a thread of its own; what is still under way then ends with the process.
    ///
    /// # Errors
    /// - [`Error::Read`] if the port is lost.
    pub fn serve(&self, is_over: impl Fn() -> bool) -> Result<(), Error> {
        while !is_over() {
            match self.listener.accept() {
                Ok((stream, _)) => {
                    let (folder, port) = (self.folder.clone(), self.address.port());
                    std::thread::spawn(move || answer(&stream, &folder, port));
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::sleep(PAUSE),
                // A browser that left before it was answered.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    return Err(Error::Read { path: self.folder.clone(), reason: error.to_string() });
                }
            }
        }
        Ok(())
    }
}

/// One request and its answer; a browser that stops in the middle is left alone.
fn answer(stream: &TcpStream, folder: &Path, port: u16) {
    let prepared = stream.set_nonblocking(false).and_then(|()| {
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))
    });
    if prepared.is_err() {
        return;
    }
    let response = match Request::read(&mut BufReader::new(stream)) {
        Ok(request) => Response::of(&request, folder, port),
        Err(status) => Response::refused(status),
    };
    let _ = response.write(stream);
}
