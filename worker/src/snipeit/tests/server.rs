//! A server for the client's tests that says exactly the bytes it is told to, and remembers what it was sent.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::snipeit::{SettingsError, SnipeIt, SnipeItSettings, Timeouts, TokenSource};

pub(super) const TOKEN: &str = "s3cr3t-token";

/// How the server treats every request.
#[derive(Debug, Clone)]
pub(super) enum Manner {
    /// These bytes, then the end of the connection.
    Says(Vec<u8>),
    /// These bytes, then nothing more, with the connection open.
    Stalls(Vec<u8>),
    /// Reads the request and never answers.
    Hangs,
    /// Accepts, reads nothing and resets the connection.
    Resets,
    /// Reads the request and closes the connection.
    Closes,
    /// Answers the first request of a connection, reads the second and closes.
    KeepsAliveOnce(Vec<u8>),
}

pub(super) struct TestServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl TestServer {
    pub(super) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(accept(listener, manner, Arc::clone(&requests)));
        Self { address, requests }
    }

    pub(super) async fn answering(status: u16, body: &str) -> Self {
        Self::start(answer(status, &[], body)).await
    }

    pub(super) fn client(&self) -> SnipeIt {
        client(&self.url("http", "/"))
    }

    pub(super) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

pub(super) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Manner {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    Manner::Says(
        format!("HTTP/1.1 {status} Any\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
            .into_bytes(),
    )
}

pub(super) fn client(url: &str) -> SnipeIt {
    client_with(url, TokenSource::Value(SecretString::from(TOKEN)))
}

pub(super) fn client_with(url: &str, token: TokenSource) -> SnipeIt {
    let settings = SnipeItSettings { token, ..settings(url) };
    SnipeIt::new(settings).unwrap()
}

pub(super) fn client_trusting(url: &str, ca_file: Option<PathBuf>) -> Result<SnipeIt, SettingsError> {
    SnipeIt::new(SnipeItSettings { ca_file, ..settings(url) })
}

/// For servers that never answer.
pub(super) fn impatient_client(url: &str) -> SnipeIt {
    let timeouts = Timeouts { connect: Duration::from_millis(500), total: Duration::from_millis(600) };
    SnipeIt::new(SnipeItSettings { timeouts, ..settings(url) }).unwrap()
}

fn settings(url: &str) -> SnipeItSettings {
    let vars = |name: &str| match name {
        "SNIPEIT_URL" => Some(url.to_owned()),
        "SNIPEIT_API_TOKEN" => Some(TOKEN.to_owned()),
        "SNIPEIT_TIMEZONE" => Some("Europe/Lisbon".to_owned()),
        _ => None,
    };
    SnipeItSettings::from_vars(vars, Timeouts::default()).unwrap()
}

async fn accept(listener: TcpListener, manner: Manner, requests: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, manner.clone(), Arc::clone(&requests)));
    }
}

async fn serve(mut stream: TcpStream, manner: Manner, requests: Arc<Mutex<Vec<String>>>) {
    if let Manner::Resets = manner {
        // Closing with unread input makes the kernel send a reset.
        stream.readable().await.unwrap();
        requests.lock().unwrap().push(String::new());
        return;
    }
    let request = read_request(&mut stream).await;
    requests.lock().unwrap().push(request);
    match manner {
        Manner::Says(bytes) => stream.write_all(&bytes).await.unwrap_or_default(),
        Manner::Stalls(bytes) => {
            stream.write_all(&bytes).await.unwrap();
            std::future::pending().await
        }
        Manner::Hangs => std::future::pending().await,
        Manner::KeepsAliveOnce(bytes) => {
            stream.write_all(&bytes).await.unwrap();
            let second = read_request(&mut stream).await;
            requests.lock().unwrap().push(second);
        }
        Manner::Resets | Manner::Closes => {}
    }
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) && stream.read_buf(&mut bytes).await.is_ok_and(|read| read > 0) {}
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return false;
    };
    let length =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).map_or(0, |length| length.parse().unwrap());
    body.len() >= length
}
