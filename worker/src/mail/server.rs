//! The mail server as `SMTP_URL` names it, and a connection to it that is ready for an envelope.
//!
//! lettre's own transport hides how far a delivery got; that is why connections are opened here, by hand. The URL is
//! read as lettre reads it, with one rule more: a password does not leave unencrypted by accident.

use std::borrow::Cow;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{Error, SMTP_PORT, SUBMISSION_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;
use url::Url;

use super::settings::MailSettingsError;

/// lettre's `Credentials` and `TlsParameters` print nothing secret, so this may be printed.
#[derive(Debug, Clone)]
pub(super) struct MailServer {
    host: String,
    port: u16,
    tls: Tls,
    credentials: Option<Credentials>,
    hello: ClientId,
}

impl MailServer {
    pub(super) fn parse(text: &str) -> Result<Self, MailSettingsError> {
        let url = Url::parse(text).map_err(MailSettingsError::Url)?;
        let host = host_of(&url)?;
        let wish = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        let (default_port, tls) = encryption(url.scheme(), wish.as_deref(), &host)?;
        let credentials = credentials_of(&url)?;
        if credentials.is_some() && wish.is_none() && matches!(tls, Tls::None) && !is_loopback(&host) {
            return Err(MailSettingsError::PasswordInClear);
        }
        Ok(Self { port: url.port().unwrap_or(default_port), tls, credentials, hello: hello_of(&url), host })
    }

    /// Connects, encrypts and logs in.
    pub(super) async fn connect(&self, timeout: Duration) -> Result<AsyncSmtpConnection, Error> {
        let address = (self.host.as_str(), self.port);
        let implicit = if let Tls::Wrapper(parameters) = &self.tls { Some(parameters.clone()) } else { None };
        let mut connection =
            AsyncSmtpConnection::connect_tokio1(address, Some(timeout), &self.hello, implicit, None).await?;
        match &self.tls {
            Tls::Required(parameters) => connection.starttls(parameters.clone(), &self.hello).await?,
            Tls::Opportunistic(parameters) if connection.can_starttls() => {
                connection.starttls(parameters.clone(), &self.hello).await?;
            }
            Tls::Opportunistic(_) | Tls::Wrapper(_) | Tls::None => {}
        }
        if let Some(credentials) = &self.credentials {
            connection.auth(DEFAULT_MECHANISMS, credentials).await?;
        }
        Ok(connection)
    }
}

fn host_of(url: &Url) -> Result<String, MailSettingsError> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(MailSettingsError::Host)?;
    // A resolver wants an IPv6 address without the brackets that a URL needs.
    Ok(host.trim_matches(['[', ']']).to_owned())
}

fn encryption(scheme: &str, wish: Option<&str>, host: &str) -> Result<(u16, Tls), MailSettingsError> {
    let parameters = || TlsParameters::new(host.to_owned()).map_err(MailSettingsError::Tls);
    match (scheme, wish) {
        ("smtps", None | Some("required")) => Ok((SUBMISSIONS_PORT, Tls::Wrapper(parameters()?))),
        ("smtp", Some("required")) => Ok((SUBMISSION_PORT, Tls::Required(parameters()?))),
        ("smtp", Some("opportunistic")) => Ok((SUBMISSION_PORT, Tls::Opportunistic(parameters()?))),
        ("smtp", None | Some("none")) => Ok((SMTP_PORT, Tls::None)),
        ("smtp" | "smtps", Some(_)) => Err(MailSettingsError::Encryption),
        (_, _) => Err(MailSettingsError::Scheme),
    }
}

