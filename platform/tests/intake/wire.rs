//! Plain HTTP over a kiosk's mutual TLS, a request a connection.

use std::sync::Arc;

use platform::Server;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::bench::Kiosk;

/// What makes connections with a kiosk's certificate.
pub fn connector(kiosk: &Kiosk, server: &Server) -> TlsConnector {
    let files = kiosk.config(server);
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(&files.ca).unwrap()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![CertificateDer::from_pem_file(&files.client_cert).unwrap()],
            PrivateKeyDer::from_pem_file(&files.client_key).unwrap(),
        )
        .unwrap();
    TlsConnector::from(Arc::new(tls))
}

/// A connection to a server.
pub async fn connect(connector: &TlsConnector, server: &Server) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(server.local_addr()).await.unwrap();
    connector.connect(ServerName::try_from("127.0.0.1").unwrap(), stream).await.unwrap()
}

/// One request over a connection of its own; gives status, head and body.
pub async fn call(kiosk: &Kiosk, server: &Server, head: &str, body: &[u8]) -> (u16, String, String) {
    let mut stream = connect(&connector(kiosk, server), server).await;
    let head = format!("{head}\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    // The platform may close before it has read a body that it refuses.
    let _ = stream.write_all(body).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, head.to_lowercase(), body.to_owned())
}

/// As [`call`], with JSON both ways; `Null` for an answer without a body.
pub async fn ask(kiosk: &Kiosk, server: &Server, line: &str, body: Option<Value>) -> (u16, Value) {
    let (head, body) = match body {
        Some(body) => (format!("{line} HTTP/1.1\r\ncontent-type: application/json"), body.to_string()),
        None => (format!("{line} HTTP/1.1"), String::new()),
    };
    let (status, head, text) = call(kiosk, server, &head, body.as_bytes()).await;
    if text.is_empty() {
        return (status, Value::Null);
    }
    assert!(head.contains("json"), "{head}");
    (status, serde_json::from_str(&text).unwrap())
}

/// As [`ask`], for what must be refused: status and the problem's name.
pub async fn refusal(kiosk: &Kiosk, server: &Server, line: &str, body: Option<Value>) -> (u16, String) {
    let (status, problem) = ask(kiosk, server, line, body).await;
    (status, name_of(&problem))
}

/// Sends COSE bytes; gives the status and the problem's name, empty when it was taken.
pub async fn post(kiosk: &Kiosk, server: &Server, path: &str, bytes: &[u8]) -> (u16, String) {
    let head = format!("POST {path} HTTP/1.1\r\ncontent-type: application/cose");
    let (status, _, text) = call(kiosk, server, &head, bytes).await;
    let name = if status >= 400 { name_of(&serde_json::from_str(&text).unwrap()) } else { String::new() };
    (status, name)
}

fn name_of(problem: &Value) -> String {
    problem["type"].as_str().unwrap().strip_prefix("urn:bianmin:problem:").unwrap().to_owned()
}
