//! `PATCH /v1/projects/{id}`: its page; status and members have addresses of their own.

use super::{
    fields::{self, LinkView},
    view::{ProjectView, load_permitted, lock_permitted},
};
use crate::{
    http::{
        caller::Caller,
        input::Invalid,
        params::Id,
        precondition::{Patch, Tagged, given},
    },
    problem::Problem,
    state::AppState,
};
use axum::extract::State;
use makerlab_shared::{
    domain::{
        id::ProjectId,
        project::{AcademicYear, GroupNumber, Link, ProjectDetails, Tag},
    },
    store::commit::commit,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What is left out stays as it is; null empties what may be empty.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProjectEdit {
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, max_length = 5000)]
    description: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = String, required = false, max_length = 200)]
    course: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, example = "2026/27")]
    academic_year: Option<Option<String>>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i32>, minimum = 1, maximum = 9999)]
    group_number: Option<Option<i32>>,
    /// All of them, at most 20.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<String>, required = false)]
    tags: Option<Vec<String>>,
    /// All of them, at most 20.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Vec<LinkView>, required = false)]
    links: Option<Vec<LinkView>>,
}

struct Checked {
    name: Option<String>,
    description: Option<String>,
    course: Option<String>,
    academic_year: Option<Option<AcademicYear>>,
    group_number: Option<Option<GroupNumber>>,
    tags: Option<Vec<Tag>>,
    links: Option<Vec<Link>>,
}

/// Change what a project says of itself.
#[utoipa::path(
    patch,
    path = "/v1/projects/{id}",
    operation_id = "edit_project",
    tag = "projects",
    params(("id" = Uuid, Path)),
    request_body = ProjectEdit,
    responses(
        (status = 200, body = ProjectView, headers(("ETag" = String))),
        (status = 403, body = crate::problem::ProblemBody, description = "member-role-not-allowed"),
        (status = 404, body = crate::problem::ProblemBody),
        (status = 409, body = crate::problem::ProblemBody, description = "project-over"),
        (status = 412, body = crate::problem::ProblemBody, description = "precondition-failed"),
        (status = 422, body = crate::problem::ProblemBody, description = "invalid-input"),
        (status = 428, body = crate::problem::ProblemBody, description = "precondition-required")
    )
)]
pub(crate) async fn edit(
    State(app): State<AppState>,
    caller: Caller,
    Id(id): Id<ProjectId>,
    Patch { body, if_match }: Patch<ProjectEdit>,
) -> Result<Tagged<ProjectView>, Problem> {
    let checked = check(&body)?;
    let mut transaction = app.pool.begin().await?;
    let team = lock_permitted(&mut transaction, id, caller).await?;
    if_match.check("project", team.project.version)?;
    let details = checked.applied_to(&team.project.details);
    commit(&mut transaction, &team.edit(caller.user_id, details)?).await?;
    let edited = load_permitted(&mut transaction, id, caller).await?;
    transaction.commit().await?;
    Ok(Tagged { version: edited.project.version, body: edited.into() })
}

fn check(body: &ProjectEdit) -> Result<Checked, Problem> {
    let invalid = &mut Invalid::default();
    let checked = Checked {
        name: body.name.as_deref().map(|text| fields::name(invalid, text)),
        description: body.description.as_deref().map(|text| fields::description(invalid, text)),
        course: body.course.as_deref().map(|text| fields::course(invalid, text)),
        academic_year: body.academic_year.as_ref().map(|year| fields::academic_year(invalid, year.as_deref())),
        group_number: body.group_number.map(|number| fields::group_number(invalid, number)),
        tags: body.tags.as_deref().map(|tags| fields::tags(invalid, tags)),
        links: body.links.as_deref().map(|links| fields::links(invalid, links)),
    };
    std::mem::take(invalid).into_result()?;
    Ok(checked)
}

impl Checked {
    fn applied_to(self, before: &ProjectDetails) -> ProjectDetails {
        let before = before.clone();
        ProjectDetails {
            name: self.name.unwrap_or(before.name),
            description: self.description.unwrap_or(before.description),
            course: self.course.unwrap_or(before.course),
            academic_year: self.academic_year.unwrap_or(before.academic_year),
            group_number: self.group_number.unwrap_or(before.group_number),
            tags: self.tags.unwrap_or(before.tags),
            links: self.links.unwrap_or(before.links),
        }
    }
}
