//! How a person wants to hear of what. The in-app list has everything, whatever is chosen here.

use super::{
    change::{Cause, Change, Entity, Write, entry},
    digest::DigestHour,
    id::UserId,
    notification::NotificationEvent,
    person::Language,
    text_enum::text_enum,
};
use std::collections::BTreeMap;

text_enum! {
    /// The way in which an event reaches a person beside the list.
    pub enum Channel {
        /// A letter of its own, at once.
        Mail = "mail",
        /// In the one letter of the day.
        Digest = "digest",
        /// In the list alone.
        None = "none",
    }
}

/// Everything that one person has chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    pub language: Language,
    pub digest_hour: DigestHour,
    pub channels: Channels,
}

/// A channel for every event.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Channels(BTreeMap<NotificationEvent, Channel>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} cannot be switched off, because somebody waits for what you do about it; choose mail or digest")]
pub struct CannotBeSwitchedOff(pub NotificationEvent);

impl Channels {
    /// Takes choices as somebody makes them; what is left out gets its default.
    ///
    /// # Errors
    /// The first event that must be heard and is not to be.
    pub fn choose(
        choices: impl IntoIterator<Item = (NotificationEvent, Channel)>,
    ) -> Result<Self, CannotBeSwitchedOff> {
        let mut chosen = BTreeMap::new();
        for (event, channel) in choices {
            if channel == Channel::None && event.must_be_heard() {
                return Err(CannotBeSwitchedOff(event));
            }
            if channel != event.default_channel() {
                chosen.insert(event, channel);
            }
        }
        Ok(Self(chosen))
    }

    /// Takes choices that were checked when they were stored; what may not be switched off any more falls back.
    pub fn from_stored(choices: impl IntoIterator<Item = (NotificationEvent, Channel)>) -> Self {
        let is_allowed = |(event, channel): &(NotificationEvent, Channel)| {
            *channel != event.default_channel() && (*channel != Channel::None || !event.must_be_heard())
        };
        Self(choices.into_iter().filter(is_allowed).collect())
    }

    pub fn of(&self, event: NotificationEvent) -> Channel {
        self.0.get(&event).copied().unwrap_or_else(|| event.default_channel())
    }

    /// What differs from the defaults.
    pub fn chosen(&self) -> impl Iterator<Item = (NotificationEvent, Channel)> {
        self.0.iter().map(|(event, channel)| (*event, *channel))
    }

    pub fn all(&self) -> BTreeMap<NotificationEvent, Channel> {
        NotificationEvent::ALL.iter().map(|event| (*event, self.of(*event))).collect()
    }
}

impl Preferences {
    /// One line of history for each difference; nothing at all if there is none.
    pub fn change(&self, user: UserId, after: Self, cause: &Cause) -> Change {
        let mut change = Change::default();
        let mut record = |event, from, to, reason: Option<String>| {
            let cause = Cause { event, reason, ..cause.clone() };
            let told = entry(Entity::User, user.0, Some(from), to, &cause);
            change.history.push(told);
        };
        if self.language != after.language {
            record("language_changed", self.language.as_str(), after.language.as_str(), None);
        }
        if self.digest_hour != after.digest_hour {
            let hours = format!("from {} to {}", self.digest_hour, after.digest_hour);
            record("digest_hour_changed", "chosen", "chosen", Some(hours));
        }
        for event in NotificationEvent::ALL {
            let (from, to) = (self.channels.of(*event), after.channels.of(*event));
            if from != to {
                record("channel_changed", from.as_str(), to.as_str(), Some(event.as_str().to_owned()));
            }
        }
        if *self != after {
            change.writes.push(Write::SetPreferences(user, after));
        }
        change
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{actor::Actor, notification::Audience};

    #[test]
    fn whatever_people_must_answer_can_be_moved_to_the_digest_and_not_be_switched_off() {
        for &event in NotificationEvent::ALL {
            assert!(Channels::choose([(event, Channel::Digest)]).is_ok());
            let refused = Channels::choose([(event, Channel::None)]) == Err(CannotBeSwitchedOff(event));
            assert_eq!(refused, event.must_be_heard(), "{event}");
        }
    }

    #[test]
    fn only_what_others_wait_for_has_to_be_heard_and_nothing_is_off_by_default() {
        for &event in NotificationEvent::ALL {
            let is_task = matches!(event.audience(), [Audience::Technicians] | [Audience::Supervisors])
                || event == NotificationEvent::ApprovalReminder;
            assert_eq!(event.must_be_heard(), is_task, "{event}");
            assert_ne!(event.default_channel(), Channel::None, "{event}");
        }
    }

    #[test]
    fn a_stored_choice_that_is_no_longer_allowed_falls_back_to_the_default() {
        let stored = Channels::from_stored([(NotificationEvent::NeedsPerson, Channel::None)]);

        assert_eq!(stored.of(NotificationEvent::NeedsPerson), Channel::Mail);
    }

    #[test]
    fn each_difference_is_one_line_of_history_and_no_difference_is_no_change() {
        let before =
            Preferences { language: Language::En, digest_hour: DigestHour::default(), channels: Channels::default() };
        let after = Preferences {
            language: Language::Pt,
            digest_hour: DigestHour::parse(18).unwrap(),
            channels: Channels::choose([(NotificationEvent::Submitted, Channel::None)]).unwrap(),
        };
        let (user, cause) = (UserId::generate(), Cause::new(Actor::System, "preferences_changed"));

        let change = before.change(user, after.clone(), &cause);

        let told: Vec<_> = change.history.iter().map(|row| (row.event, row.to_status)).collect();
        assert_eq!(told, [("language_changed", "pt"), ("digest_hour_changed", "chosen"), ("channel_changed", "none")]);
        assert_eq!(change.writes.len(), 1);
        assert_eq!(after.change(user, after.clone(), &cause), Change::default());
    }
}
