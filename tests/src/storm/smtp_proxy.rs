//! The way to the mail server: refuses, hangs, and hangs up before and after the text.
//!
//! It reads the conversation line by line, since what matters is whether the mail server has the text. A letter is
//! struck after its text once at most: what is lost twice there is given up by the mail's own rules, and would be no news.

use std::{
    collections::{BTreeMap, HashSet},
    net::SocketAddr,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::Context;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
};

use super::{
    door::{Door, DoorKeeper},
    weather::{self, MailFate, Mood},
};

/// Dropping it ends it.
pub struct SmtpProxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

struct Shared {
    upstream: SocketAddr,
    seed: u64,
    conversations: AtomicU64,
    keeper: DoorKeeper,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    mood: Mood,
    tally: BTreeMap<String, u64>,
    /// Letters whose sender was left in the dark after the text.
    struck: HashSet<String>,
}

impl SmtpProxy {
    /// `upstream` like `smtp://127.0.0.1:2525`. Calm at first.
    pub async fn start(upstream: &str, seed: u64) -> anyhow::Result<Self> {
        let upstream = upstream.trim_start_matches("smtp://").parse().context("no address of a mail server")?;
        let (mut door, keeper) = Door::on_a_free_port().await?;
        let address = door.address();
        let inner = Mutex::default();
        let shared = Arc::new(Shared { upstream, seed, conversations: AtomicU64::new(0), keeper, inner });
        let host = Arc::clone(&shared);
        let task = tokio::spawn(async move {
            loop {
                let visitor = door.accept().await;
                let host = Arc::clone(&host);
                tokio::spawn(async move {
                    // Either side may hang up at any moment.
                    let _ = host.converse(visitor, host.fate()).await;
                });
            }
        });
        Ok(Self { address, shared, task })
    }

    pub fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub fn set_mood(&self, mood: Mood) {
        self.shared.inner().mood = mood;
    }

    pub fn go_away(&self) {
        self.shared.keeper.shut();
    }

    pub fn come_back(&self) {
        self.shared.keeper.open();
    }

    /// Letters whose sender never heard what became of the text.
    pub fn count_drops_after_data(&self) -> usize {
        self.shared.inner().struck.len()
    }

    /// What conversations have met, by name.
    pub fn tally(&self) -> BTreeMap<String, u64> {
        self.shared.inner().tally.clone()
    }
}

impl Drop for SmtpProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn fate(&self) -> MailFate {
        let number = self.conversations.fetch_add(1, Ordering::Relaxed);
        let mut inner = self.inner();
        let fate = match inner.mood {
            Mood::Calm | Mood::Slow(_) => MailFate::Calm,
            Mood::Stormy => weather::of_mail(self.seed, number),
            Mood::Hung => MailFate::Hang,
        };
        if fate != MailFate::Calm {
            *inner.tally.entry(format!("{fate:?}")).or_default() += 1;
        }
        fate
    }

    /// Whether this letter is struck after its text now; once at most.
    fn strikes(&self, fate: MailFate, text: &[u8]) -> bool {
        let is_meant = matches!(fate, MailFate::DropAfterData { .. } | MailFate::HangAfterData);
        is_meant && self.inner().struck.insert(message_id_in(text))
    }

    async fn converse(&self, visitor: TcpStream, fate: MailFate) -> std::io::Result<()> {
        if fate == MailFate::Refuse {
            return visitor.set_zero_linger();
        }
        let mut client = Side::of(visitor);
        if fate == MailFate::Hang {
            return client.hear_out().await;
        }
        let mut server = Side::of(TcpStream::connect(self.upstream).await?);
        client.say(&server.read_reply().await?).await?;
        loop {
            let line = client.read_line().await?;
            let is_data = line.eq_ignore_ascii_case(b"DATA\r\n");
            if line.is_empty() || (is_data && fate == MailFate::DropBeforeData) {
                return Ok(());
            }
            server.say(&line).await?;
            let reply = server.read_reply().await?;
            client.say(&reply).await?;
            if is_data && reply.starts_with(b"354") {
                let text = client.read_text().await?;
                let is_struck = self.strikes(fate, &text);
                if is_struck && fate == (MailFate::DropAfterData { kept: false }) {
                    return Ok(());
                }
                server.say(&text).await?;
                let reply = server.read_reply().await?;
                match fate {
                    MailFate::HangAfterData if is_struck => return client.hear_out().await,
                    _ if is_struck => return Ok(()),
                    _ => client.say(&reply).await?,
                }
            }
        }
    }
}

