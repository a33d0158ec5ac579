//! A look at the unit that is kept for a loan: exchanged if it will not be there, or is not; else people are told.
//!
//! Ahead of time for every promise. What waits at the counter is looked after until it is handed over or released; any other
//! promise ends here when its loan begins, for its check-out looks after itself.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        availability::{NEXT_LOOK, Obstacle, Outlook, UnitPlan},
        change::Change,
        id::LoanId,
        job::NewJob,
        requisition::{Dossier, OpenPromise, Period},
    },
    store::{
        catalogue,
        commit::commit,
        counter, dossier,
        jobs::{self, TakenJob},
        shelf,
    },
};
use sqlx::PgConnection;

/// A promise with what is known of it.
struct Watched {
    dossier: Dossier,
    promise: OpenPromise,
    /// For when a unit is wanted still.
    wanted: Period,
    /// People were told that its unit may not be there, and nothing better since.
    told: bool,
    plans: Vec<UnitPlan>,
}

/// What came of a look.
enum Seen {
    There,
    Exchanged,
    NotThere,
    /// It is out, and due before the loan begins or just then.
    ComesBack(DateTime<Utc>),
}

/// Job `watch_promise`; its subject is the loan.
///
/// Committed here, under the requisition's lock. A second delivery finds the unit exchanged, or the people told.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = LoanId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let found = dossier::load_for_loan(&mut transaction, id).await?;
    let Some((promise, dossier)) = found.and_then(|dossier| Some((dossier.find_open_promise(id)?, dossier))) else {
        return Ok(Handled::done("not_a_promise_any_more"));
    };
    let Some(wanted) = promise.still_wanted(dossier.now) else { return Ok(Handled::done("over")) };
    if !promise.waits_at_counter() && promise.loan.period.starts_at <= dossier.now {
        return Ok(Handled::done("begun"));
    }
    let told = counter::is_told_at_risk(&mut transaction, id).await?;
    let plans = shelf::list_plans(&mut transaction, promise.model_id, None).await?;
    let watched = Watched { dossier, promise, wanted, told, plans };
    let (seen, change) = watched.look(&mut transaction).await?;
    commit(&mut transaction, &change).await?;
    let is_another_coming = jobs::is_another_coming(&mut transaction, job).await?;
    transaction.commit().await?;
    context.waker.wake();
    match is_another_coming {
        true => Ok(Handled::done("another look is coming")),
        false => Ok(watched.next_look(&seen)),
    }
}

impl Watched {
    async fn look(&self, conn: &mut PgConnection) -> Result<(Seen, Change), Failure> {
        let unit = self.promise.loan.equipment_id;
        let plan = self.plans.iter().find(|plan| plan.unit.id == unit);
        let why = match shelf::load_rules(conn).await?.outlook(plan) {
            Outlook::Fine => return Ok((Seen::There, self.tell_it_is_there())),
            Outlook::ComesBack { due_at } if due_at <= self.promise.loan.period.starts_at => {
                return Ok((Seen::ComesBack(due_at), Change::default()));
            }
            Outlook::ComesBack { .. } => Obstacle::Lent,
            Outlook::AtRisk(why) => why,
        };
        self.respond(conn, why).await
    }

    fn tell_it_is_there(&self) -> Change {
        match self.told {
            true => self.dossier.clone().tell_unit_is_there(&self.promise),
            false => Change::default(),
        }
    }

    /// Another unit where the line allows one and one is free; else the people concerned are told, once.
    async fn respond(&self, conn: &mut PgConnection, why: Obstacle) -> Result<(Seen, Change), Failure> {
        let promise = &self.promise;
        if promise.any_unit {
            let not_these = promise.out_of_question(&self.plans);
            let free = catalogue::choose_units(conn, promise.model_id, self.wanted, 1, &not_these).await?;
            if let Some(unit) = free.into_iter().next() {
                let mut change = self.dossier.clone().exchange_unit(promise, unit, why, self.told);
                // The unit that was chosen may be out as well, and due in time.
                change.jobs.push(NewJob::watch_promise(promise.loan.id, promise.loan.period));
                return Ok((Seen::Exchanged, change));
            }
        }
        let change = match self.told {
            true => Change::default(),
            false => self.dossier.clone().tell_promise_at_risk(promise, why),
        };
        Ok((Seen::NotThere, change))
    }

    fn next_look(&self, seen: &Seen) -> Handled {
        let Period { starts_at, due_at } = self.promise.loan.period;
        let at_counter = self.promise.waits_at_counter();
        let (now, soon) = (self.dossier.now, self.dossier.now + NEXT_LOOK);
        let is_ahead = now < starts_at;
        match *seen {
            Seen::Exchanged => Handled::done("unit_exchanged"),
            Seen::ComesBack(at) if at < starts_at || at_counter => {
                Handled::at_lab_time(at.max(now), "the unit is due before the loan begins")
            }
            Seen::ComesBack(_) => Handled::done("unit_is_due_when_the_loan_begins"),
            Seen::There if !at_counter => Handled::done("unit_is_there"),
            Seen::There => {
                let next = if is_ahead { starts_at } else { soon.min(due_at) };
                Handled::at_lab_time(next, "the unit is there and waits at the counter")
            }
            Seen::NotThere => {
                let next = if is_ahead { soon.min(starts_at) } else { soon.min(due_at) };
                Handled::at_lab_time(next, "the unit is not there and no other is free")
            }
        }
    }
}
