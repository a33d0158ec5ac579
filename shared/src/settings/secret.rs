//! Where a secret comes from: the variable itself, or a file named by `<variable>_FILE` (Docker and systemd
//! credentials).

use std::fmt;
use std::io;
use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};

/// Kept where a secret can change while the process runs: a file is read again at each `read`, so that a renewed
/// Snipe-IT token needs no restart.
#[derive(Clone)]
pub enum SecretSource {
    Value(SecretString),
    File(PathBuf),
}

impl SecretSource {
    /// The secret as it is now, without surrounding white space (files end with a newline).
    pub fn read(&self) -> io::Result<SecretString> {
        let text = match self {
            Self::Value(value) => value.expose_secret().trim().to_owned(),
            Self::File(path) => std::fs::read_to_string(path)?.trim().to_owned(),
        };
        if text.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is empty"));
        }
        Ok(text.into())
    }
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(***)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_source_does_not_print_the_secret() {
        let source = SecretSource::Value("hunter2".to_owned().into());

        let shown = format!("{source:?} {:?}", source.read());

        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