struct Side {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
}

impl Side {
    fn of(stream: TcpStream) -> Self {
        let _ = stream.set_nodelay(true);
        let (reader, writer) = stream.into_split();
        Self { reader: BufReader::new(reader), writer }
    }

    async fn say(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.writer.write_all(bytes).await
    }

    /// Empty when the other side has gone.
    async fn read_line(&mut self) -> std::io::Result<Vec<u8>> {
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line).await?;
        Ok(line)
    }

    /// One reply, of one line or more: all but the last have a hyphen behind the code.
    async fn read_reply(&mut self) -> std::io::Result<Vec<u8>> {
        let mut reply = Vec::new();
        loop {
            let line = self.read_line().await?;
            if line.is_empty() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            reply.extend_from_slice(&line);
            if line.get(3) != Some(&b'-') {
                return Ok(reply);
            }
        }
    }

    /// Up to and with the lone dot.
    async fn read_text(&mut self) -> std::io::Result<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            let line = self.read_line().await?;
            if line.is_empty() {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            text.extend_from_slice(&line);
            if line == b".\r\n" {
                return Ok(text);
            }
        }
    }

    /// Says nothing until the other side goes.
    async fn hear_out(&mut self) -> std::io::Result<()> {
        let mut heard = [0; 1024];
        while self.reader.read(&mut heard).await? > 0 {}
        Ok(())
    }
}

fn message_id_in(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let header = text.lines().find(|line| line.to_ascii_lowercase().starts_with("message-id:"));
    header.and_then(|line| line.split_once(':')).map(|(_, id)| id.trim().to_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::mailbox::Mailbox;

    const LETTER: [&str; 5] = [
        "EHLO storm\r\n",
        "MAIL FROM:<lab@lab.example>\r\n",
        "RCPT TO:<ana@lab.example>\r\n",
        "DATA\r\n",
        "Message-ID: <1@lab.example>\r\n\r\nHello\r\n.\r\n",
    ];

    /// What a sender hears in a conversation with this fate, reply by reply, and how many letters the mailbox has.
    async fn sends(proxy: &SmtpProxy, mailbox: &Mailbox, fate: MailFate) -> (Vec<String>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (visitor, _) = listener.accept().await.unwrap();
        let shared = Arc::clone(&proxy.shared);
        let conversation = tokio::spawn(async move { shared.converse(visitor, fate).await });
        let mut client = Side::of(client);
        let mut heard = Vec::new();
        for said in [""].into_iter().chain(LETTER) {
            let _ = client.say(said.as_bytes()).await;
            let Ok(reply) = client.read_reply().await else { break };
            heard.push(String::from_utf8_lossy(&reply[..3]).into_owned());
        }
        drop(client);
        let _ = conversation.await.unwrap();
        (heard, mailbox.messages().len())
    }

    #[tokio::test]
    async fn a_dropped_conversation_has_left_its_letter_or_not_as_its_fate_says_and_no_letter_is_struck_twice() {
        let mailbox = Mailbox::start().unwrap();
        let proxy = SmtpProxy::start(&mailbox.smtp_url(), 1).await.unwrap();

        assert_eq!(sends(&proxy, &mailbox, MailFate::Refuse).await, (vec![], 0));
        let (heard, letters) = sends(&proxy, &mailbox, MailFate::DropBeforeData).await;
        assert_eq!((heard.last().unwrap().as_str(), letters), ("250", 0));
        let (heard, letters) = sends(&proxy, &mailbox, MailFate::DropAfterData { kept: false }).await;
        assert_eq!((heard.last().unwrap().as_str(), letters), ("354", 0));
        assert_eq!(proxy.count_drops_after_data(), 1);

        let (heard, letters) = sends(&proxy, &mailbox, MailFate::DropAfterData { kept: true }).await;
        assert_eq!((heard.last().unwrap().as_str(), letters), ("250", 1), "the same letter is not struck again");
        proxy.shared.inner().struck.clear();
        let (heard, letters) = sends(&proxy, &mailbox, MailFate::DropAfterData { kept: true }).await;
        assert_eq!((heard.last().unwrap().as_str(), letters), ("354", 2));
    }
}
