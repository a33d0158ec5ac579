//! A listener that can be shut: while it is, connections are refused, as by a server that is down. On the same port
//! again afterwards.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    time::Duration,
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

use crate::lab::ports::free_port;

const PAUSE: Duration = Duration::from_millis(20);
const PORTS_TO_TRY: usize = 5;

pub(super) struct Door {
    address: SocketAddr,
    shut: watch::Receiver<bool>,
    listener: Option<TcpListener>,
}

/// Shuts and opens.
#[derive(Debug)]
pub(super) struct DoorKeeper(watch::Sender<bool>);

impl Door {
    /// Open at first.
    pub async fn on_a_free_port() -> io::Result<(Self, DoorKeeper)> {
        let mut last = None;
        for _ in 0..PORTS_TO_TRY {
            match TcpListener::bind((Ipv4Addr::LOCALHOST, free_port())).await {
                Ok(listener) => {
                    let (keeper, shut) = watch::channel(false);
                    let door = Self { address: listener.local_addr()?, shut, listener: Some(listener) };
                    return Ok((door, DoorKeeper(keeper)));
                }
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("at least one port was tried"))
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next who comes while it is open.
    pub async fn accept(&mut self) -> TcpStream {
        loop {
            if *self.shut.borrow_and_update() {
                self.listener = None;
                let _keeper_gone = self.shut.changed().await;
                continue;
            }
            let listener = match self.listener.take() {
                Some(listener) => listener,
                None => match TcpListener::bind(self.address).await {
                    Ok(listener) => listener,
                    Err(_) => {
                        tokio::time::sleep(PAUSE).await;
                        continue;
                    }
                },
            };
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted.ok(),
                changed = self.shut.changed() => {
                    if changed.is_err() {
                        std::future::pending::<()>().await;
                    }
                    None
                }
            };
            self.listener = Some(listener);
            if let Some((stream, _)) = accepted {
                // Small answers must not wait for acknowledgements.
                let _ = stream.set_nodelay(true);
                return stream;
            }
        }
    }
}

impl DoorKeeper {
    pub fn shut(&self) {
        self.0.send_replace(true);
    }

    pub fn open(&self) {
        self.0.send_replace(false);
    }

    pub fn is_shut(&self) -> bool {
        *self.0.borrow()
    }
}
