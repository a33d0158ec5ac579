//! Three units of one model, whoever asks for them, and the real rules between them.

use super::deeds::Deed;
use crate::domain::{
    actor::Actor,
    availability::{Outlook, Wish, count, pick},
    change::Cause,
    equipment::{Collection, Unit},
    id::{EquipmentId, ModelId, ProjectId, UserId},
    inventory::{SnipeitAssetId, SnipeitUserId},
    lab_settings::tests::DEFAULTS,
    operation::{OperationState, Verdict},
    project::{MemberRole, ProjectStatus},
    requisition::{
        AtDesk, Decide, Dossier, Extension, ExtensionGround, ExtensionRefused, ExtensionStatus, ExtensionWish,
        FollowUp, ForLoan, GiveBack, HandOverRefused, KeptFor, Line, Loan, LoanStatus, OverdueStanding, Period,
        Requisition, ReturnReport, Substitute, Uncollected, UnitAtCounter, UnitThere,
        properties::{a_desk, a_dossier, a_unit_at_counter, now},
    },
    user::Role,
    waiting_list::{self, Claim, Hold, InLine, Joining, WaitingEntry},
};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

pub(super) const UNITS: usize = 3;
pub(super) const PEOPLE: usize = 3;
const MANY: usize = 12;

pub(super) struct World {
    pub(super) now: DateTime<Utc>,
    pub(super) buffer: TimeDelta,
    pub(super) units: Vec<Unit>,
    pub(super) dossiers: Vec<Dossier>,
    pub(super) extensions: Vec<Extension>,
    pub(super) entries: Vec<WaitingEntry>,
    pub(super) holds: Vec<Hold>,
    model: ModelId,
    people: Vec<UserId>,
    technician: UserId,
}

/// What came of a deed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Done {
    Nothing,
    /// `free`: hour by hour.
    Promised {
        unit: EquipmentId,
        free: Vec<EquipmentId>,
        came_back_since: bool,
    },
    Refused {
        free: Vec<EquipmentId>,
    },
    HandedOver {
        early: bool,
        instead: bool,
    },
    /// `kept_and_there`: for this very loan, whose time it is, and nobody has it.
    NotHandedOver {
        kept_and_there: bool,
        why: HandOverRefused,
    },
    Extended,
    WantedByOthers,
    Kept,
    Taken,
}

impl World {
    pub(super) fn begin(buffer: i64) -> Self {
        let unit = |number| Unit {
            id: EquipmentId::generate(),
            snipeit_asset_id: SnipeitAssetId(number),
            collection: Collection::Counter,
        };
        Self {
            now: now(),
            buffer: TimeDelta::hours(buffer),
            units: (1..).map(unit).take(UNITS).collect(),
            dossiers: Vec::new(),
            extensions: Vec::new(),
            entries: Vec::new(),
            holds: Vec::new(),
            model: ModelId::generate(),
            people: std::iter::repeat_with(UserId::generate).take(PEOPLE).collect(),
            technician: UserId::generate(),
        }
    }

    pub(super) fn act(&mut self, deed: Deed) -> Done {
        match deed {
            Deed::Pass { hours } => {
                self.now += TimeDelta::hours(hours);
                None
            }
            Deed::Ask { who, starts_in, length } => self.ask(self.people[who], self.period(starts_in, length)),
            Deed::Approve { requisition } => self.approve(requisition),
            Deed::Collect { requisition, unit } => self.collect(requisition, self.units[unit]),
            Deed::Succeed { requisition } => self.succeed(requisition),
            Deed::Extend { requisition, hours } => self.extend(requisition, TimeDelta::hours(hours)),
            Deed::BringBack { requisition } => self.bring_back(requisition),
            Deed::Cancel { requisition } => self.cancel(requisition),
            Deed::Look { requisition } => self.look(requisition),
            Deed::Release { requisition } => self.release(requisition),
            Deed::Join { who, starts_in, length } => self.join(self.people[who], self.period(starts_in, length)),
            Deed::Serve => Some(self.serve()),
            Deed::Take { who } => self.take(self.people[who]),
        }
        .unwrap_or(Done::Nothing)
    }

    fn period(&self, starts_in: i64, length: i64) -> Period {
        let starts_at = self.now + TimeDelta::hours(starts_in);
        Period { starts_at, due_at: starts_at + TimeDelta::hours(length) }
    }

    /// Counted from the one that was asked for last.
    fn dossier(&self, index: usize) -> Option<Dossier> {
        let dossier = self.dossiers.iter().rev().nth(index)?.clone();
        Some(Dossier { now: self.now, ..dossier })
    }

