//! After the day: what only shows as time passes. One unit is kept longer by leave, one comes back damaged, one far too
//! late, when the lab's clock has been moved ahead.
//!
//! Played when the day's letters are counted, since a moved clock lets letters of all that is out become due.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{TimeDelta, Utc};
use makerlab_shared::domain::{
    equipment::Approval,
    notification::NotificationEvent::{self, ExtensionGranted, Overdue, OverdueEscalated, ReturnedDamaged},
    requisition::RequisitionStatus,
};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};

use super::{cast::Cast, checks::Check, ground::Ground, screen::Screen};
use crate::{
    mailbox::Mailbox,
    simulator::{By, EffectKind, Simulator},
    stack::{Person, RequisitionSeen, Wanted, until},
};

const PATIENCE: Duration = Duration::from_secs(60);

/// What of a model is asked for here.
const MODEL: &str = "Arduino Uno R3";

/// That it was submitted, that it is out, that it is back.
const LETTERS: usize = 3;

/// Only with a simulator and a database of our own: nobody else's clock is moved.
pub async fn play(cast: &Cast, ground: &Ground, screen: &Screen) -> Result<Vec<Check>> {
    let (Some(simulator), Some(owner)) = (ground.inventory.simulator(), &ground.own_database) else {
        screen.say("Left out, since the clock of a lab that was given is not ours to move: what comes back late");
        return Ok(Vec::new());
    };
    screen.say("\nFour days later: one is kept by leave, one comes back damaged, one too late");
    let later = Later { cast, simulator, mailbox: ground.mailbox.as_ref() };
    let damaged = later.damaged(cast.student(0)).await?;
    let kept = later.lend(cast.student(1)).await?;
    let late = later.lend(cast.student(2)).await?;
    let until_then = Utc::now() + TimeDelta::days(6);
    let wish = json!({ "due_at": until_then, "reason": "The parts come on Monday" });
    let extend = format!("/v1/loans/{}/extend", kept.loans[0].id);
    let granted = cast.student(1).api.post(&extend, &wish).await;

    let mut clock = PgConnection::connect(owner.expose_secret()).await.context("the owner of the database")?;
    sqlx::query("select move_lab_clock(interval '4 days')").execute(&mut clock).await?;
    later.told(&cast.technician, &late, OverdueEscalated).await;
    give_back(cast.student(2), &late, &json!({})).await?;
    later.comes_to(cast.student(2), &late, RequisitionStatus::Returned).await;

    Ok(vec![
        later
            .came_back("comes back damaged", cast.student(0), &damaged, &[(&cast.technician, ReturnedDamaged)])
            .await?,
        Check::that(format!("{}: more time is granted by rule", kept.number), granted.is_ok(), || {
            format!("{granted:?}")
        }),
        later.heard("is kept by leave", &kept, &[(cast.student(1), ExtensionGranted)], &[Overdue]).await?,
        later
            .came_back(
                "comes back late",
                cast.student(2),
                &late,
                &[(cast.student(2), Overdue), (&cast.technician, OverdueEscalated)],
            )
            .await?,
        later.report_tells_of_both().await?,
    ])
}

struct Later<'a> {
    cast: &'a Cast,
    simulator: &'a Simulator,
    /// None: letters go to a real mail server.
    mailbox: Option<&'a Mailbox>,
}

