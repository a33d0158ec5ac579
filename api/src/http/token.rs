//! API tokens: `mlr_<prefix>_<secret>`. The prefix finds the row and names the token, the secret is 256 random bits.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use rand::{Rng, RngCore, distr::Alphanumeric};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

const SCHEME: &str = "mlr";
const PREFIX_LENGTH: usize = 10;
const SECRET_LENGTH: usize = 43;

/// A token at the only moment at which it exists in clear here.
pub struct FreshToken {
    pub prefix: String,
    pub hash: [u8; 32],
    pub secret: SecretString,
}

impl FreshToken {
    pub fn generate() -> Self {
        let mut rng = rand::rng();
        let mut bits = [0; 32];
        rng.fill_bytes(&mut bits);
        let name: String = rng.sample_iter(Alphanumeric).take(PREFIX_LENGTH).map(char::from).collect();
        let prefix = format!("{SCHEME}_{name}");
        let secret = SecretString::from(format!("{prefix}_{}", BASE64_URL_SAFE_NO_PAD.encode(bits)));
        Self { hash: hash(secret.expose_secret()), prefix, secret }
    }
}

/// A token as presented by a client; it has the right shape and nothing more is known of it.
pub(crate) struct PresentedToken {
    pub(crate) prefix: String,
    hash: [u8; 32],
}

impl PresentedToken {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '_');
        let (scheme, name, secret) = (parts.next()?, parts.next()?, parts.next()?);
        let has_shape = scheme == SCHEME
            && name.len() == PREFIX_LENGTH
            && secret.len() == SECRET_LENGTH
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        has_shape.then(|| Self { prefix: format!("{scheme}_{name}"), hash: hash(text) })
    }

    /// Compares in constant time.
    pub(crate) fn has_hash(&self, stored: &[u8]) -> bool {
        stored.len() == self.hash.len() && stored.iter().zip(self.hash).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fresh_token_is_recognised_and_a_changed_one_is_not() {
        let fresh = FreshToken::generate();
        let presented = PresentedToken::parse(fresh.secret.expose_secret()).unwrap();

        assert_eq!(presented.prefix, fresh.prefix);
        assert!(presented.has_hash(&fresh.hash));
        let other = FreshToken::generate();
        assert!(!presented.has_hash(&other.hash));
        assert!(!presented.has_hash(&[]));
    }

    #[test]
    fn what_does_not_look_like_a_token_is_not_looked_up() {
        for text in ["", "mlr", "mlr_short_x", "xyz_0123456789_0123456789012345678901234567890123456789012"] {
            assert!(PresentedToken::parse(text).is_none(), "{text:?}");
        }
    }
}
