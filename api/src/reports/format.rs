//! JSON or CSV: by the query, else by what the client says that it accepts.

use axum::http::{HeaderMap, header};
use serde::Deserialize;
use utoipa::ToSchema;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    Json,
    Csv,
}

impl Format {
    /// JSON unless CSV is liked better.
    pub(super) fn accepted(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
        let ranges: Vec<_> = accepted.flat_map(|value| value.split(',')).map(quality).collect();
        let liked = |names: &[&str]| {
            let named = |name: &&str| ranges.iter().find(|(range, _)| range == name).map(|(_, quality)| *quality);
            names.iter().find_map(named).unwrap_or(0)
        };
        let csv = liked(&["text/csv", "text/*"]);
        if csv > liked(&["application/json", "application/*", "*/*"]) { Self::Csv } else { Self::Json }
    }
}

/// A media range and how much it is liked, in thousandths.
fn quality(range: &str) -> (String, u16) {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parts.find_map(|part| part.strip_prefix("q=")).map(|number| number.parse::<f32>());
    let thousandths = match weight {
        None => 1000,
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1000")]
        Some(Ok(weight)) if (0.0..=1.0).contains(&weight) => (weight * 1000.0) as u16,
        Some(_) => 0,
    };
    (name, thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn csv_is_given_to_those_who_like_it_better() {
        for (accept, expected) in [
            ("text/csv", Format::Csv),
            ("TEXT/CSV; charset=utf-8", Format::Csv),
            ("text/csv, application/json;q=0.5", Format::Csv),
            ("text/csv;q=0.9, */*;q=0.1", Format::Csv),
            ("application/json, text/csv;q=0.9", Format::Json),
            ("application/json, text/csv", Format::Json),
            ("text/csv;q=0", Format::Json),
            ("text/csv;q=many", Format::Json),
            ("*/*", Format::Json),
            ("", Format::Json),
        ] {
            let headers = [(header::ACCEPT, HeaderValue::from_str(accept).unwrap())].into_iter().collect();
            assert_eq!(Format::accepted(&headers), expected, "{accept}");
        }
        assert_eq!(Format::accepted(&HeaderMap::new()), Format::Json);
    }
}