impl Later<'_> {
    /// A unit that is out, and due in an hour.
    async fn lend(&self, who: &Person) -> Result<RequisitionSeen> {
        let model = self.cast.technician.model_named(MODEL).await?.id;
        self.cast.admin.set_approval(model, Approval::None).await?;
        let line = Wanted::Any { model, quantity: 1 };
        let due_at = Utc::now() + TimeDelta::hours(1);
        let submitted = who.submit_until(self.cast.project, "An hour at the bench", &[line], due_at).await?;
        self.comes_to(who, &submitted, RequisitionStatus::CheckedOut).await;
        who.requisition(submitted.id).await
    }

    async fn damaged(&self, who: &Person) -> Result<RequisitionSeen> {
        let lent = self.lend(who).await?;
        give_back(who, &lent, &json!({ "condition": "damaged", "note": "Pin 13 is bent" })).await?;
        self.comes_to(who, &lent, RequisitionStatus::Returned).await;
        Ok(lent)
    }

    async fn comes_to(&self, who: &Person, requisition: &RequisitionSeen, status: RequisitionStatus) {
        // In vain: the checks will say so.
        let _ = until(&format!("{} is {status}", requisition.number), PATIENCE, async || {
            let seen = who.requisition(requisition.id).await.ok()?;
            (seen.status == status).then_some(())
        })
        .await;
    }

    async fn told(&self, who: &Person, about: &RequisitionSeen, event: NotificationEvent) {
        let what = format!("{} hears that {} is {event}", who.name, about.number);
        let _ = until(&what, PATIENCE, async || (count(who, about, event).await.ok()? > 0).then_some(())).await;
    }

    /// Out once and in once in Snipe-IT; its borrower got the three letters of every loan, each once; and everybody has
    /// heard of what was not as it should be once.
    async fn came_back(
        &self,
        how: &str,
        borrower: &Person,
        requisition: &RequisitionSeen,
        events: &[(&Person, NotificationEvent)],
    ) -> Result<Check> {
        let letters = self.letters(borrower, requisition).await;
        let check = self.heard(how, requisition, events, &[]).await?;
        let seen = self.cast.technician.requisition(requisition.id).await?;
        let effects = (self.effects(&seen, EffectKind::Checkout), self.effects(&seen, EffectKind::Checkin));
        let holds =
            check.passed() && seen.status == RequisitionStatus::Returned && effects == (1, 1) && letters == LETTERS;
        let failure = check.failure.unwrap_or_default();
        Ok(Check::that(check.what, holds, || {
            format!("{}, {effects:?} effects, {letters} letters; {failure}", seen.status)
        }))
    }

    /// Everybody has heard of it once, and nobody of anything that is not so.
    async fn heard(
        &self,
        how: &str,
        requisition: &RequisitionSeen,
        events: &[(&Person, NotificationEvent)],
        never: &[NotificationEvent],
    ) -> Result<Check> {
        let mut heard = Vec::new();
        for (who, event) in events {
            heard.push((who.name.as_str(), *event, count(who, requisition, *event).await?));
        }
        let mut wrong = 0;
        for person in self.cast.everybody() {
            for event in never {
                wrong += count(person, requisition, *event).await?;
            }
        }
        let holds = wrong == 0 && heard.iter().all(|(_, _, times)| *times == 1);
        let what = format!("{} {how}; whom it concerns heard of it once", requisition.number);
        Ok(Check::that(what, holds, || format!("{heard:?}, and {wrong} times what is not so")))
    }

    /// Waits for them, or in vain.
    async fn letters(&self, to: &Person, about: &RequisitionSeen) -> usize {
        let Some(mailbox) = self.mailbox else { return LETTERS };
        let count = || {
            let messages = mailbox.messages();
            let about_it = messages.iter().filter(|message| message.subject.contains(&about.number));
            about_it.filter(|message| message.envelope_to.contains(&to.email)).count()
        };
        let _ = until("the letters are there", PATIENCE, async || (count() >= LETTERS).then_some(())).await;
        count()
    }

    fn effects(&self, requisition: &RequisitionSeen, kind: EffectKind) -> usize {
        let effects = self.simulator.state().ledger().effects();
        let is_for_it = |note: &Option<String>| note.as_ref().is_some_and(|note| note.contains(&requisition.number));
        effects.iter().filter(|effect| effect.kind == kind && effect.by != By::Human && is_for_it(&effect.note)).count()
    }

    async fn report_tells_of_both(&self) -> Result<Check> {
        let (from, to) = (Utc::now() - TimeDelta::days(1), Utc::now() + TimeDelta::days(30));
        let (from, to) = (from.date_naive(), to.date_naive());
        let path = format!("/v1/projects/{}/report?from={from}&to={to}", self.cast.project);
        let report = self.cast.technician.api.get(&path).await?;
        let told = (&report["returns"]["late"], &report["returns"]["damaged"]);
        let holds = told == (&json!(1), &json!(1));
        Ok(Check::that("the report counts one late and one damaged", holds, || report["returns"].to_string()))
    }
}

async fn count(who: &Person, about: &RequisitionSeen, event: NotificationEvent) -> Result<usize> {
    let heard = who.notifications().await?;
    Ok(heard.iter().filter(|told| told.requisition_id == Some(about.id) && told.event == event).count())
}

async fn give_back(who: &Person, lent: &RequisitionSeen, condition: &Value) -> Result<()> {
    who.api.post(&format!("/v1/loans/{}/return", lent.loans[0].id), condition).await.map(drop)
}
