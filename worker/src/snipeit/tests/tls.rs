//! A server whose certificate was issued by an authority that nobody but its lab knows. The key in `fixtures/tls`
//! belongs to no real machine.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::server::client_trusting;
use crate::snipeit::{ReadFailureKind, SettingsError};

pub(crate) fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src/snipeit/tests/fixtures/tls")).join(name)
}

/// Serves one connection after another until the test ends.
pub(crate) fn start_server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let config = Arc::new(server_config());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that refuses the certificate breaks off: that is what one of the tests is about.
            let _ = answer(stream.unwrap(), &config);
        }
    });
    address
}

fn server_config() -> ServerConfig {
    let certificate = CertificateDer::from_pem_file(fixture("server.pem")).unwrap();
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap()
}

fn answer(stream: TcpStream, config: &Arc<ServerConfig>) -> std::io::Result<()> {
    let connection = ServerConnection::new(Arc::clone(config)).unwrap();
    let mut tls = StreamOwned::new(connection, stream);
    let _ = tls.read(&mut [0; 4096])?;
    tls.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\nConnection: close\r\n\r\n{\"version\":\"v8.1.4\"}")?;
    tls.flush()
}

#[tokio::test]
async fn a_labs_own_authority_is_trusted_when_named() {
    let url = format!("https://{}", start_server());

    let snipeit = client_trusting(&url, Some(fixture("authority.pem"))).unwrap();

    assert_eq!(snipeit.probe().await.unwrap().value, "v8.1.4");
}

#[tokio::test]
async fn a_certificate_of_an_unknown_authority_is_refused_before_anything_is_sent() {
    let url = format!("https://{}", start_server());

    let failure = client_trusting(&url, None).unwrap().probe().await.unwrap_err();

    let ReadFailureKind::Unreachable { what } = failure.kind else { panic!("{failure:?}") };
    assert!(what.contains("UnknownIssuer"), "{what}");
}

#[test]
fn a_ca_file_that_is_none_stops_the_start_and_names_its_variable() {
    for file in ["absent.pem", "server.key"] {
        let error: SettingsError = client_trusting("https://127.0.0.1", Some(fixture(file))).unwrap_err();

        assert_eq!(error.variable, "SNIPEIT_CA_FILE", "{error}");
        assert!(error.problem.contains(file), "{error}");
    }
}
