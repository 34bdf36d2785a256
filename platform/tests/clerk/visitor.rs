//! A browser without a window: follows nothing by itself, keeps cookies, reads forms.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, HeaderMap, SET_COOKIE};
use reqwest::{Client, StatusCode, redirect};

use crate::hall::{CLERK, Hall, PASSWORD};

pub struct Visitor<'a> {
    hall: &'a Hall,
    client: Client,
    pub cookies: BTreeMap<String, String>,
}

pub struct Page {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
}

impl Page {
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The token of the page's first form.
    pub fn token(&self) -> String {
        let text = self.text();
        let start = text.split_once("name=\"csrf\" value=\"").expect("a form").1;
        start.split_once('"').unwrap().0.to_owned()
    }
}

impl<'a> Visitor<'a> {
    /// Somebody who trusts the platform's authority and nothing else.
    pub fn new(hall: &'a Hall) -> Self {
        let ca = std::fs::read(hall.bench.state().join("ca.pem")).unwrap();
        let tls =
            rustls::ClientConfig::builder_with_provider(rustls::crypto::ring::default_provider().into());
        let mut roots = rustls::RootCertStore::empty();
        roots.add(rustls::pki_types::pem::PemObject::from_pem_slice(&ca).unwrap()).unwrap();
        let tls = tls.with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let client = Client::builder().tls_backend_preconfigured(tls).redirect(redirect::Policy::none());
        Self { hall, client: client.build().unwrap(), cookies: BTreeMap::new() }
    }

    /// A clerk who has signed in.
    pub async fn signed_in(hall: &'a Hall) -> Self {
        let mut visitor = Self::new(hall);
        let answer = visitor.sign_in(CLERK, PASSWORD).await;
        assert_eq!((answer.status, answer.header("location")), (StatusCode::SEE_OTHER, "/clerk"));
        visitor
    }

    pub async fn sign_in(&mut self, name: &str, password: &str) -> Page {
        let token = self.get("/clerk/sign-in").await.token();
        self.post("/clerk/sign-in", &[("csrf", &token), ("name", name), ("password", password)]).await
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send(self.client.get(self.hall.url(path))).await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = serde_urlencoded::to_string(fields).unwrap();
        let kind = ("content-type", "application/x-www-form-urlencoded");
        self.send(self.client.post(self.hall.url(path)).header(kind.0, kind.1).body(body)).await
    }

    async fn send(&mut self, request: reqwest::RequestBuilder) -> Page {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let answer = request.header(COOKIE, cookies.join("; ")).send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        for line in headers.get_all(SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split_once(';').unwrap().0.split_once('=').unwrap();
            assert!(name.starts_with("__Host-") && line.contains("HttpOnly"), "{line}");
            assert!(
                line.contains("Secure") && line.contains("SameSite=Strict") && line.contains("Path=/"),
                "{line}"
            );
            if line.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Page { status, headers, bytes: answer.bytes().await.unwrap().to_vec() }
    }
}
