//! The transport against sockets that say what cameras, and worse, say.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use super::*;

const LONG: Duration = Duration::from_secs(20);
const HEAD: &str = "HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n";

/// Serves these pieces to one client, each in a write of its own, then closes. Hands back the request.
fn serve(pieces: Vec<Vec<u8>>) -> (Mjpeg, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/stream", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = socket.read(&mut request).unwrap();
        for piece in pieces {
            // A client that gave up is fine.
            let _ = socket.write_all(&piece);
        }
        String::from_utf8(request[..length].to_vec()).unwrap()
    });
    (Mjpeg::new(&url), thread)
}

fn pictures(pieces: &[&str]) -> (Vec<String>, LinkError) {
    let (mut camera, server) = serve(pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect());
    let mut pictures = Vec::new();
    let error = loop {
        match camera.next(LONG) {
            Ok(Some(picture)) => pictures.push(String::from_utf8(picture.to_vec()).unwrap()),
            Ok(None) => panic!("silence"),
            Err(error) => break error,
        }
    };
    assert!(server.join().unwrap().starts_with("GET /stream HTTP/1.0\r\n"));
    (pictures, error)
}

#[test]
fn pictures_come_until_the_camera_leaves() {
    let (pictures, error) = pictures(&[
        HEAD,
        "--frame\r\nContent-Length: 3\r\n\r\none\r\n--fra",
        "me\r\nContent-Type: image/jpeg\r\n\r\ntwo\r\n--frame\r\n\r\nthr",
    ]);
    assert_eq!(pictures, ["one", "two"]);
    assert_eq!(error, LinkError::Unreachable("the camera closed the connection".into()));
}

#[test]
fn chunks_are_taken_away() {
    let head = HEAD.replace("\r\n\r\n", "\r\nTransfer-Encoding: chunked\r\n\r\n");
    let (pictures, error) = pictures(&[
        &head,
        "10\r\n--frame\r\nContent\r\n",
        "10\r\n-Length: 3\r\n\r\non\r\n1\r\ne\r\n0\r\n\r\n",
    ]);
    assert_eq!(pictures, ["one"]);
    assert!(matches!(error, LinkError::Unreachable(_)));
}

#[test]
fn others_are_no_cameras() {
    for answer in [
        "HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n<html>",
        "SSH-2.0-dropbear\r\n\r\n",
        &format!("{HEAD}--frame\r\nContent-Length: 999999999\r\n\r\n"),
        &format!("{HEAD}--frame\r\nContent-Length: 1\r\n\r\nabcdef\r\n"),
    ] {
        assert!(matches!(pictures(&[answer]).1, LinkError::Garbage(_)), "{answer}");
    }
    let refused = pictures(&["HTTP/1.0 503 Busy\r\n\r\n"]).1;
    assert_eq!(refused, LinkError::Unreachable("the camera answers with status 503".into()));
}

#[test]
fn a_turn_ends_with_its_time_though_more_of_the_picture_has_come() {
    // More than one read brings, so that a camera that never ends its picture would never let others have their turn.
    let long = "x".repeat(3 * CHUNK);
    let (mut camera, server) = serve(vec![
        format!("{HEAD}--frame\r\nContent-Length: 3\r\n\r\none\r\n--frame\r\n\r\n{long}\r\n--frame\r\n")
            .into_bytes(),
    ]);
    assert_eq!(camera.next(LONG).unwrap().unwrap().as_slice(), b"one");
    for _ in 0..10 {
        assert!(camera.next(Duration::ZERO).unwrap().is_none());
    }
    assert_eq!(camera.next(LONG).unwrap().unwrap().as_slice(), long.as_bytes());
    server.join().unwrap();
}

#[test]
fn nobody_there_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert!(matches!(Mjpeg::new(&url).next(LONG), Err(LinkError::Unreachable(_))));
    assert!(matches!(Mjpeg::new("rtsp://camera/").next(LONG), Err(LinkError::Unreachable(_))));
}
