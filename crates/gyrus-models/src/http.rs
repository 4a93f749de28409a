//! Clients of servers that hold files, and how they are asked.

use std::time::Duration;

use ureq::http::{Request, Response};
use ureq::{Agent, Body, Proxy, RequestExt};

use crate::transfer::Answer;

const CONNECT: Duration = Duration::from_secs(20);
const SILENCE: Duration = Duration::from_secs(60);
/// Redirections that are followed.
const REDIRECTIONS: u32 = 10;

/// A client for a server that anybody may ask.
#[derive(Debug, Clone)]
pub struct Client(Agent);

impl Client {
    /// One for the server of an address, such as `https://s3.amazonaws.com/openneuro.org`.
    #[must_use]
    pub fn of(address: &str) -> Self {
        Self(agent(address, REDIRECTIONS))
    }

    /// The bytes of a file from a place on.
    ///
    /// # Errors
    /// - the status, where asking again is no use.
    pub fn get(&self, url: &str, from: u64) -> Result<Answer, u16> {
        let request = Request::get(url).header("range", format!("bytes={from}-")).body(());
        let response = request.map_err(Into::into).and_then(|request| request.with_agent(&self.0).run());
        answer(response, from).map_err(|response| response.status().as_u16())
    }
}

/// A client for a server: bytes as they are stored, patience for slow ones, the proxy of the environment but for this machine.
pub(crate) fn agent(endpoint: &str, redirects: u32) -> Agent {
    let host = endpoint.split("://").nth(1).unwrap_or_default();
    let is_this_machine = ["127.0.0.1", "localhost", "[::1]"].iter().any(|name| host.starts_with(name));
    Agent::config_builder()
        .user_agent(concat!("gyrus/", env!("CARGO_PKG_VERSION")))
        // Bytes are hashed as they are stored.
        .accept_encoding("identity")
        .http_status_as_error(false)
        .max_redirects(redirects)
        .max_redirects_will_error(false)
        // A token is for the hub, not for the servers that it sends to.
        .redirect_auth_headers(ureq::config::RedirectAuthHeaders::Never)
        .timeout_connect(Some(CONNECT))
        .timeout_recv_response(Some(SILENCE))
        .timeout_per_read(Some(SILENCE))
        .proxy(if is_this_machine { None } else { Proxy::try_from_env() })
        .build()
        .new_agent()
}

/// What came to a question for the bytes from a place on; the response itself where asking again is no use.
pub(crate) fn answer(
    response: Result<Response<Body>, ureq::Error>,
    from: u64,
) -> Result<Answer, Box<Response<Body>>> {
    let response = match response {
        Ok(response) => response,
        Err(error) => return Ok(Answer::Later(error.to_string())),
    };
    let status = response.status().as_u16();
    let text = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
    let range = text("content-range").unwrap_or_default();
    // `bytes 5-9/10`, or `bytes */10` where nothing fits.
    let of_range = range.split_once('/').and_then(|(_, of)| of.trim().parse().ok());
    let (start, of) = match status {
        200 => (0, text("content-length").and_then(|length| length.trim().parse().ok())),
        206 if range.starts_with(&format!("bytes {from}-")) => (from, of_range),
        416 => return Ok(of_range.map_or_else(|| Answer::Later("HTTP 416".to_owned()), Answer::Ends)),
        206 | 408 | 429 | 500.. => return Ok(Answer::Later(format!("HTTP {status}"))),
        _ => return Err(Box::new(response)),
    };
    // What is read is limited by the size that was stated.
    let body = Box::new(response.into_body().into_with_config().limit(u64::MAX).reader());
    Ok(Answer::Bytes { from: start, of, body })
}

/// A text as one part of the path of an address, such as the branch `refs/pr/1`.
#[must_use]
pub fn escaped(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
