//! Sending one letter, by the mail's own rules: at least once, normally once, and never in anybody's way.
//!
//! Attempts are counted in the notification. The job's runs count only deaths between take and settle, so the limit
//! of runs cannot cut the mail rules short.

use super::words::{self, Told};
use crate::{
    context::Context,
    jobs::{Failure, Handled},
    mail::{ComposeError, Delivery, Letter, LetterError, Recipient},
};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        change::{Change, LetterProgress},
        id::{DeputyId, NotificationId, ProjectId, WaitingEntryId},
        notification::{About, MailStep, NotificationStatus, next_step},
    },
    store::{
        StoreError,
        jobs::{self, RunCounts, TakenJob},
        letters::{self, LetterRow, Reader},
    },
    telemetry::metrics::MAILS_TOTAL,
};
use metrics::counter;
use rand::Rng;
use std::time::Duration;

/// Why a letter cannot be put together; it ends as failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unwritable {
    #[error("the recipient was erased")]
    Erased,
    #[error("there is nothing to tell: the letter is about no requisition, no project and no deputy")]
    NoSubject,
    #[error("the letter could not be composed")]
    Compose(#[from] ComposeError),
    #[error("the letter could not be addressed")]
    Letter(#[from] LetterError),
}

/// Job `send_mail`; its subject is the notification.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = NotificationId(job.subject_id);
    let (row, told) = load(context, id).await?;
    if !is_open(row.status) {
        return Ok(Handled::done(row.status.as_str()));
    }
    match write(context, &row, told) {
        Ok(letter) => send(context, job, &row, &letter).await,
        Err(why) => Ok(give_up(&row, &why)),
    }
}

async fn load(context: &Context, id: NotificationId) -> Result<(LetterRow, Option<Told>), Failure> {
    let mut conn = context.pool.acquire().await?;
    let Some(row) = letters::find(&mut conn, id).await? else {
        return Err(Failure::Broken("the notification does not exist".to_owned()));
    };
    let told = match (row.event.about(), row.requisition_id) {
        (About::Requisition, Some(id)) => {
            letters::find_subject(&mut conn, id, row.subject_id).await?.map(Told::Requisition)
        }
        (About::Requisition, None) => None,
        (About::Deputy, _) => letters::find_deputy(&mut conn, DeputyId(row.subject_id)).await?.map(Told::Deputy),
        (About::Project, _) => {
            letters::find_project(&mut conn, ProjectId(row.subject_id), row.recipient_id).await?.map(Told::Project)
        }
        (About::WaitingEntry, _) => {
            let project = letters::find_waited_for(&mut conn, WaitingEntryId(row.subject_id)).await?;
            // A letter older than places as subjects has the project's id.
            let project = project.unwrap_or(ProjectId(row.subject_id));
            letters::find_project(&mut conn, project, row.recipient_id).await?.map(Told::Project)
        }
    };
    Ok((row, told))
}

fn is_open(status: NotificationStatus) -> bool {
    match status {
        NotificationStatus::Queued | NotificationStatus::Unknown => true,
        NotificationStatus::Sent
        | NotificationStatus::Refused
        | NotificationStatus::Failed
        | NotificationStatus::NotWanted
        | NotificationStatus::Moot => false,
    }
}

fn write(context: &Context, row: &LetterRow, told: Option<Told>) -> Result<Letter, Unwritable> {
    let reader: &Reader = row.reader.as_ref().ok_or(Unwritable::Erased)?;
    let told = told.ok_or(Unwritable::NoSubject)?;
    let post = &context.mail;
    let told = words::context_of(post, row, reader, told);
    let composed = post.composer.compose(row.event, reader.language, &told)?;
    let to = Recipient { name: reader.name.clone(), address: reader.email.clone() };
    Ok(Letter::new(row.id.0, row.created_at, post.transport.sender(), &to, composed)?)
}

async fn send(context: &Context, job: &TakenJob, row: &LetterRow, letter: &Letter) -> Result<Handled, Failure> {
    match deliver(context, job, letter).await? {
        Some(delivery) => Ok(after(context, row, &delivery)),
        None => Ok(Handled::done("taken_over")),
    }
}

/// One attempt. `None`: somebody else has the job.
pub(super) async fn deliver(context: &Context, job: &TakenJob, letter: &Letter) -> Result<Option<Delivery>, Failure> {
    if !keep_while_sending(context, job).await? {
        return Ok(None);
    }
    crash::pass_in(job.lane, CrashPoint::BeforeMail);
    let delivery = context.mail.transport.deliver(letter).await;
    counter!(MAILS_TOTAL, "outcome" => delivery.as_str()).increment(1);
    Ok(Some(delivery))
}

/// A slow mail server must not let a second worker send the same letter meanwhile.
async fn keep_while_sending(context: &Context, job: &TakenJob) -> Result<bool, StoreError> {
    let longest = context.mail.transport.longest_delivery() + context.times.slack;
    if longest <= context.times.lease {
        return Ok(true);
    }
    let mut conn = context.pool.acquire().await?;
    jobs::prolong(&mut conn, job, longest).await
}

fn after(context: &Context, row: &LetterRow, delivery: &Delivery) -> Handled {
    let attempts = row.attempts + 1;
    let made = u32::try_from(attempts).unwrap_or(u32::MAX);
    let step = next_step(&context.mail.rules, row.status, made, delivery);
    let outcome = words_of(delivery);
    let progress = |status| {
        let outcome = outcome.clone();
        Change::letter(LetterProgress { id: row.id, attempts_before: row.attempts, attempts, status, outcome })
    };
    match step {
        MailStep::Settle { status } => {
            tracing::info!(notification.id = %row.id, mail.event = %row.event, mail.attempt = attempts,
                mail.outcome = delivery.as_str(), "Letter {} ended as {status}", row.id);
            Handled::done(status.as_str()).with(progress(status))
        }
        MailStep::Again { status, after } => {
            tracing::warn!(notification.id = %row.id, mail.event = %row.event, mail.attempt = attempts,
                mail.outcome = delivery.as_str(), "Letter {} comes again later: {outcome}", row.id);
            Handled::again(with_jitter(after), &outcome, RunCounts::GivenBack).with(progress(status))
        }
    }
}

/// Letters that failed together must not come back together.
pub(super) fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(1.0..1.25))
}

pub(super) fn words_of(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Sent { response } => format!("accepted: {response}"),
        Delivery::RefusedForGood { code, text } => format!("refused with {code}: {text}"),
        Delivery::TryAgain { why } => format!("not accepted: {why}"),
        Delivery::Unknown { why } => format!("perhaps accepted: {why}"),
    }
}

fn give_up(row: &LetterRow, why: &Unwritable) -> Handled {
    tracing::error!(notification.id = %row.id, mail.event = %row.event,
        error = why as &dyn std::error::Error, "Letter {} cannot be written", row.id);
    counter!(MAILS_TOTAL, "outcome" => "unwritable").increment(1);
    let status = NotificationStatus::Failed;
    let progress = LetterProgress {
        id: row.id,
        attempts_before: row.attempts,
        attempts: row.attempts,
        status,
        outcome: why.to_string(),
    };
    Handled::done(status.as_str()).with(Change::letter(progress))
}
