//! The digest: what a person wants to hear once a day, in one letter at their hour of the lab's day.
//!
//! The first thing that is to be told opens the job; its first run finds out when it is due. Then everything that waits
//! is gathered and fixed, and from then on it is a letter like any other: at least once, normally once, one Message-ID. What
//! is over before it has left is left out, and where nothing is left no letter leaves.

use super::{
    send::{Unwritable, deliver, with_jitter, words_of},
    words,
};
use crate::{
    context::{Context, Post},
    jobs::{Failure, Handled},
    mail::{Delivery, DigestContext, DigestEntry, Letter, MailContext, MailRequisition, Recipient},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        change::{Change, Write},
        digest,
        id::{DigestId, NotificationId, UserId},
        lab_day,
        notice::{DigestProgress, NewDigest},
        notification::{MailStep, NotificationStatus, next_step},
    },
    store::{
        clock,
        commit::commit,
        digests::{self, DigestRow, Matter, Told},
        jobs::{RunCounts, TakenJob},
        letters::Reader,
    },
    telemetry::metrics::MAILS_TOTAL,
};
use metrics::counter;

/// What is to be done now.
enum Plan {
    Send(Box<DigestRow>, Vec<Told>),
    Wait { until: DateTime<Utc> },
    Nothing,
}

/// Job `send_digest`; its subject is the person.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let person = UserId(job.subject_id);
    let (row, told) = match plan(context, person).await? {
        Plan::Send(row, told) => (row, told),
        Plan::Wait { until } => return Ok(Handled::at_lab_time(until, "waits for the person's hour")),
        Plan::Nothing => return Ok(Handled::digest_done(person, "nothing_to_tell")),
    };
    if told.is_empty() {
        return Ok(all_moot(person, &row));
    }
    let ids: Vec<_> = told.iter().map(|told| told.id).collect();
    match write(context, &row, told) {
        Ok(letter) => match deliver(context, job, &letter).await? {
            Some(delivery) => Ok(after(context, person, (&row, ids), &delivery)),
            None => Ok(Handled::done("taken_over")),
        },
        Err(why) => Ok(give_up(person, (&row, ids), &why)),
    }
}

async fn plan(context: &Context, person: UserId) -> Result<Plan, Failure> {
    let mut transaction = context.pool.begin().await?;
    if digests::find_open(&mut transaction, person).await?.is_none() {
        let waiting = digests::lock_waiting(&mut transaction, person).await?;
        let (Some(first), Some(schedule)) = (waiting.first(), digests::find_schedule(&mut transaction, person).await?)
        else {
            return Ok(Plan::Nothing);
        };
        let (now, zone) = (clock::now(&mut transaction).await?, context.zones.lab_timezone);
        let due = digest::due(first.since, schedule.last_day, schedule.hour, zone);
        if now < due {
            return Ok(Plan::Wait { until: due });
        }
        let gathered = NewDigest {
            id: DigestId::generate(),
            recipient_id: person,
            day: lab_day::day_of(now, zone),
            notifications: waiting.iter().map(|waiting| waiting.id).collect(),
        };
        let change = Change { writes: vec![Write::InsertDigest(gathered)], ..Change::default() };
        commit(&mut transaction, &change).await?;
    }
    let Some(row) = digests::find_open(&mut transaction, person).await? else { return Ok(Plan::Nothing) };
    let told = digests::list_told(&mut transaction, row.id).await?;
    transaction.commit().await?;
    Ok(Plan::Send(Box::new(row), told))
}

fn write(context: &Context, row: &DigestRow, told: Vec<Told>) -> Result<Letter, Unwritable> {
    let reader = row.reader.as_ref().ok_or(Unwritable::Erased)?;
    let post = &context.mail;
    let entries: Vec<_> = told.into_iter().filter_map(|told| entry(post, reader, told)).collect();
    if entries.is_empty() {
        return Err(Unwritable::NoSubject);
    }
    let told = DigestContext { recipient_name: reader.name.clone(), entries };
    let composed = post.composer.compose_digest(reader.language, &told)?;
    let to = Recipient { name: reader.name.clone(), address: reader.email.clone() };
    Ok(Letter::new(row.id.0, row.created_at, post.transport.sender(), &to, composed)?)
}

