//! Carrying out what `decide` says, call by call, until it says that the run is over.

use super::{
    held::Held,
    settle::{self, Ending},
    take::TakenOperation,
};
use crate::{
    calls::{CallFailure, Health},
    context::Context,
    jobs::{Failure, Ran},
    snipeit::{
        ActivityRow, CallSeen, CheckIn, CheckOut, LOG_PERMISSION, Marker, Read, ReadFailure, ReadFailureKind, Written,
        note_text,
    },
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    crash::{self, CrashPoint},
    domain::{
        inventory::{Answer, AssetSeen, SnipeitLabelId},
        lab_day,
        operation::{Action, Event, LogSeen, MAX_ATTEMPTS, Operation, OperationKind, decide, is_repeated_hour},
    },
    store::{
        catalogue,
        operations::{self, Evidence},
    },
};
use serde_json::json;

/// One run in progress.
pub(super) struct Performance<'a> {
    context: &'a Context,
    held: Held,
    taken: TakenOperation,
    operation: Operation,
    /// Calls of the take that are not used yet.
    calls_left: i32,
    evidence: Vec<Evidence>,
    /// What the latest look showed.
    seen: Option<AssetSeen>,
    /// Snipe-IT's own answer to a write said that it took effect.
    is_answered: bool,
    /// The label that went with a check-in which Snipe-IT confirmed.
    label: Option<SnipeitLabelId>,
}

pub(super) async fn run(context: &Context, held: Held, taken: TakenOperation) -> Result<Ran, Failure> {
    let calls_left = taken.budget.calls;
    let operation = taken.operation.clone();
    let first = taken.first.clone();
    let performance = Performance {
        context,
        held,
        taken,
        operation,
        calls_left,
        evidence: Vec::new(),
        seen: None,
        is_answered: false,
        label: None,
    };
    performance.carry_out(first).await
}

