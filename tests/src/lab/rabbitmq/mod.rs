//! A private RabbitMQ node with its own Erlang name server, loopback only, management plugin enabled.
//! Isolation between tests is by queue prefix: quorum queues are cheap, nodes are not.

mod management;
mod node;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use secrecy::ExposeSecret;

use super::{LabError, LabFolder, packages::Packages};
use management::encoded;
use node::{Node, Server, USER};

const ATTEMPTS: usize = 3;

/// A handle; the node ends with its last clone.
#[derive(Clone, Debug)]
pub struct RabbitMq(Arc<Running>);

#[derive(Debug)]
struct Running {
    node: Node,
    server: Mutex<Option<Server>>,
    _folder: LabFolder,
}

impl RabbitMq {
    /// Starts a new node in `folder`, on other ports when one was taken meanwhile. Blocking, some seven seconds.
    pub fn start(packages: &Packages, folder: &LabFolder) -> Result<Self, LabError> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let node = Node::create(&packages.rabbitmq, &folder.subfolder("rabbitmq", None)?)?;
            match node.start() {
                Ok(server) => return Ok(Self::running(node, server, folder)),
                Err(error) => last = Some(error),
            }
        }
        Err(last.expect("at least one attempt was made"))
    }

    fn running(node: Node, server: Server, folder: &LabFolder) -> Self {
        Self(Arc::new(Running { node, server: Mutex::new(Some(server)), _folder: folder.clone() }))
    }

    pub fn amqp_url(&self) -> String {
        format!("amqp://{USER}:{}@127.0.0.1:{}/%2f", self.password(), self.amqp_port())
    }

    pub fn amqp_port(&self) -> u16 {
        self.0.node.ports.amqp
    }

    pub fn management_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.0.node.ports.management)
    }

    /// As `management_url`, ready for a browser or a client that takes credentials from the URL.
    pub fn management_url_with_credentials(&self) -> String {
        let port = self.0.node.ports.management;
        format!("http://{USER}:{}@127.0.0.1:{port}", self.password())
    }

    pub fn user(&self) -> &str {
        USER
    }

    pub fn password(&self) -> &str {
        self.0.node.management.password.expose_secret()
    }

    /// As the out-of-memory killer would.
    pub fn kill(&self) {
        if let Some(server) = self.server().take() {
            server.kill();
        }
    }

    /// In good order; takes some six seconds. The queues and their messages stay.
    pub fn stop(&self) {
        if let Some(server) = self.server().take() {
            server.stop();
        }
    }

    /// On the same ports and the same data. Does nothing when it runs.
    pub fn start_again(&self) -> Result<(), LabError> {
        let mut server = self.server();
        if server.is_none() {
            *server = Some(self.0.node.start_again()?);
        }
        Ok(())
    }

    /// Stops hard, forgets every queue and message, and starts again: the broker that lost its disk.
    pub fn wipe(&self) -> Result<(), LabError> {
        self.kill();
        self.0.node.forget()?;
        self.start_again()
    }

    /// As an operator does, with `rabbitmqctl`; half a second a call.
    pub fn control(&self, arguments: &[&str]) -> Result<String, LabError> {
        self.0.node.control(arguments)
    }

    /// Names of the queues that start with `prefix`.
    pub fn list_queues(&self, prefix: &str) -> Result<Vec<String>, LabError> {
        let queues = self.0.node.management.get("/api/queues/%2F")?;
        let queues = queues.as_array().map(Vec::as_slice).unwrap_or_default();
        let names = queues.iter().filter_map(|queue| queue["name"].as_str());
        Ok(names.filter(|name| name.starts_with(prefix)).map(str::to_owned).collect())
    }

    pub fn delete_queues_with_prefix(&self, prefix: &str) -> Result<(), LabError> {
        for name in self.list_queues(prefix)? {
            let path = format!("/api/queues/%2F/{}", encoded(&name));
            self.0.node.management.delete(&path)?;
        }
        Ok(())
    }

    fn server(&self) -> MutexGuard<'_, Option<Server>> {
        self.0.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let server = self.server.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(server) = server.take() {
            server.kill();
        }
    }
}
