//! The live view: asks the api, the simulator and the mailbox what is so, and shows it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use anyhow::Result;

use super::{expected::Played, ground::Ground, screen::Screen, table::Row};
use crate::{
    simulator::{By, EffectKind},
    stack::Person,
};

const REFRESH: Duration = Duration::from_millis(200);

/// What has been played so far. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Board(Arc<Mutex<Vec<Played>>>);

impl Board {
    pub fn add(&self, played: Played) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(played);
    }

    pub fn played(&self) -> Vec<Played> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Never returns; race it against the play.
    pub async fn keep_shown(&self, watcher: &Person, ground: &Ground, screen: &Screen) {
        loop {
            // What cannot be read now is read in a moment; the checks at the end are strict.
            let _ = self.show(watcher, ground, screen).await;
            tokio::time::sleep(REFRESH).await;
        }
    }

    pub async fn show(&self, watcher: &Person, ground: &Ground, screen: &Screen) -> Result<()> {
        let mut rows = Vec::new();
        for played in self.played() {
            let seen = watcher.requisition(played.requisition).await?;
            rows.push(Row {
                status: seen.status.to_string(),
                who: played.requester,
                what: played.step.title().to_owned(),
                check_outs: count_effects(ground, &played.number, EffectKind::Checkout),
                check_ins: count_effects(ground, &played.number, EffectKind::Checkin),
                mails: count_mails(ground, &played.number),
                number: played.number,
            });
        }
        screen.show(&rows);
        Ok(())
    }
}

/// What Snipe-IT really did for this requisition; a note begins with its number.
fn count_effects(ground: &Ground, number: &str, kind: EffectKind) -> usize {
    let Some(simulator) = ground.inventory.simulator() else { return 0 };
    let effects = simulator.state().ledger().effects();
    let is_for_it = |note: &Option<String>| note.as_ref().is_some_and(|note| note.contains(number));
    effects.iter().filter(|effect| effect.kind == kind && effect.by != By::Human && is_for_it(&effect.note)).count()
}

fn count_mails(ground: &Ground, number: &str) -> usize {
    let Some(mailbox) = &ground.mailbox else { return 0 };
    mailbox.messages().iter().filter(|message| message.subject.contains(number)).count()
}
