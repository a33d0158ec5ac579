//! URLs that may carry a password and can still be shown.

use std::fmt;

use ::url::Url;

/// A URL whose `Debug` and `Display` mask the password and leave out the query (some servers take keys there).
#[derive(Clone, PartialEq, Eq)]
pub struct MaskedUrl(Url);

impl MaskedUrl {
    pub fn new(url: Url) -> Self {
        Self(url)
    }

    /// The whole URL, password included: for the client that connects, never for a log.
    pub fn expose(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for MaskedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.0.clone();
        shown.set_query(None);
        shown.set_fragment(None);
        if shown.password().is_some() {
            // Fails only for URLs that cannot carry a password; such a URL has none to mask.
            let _ = shown.set_password(Some("***"));
        }
        shown.fmt(f)
    }
}

impl fmt::Debug for MaskedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_shown_without_its_password_and_query() {
        let url = MaskedUrl::new("smtp://lab:hunter2@mail.example:587/?key=hunter3".parse().unwrap());

        assert_eq!(url.to_string(), "smtp://lab:***@mail.example:587/");
        assert_eq!(format!("{url:?}"), url.to_string());
        assert_eq!(url.expose().password(), Some("hunter2"));
    }
}
