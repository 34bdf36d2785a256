//! `kiosk-platform clerk …` and `serve --public`: the program itself.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::bench::Bench;
use crate::hall::{CLERK, Hall, PASSWORD};
use crate::visitor::Visitor;

fn command(state: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kiosk-platform"));
    command
        .arg("--state")
        .arg(state)
        .arg("--json")
        .args(arguments)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Runs it with this on its standard input; gives what it printed and whether it succeeded.
fn run(state: &Path, arguments: &[&str], input: &str) -> (Value, bool) {
    let mut child = command(state, arguments).stdin(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    (serde_json::from_slice(&output.stdout).unwrap(), output.status.success())
}

/// Ends with its holder.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn clerks_come_and_go() {
    let hall = Hall::open().await;
    let state = hall.bench.state();
    let (made, _) = run(&state, &["clerk", "add", "王芳"], "");
    let password = made["password"].as_str().unwrap();
    assert_eq!(password.len(), 19, "printed once");
    let mut clerk = Visitor::new(&hall);
    assert_eq!(clerk.sign_in("王芳", password).await.header("location"), "/clerk");

    let (again, success) = run(&state, &["clerk", "add", "王芳"], "");
    assert!(!success && again["error"]["code"] == "clerk-taken", "{again}");
    let (reset, _) =
        run(&state, &["clerk", "reset", "王芳", "--password-stdin"], "another long password\r\n");
    assert_eq!(reset.as_object().unwrap().len(), 1, "what was given is not printed: {reset}");
    assert_eq!(clerk.get("/clerk").await.header("location"), "/clerk/sign-in", "the session has ended");
    assert_eq!(clerk.sign_in("王芳", password).await.status.as_u16(), 401);
    assert_eq!(clerk.sign_in("王芳", "another long password").await.header("location"), "/clerk");

    let (role, _) = run(&state, &["clerk", "role", "王芳", "reader"], "");
    assert_eq!(role["role"], "reader");
    run(&state, &["clerk", "disable", "王芳"], "");
    assert_eq!(clerk.get("/clerk").await.header("location"), "/clerk/sign-in");
    assert_eq!(clerk.sign_in("王芳", "another long password").await.status.as_u16(), 401);
    let (list, _) = run(&state, &["clerk", "list"], "");
    let expected = serde_json::json!([
        { "name": CLERK, "active": true, "role": "clerk" },
        { "name": "王芳", "active": false, "role": "reader" },
    ]);
    assert_eq!(list["clerks"], expected);
    let (wrong, success) = run(&state, &["clerk", "role", "赵", "reader"], "");
    assert!(!success && wrong["error"]["code"] == "unknown-clerk", "{wrong}");
    let (journal, success) = run(&state, &["clerk", "verify-journal"], "");
    assert!(success && journal["lines"] == 2, "{journal}");
    let (head, _) = run(&state, &["clerk", "head"], "");
    assert!(head["head"].as_str().unwrap().len() > 200, "{head}");
    let (journal, _) = run(&state, &["clerk", "verify-journal"], "");
    assert_eq!((&journal["lines"], &journal["signed_lines"]), (&Value::from(2), &Value::from(2)));
    // Somebody cuts a line off.
    let database = rusqlite::Connection::open(state.join("clerks.sqlite")).unwrap();
    database.execute("DELETE FROM views WHERE number = 2", []).unwrap();
    let (cut, success) = run(&state, &["clerk", "verify-journal"], "");
    assert!(!success && cut["error"]["code"] == "journal-damaged", "{cut}");
    hall.close().await;
}

#[test]
fn the_program_serves_the_pages_beside_the_intake() {
    let bench = Bench::new();
    run(&bench.state(), &["clerk", "add", CLERK, "--password-stdin"], PASSWORD);
    let mut child = command(&bench.state(), &["serve", "--listen", "127.0.0.1:0", "--public", "127.0.0.1:0"]);
    let mut serving = Serving(child.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(serving.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let line: Value = serde_json::from_str(&line).unwrap();
    let public = line["public"].as_str().unwrap();
    let page = fetch(&bench, public.strip_prefix("https://").unwrap());
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("民警工作台"), "{page}");
}

/// The sign-in page over a connection that trusts the platform's authority.
fn fetch(bench: &Bench, address: &str) -> String {
    use rustls::pki_types::pem::PemObject;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(PemObject::from_pem_file(bench.state().join("ca.pem")).unwrap()).unwrap();
    let provider = rustls::crypto::ring::default_provider().into();
    let config =
        rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = config.with_root_certificates(roots).with_no_client_auth();
    let mut tls = rustls::ClientConnection::new(config.into(), "127.0.0.1".try_into().unwrap()).unwrap();
    let mut tcp = std::net::TcpStream::connect(address).unwrap();
    let mut stream = rustls::Stream::new(&mut tls, &mut tcp);
    stream.write_all(b"GET /clerk/sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    // The server closes the connection behind its answer.
    let _ = std::io::Read::read_to_end(&mut stream, &mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}
