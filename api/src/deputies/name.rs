//! `PUT /v1/users/me/deputy`: somebody decides in my place from then until then.

use super::read::{OwnDeputies, load};
use crate::{
    http::{body, caller::Caller, due::DueDate, input::Invalid},
    problem::{Problem, ProblemType, Refusal},
    state::AppState,
};
use axum::{
    Json,
    extract::{Request, State},
};
use chrono::SubsecRound;
use makerlab_shared::{
    domain::{
        deputy::{DeputyRefused, DeputyWish, Party},
        id::UserId,
    },
    store::{clock, commit::commit, deputies, users},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewDeputy {
    /// Who decides in my place: a professor, a technician or an admin; for somebody of the lab, one of the lab.
    user_id: Uuid,
    /// An instant, or a day from its beginning at the lab; left out: from now on.
    from: Option<DueDate>,
    until: DueDate,
}

/// Let somebody decide in my place for a time that no other has; the same once more changes nothing
#[utoipa::path(
    put,
    path = "/v1/users/me/deputy",
    operation_id = "name_deputy",
    tag = "users",
    request_body = NewDeputy,
    responses(
        (status = 200, body = OwnDeputies),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "cannot-deputise, deputy-named-already"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn name(
    State(app): State<AppState>,
    caller: Caller,
    request: Request,
) -> Result<Json<OwnDeputies>, Problem> {
    let (parts, body) = request.into_parts();
    let body: NewDeputy = body::parse(&body::read(&parts.headers, body).await?)?;
    let mut transaction = app.pool.begin().await?;
    let present = deputies::list_named_for_update(&mut transaction, caller.user_id).await?;
    let now = clock::now(&mut transaction).await?;
    let found = users::find(&mut transaction, UserId(body.user_id)).await?;
    let beyond = "lies beyond the calendar";
    let mut invalid = Invalid::default();
    let starts_at = body.from.map_or(Some(now), |from| from.beginning(app.lab_timezone));
    let starts_at = invalid.check("/from", starts_at.ok_or(beyond));
    let until = invalid.check("/until", body.until.moment(app.lab_timezone).ok_or(beyond));
    let deputy = invalid.check("/user_id", found.ok_or("no user has this id"));
    invalid.into_result()?;
    let (Some(starts_at), Some(until), Some(deputy)) = (starts_at, until, deputy) else {
        return Err(Problem::internal("what is invalid was let pass"));
    };
    // The database holds no more, and the same once more is the same.
    let (starts_at, until) = (starts_at.trunc_subsecs(6), until.trunc_subsecs(6));
    let absent = Party { id: caller.user_id, role: caller.role };
    let deputy = Party { id: deputy.user.id, role: deputy.user.role };
    let (_, change) = DeputyWish { absent, deputy, starts_at, until }.name(&present, now).map_err(refusal)?;
    commit(&mut transaction, &change).await?;
    let named = load(&mut transaction, caller.user_id).await?;
    transaction.commit().await?;
    Ok(Json(named))
}

fn refusal(refused: DeputyRefused) -> Problem {
    match refused {
        DeputyRefused::NoTime | DeputyRefused::InThePast | DeputyRefused::TooLong => {
            Problem::invalid_field("/until", refused.to_string())
        }
        DeputyRefused::Oneself
        | DeputyRefused::Student
        | DeputyRefused::NotOfTheLab
        | DeputyRefused::Overlaps { .. } => refused.into(),
    }
}

impl Refusal for DeputyRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::Oneself | Self::Student | Self::NotOfTheLab => ProblemType::CannotDeputise,
            Self::Overlaps { .. } => ProblemType::DeputyNamedAlready,
            Self::NoTime | Self::InThePast | Self::TooLong => ProblemType::InvalidInput,
        }
    }
}
