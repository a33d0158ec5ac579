//! Which Snipe-IT, as whom, and how long to wait. Every error names the variable to mend.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono_tz::Tz;
use reqwest::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use url::{Host, Url};

const URL: &str = "SNIPEIT_URL";
const TOKEN: &str = "SNIPEIT_API_TOKEN";
const TOKEN_FILE: &str = "SNIPEIT_API_TOKEN_FILE";
const CA_FILE: &str = "SNIPEIT_CA_FILE";
const TIMEZONE: &str = "SNIPEIT_TIMEZONE";
const TIMEOUT: &str = "SNIPEIT_TIMEOUT";
const ALLOW_PLAIN_HTTP: &str = "SNIPEIT_ALLOW_PLAIN_HTTP";

/// Everything the client needs to know; checked values only.
#[derive(Debug, Clone)]
pub struct SnipeItSettings {
    pub(super) base_url: Url,
    pub(super) token: TokenSource,
    pub(super) ca_file: Option<PathBuf>,
    pub(super) timeouts: Timeouts,
    pub(super) server_timezone: Tz,
}

/// How long one call may take. A connection that is not made in `connect` certainly had no effect; a call that
/// exceeds `total` may have had one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(3), total: Duration::from_secs(15) }
    }
}

/// Where the API token comes from. A file is read again by `SnipeIt::reload_token`, so a new token needs no restart.
#[derive(Debug, Clone)]
pub enum TokenSource {
    Value(SecretString),
    File(PathBuf),
}

/// A setting that cannot work, on one line.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("{variable}: {problem}")]
pub struct SettingsError {
    pub variable: &'static str,
    pub problem: String,
}

impl SnipeItSettings {
    /// Reads the process environment.
    pub fn from_env(timeouts: Timeouts) -> Result<Self, SettingsError> {
        Self::from_vars(|name| std::env::var(name).ok(), timeouts)
    }

    /// Reads variables from anywhere; an empty value counts as not set.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>, timeouts: Timeouts) -> Result<Self, SettingsError> {
        let var = |name: &str| lookup(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let allow_plain_http = parse_allow_plain_http(var(ALLOW_PLAIN_HTTP).as_deref())?;
        let base_url = parse_base_url(&require(URL, var(URL), "https://inventory.example")?)?;
        check_scheme(&base_url, allow_plain_http)?;
        check_timeouts(timeouts)?;
        Ok(Self {
            base_url,
            token: token_source(var(TOKEN), var(TOKEN_FILE))?,
            ca_file: var(CA_FILE).map(PathBuf::from),
            timeouts,
            server_timezone: parse_timezone(&require(TIMEZONE, var(TIMEZONE), "Europe/Lisbon")?)?,
        })
    }
}

impl TokenSource {
    /// The header of every call, marked sensitive so that no debug output shows it.
    pub(super) fn authorization(&self) -> Result<HeaderValue, SettingsError> {
        let token = self.read()?;
        let mut header = HeaderValue::try_from(format!("Bearer {}", token.expose_secret()))
            .map_err(|_| error(self.variable(), "contains characters that no API token has"))?;
        header.set_sensitive(true);
        Ok(header)
    }

    fn read(&self) -> Result<SecretString, SettingsError> {
        let token = match self {
            Self::Value(token) => token.expose_secret().trim().to_owned(),
            Self::File(path) => read_file(TOKEN_FILE, path)?.trim().to_owned(),
        };
        if token.is_empty() {
            return Err(error(self.variable(), "holds no token"));
        }
        if token.contains(char::is_whitespace) {
            return Err(error(self.variable(), "must hold the bare API token, without \"Bearer\" and line breaks"));
        }
        Ok(SecretString::from(token))
    }

    fn variable(&self) -> &'static str {
        match self {
            Self::Value(_) => TOKEN,
            Self::File(_) => TOKEN_FILE,
        }
    }
}

pub(super) fn ca_file_error(problem: impl Display) -> SettingsError {
    error(CA_FILE, problem)
}

pub(super) fn client_error(problem: impl Display) -> SettingsError {
    error(URL, problem)
}

fn error(variable: &'static str, problem: impl Display) -> SettingsError {
    SettingsError { variable, problem: problem.to_string() }
}

fn require(variable: &'static str, value: Option<String>, example: &str) -> Result<String, SettingsError> {
    value.ok_or_else(|| error(variable, format!("is not set; give for example {example}")))
}

