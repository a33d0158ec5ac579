//! The broker's management API, just enough of HTTP/1.0 to ask it from any thread: no runtime, no chunked
//! bodies, one connection per question.

use std::{
    io::{self, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use secrecy::{ExposeSecret, SecretString};

use crate::lab::LabError;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub struct Management {
    pub port: u16,
    pub user: String,
    pub password: SecretString,
}

impl Management {
    pub fn get(&self, path: &str) -> Result<serde_json::Value, LabError> {
        let body = self.ask("GET", path)?;
        serde_json::from_slice(&body).map_err(|error| LabError::Management {
            request: path.to_owned(),
            source: error.into(),
        })
    }

    /// What is already gone counts as deleted.
    pub fn delete(&self, path: &str) -> Result<(), LabError> {
        match self.ask("DELETE", path) {
            Ok(_) | Err(LabError::ManagementRefused { status: 404, .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn ask(&self, method: &str, path: &str) -> Result<Vec<u8>, LabError> {
        let request = format!("{method} {path}");
        let answer = self
            .exchange(&request)
            .and_then(|answer| parse(&answer).ok_or_else(|| io::ErrorKind::InvalidData.into()));
        match answer {
            Ok((200..=299, body)) => Ok(body),
            Ok((status, _)) => Err(LabError::ManagementRefused { request, status }),
            Err(source) => Err(LabError::Management { request, source }),
        }
    }

    fn exchange(&self, request: &str) -> io::Result<Vec<u8>> {
        let credentials =
            BASE64_STANDARD.encode(format!("{}:{}", self.user, self.password.expose_secret()));
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        write!(
            stream,
            "{request} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Basic {credentials}\r\n\
             Content-Length: 0\r\n\r\n"
        )?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

fn parse(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end_of_head = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&answer[..end_of_head]).ok()?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer[end_of_head + 4..].to_vec()))
}

/// A name as one segment of a path.
pub fn encoded(name: &str) -> String {
    let mut encoded = String::new();
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                encoded.push(char::from(byte))
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}
