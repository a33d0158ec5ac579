//! Moments as a person at the lab reads them: in the lab's time zone and the reader's language.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::person::Language;

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS_EN: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS_PT: [&str; 12] = [
    "janeiro",
    "fevereiro",
    "março",
    "abril",
    "maio",
    "junho",
    "julho",
    "agosto",
    "setembro",
    "outubro",
    "novembro",
    "dezembro",
];
const WEEKDAYS_PT: [&str; 7] =
    ["segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira", "sábado", "domingo"];

pub(super) fn in_words(moment: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = moment.with_timezone(&zone);
    let (day, year, time) = (local.day(), local.year(), local.format("%H:%M"));
    let (month, weekday) = (local.month0() as usize, local.weekday().num_days_from_monday() as usize);
    match language {
        Language::En => format!("{}, {day} {} {year}, {time}", WEEKDAYS_EN[weekday], MONTHS_EN[month]),
        Language::Pt => format!("{}, {day} de {} de {year}, {time}", WEEKDAYS_PT[weekday], MONTHS_PT[month]),
    }
}

/// For what happened within the last days.
pub(super) fn weekday_and_time(moment: DateTime<Utc>, zone: Tz, language: Language) -> String {
    let local = moment.with_timezone(&zone);
    let weekday = local.weekday().num_days_from_monday() as usize;
    let weekday = match language {
        Language::En => WEEKDAYS_EN[weekday],
        Language::Pt => WEEKDAYS_PT[weekday],
    };
    format!("{weekday}, {}", local.format("%H:%M"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_moment_is_shown_in_the_labs_zone_and_the_readers_language() {
        let summer = moment("2026-07-01T08:00:00Z");

        assert_eq!(in_words(summer, Tz::Europe__Lisbon, Language::En), "Wednesday, 1 July 2026, 09:00");
        assert_eq!(in_words(summer, Tz::Europe__Lisbon, Language::Pt), "quarta-feira, 1 de julho de 2026, 09:00");
    }

    #[test]
    fn the_day_is_the_labs_day() {
        let late = moment("2026-12-31T23:30:00Z");

        assert_eq!(in_words(late, Tz::Europe__Berlin, Language::En), "Friday, 1 January 2027, 00:30");
        assert_eq!(in_words(late, Tz::Europe__Lisbon, Language::En), "Thursday, 31 December 2026, 23:30");
    }
}
