//! Whether the connection is private, and the server who it says it is.

use super::{
    evidence::Seen,
    report::{Check, Row},
};
use crate::snipeit::ReadFailureKind;
use url::Url;

/// Judged by the first call after a connection was made: what breaks before a byte is sent, breaks here.
pub(super) fn judge<T>(url: &Url, first: &Seen<T>) -> Row {
    let is_private = url.scheme() == "https";
    match first.as_ref().err().map(|failure| &failure.kind) {
        Some(ReadFailureKind::Unreachable { what }) if is_private => Row::wrong(
            Check::Tls,
            what.clone(),
            "Renew the server's certificate, use a name that stands in it, or name the authority's certificate in \
             SNIPEIT_CA_FILE.",
        ),
        _ if is_private => Row::ok(Check::Tls, "the server's certificate is trusted"),
        _ if is_this_machine(url) => Row::ok(Check::Tls, "not needed: Snipe-IT is on this machine"),
        _ => Row::warning(
            Check::Tls,
            "the token travels in clear, by SNIPEIT_ALLOW_PLAIN_HTTP",
            "Give Snipe-IT a certificate, and SNIPEIT_URL https://.",
        ),
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use crate::{
        check::{Check, Report, State, check},
        snipeit::tests::tls::{fixture, start_server},
    };
    use makerlab_shared::settings::Environment;

    async fn checked(extra: &[(&str, &str)]) -> Report {
        let url = format!("https://{}", start_server());
        let usual = [
            ("SNIPEIT_URL", url.as_str()),
            ("SNIPEIT_API_TOKEN", "a-token"),
            ("SNIPEIT_TIMEZONE", "UTC"),
            ("LAB_TIMEZONE", "UTC"),
        ];
        check(&Environment::from_pairs(usual.into_iter().chain(extra.iter().copied()))).await
    }

    #[tokio::test]
    async fn a_certificate_of_an_unknown_authority_is_the_first_failure_until_its_authority_is_named() {
        let authority = fixture("authority.pem");

        let unknown = checked(&[]).await;
        let named = checked(&[("SNIPEIT_CA_FILE", authority.to_str().unwrap())]).await;

        let row = |report: &Report, check| report.rows.iter().find(|row| row.check == check).unwrap().clone();
        assert_eq!(row(&unknown, Check::Connection).state, State::Ok);
        assert_eq!(row(&unknown, Check::Tls).state, State::Wrong);
        assert!(row(&unknown, Check::Tls).fix.unwrap().contains("SNIPEIT_CA_FILE"));
        assert_eq!(row(&unknown, Check::Server).state, State::NotTried);
        assert_eq!(row(&named, Check::Tls).state, State::Ok);
        assert_eq!(row(&named, Check::Server).state, State::Ok);
    }
}
