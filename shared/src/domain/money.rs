//! Amounts of money, in the lab's one currency, which is whatever Snipe-IT counts in.

/// An amount in hundredths, 0 or more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Cents(i64);

impl Cents {
    /// As Snipe-IT writes amounts, by its setting `digit_separator`: `1,234.56` or `1.234,56`. `None`: that is no amount.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (whole, hundredths) = match text.rfind(['.', ',']) {
            // What stands before exactly two digits separates hundredths; before three it groups thousands.
            Some(at) if text.len() - at == 3 => (&text[..at], &text[at + 1..]),
            _ => (text, "00"),
        };
        let digits: String = whole.chars().filter(|c| !matches!(c, '.' | ',' | ' ' | '\u{a0}')).collect();
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(&digits) || !is_number(hundredths) {
            return None;
        }
        let cents = digits.parse::<i64>().ok()?.checked_mul(100)?.checked_add(hundredths.parse().ok()?)?;
        Some(Self(cents))
    }

    pub fn from_stored(cents: i64) -> Self {
        Self(cents)
    }

    pub fn get(self) -> i64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_both_of_snipe_its_ways_of_writing_them() {
        for (text, cents) in [
            ("15.11", 1511),
            ("15,11", 1511),
            ("1,234.50", 123_450),
            ("1.234,50", 123_450),
            ("1,234,567.89", 123_456_789),
            ("1 234,50", 123_450),
            ("1,234", 123_400),
            ("0.00", 0),
            ("7", 700),
        ] {
            assert_eq!(Cents::parse(text).map(Cents::get), Some(cents), "{text}");
        }
    }

    #[test]
    fn what_is_no_amount_is_none() {
        for text in ["", "free", "-1.00", ".50", "1.2x", "€ 5.00", "99999999999999999999.00", "92233720368547758.08"]
        {
            assert_eq!(Cents::parse(text), None, "{text}");
        }
    }
}
