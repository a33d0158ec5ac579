//! A passage in front of a server: shut, it lets nobody in and hangs up on nobody, as a network that lost its way.

use std::net::SocketAddr;

use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};

pub struct Passage {
    address: SocketAddr,
    open: watch::Sender<bool>,
    arrived: watch::Receiver<usize>,
}

impl Passage {
    /// Shut at first. Lives as long as the test's runtime.
    pub fn to(port: u16) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = TcpListener::from_std(listener).unwrap();
        let (open, is_open) = watch::channel(false);
        let (count, arrived) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((visitor, _)) = listener.accept().await {
                count.send_modify(|arrived| *arrived += 1);
                tokio::spawn(lead(visitor, port, is_open.clone()));
            }
        });
        Self { address, open, arrived }
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Whether so many have come to its door, let in or not.
    pub fn has_seen(&self, visitors: usize) -> bool {
        *self.arrived.borrow() >= visitors
    }

    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

async fn lead(mut visitor: TcpStream, port: u16, mut open: watch::Receiver<bool>) {
    // An error says that one side has gone, which ends the visit as well.
    if open.wait_for(|open| *open).await.is_ok()
        && let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await
    {
        let _gone = copy_bidirectional(&mut visitor, &mut server).await;
    }
}
