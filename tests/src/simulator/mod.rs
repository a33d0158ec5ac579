//! A stand-in for Snipe-IT 8.1.4: answers as the recordings of a real one do, fails as a real one fails, and remembers what it really did.
//!
//! Runs on a thread and a runtime of its own, so that it survives the runtime of the test that uses it.

mod activity;
mod activity_log;
mod additions;
mod answer;
mod app;
mod assets;
mod call;
mod catalogue;
mod change;
mod check_in;
mod check_out;
mod checkout_form;
mod clock;
mod control;
mod edit;
mod faults;
mod front;
mod hands;
mod hold;
mod input;
mod inventory;
mod ledger;
mod line;
mod lists;
mod markdown;
mod paging;
mod people;
mod product;
mod raw;
mod render;
mod seed;
mod shelves;
mod state;
mod stock;
mod throttle;
mod visit;

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread::JoinHandle;

use axum::Router;
use chrono_tz::Tz;
use tokio::sync::oneshot;

pub use activity_log::{Action, LogRow, Source};
pub use additions::{NewAsset, NewModel, NewUser};
pub use call::CallKind;
pub use clock::ServerClock;
pub use faults::{Cut, Fault, Faults, Page, Sees, Step, Trouble};
pub use hands::{Handover, Hands, HandsRefused};
pub use hold::{Hold, NotReached};
pub use inventory::{Asset, Inventory, Label, Model, Named, User};
pub use ledger::{By, Effect, EffectKind, Ledger, LedgerPage, RequestSeen, WaitedInVain};
pub use product::Product;
pub use seed::{ADMIN, ARCHIVED, OUT_FOR_REPAIR, PENDING, READY, RESERVED, STORAGE, Seed};
pub use state::State;
pub use throttle::{Throttle, ThrottleRule};

pub(crate) use answer::Answer;
pub(crate) use line::{CuttableStream, Scissors};

use clock::ServerClock as Clock;
use line::CuttableListener;

#[derive(Debug, Clone)]
pub struct SimulatorOptions {
    /// Empty, or a sub-path like `/inventory` under which the whole application lies.
    pub base_path: String,
    /// The zone in which the server tells its dates.
    pub timezone: Tz,
    /// None switches the throttle off.
    pub throttle: Option<ThrottleRule>,
    /// The administrator's token.
    pub token: String,
    pub seed: Seed,
    /// 0 takes any free one.
    pub port: u16,
    /// Threads that serve; more than one only pays in a bench.
    pub threads: usize,
}

impl Default for SimulatorOptions {
    fn default() -> Self {
        Self {
            base_path: String::new(),
            timezone: chrono_tz::Europe::Lisbon,
            throttle: Some(ThrottleRule::default()),
            token: "simulator-token".to_owned(),
            seed: Seed::small_lab(),
            port: 0,
            threads: 1,
        }
    }
}

/// A running simulator; dropping it stops it.
#[derive(Debug)]
pub struct Simulator {
    state: State,
    url: String,
    token: String,
    address: SocketAddr,
    threads: usize,
    server: Option<Server>,
}

impl Simulator {
    /// Listens on loopback and answers from the moment in which this returns.
    ///
    /// # Errors
    /// When the port cannot be had or the thread cannot be started.
    pub fn start(options: SimulatorOptions) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))?;
        let address = listener.local_addr()?;
        let base_path = options.base_path.trim_end_matches('/');
        let origin = format!("http://{address}");
        let state = State::new(&origin, base_path, Clock::new(options.timezone), Inventory::default());
        options.seed.sow(&state);
        state.throttle().set(options.throttle);
        state.set_token(&options.token, ADMIN);
        let server = Some(Server::start(listener, state.clone(), options.threads)?);
        let url = format!("{origin}{base_path}");
        Ok(Self { state, url, token: options.token, address, threads: options.threads, server })
    }

    /// Where Snipe-IT is installed, without `/api/v1` and without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Scheme, host and port: where `/_sim/…` is, whatever the sub-path.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    pub fn state(&self) -> &State {
        &self.state
    }

    /// Stops listening: connections are refused, what was under way dies. Rows, ledger and faults stay.
    pub fn go_down(&mut self) {
        self.server = None;
    }

    /// Listens again on the same port.
    ///
    /// # Errors
    /// When somebody else took the port meanwhile.
    pub fn come_back(&mut self) -> io::Result<()> {
        if self.server.is_none() {
            let listener = TcpListener::bind(self.address)?;
            self.server = Some(Server::start(listener, self.state.clone(), self.threads)?);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct Server {
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn start(listener: TcpListener, state: State, threads: usize) -> io::Result<Self> {
        listener.set_nonblocking(true)?;
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(threads.max(1)).enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("snipeit-simulator".into()).spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = serve(listener, state) => {}
                    _ = stopped => {}
                }
            });
            runtime.shutdown_background();
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn serve(listener: TcpListener, state: State) -> io::Result<()> {
    let listener = CuttableListener(tokio::net::TcpListener::from_std(listener)?);
    let router = Router::new().fallback(front::receive).with_state(state);
    axum::serve(listener, router.into_make_service_with_connect_info::<Scissors>()).await
}
