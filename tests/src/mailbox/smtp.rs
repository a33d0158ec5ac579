//! One SMTP conversation after another: as much of RFC 5321 as a well-behaved client uses, and the faults.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::fault::Fault;
use super::message::Envelope;
use super::store::Store;

const LONGEST_LINE: u64 = 4096;
const LARGEST_TEXT: usize = 10 * 1024 * 1024;
/// A client that says nothing for so long has gone.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE_AFTER_ACCEPT_ERROR: Duration = Duration::from_millis(50);

pub(super) async fn accept(listener: TcpListener, store: Arc<Store>) {
    loop {
        // An error here is about one connection, or about too many open files; the next may go better.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(PAUSE_AFTER_ACCEPT_ERROR).await;
            continue;
        };
        let conversation = Conversation::new(stream, Arc::clone(&store));
        tokio::spawn(async move {
            // A client may hang up at any moment; that is its right and some tests' purpose.
            let _ = conversation.run().await;
        });
    }
}

/// `Break` ends the conversation by closing the connection.
type Step = std::io::Result<ControlFlow<()>>;

struct Conversation {
    stream: BufReader<TcpStream>,
    store: Arc<Store>,
    envelope: Envelope,
}

impl Conversation {
    fn new(stream: TcpStream, store: Arc<Store>) -> Self {
        Self { stream: BufReader::new(stream), store, envelope: Envelope::default() }
    }

    async fn run(mut self) -> std::io::Result<()> {
        self.store.count(|counts| counts.connections += 1);
        let mut step = self.greet().await?;
        while step.is_continue() {
            let Some(line) = self.read_line().await? else { break };
            step = self.answer(&line).await?;
        }
        Ok(())
    }

    async fn greet(&mut self) -> Step {
        let refused = |fault: &Fault| match fault {
            Fault::RefuseGreeting { code, text } => Some((*code, text.clone())),
            _ => None,
        };
        if self.fault(|fault| (*fault == Fault::HangAtGreeting).then_some(())).is_some() {
            return hang().await;
        }
        if let Some((code, text)) = self.fault(refused) {
            return self.reply_and_hang_up(code, &text).await;
        }
        self.reply(220, "mailbox ready").await
    }

