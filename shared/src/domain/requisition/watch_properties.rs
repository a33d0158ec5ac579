//! Whatever happens to a loan in whatever order, nobody hears of a step twice, nor of any after the return.

use super::{
    AtDesk, Dossier, Extension, ExtensionGround, ExtensionStatus, ExtensionWish, FollowUp, GiveBack, NewLine, Period,
    PromisedLine, Purpose, ReturnReport, Submission, Substitute, Watched,
    properties::{a_desk, a_unit_at_counter, an_empty_plan},
    submit,
};
use crate::domain::{
    actor::Actor,
    availability::Rules,
    change::{Cause, Change, Write},
    digest::DigestHour,
    equipment::{Approval, Collection, Unit},
    id::{EquipmentId, LoanId, ModelId, ProjectId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    job::JobKind,
    lab_settings::tests::DEFAULTS,
    loan_watch::{Pace, Step},
    notification::NotificationEvent,
    operation::{Missed, Operation, OperationState, Verdict},
    project::{MemberRole, ProjectStatus},
    user::Role,
};
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;
use std::collections::HashSet;

const ASSET: SnipeitAssetId = SnipeitAssetId(1);

#[derive(Debug, Clone, Copy)]
enum Deed {
    Pass {
        hours: i64,
    },
    /// The watch looks, or a second delivery of its job does.
    Look {
        hour: i64,
    },
    Extend {
        days: i64,
    },
    /// A technician grants the wish that waits.
    Grant,
    AskReturn,
    /// Snipe-IT confirms what is under way.
    Succeed,
    /// It certainly did not happen.
    Fail,
    /// Nobody knows whether it did.
    Lose,
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        6 => (1..80_i64).prop_map(|hours| Deed::Pass { hours }),
        8 => (0..24_i64).prop_map(|hour| Deed::Look { hour }),
        2 => (1..20_i64).prop_map(|days| Deed::Extend { days }),
        1 => Just(Deed::Grant),
        1 => Just(Deed::AskReturn),
        1 => Just(Deed::Succeed),
        1 => Just(Deed::Fail),
        1 => Just(Deed::Lose),
    ];
    prop::collection::vec(deed, 1..80)
}

/// One loan and what became of it.
struct Story {
    dossier: Dossier,
    loan: LoanId,
    extensions: Vec<Extension>,
    technician: UserId,
    /// Each step of each due date that was told.
    told: HashSet<(DateTime<Utc>, Step)>,
}

impl Story {
    /// `at_counter`: handed over there, so that its check-out may still come to anything.
    fn begin(at_counter: bool) -> Self {
        let now: DateTime<Utc> = "2026-10-01T10:00:00Z".parse().unwrap();
        let line = NewLine {
            model_id: ModelId::generate(),
            approval: Approval::None,
            category: None,
            unit_cost: None,
            equipment_id: None,
            quantity: 1,
        };
        let collection = if at_counter { Collection::Counter } else { Collection::StraightThrough };
        let unit = Unit { id: EquipmentId::generate(), snipeit_asset_id: ASSET, collection };
        let submission = Submission {
            now,
            project_id: ProjectId::generate(),
            project_status: ProjectStatus::Active,
            requester_id: UserId::generate(),
            requester_is_matched: true,
            requester_role: Role::Student,
            editors: Vec::new(),
            member_role: Some(MemberRole::Member),
            purpose: Purpose::parse("a mast").unwrap(),
            period: Period::parse(None, now + TimeDelta::days(6), now).unwrap(),
            lines: vec![PromisedLine { line, units: vec![unit] }],
            quotas: Vec::new(),
            rules: Vec::new(),
            supervisors: Vec::new(),
            deputies: Vec::new(),
        };
        let (_, change) = submit(submission).unwrap();
        let requisition = change.writes.iter().find_map(|write| match write {
            Write::InsertRequisition(requisition) => Some(requisition.clone()),
            _ => None,
        });
        let dossier = Dossier {
            now,
            requisition: requisition.unwrap(),
            lines: Vec::new(),
            loans: Vec::new(),
            operations: Vec::new(),
        };
        let technician = UserId::generate();
        let mut story =
            Self { dossier, loan: LoanId::generate(), extensions: Vec::new(), technician, told: HashSet::new() };
        story.write(&change);
        story.loan = story.dossier.loans[0].id;
        let change = match at_counter {
            true => story.handed_over(unit),
            false => story.settled(OperationState::Applied, &Verdict::Applied).unwrap(),
        };
        assert!(change.jobs.iter().any(|job| job.kind == JobKind::WatchReturn && job.subject_id == story.loan.0));
        story.write(&change);
        story
    }

    fn handed_over(&self, unit: Unit) -> Change {
        let model_id = self.dossier.lines[0].model_id;
        let at_counter = a_unit_at_counter(unit, model_id);
        let desk = AtDesk { now: self.dossier.now, ..a_desk(self.technician, Role::Technician) };
        self.dossier.clone().hand_over(desk, &[at_counter], None).unwrap()
    }

    /// The loan's live operation as it is after it was sent.
    fn ended(&self, state: OperationState) -> Option<Operation> {
        let operation = self.dossier.find_live_operation(self.loan)?;
        let fingerprint = operation.fingerprint.or(Some(self.dossier.now.naive_utc()));
        Some(Operation { state, attempts: 1, fingerprint, ..operation.clone() })
    }

    fn settled(&self, state: OperationState, verdict: &Verdict) -> Option<Change> {
        let operation = self.ended(state)?;
        let follow = FollowUp {
            now: self.dossier.now,
            cause: Cause::new(Actor::Snipeit, "settled"),
            borrower: Some(SnipeitUserId(7)),
            substitute: Substitute::NotNeeded,
        };
        Some(self.dossier.clone().settle(operation, verdict, &[], &follow))
    }

