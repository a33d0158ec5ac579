//! Durations as people write them: a whole number and a unit.

use std::time::Duration;

/// A text that is not a duration; prints what one looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a duration: write a whole number with a unit, like 500ms, 30s, 2m or 1h")]
pub struct InvalidDuration;

/// Reads `500ms`, `30s`, `2m` or `1h`. A number without a unit is refused: guessing between seconds and
/// milliseconds is how timeouts become wrong by a factor of a thousand.
pub fn parse_duration(text: &str) -> Result<Duration, InvalidDuration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| InvalidDuration)?;
    let millis_per_unit = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return Err(InvalidDuration),
    };
    number.checked_mul(millis_per_unit).map(Duration::from_millis).ok_or(InvalidDuration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_with_a_unit_is_a_duration() {
        assert_eq!(parse_duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse_duration("30s"), Ok(Duration::from_secs(30)));
        assert_eq!(parse_duration("2m"), Ok(Duration::from_secs(120)));
        assert_eq!(parse_duration("1h"), Ok(Duration::from_secs(3600)));
        assert_eq!(parse_duration("0s"), Ok(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_refused_instead_of_guessed() {
        for text in [
            "",
            "30",
            "s",
            "-1s",
            "1.5s",
            "1d",
            "1 s",
            "1m30s",
            "99999999999999999999s",
            "18446744073709551615h",
            "10\u{b5}s",
        ] {
            assert_eq!(parse_duration(text), Err(InvalidDuration), "{text:?}");
        }
    }
}
