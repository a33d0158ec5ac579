//! What all decisions share: the rules' words, the requisition locked while it is decided, and units for what is granted.

use super::{
    units::{Choice, choose},
    unmet::{Refused, remember},
};
use crate::{
    http::{answer::Answer, caller::Caller, exchange::Effect, precondition::IfMatch},
    problem::{Problem, ProblemType, Refusal},
    state::AppState,
};
use axum::http::StatusCode;
use makerlab_shared::{
    domain::{
        change::Change,
        equipment::Unit,
        id::{EquipmentId, LineId, RequisitionId},
        permission::Place,
        project::MemberRole,
        requisition::{Decide, DecisionRefused, Dossier, Ruling},
    },
    store::{approvers, deputies, dossier, projects, shelf::Asker},
};
use sqlx::PgConnection;

/// Units that whoever decides has named, by line.
pub(super) type NamedUnits = Vec<(LineId, Vec<EquipmentId>)>;

pub(super) async fn load_locked(effect: &mut Effect, id: RequisitionId) -> Result<Dossier, Problem> {
    let dossier = dossier::load_for_update(effect.conn(), id).await?;
    dossier.ok_or_else(|| Problem::not_found("requisition"))
}

/// The requisition locked, in the version that the caller has seen if they say which, and how the caller stands towards it,
/// who may do this to it.
pub(super) async fn load_permitted(
    effect: &mut Effect,
    id: RequisitionId,
    caller: Caller,
    if_match: Option<IfMatch>,
) -> Result<(Dossier, Decide), Problem> {
    let dossier = load_locked(effect, id).await?;
    let project = dossier.requisition.project_id;
    let member = projects::find_role(effect.conn(), project, caller.user_id).await?;
    let deputies = deputies::list_of_project(effect.conn(), project).await?.into_iter();
    let absent: Vec<_> =
        deputies.filter(|one| one.deputy == caller.user_id).map(|stands_in| stands_in.absent).collect();
    let insiders = approvers::list_insiders(effect.conn(), id).await?;
    let in_place_of = dossier.choose_absent(&absent, &insiders);
    let place = Place {
        role: caller.role,
        member,
        in_place_of: in_place_of.map(|_| MemberRole::Supervisor),
        owns: dossier.is_of(caller.user_id),
        has_part: insiders.contains(&caller.user_id),
    };
    caller.check_place("requisition", place)?;
    if let Some(if_match) = &if_match {
        if_match.check("requisition", dossier.requisition.edition)?;
    }
    let names_version = if_match.is_some_and(|if_match| if_match.names_version());
    let supervisors = projects::list_supervisors(effect.conn(), project).await?;
    let is_supervised = !dossier.impartial_supervisors(&supervisors, &insiders).is_empty();
    let Place { role, has_part, .. } = place;
    let by = caller.user_id;
    Ok((dossier, Decide { by, role, member, is_supervised, in_place_of, names_version, has_part }))
}

/// Units for every line that is granted something. What is not free is remembered, and nothing is decided.
pub(super) async fn choose_granted(
    app: &AppState,
    mut effect: Effect,
    dossier: &Dossier,
    rulings: &[Ruling],
    named: &NamedUnits,
) -> Result<(Effect, Vec<(LineId, Vec<Unit>)>), Problem> {
    match choose_units(effect.conn(), dossier, rulings, named).await {
        Ok(units) => Ok((effect, units)),
        Err(refused) => {
            drop(effect);
            Err(remember(app, &Refused::decision(dossier, rulings), refused).await)
        }
    }
}

/// Those that were named, else whichever are free.
async fn choose_units(
    conn: &mut PgConnection,
    dossier: &Dossier,
    rulings: &[Ruling],
    named: &NamedUnits,
) -> Result<Vec<(LineId, Vec<Unit>)>, Problem> {
    let (mut lines, mut choices) = (Vec::new(), Vec::new());
    for ruling in rulings {
        let (Some(line), Some(granted)) = (dossier.find_line(ruling.line_id), ruling.granted) else { continue };
        let mut units: Vec<_> =
            named.iter().filter(|(id, _)| *id == line.id).flat_map(|(_, units)| units.iter().copied()).collect();
        if units.is_empty() && granted.units_are_named {
            units.extend(line.equipment_id);
        }
        let choice = Choice { model: granted.model_id, unit: None, quantity: granted.quantity };
        if units.is_empty() {
            lines.push(line.id);
            choices.push(choice);
        }
        for unit in units {
            lines.push(line.id);
            choices.push(Choice { unit: Some(unit), quantity: 1, ..choice });
        }
    }
    let requisition = &dossier.requisition;
    let asker = Asker { user: requisition.requester_id, project: requisition.project_id };
    let chosen = choose(conn, asker, requisition.period, &choices).await?;
    let mut of_lines: Vec<(LineId, Vec<Unit>)> = Vec::new();
    for (line, units) in lines.into_iter().zip(chosen) {
        match of_lines.iter_mut().find(|(id, _)| *id == line) {
            Some((_, before)) => before.extend(units),
            None => of_lines.push((line, units)),
        }
    }
    Ok(of_lines)
}

/// Writes the change and answers with the requisition as it is now.
pub(super) async fn finish(
    mut effect: Effect,
    caller: Caller,
    id: RequisitionId,
    change: &Change,
) -> Result<Answer, Problem> {
    effect.commit(change).await?;
    let view = super::view::load(effect.conn(), id, caller.viewer()).await?;
    effect.finish(Answer::tagged(StatusCode::OK, &view)?).await
}

impl Refusal for DecisionRefused {
    fn kind(&self) -> ProblemType {
        match self {
            Self::NotStaff => ProblemType::RoleNotAllowed,
            Self::MemberRole => ProblemType::MemberRoleNotAllowed,
            Self::SupervisorFirst => ProblemType::SupervisorFirst,
            Self::NotWithSupervisor => ProblemType::NotWithSupervisor,
            Self::EndorsedIt | Self::EndorsedForThem => ProblemType::FourEyes,
            Self::ConflictOfInterest => ProblemType::ConflictOfInterest,
            Self::OwnRequisition | Self::OwnOfAbsent => ProblemType::OwnRequisition,
            Self::AlreadyDecided | Self::LineAlreadyDecided(_) => ProblemType::AlreadyDecided,
            Self::LineWithdrawn(_) => ProblemType::LineWithdrawn,
            Self::VersionMissing => ProblemType::PreconditionRequired,
            Self::PeriodOver => ProblemType::PeriodOver,
            Self::LineNamedTwice(_)
            | Self::UnknownLine(_)
            | Self::NothingDecided
            | Self::Quantity { .. }
            | Self::ReasonMissing => ProblemType::InvalidInput,
        }
    }
}
