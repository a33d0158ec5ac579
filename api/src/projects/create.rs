//! `POST /v1/projects`: whoever asks leads it, or names who does; what staff creates for others is active at once.

use super::{
    fields::{self, LinkView},
    person::{NamedPerson, Target},
    view::{ProjectView, load_permitted},
};
use crate::{
    http::{
        answer::Answer,
        caller::Caller,
        exchange::{Begun, Post},
        input::Invalid,
    },
    problem::{Problem, ProblemType},
};
use axum::http::StatusCode;
use makerlab_shared::domain::{
    project::{self, ProjectDetails},
    user::Role,
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

const MOST_SUPERVISORS: usize = 10;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewProject {
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    #[serde(default)]
    #[schema(max_length = 5000)]
    description: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    course: String,
    #[schema(example = "2026/27")]
    academic_year: Option<String>,
    #[schema(minimum = 1, maximum = 9999)]
    group_number: Option<i32>,
    /// At most 20; capital letters make no difference.
    #[serde(default)]
    tags: Vec<String>,
    /// At most 20, each with `https`.
    #[serde(default)]
    links: Vec<LinkView>,
    /// Who leads it, if not its creator: for professors, who supervise it then, and for the lab's staff.
    leader: Option<NamedPerson>,
    /// Professors or staff.
    #[serde(default)]
    supervisors: Vec<NamedPerson>,
}

struct Checked {
    details: ProjectDetails,
    leader: Option<Target>,
    supervisors: Vec<Target>,
}

/// Ask for a project.
#[utoipa::path(
    post,
    path = "/v1/projects",
    operation_id = "create_project",
    tag = "projects",
    request_body = NewProject,
    responses(
        (status = 201, body = ProjectView, headers(("Location" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "role-not-allowed"),
        (status = 409, body = crate::problem::ProblemBody, description = "cannot-supervise"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input")
    )
)]
pub(crate) async fn create(caller: Caller, Post { body, exchange }: Post<NewProject>) -> Result<Answer, Problem> {
    let checked = check(&body)?;
    let mut effect = match exchange.begin().await? {
        Begun::Answered(answer) => return Ok(answer),
        Begun::New(effect) => effect,
    };
    let (id, change) = project::create(find_people(effect.conn(), caller, checked).await?)?;
    effect.commit(&change).await?;
    // Staff who name another leader see it as staff; everybody else is in it.
    let created = load_permitted(effect.conn(), id, caller).await?;
    let answer = Answer::new(StatusCode::CREATED, &ProjectView::from(created))?.at(format!("/v1/projects/{id}"));
    effect.finish(answer).await
}

fn check(body: &NewProject) -> Result<Checked, Problem> {
    let mut invalid = Invalid::default();
    let details = ProjectDetails {
        name: fields::name(&mut invalid, &body.name),
        description: fields::description(&mut invalid, &body.description),
        course: fields::course(&mut invalid, &body.course),
        academic_year: fields::academic_year(&mut invalid, body.academic_year.as_deref()),
        group_number: fields::group_number(&mut invalid, body.group_number),
        tags: fields::tags(&mut invalid, &body.tags),
        links: fields::links(&mut invalid, &body.links),
    };
    if body.supervisors.len() > MOST_SUPERVISORS {
        invalid.note("/supervisors", format!("must be at most {MOST_SUPERVISORS}"));
    }
    invalid.into_result()?;
    let leader = body.leader.as_ref().map(|named| named.check("/leader")).transpose()?;
    let supervisors = body.supervisors.iter().enumerate();
    let supervisors = supervisors.map(|(index, named)| named.check(&format!("/supervisors/{index}")));
    Ok(Checked { details, leader, supervisors: supervisors.collect::<Result<_, _>>()? })
}

async fn find_people(
    conn: &mut PgConnection,
    caller: Caller,
    checked: Checked,
) -> Result<project::NewProject, Problem> {
    let leader = match &checked.leader {
        Some(target) => Some(target.find(conn).await?.id),
        None => None,
    };
    if caller.role == Role::Student && leader.is_some_and(|leader| leader != caller.user_id) {
        let detail = "students lead the projects that they ask for; others can be made leaders afterwards";
        return Err(Problem::new(ProblemType::RoleNotAllowed, detail));
    }
    let mut supervisors = Vec::new();
    for target in &checked.supervisors {
        let user = target.find(conn).await?;
        supervisors.push((user.id, user.role));
    }
    Ok(project::NewProject { details: checked.details, by: caller.user_id, role: caller.role, leader, supervisors })
}
