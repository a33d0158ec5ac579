//! Who stands in for whom. Writing goes through `commit`.

use super::{StoreError, page::Page, requisition_reads::Viewer};
use crate::domain::{
    deputy::{Deputy, StandIn},
    id::{ProjectId, UserId},
    person::PersonName,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

/// A deputy with what people want to see beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedDeputy {
    pub deputy: Deputy,
    pub absent_name: PersonName,
    pub deputy_name: PersonName,
    pub created_at: DateTime<Utc>,
}

struct DeputyRow {
    id: Uuid,
    user_id: Uuid,
    deputy_id: Uuid,
    starts_at: DateTime<Utc>,
    until: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    version: i32,
    absent_name: String,
    deputy_name: String,
    created_at: DateTime<Utc>,
}

impl DeputyRow {
    fn read(self) -> ListedDeputy {
        let deputy = Deputy {
            id: self.id.into(),
            user_id: self.user_id.into(),
            deputy_id: self.deputy_id.into(),
            starts_at: self.starts_at,
            until: self.until,
            ended_at: self.ended_at,
            version: self.version,
        };
        ListedDeputy {
            deputy,
            absent_name: PersonName::from_stored(self.absent_name),
            deputy_name: PersonName::from_stored(self.deputy_name),
            created_at: self.created_at,
        }
    }
}

/// As [`list_named_by`], locked with whoever named them until the transaction ends.
pub async fn list_named_for_update(conn: &mut PgConnection, user: UserId) -> Result<Vec<Deputy>, StoreError> {
    sqlx::query_scalar!("select id from users where id = $1 for no key update", user.0).fetch_one(&mut *conn).await?;
    Ok(list_named_by(conn, user).await?.into_iter().map(|listed| listed.deputy).collect())
}

/// Whom somebody has named whose time is not over, the first to begin at first.
pub async fn list_named_by(conn: &mut PgConnection, user: UserId) -> Result<Vec<ListedDeputy>, StoreError> {
    let rows = sqlx::query_as!(
        DeputyRow,
        "select d.id, d.user_id, d.deputy_id, d.starts_at, d.until, d.ended_at, d.version, away.name as absent_name,
                deputy.name as deputy_name, d.created_at
         from deputies d
         join users away on away.id = d.user_id
         join users deputy on deputy.id = d.deputy_id
         where d.user_id = $1 and d.ended_at is null and d.until > lab_now()
         order by d.starts_at, d.id",
        user.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(DeputyRow::read).collect())
}

/// For whom somebody stands in now or will, the first to begin at first.
pub async fn list_present_of(conn: &mut PgConnection, deputy: UserId) -> Result<Vec<ListedDeputy>, StoreError> {
    let rows = sqlx::query_as!(
        DeputyRow,
        "select d.id, d.user_id, d.deputy_id, d.starts_at, d.until, d.ended_at, d.version, away.name as absent_name,
                deputy.name as deputy_name, d.created_at
         from deputies d
         join users away on away.id = d.user_id and away.erased_at is null
         join users deputy on deputy.id = d.deputy_id
         where d.deputy_id = $1 and d.ended_at is null and d.until > lab_now()
         order by d.starts_at, d.id",
        deputy.0
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(DeputyRow::read).collect())
}

/// The newest first, those that are over too: all of them for those who see all, else those that concern the viewer.
pub async fn list(conn: &mut PgConnection, viewer: Viewer, page: Page) -> Result<Vec<ListedDeputy>, StoreError> {
    let rows = sqlx::query_as!(
        DeputyRow,
        "select d.id, d.user_id, d.deputy_id, d.starts_at, d.until, d.ended_at, d.version, away.name as absent_name,
                deputy.name as deputy_name, d.created_at
         from deputies d
         join users away on away.id = d.user_id
         join users deputy on deputy.id = d.deputy_id
         where ($1 or d.user_id = $2 or d.deputy_id = $2)
             and ($3::timestamptz is null or (d.created_at, d.id) < ($3, $4::uuid))
         order by d.created_at desc, d.id desc
         limit $5",
        viewer.sees_all,
        viewer.user.0,
        page.created_before(),
        page.id_before(),
        page.limit
    );
    Ok(rows.fetch_all(conn).await?.into_iter().map(DeputyRow::read).collect())
}

/// Who stands in for which supervisor of a project at this moment.
pub async fn list_of_project(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<StandIn>, StoreError> {
    let rows = sqlx::query!(
        r#"select deputy_id as "deputy_id!", user_id as "user_id!"
           from project_deputies where project_id = $1 order by deputy_id, user_id"#,
        project.0
    );
    let rows = rows.fetch_all(conn).await?.into_iter();
    Ok(rows.map(|row| StandIn { deputy: UserId(row.deputy_id), absent: UserId(row.user_id) }).collect())
}
