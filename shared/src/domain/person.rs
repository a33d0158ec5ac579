//! Who people are to us: an address, a name, a language.
//!
//! Personal data is a type here: it prints masked, so that a log line, a trace or an error cannot leak it by accident.
//! Whoever needs the real value says `expose()`, which a reviewer can search for.

use std::fmt;

use serde::{Deserialize, Deserializer, de};

use super::text_enum::text_enum;

/// RFC 5321: a path is 256 octets at most, its angle brackets included.
const LONGEST_ADDRESS: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_DOMAIN_LABEL: usize = 63;
const LONGEST_NAME: usize = 200;

/// An e-mail address that a mail server will take: `local@domain`, ASCII, no quoted parts, no display name.
///
/// Kept as it was written. `==` compares exactly that; [`EmailAddress::matches`] asks whether it is the same mailbox.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct EmailAddress(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    #[error("is empty")]
    Empty,
    #[error("is longer than 254 characters")]
    TooLong,
    #[error("must be one local part and one domain with an @ between them")]
    MissingPart,
    #[error("contains a space or a control character")]
    Blank,
    #[error("contains a character outside ASCII; write an international domain in its xn-- form")]
    NotAscii,
    #[error("has a local part that mail servers refuse")]
    LocalPart,
    #[error("has a domain that is not a host name")]
    Domain,
}

impl EmailAddress {
    /// Accepts an address as a person types it; surrounding blanks are dropped.
    pub fn parse(text: &str) -> Result<Self, EmailAddressError> {
        let text = text.trim_matches(' ');
        check_characters(text)?;
        let (local, domain) = text.rsplit_once('@').ok_or(EmailAddressError::MissingPart)?;
        if local.is_empty() || domain.is_empty() {
            return Err(EmailAddressError::MissingPart);
        }
        if !is_local_part(local) {
            return Err(EmailAddressError::LocalPart);
        }
        if !domain.split('.').all(is_domain_label) {
            return Err(EmailAddressError::Domain);
        }
        Ok(Self(text.to_owned()))
    }

    /// Takes a value that was parsed before it was stored; an erased person's row holds an empty one.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The address in clear, for the mail server, Snipe-IT and the person it belongs to. Never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether both name the same mailbox: the domain's case does not matter, the local part's does.
    pub fn matches(&self, other: &Self) -> bool {
        let (own_local, own_domain) = self.parts();
        let (local, domain) = other.parts();
        own_local == local && own_domain.eq_ignore_ascii_case(domain)
    }

    fn parts(&self) -> (&str, &str) {
        self.0.rsplit_once('@').unwrap_or((&self.0, ""))
    }
}

fn check_characters(text: &str) -> Result<(), EmailAddressError> {
    if text.is_empty() {
        return Err(EmailAddressError::Empty);
    }
    if text.len() > LONGEST_ADDRESS {
        return Err(EmailAddressError::TooLong);
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(EmailAddressError::Blank);
    }
    if !text.is_ascii() {
        return Err(EmailAddressError::NotAscii);
    }
    Ok(())
}

/// A dot-atom of RFC 5322. Quoted local parts are allowed by the RFC, used by nobody, and a door for injection.
fn is_local_part(local: &str) -> bool {
    let is_atom = |atom: &str| {
        !atom.is_empty() && atom.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    local.len() <= LONGEST_LOCAL_PART && local.split('.').all(is_atom)
}

fn is_domain_label(label: &str) -> bool {
    (1..=LONGEST_DOMAIN_LABEL).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.parts();
        write!(f, "{}***@{domain}", first_character(local))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for EmailAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

/// What a person wants to be called: 1 to 200 characters on one line.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct PersonName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PersonNameError {
    #[error("is empty")]
    Empty,
    #[error("is longer than 200 characters")]
    TooLong,
    #[error("contains a line break or another control character")]
    ControlCharacter,
}

impl PersonName {
    /// Accepts a name as a person types it; surrounding blanks are dropped.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        if text.chars().any(breaks_a_line) {
            return Err(PersonNameError::ControlCharacter);
        }
        let text = text.trim();
        match text.chars().count() {
            0 => Err(PersonNameError::Empty),
            1..=LONGEST_NAME => Ok(Self(text.to_owned())),
            _ => Err(PersonNameError::TooLong),
        }
    }

    /// Takes a value that was parsed before it was stored; an erased person's row holds an empty one.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The name in clear, for letters and for people who may see it. Never for a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Unicode has two line breaks of its own that `is_control` does not know.
fn breaks_a_line(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

impl fmt::Display for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}***", first_character(&self.0))
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<'de> Deserialize<'de> for PersonName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
    }
}

fn first_character(text: &str) -> &str {
    text.char_indices().nth(1).map_or(text, |(end, _)| &text[..end])
}

