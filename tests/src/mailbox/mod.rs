//! The mail catcher: an SMTP server that keeps what it gets and misbehaves on demand, with a web view for the demo.
//!
//! Own code rather than a crate: what tests need is to refuse, hang and hang up at a named step of the conversation.
//! `mailin-embedded`, the one embeddable server, blocks on a thread pool, cannot be stopped, and its handler only
//! chooses replies. Runs on a thread and runtime of its own, so any test may use it and dropping it ends everything.

mod fault;
mod message;
mod smtp;
mod store;
mod web;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::Context;
use tokio::net::TcpListener;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

pub use fault::Fault;
pub use message::Message;
pub use store::Counts;
use store::Store;

pub struct Mailbox {
    store: Arc<Store>,
    smtp: SocketAddr,
    web: SocketAddr,
    stop: CancellationToken,
    thread: Option<JoinHandle<()>>,
}

/// Nothing that was waited for has arrived; says what is there instead.
#[derive(Debug, thiserror::Error)]
#[error("no such mail within {within:?}; the mailbox holds {held} messages: {subjects:?}")]
pub struct NotArrived {
    within: Duration,
    held: usize,
    subjects: Vec<String>,
}

impl Mailbox {
    /// Listens on free loopback ports.
    pub fn start() -> anyhow::Result<Self> {
        Self::start_on(0, 0)
    }

    /// Listens on these loopback ports; 0 means any free one.
    pub fn start_on(smtp_port: u16, web_port: u16) -> anyhow::Result<Self> {
        let smtp = listen(smtp_port).context("mail catcher, SMTP")?;
        let web = listen(web_port).context("mail catcher, web view")?;
        let (smtp_address, web_address) = (smtp.local_addr()?, web.local_addr()?);
        let store = Arc::new(Store::default());
        let stop = CancellationToken::new();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let serving = serve(smtp, web, Arc::clone(&store), stop.clone());
        let thread = std::thread::Builder::new().name("mailbox".into()).spawn(move || runtime.block_on(serving))?;
        Ok(Self { store, smtp: smtp_address, web: web_address, stop, thread: Some(thread) })
    }

    /// For `SMTP_URL`.
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.smtp)
    }

    pub fn web_url(&self) -> String {
        format!("http://{}", self.web)
    }

    /// Everything received, oldest first.
    pub fn messages(&self) -> Vec<Message> {
        self.store.messages()
    }

    /// The Message-ID of everything received, without copying the letters.
    pub fn message_ids(&self) -> Vec<String> {
        self.store.message_ids()
    }

    pub fn clear(&self) {
        self.store.clear();
    }

    pub fn counts(&self) -> Counts {
        self.store.counts()
    }

    /// Misbehaves in this way from the next conversation on, until told otherwise.
    pub fn set_fault(&self, fault: Fault) {
        self.store.faults().always(fault);
    }

    /// Misbehaves in this way in the next `times` conversations that get so far, then behaves.
    pub fn set_fault_times(&self, fault: Fault, times: u32) {
        self.store.faults().times(fault, times);
    }

    /// Waits until what is received satisfies the predicate, and returns all of it.
    pub async fn wait_for(
        &self,
        predicate: impl Fn(&[Message]) -> bool,
        within: Duration,
    ) -> Result<Vec<Message>, NotArrived> {
        let mut changes = self.store.changes();
        let waiting = async {
            loop {
                let messages = self.store.messages();
                if predicate(&messages) {
                    return messages;
                }
                // The sender lives in the store that we hold, so this cannot fail.
                let _ = changes.changed().await;
            }
        };
        timeout(within, waiting).await.map_err(|_| self.not_arrived(within))
    }

    fn not_arrived(&self, within: Duration) -> NotArrived {
        let subjects: Vec<_> = self.messages().into_iter().map(|message| message.subject).collect();
        NotArrived { within, held: subjects.len(), subjects }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was printed by itself; panicking in drop would abort.
            let _ = thread.join();
        }
    }
}

fn listen(port: u16) -> std::io::Result<std::net::TcpListener> {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Returns when stopped; the runtime that is dropped then ends conversations that still hang.
async fn serve(smtp: std::net::TcpListener, web: std::net::TcpListener, store: Arc<Store>, stop: CancellationToken) {
    let smtp = TcpListener::from_std(smtp).expect("a bound listener inside a runtime");
    let web = TcpListener::from_std(web).expect("a bound listener inside a runtime");
    tokio::select! {
        () = stop.cancelled() => {}
        () = smtp::accept(smtp, Arc::clone(&store)) => {}
        result = axum::serve(web, web::router(store)) => result.expect("axum serves until it is dropped"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{ErrorKind, Read};

    use super::*;

    const SOON: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn what_does_not_arrive_is_said_together_with_what_did() {
        let mailbox = Mailbox::start().unwrap();

        let error = mailbox.wait_for(|messages| !messages.is_empty(), SOON).await.unwrap_err();

        assert!(error.to_string().contains("holds 0 messages"), "{error}");
    }

    #[test]
    fn a_dropped_mailbox_hangs_up_on_everybody() {
        let mailbox = Mailbox::start().unwrap();
        mailbox.set_fault(Fault::HangAtGreeting);
        let mut client = std::net::TcpStream::connect(mailbox.smtp).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(10))).unwrap();

        drop(mailbox);

        let heard = client.read(&mut [0; 1]);
        let timed_out = heard.as_ref().is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        assert!(!timed_out && !matches!(heard, Ok(1..)), "{heard:?}");
    }
}
