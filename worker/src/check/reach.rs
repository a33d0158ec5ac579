//! The way to the server, before anything is asked of it: its name, then a connection.

use super::report::{Check, Row};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{net::TcpStream, time};
use url::Url;

/// One row if the name is unknown, else two. `patience` is for each of both.
pub(super) async fn judge(url: &Url, patience: Duration) -> Vec<Row> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let port = url.port_or_known_default().unwrap_or(443);
    match within(patience, tokio::net::lookup_host((host, port))).await.map(Iterator::collect::<Vec<_>>) {
        Ok(addresses) if !addresses.is_empty() => {
            let name = Row::ok(Check::Name, format!("{host} is {}", addresses[0].ip()));
            vec![name, connection(&addresses, patience).await]
        }
        Ok(_) => vec![unknown_name(host, "it has no address")],
        Err(error) => vec![unknown_name(host, &error.to_string())],
    }
}

fn unknown_name(host: &str, why: &str) -> Row {
    Row::wrong(
        Check::Name,
        format!("nobody knows where {host} is: {why}"),
        "Correct the host in SNIPEIT_URL, or the name service of this machine.",
    )
}

async fn connection(addresses: &[SocketAddr], patience: Duration) -> Row {
    let mut failures = Vec::new();
    for address in addresses {
        match within(patience, TcpStream::connect(address)).await {
            Ok(_) => return Row::ok(Check::Connection, format!("{address} takes connections")),
            Err(error) => failures.push(format!("{address}: {error}")),
        }
    }
    Row::wrong(
        Check::Connection,
        failures.join("; "),
        "Start Snipe-IT's web server, or correct the port in SNIPEIT_URL; a firewall may stand between.",
    )
}

async fn within<T>(patience: Duration, asked: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    time::timeout(patience, asked)
        .await
        .unwrap_or_else(|_| Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {patience:?}"))))
}