    fn ask(&mut self, who: UserId, period: Period) -> Option<Done> {
        if self.dossiers.len() >= MANY {
            return None;
        }
        let asked = a_dossier(who);
        let requisition = Requisition { period, ..asked.requisition.clone() };
        let of_model = |line: &Line| Line { requisition_id: requisition.id, model_id: self.model, ..line.clone() };
        let lines = asked.lines.iter().map(of_model).collect();
        let id = requisition.id;
        self.dossiers.push(Dossier { now: self.now, requisition, lines, ..asked });
        // One project is enough here.
        let serves = |entry: &&WaitingEntry| {
            entry.user_id == who && entry.serves(entry.project_id, self.model, period, self.now)
        };
        let held = self.entries.iter().find(serves)?.clone();
        self.apply(held.take(id, Some(Claim { any: 1, ..Claim::default() })));
        Some(Done::Taken)
    }

    fn take(&mut self, who: UserId) -> Option<Done> {
        let is_theirs = |entry: &&WaitingEntry| {
            entry.user_id == who && entry.serves(entry.project_id, self.model, entry.period, self.now)
        };
        let period = self.entries.iter().find(is_theirs)?.period;
        self.ask(who, period)
    }

    fn approve(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let (asker, period) = (dossier.requisition.requester_id, dossier.requisition.period);
        let rulings = dossier.grant_all();
        let decide = Decide {
            by: self.technician,
            role: Role::Technician,
            member: None,
            is_supervised: false,
            in_place_of: None,
            names_version: true,
            has_part: false,
        };
        dossier.check_rulings(decide, &rulings, None).ok()?;
        let free = self.free_hour_by_hour(asker, period);
        let wish = Wish { period, quantity: 1, excluding: &[], only: None };
        let Some(unit) = pick(&self.plans(Some(asker)), &wish, &self.rules()).pop() else {
            return Some(Done::Refused { free });
        };
        let plans = self.plans(None);
        let plan = plans.iter().find(|plan| plan.unit == unit)?;
        let came_back_since = plan.last_return.is_some_and(|back| back > period.starts_at);
        self.apply(dossier.decide(decide, &rulings, &[(rulings[0].line_id, vec![unit])], None).ok()?);
        Some(Done::Promised { unit: unit.id, free, came_back_since })
    }