impl Performance<'_> {
    async fn carry_out(mut self, first: Action) -> Result<Ran, Failure> {
        let mut actions = vec![first];
        loop {
            let event = match actions.first() {
                Some(Action::Send) => self.send().await?,
                Some(Action::ReadTenure) => self.read_tenure().await?,
                Some(Action::Look) => self.look().await?,
                Some(Action::SearchLog) => self.search_log().await?,
                _ => return self.end(actions).await,
            };
            let Step::Happened(event) = event else { return self.end_without_answer(event).await };
            let (operation, next) = decide(self.operation.clone(), event);
            (self.operation, actions) = (operation, next);
        }
    }

    async fn send(&mut self) -> Result<Step, Failure> {
        if !self.held.outlasts(self.context.times.call_timeout) {
            self.note("not_sent", json!({ "why": "the lease would not outlast the call" }));
            return Ok(Step::Happened(Event::NotSent));
        }
        self.pass(CrashPoint::BeforeSend);
        let Some(written) = self.write().await else {
            self.note("not_sent", json!({ "why": "the operation lacks its borrower or its fingerprint" }));
            return Ok(Step::Happened(Event::NotSent));
        };
        self.pass(CrashPoint::AfterSend);
        self.is_answered = written.answer == Answer::Applied;
        self.label = self.label_to_set().filter(|_| self.is_answered);
        self.note("answer", json!({ "answer": written.answer, "call": written.seen }));
        self.note_call(&written.seen, &Health::of_answer(&written.answer)).await?;
        self.pass(CrashPoint::AnswerNoted);
        Ok(Step::Happened(Event::Answered(written.answer)))
    }

    async fn write(&self) -> Option<Written> {
        let marker = Marker::parse(&self.operation.id.marker()).ok()?;
        let note = note_text(&marker, &self.taken.requisition_number);
        let asset = self.operation.asset;
        match self.operation.kind {
            OperationKind::CheckOut => {
                let order = CheckOut {
                    asset,
                    to: self.taken.borrower?,
                    checkout_at: self.operation.fingerprint?,
                    expected_checkin: Some(self.due_date()),
                    note,
                    marker,
                };
                Some(self.context.snipeit.check_out(&order).await)
            }
            OperationKind::CheckIn => {
                let label = self.label_to_set();
                Some(self.context.snipeit.check_in(&CheckIn { asset, label, note, marker }).await)
            }
        }
    }

    /// The last attempt goes without: Snipe-IT refuses a check-in with a label that it does not know, and a unit that is
    /// back is better recorded without its label than not at all.
    fn label_to_set(&self) -> Option<SnipeitLabelId> {
        let is_last = self.operation.attempts >= MAX_ATTEMPTS;
        self.taken.label.filter(|_| !is_last)
    }

    /// Snipe-IT keeps a date only: the lab's day on which it is due.
    fn due_date(&self) -> chrono::NaiveDate {
        lab_day::expected_day(self.taken.due_at, self.context.zones.lab_timezone)
    }

    async fn read_tenure(&mut self) -> Result<Step, Failure> {
        let asked_at = self.now().await?;
        match self.show_asset().await? {
            Ok(seen) => {
                self.pass(CrashPoint::TenureRead);
                self.note("look", json!({ "before": "check_in", "seen": seen }));
                self.remember(seen.as_ref(), asked_at).await?;
                self.pass(CrashPoint::TenureNoted);
                Ok(Step::Happened(Event::TenureSeen(seen)))
            }
            // Nothing was sent: the attempt does not count, whatever the reason.
            Err(failure) => Ok(Step::NotSent(failure)),
        }
    }

    async fn look(&mut self) -> Result<Step, Failure> {
        let asked_at = self.now().await?;
        if self.calls_left == 0 && !self.take_one_more().await? {
            return Ok(Step::NoBudget);
        }
        match self.show_asset().await? {
            Ok(seen) => {
                self.pass(CrashPoint::LookRead);
                let order_trusted = self.is_order_trusted(seen.as_ref());
                self.note("look", json!({ "seen": seen, "order_trusted": order_trusted }));
                self.remember(seen.as_ref(), asked_at).await?;
                self.seen.clone_from(&seen);
                self.pass(CrashPoint::LookNoted);
                Ok(Step::Happened(Event::Looked { seen, order_trusted }))
            }
            Err(failure) => Ok(Step::LookFailed(failure)),
        }
    }

    async fn search_log(&mut self) -> Result<Step, Failure> {
        let Ok(marker) = Marker::parse(&self.operation.id.marker()) else {
            return Err(Failure::Broken("the operation's marker is no ULID".to_owned()));
        };
        let Some(seen) = self.seen.clone() else {
            return Err(Failure::Broken("the log is searched after a look".to_owned()));
        };
        if self.calls_left == 0 && !self.take_one_more().await? {
            return Ok(Step::NoBudget);
        }
        let read = self.context.snipeit.show_activity(self.operation.asset, &marker).await;
        let log = match read {
            // The look before was allowed: only the log is closed to us, and calls that need no log go on.
            Err(failure) if failure.is_forbidden() => {
                self.note("log_search", json!({ "lacks_permission": LOG_PERMISSION, "call": failure.seen }));
                self.note_call(&failure.seen, &Health::Good).await?;
                LogSeen::Unreadable
            }
            read => match self.after_read(read).await? {
                Ok(rows) => self.found_in_log(&rows),
                Err(failure) => return Ok(Step::LookFailed(failure)),
            },
        };
        self.pass(CrashPoint::LogSearched);
        Ok(Step::Happened(Event::LogSearched { log, seen }))
    }

    fn found_in_log(&mut self, rows: &[ActivityRow]) -> LogSeen {
        self.note("log_search", json!({ "rows": rows.iter().map(without_words).collect::<Vec<_>>() }));
        let ours = rows.iter().find(|row| row.is_checkout());
        // Whom it was lent to there, whatever is remembered of the borrower here.
        self.taken.borrower = ours.and_then(ActivityRow::borrower).or(self.taken.borrower);
        let borrower = self.taken.borrower;
        ours.map_or(LogSeen::NoMarker, |row| LogSeen::OurMarker { checkout_at: row.action_date, borrower })
    }

    /// `Ok(Ok(None))`: Snipe-IT says that there is no such asset.
    async fn show_asset(&mut self) -> Result<Result<Option<AssetSeen>, ReadFailure>, Failure> {
        let read = self.context.snipeit.show_asset(self.operation.asset).await;
        Ok(match self.after_read(read).await? {
            Ok(seen) => Ok(Some(seen)),
            Err(ReadFailure { kind: ReadFailureKind::NotFound { .. }, .. }) => Ok(None),
            Err(failure) => Err(failure),
        })
    }

    async fn after_read<T>(&mut self, read: Result<Read<T>, ReadFailure>) -> Result<Result<T, ReadFailure>, Failure> {
        match read {
            Ok(read) => {
                self.note_call(&read.seen, &Health::Good).await?;
                Ok(Ok(read.value))
            }
            Err(failure) => {
                self.note("look", json!({ "failed": failure.to_string(), "call": failure.seen }));
                self.note_call(&failure.seen, &Health::of_failure(&failure)).await?;
                Ok(Err(failure))
            }
        }
    }

    /// In the hour that occurs twice, later and earlier mean nothing.
    fn is_order_trusted(&self, seen: Option<&AssetSeen>) -> bool {
        let zone = self.context.zones.snipeit_timezone;
        let ambiguous = |time: Option<chrono::NaiveDateTime>| time.is_some_and(|time| is_repeated_hour(time, zone));
        !ambiguous(self.operation.fingerprint) && !ambiguous(seen.and_then(|seen| seen.last_checkout))
    }

    /// By PostgreSQL's clock, which settles operations and dates every sight.
    async fn now(&self) -> Result<DateTime<Utc>, Failure> {
        Ok(operations::now(&mut *self.context.pool.acquire().await?).await?)
    }

    async fn remember(&self, seen: Option<&AssetSeen>, asked_at: DateTime<Utc>) -> Result<(), Failure> {
        let Some(seen) = seen else { return Ok(()) };
        let mut conn = self.context.pool.acquire().await?;
        Ok(catalogue::note_seen(&mut conn, seen, asked_at).await?)
    }

    async fn take_one_more(&mut self) -> Result<bool, Failure> {
        match self.context.take_calls(self.held.job.lane, 1).await {
            Ok(taken) => {
                self.taken.budget = taken;
                self.calls_left = 1;
                Ok(true)
            }
            Err(CallFailure::NoBudget { .. }) => Ok(false),
            Err(failure) => Err(failure.into()),
        }
    }

    async fn note_call(&mut self, seen: &CallSeen, health: &Health) -> Result<(), Failure> {
        self.calls_left = (self.calls_left - 1).max(0);
        let noted = self.context.note_call(self.taken.budget, 0, seen, health).await;
        if let Err(error) = noted {
            // The answer matters more than the book-keeping about it: settle first.
            tracing::warn!(error = &error as &dyn std::error::Error, "A call could not be noted in the budget");
        }
        Ok(())
    }

    fn pass(&self, point: CrashPoint) {
        crash::pass_in(self.held.job.lane, point);
    }

    fn note(&mut self, event: &'static str, detail: serde_json::Value) {
        self.evidence.push(Evidence { event, detail });
    }

    async fn end(self, actions: Vec<Action>) -> Result<Ran, Failure> {
        self.give_back_calls().await;
        let Self { operation, evidence, is_answered, label, .. } = self;
        let ending = Ending { operation, actions, evidence, borrower: self.taken.borrower, is_answered, label };
        settle::settle(self.context, &self.held, ending).await
    }

    async fn end_without_answer(mut self, step: Step) -> Result<Ran, Failure> {
        let (event, health) = match step {
            Step::NotSent(failure) => (Event::NotSent, Some(failure)),
            Step::LookFailed(failure) => (Event::LookFailed, Some(failure)),
            Step::NoBudget => (Event::LookFailed, None),
            Step::Happened(_) => unreachable!("only steps without an answer come here"),
        };
        let (operation, actions) = decide(self.operation.clone(), event);
        self.operation = operation;
        // A look that failed for want of budget or of Snipe-IT is not the job's fault.
        let actions = match health {
            Some(failure)
                if !failure.is_transient() && !matches!(failure.kind, ReadFailureKind::Installation { .. }) =>
            {
                actions
            }
            Some(failure) => settle::hold_off(actions, &failure),
            None => settle::hold_off_for_budget(actions),
        };
        self.end(actions).await
    }

    async fn give_back_calls(&self) {
        if self.calls_left <= 0 {
            return;
        }
        let given_back = self.context.give_back(self.taken.budget, self.calls_left).await;
        if let Err(error) = given_back {
            tracing::warn!(error = &error as &dyn std::error::Error, "Unused calls could not be given back");
        }
    }
}

/// When, what and to whom, by ids: a note may hold anything that a person wrote.
fn without_words(row: &ActivityRow) -> serde_json::Value {
    json!({
        "id": row.id, "action_type": row.action_type, "target": row.target, "created_at": row.created_at,
        "action_date": row.action_date,
    })
}

/// What one action led to.
enum Step {
    Happened(Event),
    NotSent(ReadFailure),
    LookFailed(ReadFailure),
    NoBudget,
}
