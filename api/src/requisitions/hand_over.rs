//! `POST /v1/requisitions/{id}/hand-over`: units go over the counter, now; Snipe-IT follows.

use super::{
    decide::load_locked,
    view::{self, RequisitionView},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::{Invalid, TextRule},
        params::Id,
    },
    loans::ReportBody,
    problem::{Problem, ProblemType, Refusal},
};
use axum::http::StatusCode;
use chrono::Utc;
use makerlab_shared::{
    domain::{
        id::{EquipmentId, LineId, LoanId, RequisitionId},
        requisition::{AtDesk, Dossier, ForLoan, HandOverRefused, ReturnReport, UnitAtCounter, UnitRefused},
    },
    store::{
        catalogue,
        counter::{self, Scanned, ScannedUnit},
        lineage, shelf,
    },
};
use serde::Deserialize;
use sqlx::PgConnection;
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Units in one hand-over.
const MAX_UNITS: usize = 100;
const TAG: TextRule = TextRule::line(1, 200);
const NOTE: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandOver {
    /// What lies on the counter; the rest of the requisition goes on waiting.
    #[schema(min_items = 1, max_items = 100)]
    units: Vec<HandedUnit>,
    /// For the history.
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

/// A unit by its tag or by its id. Without `line_id` and `loan_id` it goes to the loan that keeps it, else to one of its
/// model that any unit will do for. With the `loan_id` of a loan that is out it takes the place of that loan's unit, which
/// comes back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct HandedUnit {
    /// Scanned or typed; its case does not count.
    #[schema(example = "ML-0042", min_length = 1, max_length = 200)]
    tag: Option<String>,
    equipment_id: Option<Uuid>,
    line_id: Option<Uuid>,
    loan_id: Option<Uuid>,
    /// In which condition the unit comes back that it takes the place of; `fine` if left out.
    comes_back: Option<ReportBody>,
}