    async fn answer(&mut self, line: &str) -> Step {
        let (verb, argument) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => self.say("250-mailbox\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 AUTH PLAIN\r\n").await,
            "HELO" => self.reply(250, "mailbox").await,
            "AUTH" => self.login().await,
            "MAIL" => self.sender(argument).await,
            "RCPT" => self.recipient(argument).await,
            "DATA" => self.data().await,
            "RSET" => {
                self.envelope = Envelope::default();
                self.reply(250, "forgotten").await
            }
            "NOOP" => self.reply(250, "still here").await,
            "QUIT" => self.reply_and_hang_up(221, "goodbye").await,
            _ => self.reply(502, "not known here").await,
        }
    }

    /// Any name and password will do.
    async fn login(&mut self) -> Step {
        let refused = self.fault(|fault| match fault {
            Fault::RefuseLogin { code, text } => Some((*code, text.clone())),
            _ => None,
        });
        if let Some((code, text)) = refused {
            return self.reply(code, &text).await;
        }
        self.store.count(|counts| counts.logins += 1);
        self.reply(235, "welcome").await
    }

    async fn sender(&mut self, argument: &str) -> Step {
        let refused = self.fault(|fault| match fault {
            Fault::RefuseSender { code, text } => Some((*code, text.clone())),
            _ => None,
        });
        match (refused, path_in(argument, "FROM:")) {
            (Some((code, text)), _) => self.reply(code, &text).await,
            (None, None) => self.reply(501, "MAIL FROM:<address>").await,
            (None, Some(address)) => {
                self.envelope = Envelope { from: address.to_owned(), to: vec![] };
                self.reply(250, "sender noted").await
            }
        }
    }

    async fn recipient(&mut self, argument: &str) -> Step {
        let refused = self.fault(|fault| match fault {
            Fault::RefuseRecipient { code, text } => Some((*code, text.clone())),
            _ => None,
        });
        match (refused, path_in(argument, "TO:")) {
            (Some((code, text)), _) => {
                self.store.count(|counts| counts.recipients_refused += 1);
                self.reply(code, &text).await
            }
            (None, None) => self.reply(501, "RCPT TO:<address>").await,
            (None, Some(address)) => {
                self.envelope.to.push(address.to_owned());
                self.reply(250, "recipient noted").await
            }
        }
    }

    async fn data(&mut self) -> Step {
        if self.envelope.to.is_empty() {
            return self.reply(503, "RCPT first").await;
        }
        match self.fault(before_text) {
            Some(Fault::HangBeforeText) => return hang().await,
            Some(Fault::RefuseData { code, text }) => return self.reply(code, &text).await,
            Some(_) => return Ok(ControlFlow::Break(())),
            None => {}
        }
        let _continues = self.reply(354, "end with a dot on a line of its own").await?;
        let Some(text) = self.read_text().await? else {
            return Ok(ControlFlow::Break(()));
        };
        self.take_text(text).await
    }

    async fn take_text(&mut self, text: Vec<u8>) -> Step {
        self.store.count(|counts| counts.texts += 1);
        let envelope = std::mem::take(&mut self.envelope);
        let fault = self.fault(after_text);
        let keep = match fault {
            None => true,
            Some(Fault::HangAfterText { keep } | Fault::DropAfterText { keep }) => keep,
            Some(_) => false,
        };
        if keep {
            self.store.keep(envelope, text);
        }
        match fault {
            None => self.reply(250, "kept").await,
            Some(Fault::RefuseText { code, text }) => self.reply(code, &text).await,
            Some(Fault::HangAfterText { .. }) => hang().await,
            Some(_) => Ok(ControlFlow::Break(())),
        }
    }

    fn fault<T>(&self, pick: impl Fn(&Fault) -> Option<T>) -> Option<T> {
        self.store.faults().take(pick)
    }

    async fn read_line(&mut self) -> std::io::Result<Option<String>> {
        Ok(self
            .read_raw_line()
            .await?
            .map(|line| String::from_utf8_lossy(&line).trim_end_matches(['\r', '\n']).to_owned()))
    }

    /// `None` when the client is gone, silent for too long, or shouting.
    async fn read_raw_line(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        let mut limited = (&mut self.stream).take(LONGEST_LINE);
        let Ok(read) = tokio::time::timeout(PATIENCE, limited.read_until(b'\n', &mut line)).await else {
            return Ok(None);
        };
        read?;
        Ok(line.ends_with(b"\n").then_some(line))
    }

    /// Up to the lone dot, with doubled dots at the start of a line undone.
    async fn read_text(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        while let Some(line) = self.read_raw_line().await? {
            if line == b".\r\n" {
                return Ok(Some(text));
            }
            text.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
            if text.len() > LARGEST_TEXT {
                return Ok(None);
            }
        }
        Ok(None)
    }

    async fn reply(&mut self, code: u16, text: &str) -> Step {
        self.say(&format!("{code} {text}\r\n")).await
    }

    async fn reply_and_hang_up(&mut self, code: u16, text: &str) -> Step {
        self.reply(code, text).await.map(|_| ControlFlow::Break(()))
    }

    async fn say(&mut self, line: &str) -> Step {
        self.stream.get_mut().write_all(line.as_bytes()).await?;
        Ok(ControlFlow::Continue(()))
    }
}

async fn hang() -> Step {
    std::future::pending().await
}

fn before_text(fault: &Fault) -> Option<Fault> {
    let is_now = matches!(fault, Fault::HangBeforeText | Fault::DropBeforeText | Fault::RefuseData { .. });
    is_now.then(|| fault.clone())
}

fn after_text(fault: &Fault) -> Option<Fault> {
    let is_now = matches!(fault, Fault::HangAfterText { .. } | Fault::DropAfterText { .. } | Fault::RefuseText { .. });
    is_now.then(|| fault.clone())
}

/// `FROM:<ana@lab.example> BODY=8BITMIME` without its keyword, brackets and parameters.
fn path_in<'a>(argument: &'a str, keyword: &str) -> Option<&'a str> {
    let (start, rest) = argument.split_at_checked(keyword.len())?;
    if !start.eq_ignore_ascii_case(keyword) {
        return None;
    }
    let (path, _parameters) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_found_between_its_brackets() {
        assert_eq!(path_in("FROM:<ana@lab.example> BODY=8BITMIME", "FROM:"), Some("ana@lab.example"));
        assert_eq!(path_in("from: <>", "FROM:"), Some(""));
        assert_eq!(path_in("TO:ana@lab.example", "TO:"), None);
        assert_eq!(path_in("é", "TO:"), None);
    }
}
