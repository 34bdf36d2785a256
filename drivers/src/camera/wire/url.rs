//! The camera's address: `http://host[:port][/path]`.

use std::fmt;

/// An address taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    /// Host name or address; an IPv6 address without its brackets.
    pub host: String,
    pub port: u16,
    /// Path with query, from the slash on.
    pub path: String,
    /// Host and port as they were written, for the `Host` header.
    pub authority: String,
}

/// An address that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Not `http://`. Cameras stand in the kiosk's own network; none is known that does TLS with a certificate one
    /// could check.
    #[error("the address does not begin with http://")]
    Scheme,
    /// A user and password: cameras that ask for one want it hashed, which is not built.
    #[error("the address holds a user name, which is not supported")]
    User,
    /// No host, or one with characters that no host has.
    #[error("the address has no proper host")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the address has no proper port")]
    Port,
    /// The path has blanks or control characters, which would end the request line.
    #[error("the path has characters that must be written as %XX")]
    Path,
}

impl Url {
    /// Takes an address apart.
    ///
    /// # Errors
    /// [`UrlError`] for the first part that is wrong.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        let rest = text.strip_prefix("http://").ok_or(UrlError::Scheme)?;
        let (authority, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        if authority.contains('@') {
            return Err(UrlError::User);
        }
        let (host, port) = match authority.strip_prefix('[') {
            Some(rest) => {
                let (host, port) = rest.split_once(']').ok_or(UrlError::Host)?;
                (host, port.strip_prefix(':').or(port.is_empty().then_some("80")).ok_or(UrlError::Port)?)
            }
            None => authority.split_once(':').unwrap_or((authority, "80")),
        };
        let known = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(known) {
            return Err(UrlError::Host);
        }
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(UrlError::Port)?;
        if !path.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(UrlError::Path);
        }
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Ok(Self { host: host.into(), port, path, authority: authority.into() })
    }

    /// Host and port, for whoever connects.
    pub fn address(&self) -> String {
        let Self { host, port, .. } = self;
        if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
    }

    /// The request for the stream. HTTP/1.0, so that a camera does not cut its answer into chunks; some do all the same.
    pub fn request(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| {
            let Self { path, authority, .. } = self;
            write!(
                f,
                "GET {path} HTTP/1.0\r\nHost: {authority}\r\nUser-Agent: kiosk\r\n\
                 Accept: multipart/x-mixed-replace\r\nConnection: close\r\n\r\n"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let parts = |text| Url::parse(text).map(|url| (url.host, url.port, url.path));
        let url = |host: &str, port, path: &str| Ok((host.to_owned(), port, path.to_owned()));
        assert_eq!(parts("http://127.0.0.1:8081/stream"), url("127.0.0.1", 8081, "/stream"));
        assert_eq!(parts("http://camera"), url("camera", 80, "/"));
        assert_eq!(parts("http://camera?action=stream"), url("camera", 80, "/?action=stream"));
        assert_eq!(parts("http://[fe80::1]/a"), url("fe80::1", 80, "/a"));
        assert_eq!(parts("http://[::1]:81/a"), url("::1", 81, "/a"));
        assert_eq!(parts("https://camera/"), Err(UrlError::Scheme));
        assert_eq!(parts("http://me:secret@camera/"), Err(UrlError::User));
        assert_eq!(parts("http:///x"), Err(UrlError::Host));
        assert_eq!(parts("http://a b/"), Err(UrlError::Host));
        assert_eq!(parts("http://a:0/"), Err(UrlError::Port));
        assert_eq!(parts("http://a:99999/"), Err(UrlError::Port));
        assert_eq!(parts("http://a/x\r\nEvil: 1"), Err(UrlError::Path));
    }

    #[test]
    fn the_request_is_one_of_http_1_0() {
        let url = Url::parse("http://cam:81/a?b=c").unwrap();
        assert_eq!(
            url.request().to_string(),
            "GET /a?b=c HTTP/1.0\r\nHost: cam:81\r\nUser-Agent: kiosk\r\n\
             Accept: multipart/x-mixed-replace\r\nConnection: close\r\n\r\n"
        );
    }
}
