//! `POST /v1/loans/{id}/extend`: more time, at once where the rule says yes, else a wish for a technician.

use super::standing::{Standing, finish, stand};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        due::DueDate,
        exchange::{Begun, Post},
        input::TextRule,
        params::Id,
    },
    problem::{Problem, ProblemType, Refusal},
    requisitions::RequisitionView,
    state::AppState,
};
use axum::{extract::State, http::StatusCode};
use makerlab_shared::{
    domain::{
        id::LoanId,
        requisition::{ExtensionRefused, ExtensionWish},
    },
    store::extensions,
};
use serde::Deserialize;
use utoipa::ToSchema;

pub(super) const REASON: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MoreTime {
    /// Until when: an instant, or a day of the lab, which means its end.
    due_at: DueDate,
    /// What for; whoever decides reads it.
    #[schema(min_length = 1, max_length = 2000)]
    reason: Option<String>,
}

/// Ask for more time: granted at once by rule, or `extension_asked` until a technician decides.
#[utoipa::path(
    post,
    path = "/v1/loans/{id}/extend",
    operation_id = "extend_loan",
    tag = "loans",
    params(("id" = Uuid, Path)),
    request_body = MoreTime,
    responses(
        (status = 200, body = RequisitionView),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "not-lent, return-under-way, unit-already-promised, extension-asked-already"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn extend(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<LoanId>,
    Post { body, exchange }: Post<MoreTime>,
) -> Result<Answer, Problem> {
    let reason = body.reason.as_deref().map(|reason| REASON.parse(reason)).transpose();
    let reason = reason.map_err(|detail| Problem::invalid_field("/reason", detail))?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let Standing { dossier, requisition } = stand(&mut effect, caller, id).await?;
    let due_at = body.due_at.moment(app.lab_timezone).ok_or_else(|| at_its_field(ExtensionRefused::BeyondAYear))?;
    // The database cannot even ask about days outside of its calendar.
    dossier.check_extension(id, due_at).map_err(at_its_field)?;
    let ground = extensions::load_ground(effect.conn(), id, Some(due_at)).await?;
    let wish = ExtensionWish { due_at, reason, by: caller.user_id, role: caller.role };
    let change = dossier.extend(id, wish, &ground).map_err(at_its_field)?;
    finish(effect, caller, requisition, &change, StatusCode::OK).await
}

fn at_its_field(refused: ExtensionRefused) -> Problem {
    if refused.is_about_the_date() {
        return Problem::invalid_field("/due_at", refused.to_string());
    }
    refused.into()
}

impl Refusal for ExtensionRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::UnknownLoan => ProblemType::NotFound,
            Self::NotLent(_) => ProblemType::NotLent,
            Self::OwnWish => ProblemType::OwnRequisition,
            Self::ReturnUnderWay => ProblemType::ReturnUnderWay,
            Self::NotLater | Self::InThePast | Self::BeyondAYear | Self::ReasonMissing => ProblemType::InvalidInput,
            Self::WantedByOthers(_) => ProblemType::UnitAlreadyPromised,
            Self::AskedAlready => ProblemType::ExtensionAskedAlready,
            Self::NothingAsked => ProblemType::NoExtensionAsked,
            Self::DateOver => ProblemType::PeriodOver,
        }
    }
}
