//! A platform with the right certificates and the wrong behaviour.

use std::path::Path;

use platform::Server;
use platform::tls::serve_router;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// It answers as its routes say. Dropping it ends it.
pub struct Misbehaving {
    runtime: Runtime,
    server: Option<Server>,
    /// Where it is.
    pub url: String,
}

impl Misbehaving {
    /// Serves `router` with the keys of a platform's folder.
    pub fn start(state: &Path, router: axum::Router) -> Misbehaving {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            serve_router(state, listener, router).unwrap()
        });
        let url = format!("https://{}", server.local_addr());
        Misbehaving { runtime, server: Some(server), url }
    }
}

impl Drop for Misbehaving {
    fn drop(&mut self) {
        if let Some(server) = self.server.take() {
            self.runtime.block_on(server.shutdown());
        }
    }
}
