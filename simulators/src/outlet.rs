//! Where a virtual device listens: one loop for all of them.
//!
//! A device that is switched off refuses connections, and comes back at the same address.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

/// How often a waiting thread looks whether something changed.
pub(crate) const TICK: Duration = Duration::from_millis(20);

/// Whether a device can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Power {
    /// It takes clients.
    On,
    /// It refuses them.
    Off,
    /// It is being dropped.
    Ended,
}

/// A device behind an outlet.
pub(crate) trait Device: Send + Sync + 'static {
    /// The name of its thread.
    const THREAD: &'static str;

    /// Whether it can be reached just now.
    fn power(&self) -> Power;

    /// The loop has noticed that the power is off.
    fn lost_power(&self) {}

    /// Serves a client; others wait meanwhile.
    fn serve(self: &Arc<Self>, client: TcpStream);

    /// Ends whatever it does; from now on its power is [`Power::Ended`].
    fn end(&self);
}

/// A device that listens. Dropping it ends the device.
pub(crate) struct Outlet<D: Device> {
    pub(crate) device: Arc<D>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl<D: Device> Outlet<D> {
    /// Plugs a device in at this address; port 0 takes a free one.
    ///
    /// # Errors
    /// When the address cannot be taken or there is no thread.
    pub(crate) fn start(address: SocketAddr, device: D) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let device = Arc::new(device);
        let served = Arc::clone(&device);
        let listen = move || listen(&served, address, Some(listener));
        let thread = std::thread::Builder::new().name(D::THREAD.into()).spawn(listen)?;
        Ok(Self { device, address, thread: Some(thread) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl<D: Device> Drop for Outlet<D> {
    fn drop(&mut self) {
        self.device.end();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen<D: Device>(device: &Arc<D>, address: SocketAddr, mut listener: Option<TcpListener>) {
    loop {
        match device.power() {
            Power::Ended => return,
            Power::Off => {
                device.lost_power();
                listener = None;
            }
            // The old connections may hold the address for a moment.
            Power::On if listener.is_none() => listener = TcpListener::bind(address).ok(),
            Power::On => {}
        }
        let client = listener.as_ref().and_then(|listener| {
            listener.set_nonblocking(true).ok()?;
            let (client, _) = listener.accept().ok()?;
            client.set_nonblocking(false).ok()?;
            Some(client)
        });
        match client {
            Some(client) => device.serve(client),
            None => std::thread::sleep(TICK),
        }
    }
}