    fn ground(&self) -> ExtensionGround {
        let before = self.extensions.clone();
        let (id, snipeit_asset_id) = (self.dossier.loans[0].equipment_id, ASSET);
        let unit = Unit { id, snipeit_asset_id, collection: Collection::Counter };
        ExtensionGround {
            limits: DEFAULTS,
            rules: Rules { now: self.dossier.now, buffer: TimeDelta::zero() },
            plan: Some(an_empty_plan(unit)),
            before,
            somebody_waits: false,
            borrower_role: Role::Student,
            days_since: self.dossier.loans[0].period.starts_at,
            quotas: Vec::new(),
            category: None,
            lines: Vec::new(),
            approval_rules: Vec::new(),
        }
    }

    /// `None`: it cannot be done.
    fn change_of(&self, deed: Deed) -> Option<Change> {
        let (dossier, loan) = (self.dossier.clone(), self.loan);
        let borrower = dossier.requisition.requester_id;
        match deed {
            Deed::Pass { .. } => None,
            Deed::Look { hour } => {
                let pace = Pace { hour: DigestHour::parse(hour).unwrap(), zone: Tz::Europe__Lisbon };
                match dossier.watch_return(loan, pace, &[UserId::generate()])? {
                    Watched::Tell { change, .. } => Some(change),
                    Watched::NotOut | Watched::Wait { .. } | Watched::Over => None,
                }
            }
            Deed::Extend { days } => {
                let due_at = dossier.find_loan(loan)?.period.due_at + TimeDelta::days(days);
                dossier
                    .extend(
                        loan,
                        ExtensionWish { due_at, reason: None, by: borrower, role: Role::Student },
                        &self.ground(),
                    )
                    .ok()
            }
            Deed::Grant => dossier.grant_extension(loan, self.technician, &self.ground()).ok(),
            Deed::AskReturn => {
                let give_back = GiveBack { by: borrower, now: dossier.now, is_forgetful: false };
                dossier.request_return(loan, ASSET, ReturnReport::FINE, give_back).ok()
            }
            Deed::Succeed => self.settled(OperationState::Applied, &Verdict::Applied),
            Deed::Fail => self.settled(OperationState::Refused, &Verdict::NotApplied(Missed::SettledByPerson)),
            Deed::Lose => {
                let unknown = Operation { state: OperationState::Unknown, ..self.ended(OperationState::Unknown)? };
                Some(dossier.advance(unknown, &Cause::new(Actor::System, "unknown")))
            }
        }
    }

    fn write(&mut self, change: &Change) {
        for write in &change.writes {
            match write.clone() {
                Write::InsertLoan(loan) => self.dossier.loans.push(loan),
                Write::UpdateLoan(loan) => self.dossier.loans = vec![loan],
                Write::InsertOperation(operation) => self.dossier.operations.push(operation),
                Write::UpdateOperation(operation) => {
                    self.dossier.operations.retain(|was| was.id != operation.id);
                    self.dossier.operations.push(operation);
                }
                Write::InsertLine(line) => self.dossier.lines.push(line),
                Write::UpdateRequisition(requisition) => self.dossier.requisition = requisition,
                Write::InsertExtension(extension) => self.extensions.push(extension),
                Write::UpdateExtension(extension) => {
                    self.extensions.retain(|was| was.id != extension.id);
                    self.extensions.push(extension);
                }
                _ => {}
            }
        }
    }

    fn is_out(&self) -> bool {
        self.dossier.loans[0].status.is_out()
    }
}

fn tells_of_due(change: &Change) -> bool {
    let told = [NotificationEvent::ReturnDue, NotificationEvent::Overdue, NotificationEvent::OverdueEscalated];
    change.notifications.iter().any(|notification| told.contains(&notification.event))
}

proptest! {
    #[test]
    fn no_step_is_told_twice_nor_after_the_return(at_counter in any::<bool>(), deeds in deeds()) {
        let mut story = Story::begin(at_counter);
        for deed in deeds {
            if let Deed::Pass { hours } = deed {
                story.dossier.now += TimeDelta::hours(hours);
                continue;
            }
            let (was_out, due_before) = (story.is_out(), story.dossier.loans[0].period.due_at);
            let Some(change) = story.change_of(deed) else { continue };
            story.write(&change);
            let loan = &story.dossier.loans[0];
            if tells_of_due(&change) {
                prop_assert!(was_out, "{deed:?} after the return");
                prop_assert!(matches!(deed, Deed::Look { .. }), "{deed:?} tells of a due date");
                let step = loan.watch.told.unwrap();
                prop_assert!(story.told.insert((loan.period.due_at, step)), "{step:?} twice");
                prop_assert_eq!(step.is_reminder(), story.dossier.now < loan.period.due_at);
            }
            // Lateness never moves the plan: an extension alone does, and only to later.
            let granted = story.extensions.iter().any(|extension| {
                extension.status == ExtensionStatus::Granted && extension.due_at == loan.period.due_at
            });
            prop_assert!(loan.period.due_at == due_before || (granted && loan.period.due_at > due_before));
            prop_assert!(
                story.extensions.iter().filter(|extension| extension.status == ExtensionStatus::Asked).count() <= 1
            );
            prop_assert!(was_out || loan.period.due_at == due_before, "what is back is not extended");
            prop_assert!(!story.is_out() || loan.watch.since.is_some(), "what is out is watched over");
        }
    }
}
