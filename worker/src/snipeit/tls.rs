//! Whom we trust: the well-known roots compiled in, plus the lab's own authority when one is named.
//!
//! The machine's certificate store is left out on purpose: a container without one would not start, and a
//! setting says more than a file somewhere under /etc.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use super::settings::{SettingsError, ca_file_error};

pub(super) fn client_config(ca_file: Option<&Path>) -> Result<ClientConfig, SettingsError> {
    // One provider for the whole process; a second installation is refused and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(path) = ca_file {
        add_authorities(&mut roots, path)?;
    }
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring supports the default protocol versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

fn add_authorities(roots: &mut RootCertStore, path: &Path) -> Result<(), SettingsError> {
    let unreadable =
        |cause: &dyn std::fmt::Display| ca_file_error(format!("could not read {} ({cause})", path.display()));
    let certificates = CertificateDer::pem_file_iter(path).map_err(|cause| unreadable(&cause))?;
    let mut added = 0;
    for certificate in certificates {
        let certificate = certificate.map_err(|cause| unreadable(&cause))?;
        roots.add(certificate).map_err(|cause| unreadable(&cause))?;
        added += 1;
    }
    if added == 0 {
        return Err(ca_file_error(format!("{} holds no PEM certificate", path.display())));
    }
    Ok(())
}
