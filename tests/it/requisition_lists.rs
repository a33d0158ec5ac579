//! Lists of requisitions for who is not of the lab's staff, in a database that holds many that they may not see.

use chrono::TimeDelta;
use makerlab_shared::{
    domain::{id::UserId, requisition::RequisitionStatus},
    store::{
        page::{After, Page},
        requisition_reads::Viewer,
        requisition_summaries::{RequisitionFilter, RequisitionSummary, list},
    },
};
use makerlab_tests::lab::TestDatabase;
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

const REQUISITIONS: i64 = 100_000;
const PROJECTS: i64 = 500;
const LIMIT: i64 = 50;

/// Everybody else's are the newest; the student is in two projects, has left a third, and never was in the others.
struct ManyRequisitions {
    pool: PgPool,
    student: UserId,
    _database: TestDatabase,
}

fn id(kind: &str, number: &str) -> String {
    format!("md5('{kind} ' || {number})::uuid")
}

impl ManyRequisitions {
    async fn fill() -> Self {
        let database = TestDatabase::migrated().await;
        let pool = PgPool::connect(&database.app_url()).await.unwrap();
        let (user, project) = (id("user", "n"), id("project", "n"));
        let statements = [
            format!(
                "insert into users (id, name, email, role)
                 select {user}, 'Ana Silva', n || '@lab.example', 'student' from generate_series(0, 1) n"
            ),
            format!(
                "insert into projects (id, name, status, created_by)
                 select {project}, 'Rover', 'active', {} from generate_series(0, {PROJECTS} - 1) n",
                id("user", "0")
            ),
            // Each eleventh of the third project is the student's own; eleven and five hundred share no factor.
            format!(
                "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status, created_at)
                 select {}, {}, {}, 'Measuring', at, at + interval '1 day',
                        case when n % 3 = 0 then 'rejected' else 'returned' end, at
                 from (
                     select n, now() - interval '300 days' + case when n % {PROJECTS} < 3 then 0 else 1 end * interval '200 days'
                                + (n / 7) * interval '1 second' as at
                     from generate_series(0, {REQUISITIONS} - 1) n
                 ) as asked",
                id("requisition", "n"),
                id("project", &format!("(n % {PROJECTS})")),
                id("user", "case when n % 500 = 2 and n % 11 = 0 then 1 else 0 end"),
            ),
            format!(
                "insert into memberships (project_id, user_id, role, left_at)
                 select {project}, {}, 'member', case when n = 2 then now() end from generate_series(0, 2) n",
                id("user", "1")
            ),
        ];
        let owner = PgPool::connect(&database.owner_url()).await.unwrap();
        for statement in statements {
            sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&owner).await.unwrap();
        }
        sqlx::query("analyze requisitions, memberships, projects").execute(&owner).await.unwrap();
        let student = sqlx::query_scalar("select md5('user 1')::uuid").fetch_one(&pool).await.unwrap();
        Self { pool, student: UserId(student), _database: database }
    }

    /// By going through everything.
    async fn visible(&self) -> Vec<Uuid> {
        let visible = sqlx::query_scalar(
            "select id from requisitions
             where requester_id = $1
                 or project_id in (select project_id from memberships where user_id = $1 and left_at is null)
             order by created_at desc, id desc",
        );
        visible.bind(self.student.0).fetch_all(&self.pool).await.unwrap()
    }

    async fn list(&self, filter: &RequisitionFilter, page: Page) -> Vec<RequisitionSummary> {
        let viewer = Viewer { user: self.student, sees_all: false };
        list(&mut self.pool.acquire().await.unwrap(), viewer, filter, page).await.unwrap()
    }

    /// How many rows of requisitions one page reads.
    async fn rows_read(&self, filter: &RequisitionFilter, page: Page) -> i64 {
        let viewer = Viewer { user: self.student, sees_all: false };
        let mut transaction = self.pool.begin().await.unwrap();
        let before = rows_read_so_far(&mut transaction).await;
        list(&mut transaction, viewer, filter, page).await.unwrap();
        rows_read_so_far(&mut transaction).await - before
    }
}

/// What this connection has not reported yet is counted as well.
async fn rows_read_so_far(conn: &mut PgConnection) -> i64 {
    let read = sqlx::query_scalar(
        "select (seq_tup_read + idx_tup_fetch)::bigint from pg_stat_xact_user_tables where relname = 'requisitions'",
    );
    read.fetch_one(conn).await.unwrap()
}

fn ids(listed: &[RequisitionSummary]) -> Vec<Uuid> {
    listed.iter().map(|one| one.id.0).collect()
}

fn after(last: &RequisitionSummary) -> Option<After> {
    Some(After { created_at: last.created_at, id: last.id.0 })
}

#[tokio::test]
async fn whoever_sees_few_of_many_requisitions_reads_few_rows_and_pages_through_exactly_theirs() {
    let many = ManyRequisitions::fill().await;
    let visible = many.visible().await;
    assert!(visible.len() > 400, "{}", visible.len());

    let (mut seen, mut last): (Vec<RequisitionSummary>, _) = (Vec::new(), None);
    loop {
        let page = many.list(&RequisitionFilter::default(), Page { after: last, limit: LIMIT }).await;
        let Some(end) = page.last() else { break };
        last = after(end);
        seen.extend(page);
    }

    assert_eq!(ids(&seen), visible);
    let between = After { created_at: seen[0].created_at + TimeDelta::microseconds(1), id: Uuid::nil() };
    let page = many.list(&RequisitionFilter::default(), Page { after: Some(between), limit: LIMIT }).await;
    assert_eq!(ids(&page), visible[..50], "also from a moment at which nothing was asked for");
    for (filter, at) in [
        (RequisitionFilter::default(), None),
        (RequisitionFilter::default(), after(&seen[150])),
        (RequisitionFilter { status: Some(RequisitionStatus::Rejected), ..RequisitionFilter::default() }, None),
        (RequisitionFilter { number_part: Some("none has it".to_owned()), ..RequisitionFilter::default() }, None),
    ] {
        let read = many.rows_read(&filter, Page { after: at, limit: LIMIT }).await;
        assert!(0 < read && read < 2_000, "{read} rows were read for {filter:?}");
    }
}