fn credentials_of(url: &Url) -> Result<Option<Credentials>, MailSettingsError> {
    let decode = |text| percent_decode_str(text).decode_utf8().map_err(|_| MailSettingsError::Credentials);
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) | (_, None) => Err(MailSettingsError::Credentials),
        (user, Some(password)) => {
            Ok(Some(Credentials::new(decode(user).map(Cow::into_owned)?, decode(password).map(Cow::into_owned)?)))
        }
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The path of the URL is the name we greet with, for servers that are particular; else this machine's name.
fn hello_of(url: &Url) -> ClientId {
    match url.path().trim_matches('/') {
        "" => ClientId::default(),
        name => ClientId::Domain(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> MailServer {
        MailServer::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn each_way_to_encrypt_has_its_port() {
        let shape = |text| {
            let server = parse(text);
            let tls = match server.tls {
                Tls::None => "none",
                Tls::Opportunistic(_) => "opportunistic",
                Tls::Required(_) => "required",
                Tls::Wrapper(_) => "implicit",
            };
            (server.host, server.port, tls)
        };
        assert_eq!(shape("smtp://mail.example"), ("mail.example".into(), 25, "none"));
        assert_eq!(shape("smtp://127.0.0.1:2525"), ("127.0.0.1".into(), 2525, "none"));
        assert_eq!(shape("smtp://[::1]:2525"), ("::1".into(), 2525, "none"));
        assert_eq!(shape("smtp://mail.example?tls=required"), ("mail.example".into(), 587, "required"));
        assert_eq!(shape("smtp://mail.example?tls=opportunistic"), ("mail.example".into(), 587, "opportunistic"));
        assert_eq!(shape("smtps://mail.example"), ("mail.example".into(), 465, "implicit"));
    }

    #[test]
    fn a_password_is_decoded_and_never_printed() {
        let server = parse("smtps://lab%40lab.example:s%3Acr%2Bt+@mail.example");

        assert_eq!(server.credentials, Some(Credentials::new("lab@lab.example".into(), "s:cr+t+".into())));
        let printed = format!("{server:?}");
        assert!(!printed.contains("cr+t") && !printed.contains("lab@"), "{printed}");
    }

    #[test]
    fn the_path_is_the_name_we_greet_with() {
        assert_eq!(
            parse("smtp://mail.example/worker.lab.example").hello,
            ClientId::Domain("worker.lab.example".into())
        );
    }

    #[test]
    fn a_url_that_cannot_work_is_refused_by_the_name_of_its_variable_and_without_its_value() {
        use MailSettingsError as E;
        for (text, is_expected) in [
            ("mail.s3cret", (|e| matches!(e, E::Url(_))) as fn(&E) -> bool),
            ("http://mail.s3cret", |e| matches!(e, E::Scheme)),
            ("s3cret:mail", |e| matches!(e, E::Host | E::Scheme)),
            ("smtp://", |e| matches!(e, E::Host | E::Url(_))),
            ("smtp://mail.s3cret?tls=maybe", |e| matches!(e, E::Encryption)),
            ("smtps://mail.s3cret?tls=none", |e| matches!(e, E::Encryption)),
            ("smtps://s3cret@mail.example", |e| matches!(e, E::Credentials)),
            ("smtps://:s3cret@mail.example", |e| matches!(e, E::Credentials)),
            ("smtps://lab:s3cret%ff@mail.example", |e| matches!(e, E::Credentials)),
            ("smtp://lab:s3cret@mail.example", |e| matches!(e, E::PasswordInClear)),
        ] {
            let error = MailServer::parse(text).expect_err(text);
            assert!(is_expected(&error), "{text}: {error:?}");
            let printed = format!("{error} {error:?}");
            assert!(printed.starts_with("SMTP_URL") && !printed.contains("s3cret"), "{text}: {printed}");
        }
    }

    #[test]
    fn a_password_in_clear_is_possible_on_loopback_or_when_asked_for() {
        for text in [
            "smtp://lab:s@127.0.0.1",
            "smtp://lab:s@[::1]",
            "smtp://lab:s@localhost",
            "smtp://lab:s@mail.example?tls=none",
        ] {
            parse(text);
        }
    }
}