/// The address people type: a trailing slash or a pasted `/api/v1` does no harm, a sub-path is kept.
fn parse_base_url(text: &str) -> Result<Url, SettingsError> {
    let mut url = Url::parse(text).map_err(|cause| error(URL, format!("is not a URL ({cause})")))?;
    if !url.has_host() {
        return Err(error(URL, "names no host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(error(URL, format!("must not contain a user or password; the token goes into {TOKEN}")));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(error(URL, "must not contain ? or #"));
    }
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/api/v1").unwrap_or(path).trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// The token travels in every request: in clear only where nobody can listen, or by an explicit wish.
fn check_scheme(url: &Url, allow_plain_http: bool) -> Result<(), SettingsError> {
    match url.scheme() {
        "https" => Ok(()),
        "http" if allow_plain_http || is_loopback(url) => Ok(()),
        "http" => Err(error(
            URL,
            format!("http:// would send the token in clear; use https:// or set {ALLOW_PLAIN_HTTP}=true"),
        )),
        other => Err(error(URL, format!("must start with https://, not {other}://"))),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn parse_allow_plain_http(value: Option<&str>) -> Result<bool, SettingsError> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(error(ALLOW_PLAIN_HTTP, format!("must be true or false, not {other:?}"))),
    }
}

fn parse_timezone(text: &str) -> Result<Tz, SettingsError> {
    text.parse().map_err(|_| {
        error(
            TIMEZONE,
            format!("{text:?} is not a time zone; give APP_TIMEZONE of the Snipe-IT server, for example Europe/Lisbon"),
        )
    })
}

fn check_timeouts(timeouts: Timeouts) -> Result<(), SettingsError> {
    if timeouts.connect.is_zero() || timeouts.connect >= timeouts.total {
        return Err(error(TIMEOUT, "must be longer than the connect timeout, and both longer than zero"));
    }
    Ok(())
}

fn token_source(value: Option<String>, file: Option<String>) -> Result<TokenSource, SettingsError> {
    match (value, file) {
        (Some(token), None) => Ok(TokenSource::Value(SecretString::from(token))),
        (None, Some(path)) => Ok(TokenSource::File(PathBuf::from(path))),
        (Some(_), Some(_)) => Err(error(TOKEN, format!("set either this or {TOKEN_FILE}, not both"))),
        (None, None) => {
            Err(error(TOKEN, format!("is not set; give the API token here or a file with it in {TOKEN_FILE}")))
        }
    }
}

pub(super) fn read_file(variable: &'static str, path: &Path) -> Result<String, SettingsError> {
    std::fs::read_to_string(path)
        .map_err(|cause| error(variable, format!("could not read {} ({cause})", path.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: [(&str, &str); 3] =
        [(URL, "https://lab.example/inventory/"), (TOKEN, "s3cr3t-token"), (TIMEZONE, "Europe/Lisbon")];

    fn with(changes: &[(&str, &str)]) -> Result<SnipeItSettings, SettingsError> {
        let find = |vars: &[(&str, &str)], name: &str| {
            vars.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        };
        SnipeItSettings::from_vars(|name| find(changes, name).or_else(|| find(&GOOD, name)), Timeouts::default())
    }

    #[test]
    fn a_sub_path_is_kept_and_a_pasted_api_path_dropped() {
        for (given, kept) in [
            ("https://lab.example", "https://lab.example/"),
            ("https://lab.example/inventory/", "https://lab.example/inventory"),
            ("https://lab.example/inventory/api/v1/", "https://lab.example/inventory"),
            ("https://lab.example/api/v1", "https://lab.example/"),
        ] {
            assert_eq!(with(&[(URL, given)]).unwrap().base_url.as_str(), kept, "{given}");
        }
    }

    #[test]
    fn each_bad_setting_is_one_line_that_names_its_variable() {
        for (variable, value) in [
            (URL, ""),
            (URL, "lab.example"),
            (URL, "ftp://lab.example"),
            (URL, "https://user:pw@lab.example"),
            (URL, "https://lab.example/?a=1"),
            (URL, "http://lab.example"),
            (ALLOW_PLAIN_HTTP, "yes"),
            (TOKEN, " "),
            (TIMEZONE, ""),
            (TIMEZONE, "Lisbon"),
        ] {
            let line = with(&[(variable, value)]).expect_err(value).to_string();

            assert!(line.starts_with(&format!("{variable}: ")), "{line}");
            assert!(!line.contains('\n') && !line.contains("pw"), "{line}");
        }
    }

    #[test]
    fn plain_http_is_for_loopback_or_by_explicit_wish() {
        assert!(with(&[(URL, "http://127.0.0.1:8100")]).is_ok());
        assert!(with(&[(URL, "http://[::1]:8100")]).is_ok());
        assert!(with(&[(URL, "http://localhost")]).is_ok());
        assert!(with(&[(URL, "http://snipeit")]).is_err());
        assert!(with(&[(URL, "http://snipeit"), (ALLOW_PLAIN_HTTP, "true")]).is_ok());
    }

    #[test]
    fn token_and_token_file_together_are_refused() {
        assert_eq!(with(&[(TOKEN_FILE, "/run/token")]).unwrap_err().variable, TOKEN);
    }

    #[test]
    fn a_token_that_is_not_bare_is_refused_without_being_shown() {
        let refused = TokenSource::Value(SecretString::from("Bearer s3cr3t-token")).authorization().unwrap_err();

        assert_eq!(refused.variable, TOKEN);
        assert!(!refused.to_string().contains("s3cr3t"));
    }

    #[test]
    fn the_token_is_in_no_debug_output() {
        let settings = with(&[]).unwrap();
        let header = settings.token.authorization().unwrap();

        assert!(!format!("{settings:?} {header:?}").contains("s3cr3t"));
    }

    #[test]
    fn timeouts_out_of_order_are_refused() {
        let timeouts = Timeouts { connect: Duration::from_secs(15), total: Duration::from_secs(15) };
        let find = |name: &str| GOOD.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());

        assert!(SnipeItSettings::from_vars(find, timeouts).is_err());
    }
}
