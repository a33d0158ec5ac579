//! The Snipe-IT client: turns HTTP into the words of `shared::domain::inventory`, and nothing more.
//!
//! It decides what one call did, never what happens next: no retry, no budget, no database. Snipe-IT answers
//! 200 to almost everything, so the body decides; a redirect is an outage, and silence after sending means that
//! the effect is unknown.

mod activity;
mod catalogue;
mod classify;
mod health;
mod http;
mod marker;
mod outcome;
mod people;
mod reads;
mod rights;
mod rows;
mod seen;
mod settings;
mod tls;
mod wire;
mod writes;

#[cfg(test)]
pub(crate) mod tests;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use chrono_tz::Tz;
use reqwest::header::HeaderValue;
use url::Url;

pub use activity::{ActivityRow, LOG_PERMISSION};
pub use catalogue::{AssetQuery, AssetSort, ModelSeen, Visibility};
pub use health::HealthSeen;
pub use marker::{InvalidMarker, Marker, note_text};
pub use people::{NewUser, UserCreated, UserSeen};
pub use reads::{PAGE_SIZE, Page, Unreadable};
pub use rights::{AssetRights, SelfSeen};
pub use seen::{CallSeen, RateLimit, Read, ReadFailure, ReadFailureKind};
pub use settings::{SettingsError, SnipeItSettings, Timeouts, TokenSource};
pub use writes::{CheckIn, CheckOut, EDIT_PERMISSION, Written};

/// One Snipe-IT as one of its users sees it. Cloning is cheap; clones share connections and token.
#[derive(Clone)]
pub struct SnipeIt {
    inner: Arc<Inner>,
}

struct Inner {
    http: reqwest::Client,
    base_url: Url,
    server_timezone: Tz,
    token_source: TokenSource,
    authorization: RwLock<HeaderValue>,
}

impl SnipeIt {
    /// Reads token and CA file; makes no call.
    pub fn new(settings: SnipeItSettings) -> Result<Self, SettingsError> {
        let authorization = settings.token.authorization()?;
        let http = http::client(&settings)?;
        Ok(Self {
            inner: Arc::new(Inner {
                http,
                base_url: settings.base_url,
                server_timezone: settings.server_timezone,
                token_source: settings.token,
                authorization: RwLock::new(authorization),
            }),
        })
    }

    /// Where this Snipe-IT lives, without the path of its API.
    pub fn base_url(&self) -> &Url {
        &self.inner.base_url
    }

    /// The zone in which every naive date of this Snipe-IT is meant.
    pub fn server_timezone(&self) -> Tz {
        self.inner.server_timezone
    }

    /// Reads the token again; says whether it changed. For use while the installation is at fault.
    pub fn reload_token(&self) -> Result<bool, SettingsError> {
        let fresh = self.inner.token_source.authorization()?;
        let mut current = self.inner.authorization.write().unwrap_or_else(PoisonError::into_inner);
        let has_changed = *current != fresh;
        *current = fresh;
        Ok(has_changed)
    }

    fn authorization(&self) -> HeaderValue {
        self.inner.authorization.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl fmt::Debug for SnipeIt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SnipeIt").field("base_url", &self.inner.base_url.as_str()).finish_non_exhaustive()
    }
}