    fn collect(&mut self, index: usize, unit: Unit) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let loan = dossier.loans.last()?.clone();
        let at_counter = self.at_counter(&dossier, &loan, unit);
        let desk = AtDesk { now: self.now, buffer: self.buffer, ..a_desk(self.technician, Role::Technician) };
        let is_out = at_counter.out_on.is_some() || at_counter.plan.as_ref().is_some_and(|plan| plan.is_held);
        let is_time = loan.period.starts_at <= self.now && self.now < loan.period.due_at;
        let is_kept = loan.status == LoanStatus::Promised && loan.equipment_id == unit.id;
        let (early, instead) = (self.now < loan.period.starts_at, loan.status.is_out());
        Some(match dossier.hand_over(desk, &[at_counter], None) {
            Ok(change) => {
                self.apply(change);
                Done::HandedOver { early, instead }
            }
            Err(why) => Done::NotHandedOver { kept_and_there: is_kept && is_time && !is_out, why },
        })
    }

    /// As `store::counter` looks at it.
    fn at_counter(&self, dossier: &Dossier, loan: &Loan, unit: Unit) -> UnitAtCounter {
        let id = dossier.requisition.id;
        let name = |loan: &&Loan| loan.requisition_id.0.to_string();
        let others: Vec<_> = self.live_loans(unit.id).into_iter().filter(|one| one.requisition_id != id).collect();
        let promised = others.iter().filter(|one| one.status == LoanStatus::Promised);
        let own = self.units.iter().find(|own| own.id == loan.equipment_id);
        UnitAtCounter {
            plan: self.plans(Some(dossier.requisition.requester_id)).into_iter().find(|plan| plan.unit == unit),
            out_on: others.iter().find(|one| one.status.is_out()).map(name),
            kept_for: promised.map(|one| KeptFor { requisition: name(one), period: one.period }).collect(),
            wish: ForLoan { line: None, loan: loan.status.is_out().then_some(loan.id) },
            comes_back: own.map(|own| own.snipeit_asset_id),
            ..a_unit_at_counter(unit, self.model)
        }
    }

    fn succeed(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let mut waiting = dossier.operations.iter().filter(|one| one.state == OperationState::Waiting);
        let mut operation = waiting.next()?.clone();
        (operation.attempts, operation.state) = (1, OperationState::Applied);
        operation.fingerprint = operation.fingerprint.or(Some(NaiveDateTime::default()));
        let follow = FollowUp {
            now: self.now,
            cause: Cause::new(Actor::Snipeit, "settled"),
            borrower: Some(SnipeitUserId(7)),
            substitute: Substitute::NotNeeded,
        };
        self.apply(dossier.settle(operation, &Verdict::Applied, &[], &follow));
        None
    }

    fn extend(&mut self, index: usize, more: TimeDelta) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let loan = dossier.loans.last()?.clone();
        let ground = ExtensionGround {
            limits: DEFAULTS,
            rules: self.rules(),
            plan: self.plans(None).into_iter().find(|plan| plan.unit.id == loan.equipment_id),
            before: self.extensions.iter().filter(|one| one.loan_id == loan.id).cloned().collect(),
            somebody_waits: false,
            borrower_role: Role::Student,
            days_since: loan.period.starts_at,
            quotas: Vec::new(),
            category: None,
            lines: Vec::new(),
            approval_rules: Vec::new(),
        };
        let is_asked = ground.before.iter().any(|one| one.status == ExtensionStatus::Asked);
        let (due_at, by) = (loan.period.due_at + more, loan.borrower_id);
        let change = match is_asked {
            true => dossier.grant_extension(loan.id, self.technician, &ground),
            false => dossier.extend(loan.id, ExtensionWish { due_at, reason: None, by, role: Role::Student }, &ground),
        };
        match change {
            Ok(change) => self.apply(change),
            Err(ExtensionRefused::WantedByOthers(_)) => return Some(Done::WantedByOthers),
            Err(_) => return None,
        }
        let is_longer = self.dossier(index)?.find_loan(loan.id)?.period.due_at > loan.period.due_at;
        is_longer.then_some(Done::Extended)
    }

    fn bring_back(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let loan = dossier.loans.last()?.clone();
        let asset = self.units.iter().find(|unit| unit.id == loan.equipment_id)?.snipeit_asset_id;
        let give_back = GiveBack { by: self.technician, now: self.now, is_forgetful: false };
        self.apply(dossier.request_return(loan.id, asset, ReturnReport::FINE, give_back).ok()?);
        None
    }

    fn cancel(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let by = dossier.requisition.requester_id;
        self.apply(dossier.cancel(by, self.now).ok()?);
        None
    }

    /// As the worker watches a promise.
    fn look(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let promise = dossier.find_open_promise(dossier.loans.last()?.id)?;
        let period = promise.still_wanted(self.now)?;
        let (plans, rules) = (self.plans(None), self.rules());
        let plan = plans.iter().find(|plan| plan.unit.id == promise.loan.equipment_id);
        let Outlook::AtRisk(why) = rules.outlook(plan) else { return None };
        let excluding = promise.out_of_question(&plans);
        let wish = Wish { period, quantity: 1, excluding: &excluding, only: None };
        let unit = pick(&plans, &wish, &rules).pop()?;
        self.apply(dossier.exchange_unit(&promise, unit, why, false));
        None
    }

    fn release(&mut self, index: usize) -> Option<Done> {
        let dossier = self.dossier(index)?;
        let loan = dossier.loans.last()?.clone();
        let there = UnitThere { loan: loan.id, since: Some(loan.period.starts_at) };
        if let Uncollected::Released(change) = dossier.release_uncollected(loan.id, &[there], 3) {
            self.apply(*change);
        }
        None
    }

    fn join(&mut self, who: UserId, period: Period) -> Option<Done> {
        let joining = Joining {
            now: self.now,
            overdue: in_time(),
            project_id: ProjectId::generate(),
            project_status: ProjectStatus::Active,
            member_role: Some(MemberRole::Member),
            user_id: who,
            model_id: self.model,
            quantity: 1,
            period,
            free: count(&self.plans(Some(who)), period, &self.rules()).free,
            total: UNITS,
        };
        let (_, change) = waiting_list::join(joining).ok()?;
        self.apply(change);
        None
    }

    fn serve(&mut self) -> Done {
        let in_line = |entry: &WaitingEntry| InLine {
            entry: entry.clone(),
            project_status: ProjectStatus::Active,
            member_role: Some(MemberRole::Member),
            overdue: in_time(),
        };
        let line = waiting_list::Line {
            model_name: "Oscilloscope".to_owned(),
            entries: self.entries.iter().filter(|entry| entry.is_in_line()).map(in_line).collect(),
            plans: self.plans(None),
            rules: self.rules(),
            hold: TimeDelta::hours(24),
        };
        let before = self.holds.len();
        self.apply(waiting_list::serve(line));
        if self.holds.len() > before { Done::Kept } else { Done::Nothing }
    }
}

/// Being late keeps nobody from asking here.
fn in_time() -> OverdueStanding {
    OverdueStanding { units: Vec::new(), block_after_days: None, excused_until: None }
}