/// Hand units over at the counter.
#[utoipa::path(
    post,
    path = "/v1/requisitions/{id}/hand-over",
    operation_id = "hand_over",
    tag = "requisitions",
    params(("id" = Uuid, Path)),
    request_body = HandOver,
    responses(
        (status = 202, body = RequisitionView, headers(("Location" = String), ("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed, own-requisition"),
        (status = 409, body = crate::problem::ProblemBody, description = "nothing-to-hand-over, period-over, wrong-unit, unit-held, unit-not-lendable, already-handed-over, unit-already-promised, outcome-unknown, return-under-way"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn hand_over(
    caller: Caller,
    Id(id): Id<RequisitionId>,
    Post { body, exchange }: Post<HandOver>,
) -> Result<Answer, Problem> {
    let (scans, note) = check(body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let dossier = load_locked(&mut effect, id).await?;
    let is_forgetful = lineage::is_other(effect.conn()).await?;
    let buffer = shelf::load_rules(effect.conn()).await?.buffer;
    let desk = AtDesk { by: caller.user_id, role: caller.role, now: Utc::now(), is_forgetful, buffer };
    dossier.check_hand_over(desk)?;
    let units = find_units(effect.conn(), &dossier, &scans).await?;
    let change = dossier.hand_over(desk, &units, note)?;
    effect.commit(&change).await?;
    let view = view::load(effect.conn(), id, caller.viewer()).await?;
    effect.finish(Answer::tagged(StatusCode::ACCEPTED, &view)?.at(view::location(id))).await
}

struct Scan {
    scanned: Scanned,
    wish: ForLoan,
    report: Option<ReturnReport>,
}

fn check(body: HandOver) -> Result<(Vec<Scan>, Option<String>), Problem> {
    let mut invalid = Invalid::default();
    if body.units.is_empty() || body.units.len() > MAX_UNITS {
        invalid.note("/units", format!("must have between 1 and {MAX_UNITS} units"));
    }
    let mut scans = Vec::new();
    for (index, unit) in body.units.into_iter().take(MAX_UNITS).enumerate() {
        let wish = ForLoan { line: unit.line_id.map(LineId), loan: unit.loan_id.map(LoanId) };
        let scanned = match (unit.tag, unit.equipment_id) {
            (Some(tag), None) => invalid.check(&format!("/units/{index}/tag"), TAG.parse(&tag)).map(Scanned::Tag),
            (None, Some(unit)) => Some(Scanned::Unit(EquipmentId(unit))),
            (Some(_), Some(_)) | (None, None) => {
                invalid.note(format!("/units/{index}"), "must name either a tag or an equipment_id");
                None
            }
        };
        let place = format!("/units/{index}/comes_back");
        let report = unit.comes_back.and_then(|report| report.parse_in(&mut invalid, &place));
        scans.extend(scanned.map(|scanned| Scan { scanned, wish, report }));
    }
    let note = body.note.as_deref().and_then(|note| invalid.check("/note", NOTE.parse(note)));
    invalid.into_result()?;
    Ok((scans, note))
}

async fn find_units(conn: &mut PgConnection, dossier: &Dossier, scans: &[Scan]) -> Result<Vec<UnitAtCounter>, Problem> {
    let mut invalid = Invalid::default();
    let mut found: Vec<(ScannedUnit, &Scan)> = Vec::new();
    for (index, scan) in scans.iter().enumerate() {
        let field = match &scan.scanned {
            Scanned::Tag(_) => format!("/units/{index}/tag"),
            Scanned::Unit(_) => format!("/units/{index}/equipment_id"),
        };
        match counter::find_unit(conn, &scan.scanned).await? {
            None => invalid.note(field, "no unit is known by this; look at the label once more"),
            Some(unit) if found.iter().any(|(before, _)| before.unit.id == unit.unit.id) => {
                invalid.note(field, "is the same unit as one before it");
            }
            Some(unit) => found.push((unit, scan)),
        }
    }
    invalid.into_result()?;
    // In one order, so that two counters do not wait for each other.
    for model in found.iter().map(|(unit, _)| unit.model_id).collect::<BTreeSet<_>>() {
        catalogue::lock_for_choosing(conn, model).await?;
    }
    let mut units = Vec::new();
    for (unit, scan) in found {
        let mut at_counter = counter::look_at(conn, unit, &dossier.requisition, scan.wish).await?;
        at_counter.brought_back.report = scan.report.clone();
        units.push(at_counter);
    }
    Ok(units)
}

impl Refusal for HandOverRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotStaff => ProblemType::RoleNotAllowed,
            Self::ToOneself => ProblemType::OwnRequisition,
            Self::NothingWaits(_) => ProblemType::NothingToHandOver,
            Self::Unit { why, .. } => match why {
                UnitRefused::AlreadyHandedOver => ProblemType::AlreadyHandedOver,
                UnitRefused::NotForCounter
                | UnitRefused::WrongModel { .. }
                | UnitRefused::WhichComesBack { .. }
                | UnitRefused::ForAnotherLoan
                | UnitRefused::NamedUnitWanted => ProblemType::WrongUnit,
                UnitRefused::NotScanned | UnitRefused::NothingComesBack => ProblemType::InvalidInput,
                UnitRefused::BeingVerified | UnitRefused::InDoubt { .. } => ProblemType::OutcomeUnknown,
                UnitRefused::ReturnUnderWay | UnitRefused::ExchangedAlready => ProblemType::ReturnUnderWay,
                UnitRefused::PeriodOver | UnitRefused::LoanOverdue => ProblemType::PeriodOver,
                UnitRefused::OutOnAnother { .. } | UnitRefused::Held => ProblemType::UnitHeld,
                UnitRefused::KeptForAnother { .. }
                | UnitRefused::PromisedBefore { .. }
                | UnitRefused::HeldBefore { .. }
                | UnitRefused::KeptForWaiting
                | UnitRefused::NeededSoon => ProblemType::UnitAlreadyPromised,
                UnitRefused::NotLendable | UnitRefused::NotListed | UnitRefused::Resting { .. } => {
                    ProblemType::UnitNotLendable
                }
            },
        }
    }
}