text_enum! {
    /// The language a person reads our letters in.
    #[derive(Default)]
    pub enum Language {
        #[default]
        En = "en",
        /// European Portuguese.
        Pt = "pt",
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_ordinary_address_is_kept_as_written_without_the_blanks_around_it() {
        for (typed, kept) in [
            ("ana@lab.example", "ana@lab.example"),
            ("  Ana.Silva+maker@Lab.Example ", "Ana.Silva+maker@Lab.Example"),
            ("root@localhost", "root@localhost"),
            ("o'neil@a-b.xn--bcher-kva.example", "o'neil@a-b.xn--bcher-kva.example"),
        ] {
            assert_eq!(EmailAddress::parse(typed).unwrap().expose(), kept);
        }
    }

    #[test]
    fn an_address_that_a_mail_server_would_refuse_or_misread_is_refused_with_the_reason() {
        use EmailAddressError as E;
        let long = format!("ana@{}example", "lab.".repeat(70));
        for (typed, why) in [
            ("", E::Empty),
            ("   ", E::Empty),
            (long.as_str(), E::TooLong),
            ("ana", E::MissingPart),
            ("@lab.example", E::MissingPart),
            ("ana@", E::MissingPart),
            ("ana@lab.example\r\nBcc: eve@lab.example", E::Blank),
            ("ana@lab.example\n", E::Blank),
            ("\tana@lab.example", E::Blank),
            ("ana silva@lab.example", E::Blank),
            ("ana\u{a0}@lab.example", E::Blank),
            ("ana\0@lab.example", E::Blank),
            ("josé@lab.example", E::NotAscii),
            ("ana@eve@lab.example", E::LocalPart),
            ("<ana@lab.example", E::LocalPart),
            ("\"ana\"@lab.example", E::LocalPart),
            (".ana@lab.example", E::LocalPart),
            ("a..a@lab.example", E::LocalPart),
            ("ana@lab..example", E::Domain),
            ("ana@-lab.example", E::Domain),
            ("ana@lab.example>", E::Domain),
            ("ana@[127.0.0.1]", E::Domain),
        ] {
            assert_eq!(EmailAddress::parse(typed).map(|_| ()), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn only_the_domain_ignores_case_when_two_addresses_are_compared() {
        let address = |text| EmailAddress::parse(text).unwrap();

        assert!(address("ana@lab.example").matches(&address("ana@LAB.Example")));
        assert!(!address("ana@lab.example").matches(&address("Ana@lab.example")));
        assert!(!address("ana@lab.example").matches(&address("ana@lab.example.org")));
    }

    #[test]
    fn a_person_prints_masked_however_it_is_printed() {
        let address = EmailAddress::parse("ana@lab.example").unwrap();
        let name = PersonName::parse("Ângela Silva").unwrap();

        assert_eq!(format!("{address} {address:?}"), "a***@lab.example a***@lab.example");
        assert_eq!(format!("{name} {name:?}"), "Â*** Â***");
        assert_eq!(format!("{:?}", EmailAddress::from_stored(String::new())), "***@");
    }

    #[test]
    fn a_name_is_one_line_of_1_to_200_characters() {
        use PersonNameError as E;
        assert_eq!(PersonName::parse(" Ana Silva ").unwrap().expose(), "Ana Silva");
        assert!(PersonName::parse(&"ã".repeat(200)).is_ok());
        for (typed, why) in [
            ("  ".to_owned(), E::Empty),
            ("ã".repeat(201), E::TooLong),
            ("Ana\r\nBcc: eve@lab.example".to_owned(), E::ControlCharacter),
            ("Ana\n".to_owned(), E::ControlCharacter),
            ("Ana\u{2028}Silva".to_owned(), E::ControlCharacter),
        ] {
            assert_eq!(PersonName::parse(&typed).map(|_| ()), Err(why), "{typed:?}");
        }
    }

    #[test]
    fn json_is_parsed_by_the_same_rules() {
        assert!(serde_json::from_str::<EmailAddress>(r#""ana@lab.example""#).is_ok());
        let refused = serde_json::from_str::<EmailAddress>(r#""ana@lab.example\r\n""#).unwrap_err();
        assert!(refused.to_string().contains("control character"), "{refused}");
        assert!(serde_json::from_str::<PersonName>(r#""""#).is_err());
        assert_eq!(serde_json::from_str::<Language>(r#""pt""#).unwrap(), Language::Pt);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_is_one_clean_ascii_line_with_two_parts(text in r"[ -~\r\n\tãé]{0,20}@[ -~\r\nãé]{0,20}") {
            if let Ok(address) = EmailAddress::parse(&text) {
                prop_assert!(address.expose().bytes().all(|b| b.is_ascii_graphic()));
                prop_assert_eq!(address.expose().matches('@').count(), 1);
                prop_assert_eq!(EmailAddress::parse(address.expose()), Ok(address.clone()));
            }
        }

        #[test]
        fn a_mask_shows_one_character_of_the_local_part(local in "[a-z]{2,20}") {
            let shown = EmailAddress::parse(&format!("{local}@lab.example")).unwrap().to_string();
            // The domain is shown, and may hold the same letters.
            prop_assert_eq!(shown, format!("{}***@lab.example", &local[..1]));
        }
    }
}
