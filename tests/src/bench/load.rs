//! Many clients that submit as fast as they are answered, each over one connection that stays open.
//!
//! They share the machine with what they measure, so they do as little as can be done: the request is prepared
//! once, and of the answer only the status and the length are read.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use secrecy::ExposeSecret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use uuid::Uuid;

use crate::{lab::services::off_the_runtime, stack::Person};

const ACCEPTED: u16 = 202;
const PATIENCE: Duration = Duration::from_secs(20);

/// A submit, ready to be sent again and again.
#[derive(Debug, Clone)]
pub struct Submission {
    address: SocketAddr,
    head: String,
    body: String,
}

/// What a time of load came to.
#[derive(Debug, Clone, Copy)]
pub struct Measured {
    pub per_s: f64,
    pub p50_ms: f64,
    pub p99_ms: f64,
}

impl Submission {
    pub fn new(api_url: &str, person: &Person, body: &serde_json::Value) -> anyhow::Result<Self> {
        let address =
            api_url.trim_start_matches("http://").parse().context("the api's address is no socket address")?;
        let body = body.to_string();
        let head = format!(
            "POST /v1/requisitions HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\nIdempotency-Key: ",
            person.token().expose_secret(),
            body.len()
        );
        Ok(Self { address, head, body })
    }

    /// Once, over a connection of its own.
    pub async fn send(&self, key: &str) -> anyhow::Result<()> {
        let status = Connection::open(self.address).await?.exchange(&self.request(key)).await?;
        ensure!(status == ACCEPTED, "a submit was answered with {status}");
        Ok(())
    }

    fn request(&self, key: &str) -> Vec<u8> {
        [&self.head, key, "\r\n\r\n", &self.body].concat().into_bytes()
    }
}

/// Submits for `time` after a warm-up of a fifth of it. All of it on a thread and a runtime of its own.
pub async fn submit_for(submission: &Submission, connections: usize, time: Duration) -> anyhow::Result<Measured> {
    let submission = submission.clone();
    let (sender, done) = tokio::sync::oneshot::channel();
    let clients = thread::Builder::new().name("load".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let measured = runtime
            .context("could not start the clients")
            .and_then(|runtime| runtime.block_on(all_clients(submission, connections, time)));
        drop(sender.send(measured));
    })?;
    let measured = done.await.context("the clients ended without a word")?;
    off_the_runtime(move || clients.join()).await.ok();
    measured
}

async fn all_clients(submission: Submission, connections: usize, time: Duration) -> anyhow::Result<Measured> {
    let from = Instant::now() + time / 5;
    let mut clients = JoinSet::new();
    for _ in 0..connections {
        clients.spawn(one_client(submission.clone(), from, from + time));
    }
    let mut latencies = Vec::new();
    while let Some(client) = clients.join_next().await {
        latencies.extend(client.context("a client panicked")??);
    }
    ensure!(!latencies.is_empty(), "nothing was accepted within {time:?}");
    latencies.sort_unstable();
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    Ok(Measured { per_s: latencies.len() as f64 / time.as_secs_f64(), p50_ms: at(0.5), p99_ms: at(0.99) })
}

/// The times of those that were answered between `from` and `until`.
async fn one_client(submission: Submission, from: Instant, until: Instant) -> anyhow::Result<Vec<Duration>> {
    let mut connection = Connection::open(submission.address).await?;
    let mut latencies = Vec::new();
    while Instant::now() < until {
        let request = submission.request(&Uuid::now_v7().to_string());
        let sent = Instant::now();
        let status = connection.exchange(&request).await?;
        let answered = Instant::now();
        ensure!(status == ACCEPTED, "a submit was answered with {status}");
        if (from..until).contains(&answered) {
            latencies.push(answered - sent);
        }
    }
    Ok(latencies)
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await.context("the api does not listen")?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, buffer: Vec::with_capacity(16 * 1024) })
    }

    async fn exchange(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        tokio::time::timeout(PATIENCE, self.exchange_patiently(request)).await.context("a submit was not answered")?
    }

    async fn exchange_patiently(&mut self, request: &[u8]) -> anyhow::Result<u16> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                bail!("the api hung up");
            }
            if let Some((status, length)) = answer(&self.buffer)?
                && self.buffer.len() >= length
            {
                return Ok(status);
            }
        }
    }
}

/// Status and whole length of an answer, once its head is there.
fn answer(buffer: &[u8]) -> anyhow::Result<Option<(u16, usize)>> {
    let Some(end) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&buffer[..end]).context("the head of an answer is no text")?;
    let status = head.get(9..12).and_then(|digits| digits.parse().ok()).context("an answer without a status")?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    Ok(Some((status, end + 4 + length.context("an answer without a length")?)))
}
