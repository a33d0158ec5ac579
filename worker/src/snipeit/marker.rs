//! The operation's marker, as Snipe-IT's log keeps it: in `note` and in `User-Agent`.

use std::fmt;

use thiserror::Error;

/// The ULID of an operation. It finds our own traces in Snipe-IT's activity log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Marker(String);

#[derive(Debug, Error, PartialEq, Eq)]
#[error("an operation's marker is a ULID: 26 characters of 0-9 and A-Z without I, L, O and U")]
pub struct InvalidMarker;

impl Marker {
    /// Accepts the canonical upper-case ULID only, so that one operation has one spelling in the log.
    pub fn parse(text: &str) -> Result<Self, InvalidMarker> {
        let is_ulid =
            text.len() == 26 && text.starts_with(|c| ('0'..='7').contains(&c)) && text.bytes().all(is_crockford);
        if is_ulid { Ok(Self(text.to_owned())) } else { Err(InvalidMarker) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a text of the log carries this marker.
    pub fn is_in(&self, text: &str) -> bool {
        text.contains(&self.0)
    }
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The note of a write: marker and requisition number, nothing else. Snipe-IT renders notes as Markdown and
/// shows them to many people; plain brackets survive, names do not belong there.
pub fn note_text(marker: &Marker, requisition_number: &str) -> String {
    format!("[op:{marker}] {requisition_number}")
}

fn is_crockford(byte: u8) -> bool {
    byte.is_ascii_digit() || (byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'L' | b'O' | b'U'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ULID: &str = "01JD8Z6T5Q3M9W7X2K4N6P8R0S";

    #[test]
    fn a_marker_is_a_canonical_ulid_and_nothing_else() {
        assert_eq!(Marker::parse(ULID).unwrap().as_str(), ULID);

        for bad in [
            "",
            &ULID[1..],
            &ULID.to_lowercase(),
            "01JD8Z6T5Q3M9W7X2K4N6P8R0U",
            "01JD8Z6T5Q3M9W7X2K4N6P8R%_",
            "81JD8Z6T5Q3M9W7X2K4N6P8R0S",
        ] {
            assert_eq!(Marker::parse(bad), Err(InvalidMarker), "{bad:?}");
        }
    }

    #[test]
    fn the_note_carries_marker_and_number_only() {
        let marker = Marker::parse(ULID).unwrap();

        assert_eq!(note_text(&marker, "R-2026-000123"), "[op:01JD8Z6T5Q3M9W7X2K4N6P8R0S] R-2026-000123");
        assert!(marker.is_in(&note_text(&marker, "R-2026-000123")));
    }
}
