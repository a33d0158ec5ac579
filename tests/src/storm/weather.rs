//! What may happen to a call or to a letter on its way. Drawn from the seed and the number of the call, so that the same
//! seed has the same weather, whatever else goes on.

use std::time::Duration;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::simulator::Page;

/// What becomes of one call to Snipe-IT.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFate {
    Calm,
    /// Delivered after a while; past the client's timeout, its effect is late.
    Delay(Duration),
    /// The connection is reset and nothing was delivered.
    ResetBefore,
    /// Delivered, then the connection is reset.
    ResetAfter,
    /// Delivered, and the answer never comes.
    Swallow,
    /// Delivered, and half of the answer comes.
    HalfAnswer,
    /// Not delivered: this page instead.
    Instead(Page),
    /// Delivered, and this page in place of the answer.
    After(Page),
}

/// What becomes of one conversation with the mail server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailFate {
    Calm,
    Refuse,
    Hang,
    DropBeforeData,
    /// After the text; the mail server has it, or never sees it.
    DropAfterData {
        kept: bool,
    },
    /// The mail server has the text, and its answer never comes.
    HangAfterData,
}

/// The mood of a proxy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mood {
    #[default]
    Calm,
    Stormy,
    /// Everything takes so much longer.
    Slow(Duration),
    /// Nothing is answered.
    Hung,
}

/// Of a thousand writes so many meet each; reads meet half as much.
fn calls(random: &mut ChaCha8Rng) -> [(u32, CallFate); 15] {
    use CallFate::{After, Delay, HalfAnswer, Instead, ResetAfter, ResetBefore, Swallow};
    let mut between = |from: u64, to: u64| Duration::from_millis(random.random_range(from..to));
    [
        (30, Delay(between(50, 900))),
        // Past the client's timeout and within the server's limit.
        (6, Delay(between(1600, 2100))),
        (8, ResetBefore),
        (8, ResetAfter),
        (6, Swallow),
        (8, HalfAnswer),
        (3, Instead(Page::RedirectToSetup)),
        (1, Instead(Page::RedirectToLogin)),
        (2, Instead(Page::TooManyRequests)),
        (5, Instead(Page::ServerError)),
        (8, After(Page::ServerError)),
        (4, Instead(Page::BadGateway)),
        (4, After(Page::BadGateway)),
        (3, Instead(Page::Maintenance)),
        (2, After(Page::Maintenance)),
    ]
}

/// Of a thousand conversations.
const MAILS: [(u32, MailFate); 6] = [
    (10, MailFate::Refuse),
    (3, MailFate::Hang),
    (10, MailFate::DropBeforeData),
    (4, MailFate::DropAfterData { kept: true }),
    (12, MailFate::DropAfterData { kept: false }),
    (2, MailFate::HangAfterData),
];

pub fn of_call(seed: u64, number: u64, is_write: bool) -> CallFate {
    let mut random = of_number(seed, number);
    let table = calls(&mut random);
    let of = if is_write { 1000 } else { 2000 };
    draw(&mut random, of, table).unwrap_or(CallFate::Calm)
}

pub fn of_mail(seed: u64, number: u64) -> MailFate {
    draw(&mut of_number(seed, number), 1000, MAILS).unwrap_or(MailFate::Calm)
}

fn of_number(seed: u64, number: u64) -> ChaCha8Rng {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(number);
    random
}

fn draw<T>(random: &mut ChaCha8Rng, of: u32, table: impl IntoIterator<Item = (u32, T)>) -> Option<T> {
    let mut left = random.random_range(0..of);
    for (share, fate) in table {
        if left < share {
            return Some(fate);
        }
        left -= share;
    }
    None
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn tally(fates: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
        fates.fold(BTreeMap::new(), |mut tally, fate| {
            *tally.entry(fate).or_default() += 1;
            tally
        })
    }

    #[test]
    fn the_same_seed_has_the_same_weather_and_another_seed_another() {
        let weather = |seed| (0..500).map(|number| of_call(seed, number, true)).collect::<Vec<_>>();

        assert_eq!(weather(7), weather(7));
        assert_ne!(weather(7), weather(8));
    }

    #[test]
    fn every_fate_occurs_and_most_calls_are_calm() {
        let name = |fate: &CallFate| format!("{fate:?}").split(['(', ' ']).next().unwrap_or_default().to_owned();
        let calls = tally((0..20_000).map(|number| name(&of_call(1, number, true))));
        let mails = tally((0..20_000).map(|number| format!("{:?}", of_mail(1, number))));

        assert_eq!(calls.len(), 8, "{calls:?}");
        assert_eq!(mails.len(), MAILS.len() + 1, "{mails:?}");
        assert!((17_500..18_500).contains(&calls["Calm"]), "{calls:?}");
    }

    #[test]
    fn reads_meet_half_as_much_as_writes() {
        let trouble = |is_write| (0..20_000).filter(|number| of_call(1, *number, is_write) != CallFate::Calm).count();

        assert!((trouble(true) as f64 / trouble(false) as f64 - 2.0).abs() < 0.3);
    }
}