/// `None`: it is about nothing that is there.
fn entry(post: &Post, reader: &Reader, told: Told) -> Option<DigestEntry> {
    let words::Beside { reason, equipment, message } = words::Beside::of(told.event, told.message, reader.language);
    let link = |kind, id| words::link_to(post.public_url.as_ref()?, kind, id);
    let (link, project_name, requisition, deputy) = match told.about? {
        Matter::Requisition { id, number, project_name, purpose, period, unit } => {
            let (lines, from, due) = (Vec::new(), period.starts_at, period.due_at);
            let unit = unit.map(words::mail_unit);
            let requisition = MailRequisition { number, purpose, lines, from, due, unit };
            (link("requisitions", id.0), project_name, Some(requisition), None)
        }
        Matter::Project { id, name } => (link("projects", id.0), name, None, None),
        Matter::Deputy(subject) => (None, String::new(), None, Some(words::mail_deputy(subject))),
    };
    let context = MailContext {
        recipient_name: reader.name.clone(),
        project_name,
        requisition,
        deputy,
        role: None,
        reason,
        equipment,
        message,
        link,
    };
    Some(DigestEntry { event: told.event, at: told.at, context })
}

/// Everything that it was to tell was over while the mail server was away.
fn all_moot(person: UserId, row: &DigestRow) -> Handled {
    let (status, outcome) = (NotificationStatus::Moot, "what it was to tell is over".to_owned());
    let (id, attempts) = (row.id, row.attempts);
    let moot =
        DigestProgress { id, told: Vec::new(), attempts_before: attempts, attempts, status, outcome, is_settled: true };
    Handled::digest_done(person, status.as_str()).with(progress(moot))
}

fn after(
    context: &Context,
    person: UserId,
    (row, told): (&DigestRow, Vec<NotificationId>),
    delivery: &Delivery,
) -> Handled {
    let attempts = row.attempts + 1;
    let made = u32::try_from(attempts).unwrap_or(u32::MAX);
    let outcome = words_of(delivery);
    let progress = |status, is_settled| {
        let (id, attempts_before, outcome) = (row.id, row.attempts, outcome.clone());
        progress(DigestProgress { id, told, attempts_before, attempts, status, outcome, is_settled })
    };
    match next_step(&context.mail.rules, row.status, made, delivery) {
        MailStep::Settle { status } => {
            tracing::info!(digest.id = %row.id, mail.attempt = attempts, mail.outcome = delivery.as_str(),
                "Digest {} ended as {status}", row.id);
            Handled::digest_done(person, status.as_str()).with(progress(status, true))
        }
        MailStep::Again { status, after } => {
            tracing::warn!(digest.id = %row.id, mail.attempt = attempts, mail.outcome = delivery.as_str(),
                "Digest {} comes again later: {outcome}", row.id);
            Handled::again(with_jitter(after), &outcome, RunCounts::GivenBack).with(progress(status, false))
        }
    }
}

fn give_up(person: UserId, (row, told): (&DigestRow, Vec<NotificationId>), why: &Unwritable) -> Handled {
    tracing::error!(digest.id = %row.id, error = why as &dyn std::error::Error, "Digest {} cannot be written", row.id);
    counter!(MAILS_TOTAL, "outcome" => "unwritable").increment(1);
    let status = NotificationStatus::Failed;
    let (id, attempts, outcome) = (row.id, row.attempts, why.to_string());
    let failed = DigestProgress { id, told, attempts_before: attempts, attempts, status, outcome, is_settled: true };
    Handled::digest_done(person, status.as_str()).with(progress(failed))
}

fn progress(progress: DigestProgress) -> Change {
    Change { writes: vec![Write::UpdateDigest(progress)], ..Change::default() }
}
