//! What the database enforces by itself: its words are our words, history is for ever, no unit is promised or lent twice.

use chrono::Utc;
use std::collections::BTreeMap;

use makerlab_shared::domain::{
    actor::Actor,
    approval::{Need, Stage},
    change::Entity,
    equipment::{Approval, Collection, Presence},
    finding::{FindingKind, FindingState, Resolution},
    id::UserId,
    inventory::{HolderKind, LabelKind},
    job::{JobKind, JobState, Lane},
    notification::{NotificationEvent, NotificationStatus},
    operation::{OperationKind, OperationState},
    person::Language,
    preference::Channel,
    project::{MemberRole, ProjectStatus},
    quota::{QuotaMeasure, QuotaScope},
    requisition::{ExtensionStatus, LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
    user::Role,
    waiting_list::WaitingStatus,
};
use makerlab_tests::{
    floor::{Asked, Floor},
    lab::TestDatabase,
};
use serde::Serialize;
use sqlx::{Connection, PgConnection};
use uuid::Uuid;

/// The words of an enum of ours.
fn words(all: &[impl Serialize]) -> Vec<String> {
    let words = all.iter().map(|variant| serde_json::to_value(variant).unwrap());
    words.map(|word| word.as_str().expect("an enum that is a word").to_owned()).collect()
}

/// Every list of words in a CHECK, and the enum that it mirrors.
fn mirrored() -> BTreeMap<&'static str, Vec<String>> {
    use LabelKind::{Archived, Deployable, Pending, Undeployable};
    let labels = || words(&[Deployable, Pending, Undeployable, Archived]);
    BTreeMap::from([
        ("approval_rules_outcome", words(Need::ALL)),
        ("approval_rules_requester_role", words(Role::ALL)),
        ("channel_choices_channel", words(Channel::ALL)),
        ("digests_status", words(&DIGEST_STATUSES)),
        ("equipment_holder_kind", words(&[HolderKind::User, HolderKind::Location, HolderKind::Asset])),
        ("equipment_label_kind", labels()),
        ("equipment_models_approval", words(Approval::ALL)),
        ("equipment_models_collection", words(Collection::ALL)),
        ("equipment_presence", words(Presence::ALL)),
        ("findings_kind", words(FindingKind::ALL)),
        ("findings_resolution", words(Resolution::ALL)),
        ("findings_state", words(FindingState::ALL)),
        ("jobs_kind", words(JobKind::ALL)),
        ("jobs_lane", words(Lane::ALL)),
        ("jobs_state", words(JobState::ALL)),
        ("equipment_told_as", words(&[ReturnCondition::Damaged, ReturnCondition::Lost])),
        ("loan_extensions_status", words(ExtensionStatus::ALL)),
        ("loans_return_condition", words(ReturnCondition::ALL)),
        ("loans_status", words(LoanStatus::ALL)),
        ("notifications_channel", words(Channel::ALL)),
        ("notifications_event", words(NotificationEvent::ALL)),
        ("notifications_status", words(NotificationStatus::ALL)),
        ("operations_kind", words(OperationKind::ALL)),
        ("operations_state", words(OperationState::ALL)),
        ("project_members_role", words(MemberRole::ALL)),
        ("projects_status", words(ProjectStatus::ALL)),
        ("quotas_measure", words(QuotaMeasure::ALL)),
        ("quotas_scope", words(QuotaScope::ALL)),
        ("requisition_lines_approval", words(Need::ALL)),
        ("requisition_edit_verdicts_approval", words(Need::ALL)),
        ("requisition_lines_status", words(LineStatus::ALL)),
        ("requisitions_status", words(RequisitionStatus::ALL)),
        ("requisitions_waiting_for", words(Stage::ALL)),
        ("status_history_actor_kind", actors()),
        ("status_history_entity", words(Entity::ALL)),
        ("status_labels_kind", labels()),
        ("users_language", words(Language::ALL)),
        ("users_role", words(Role::ALL)),
        ("waiting_list_status", words(WaitingStatus::ALL)),
    ])
}

fn actors() -> Vec<String> {
    [Actor::User(UserId::generate()), Actor::System, Actor::Snipeit].map(|actor| actor.kind().to_owned()).to_vec()
}

/// A digest is a letter that is wanted.
const DIGEST_STATUSES: [NotificationStatus; 6] = [
    NotificationStatus::Queued,
    NotificationStatus::Sent,
    NotificationStatus::Refused,
    NotificationStatus::Unknown,
    NotificationStatus::Failed,
    NotificationStatus::Moot,
];

/// Written as literals where they arise: no enum stands behind them.
const WITHOUT_ENUM: [&str; 2] = ["attempts_event", "sync_runs_kind"];

#[tokio::test]
async fn every_list_of_words_in_the_database_is_the_enum_of_the_code() {
    let database = TestDatabase::migrated().await;
    let mut owner = PgConnection::connect(&database.owner_url()).await.unwrap();
    let checks: Vec<(String, String)> = sqlx::query_as(
        "select conname::text, pg_get_constraintdef(oid) from pg_constraint
         where contype = 'c' and connamespace = 'public'::regnamespace
           and pg_get_constraintdef(oid) like 'CHECK ((% = ANY (ARRAY[%' order by conname",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();

    let listed = checks.iter().map(|(name, definition)| (name.as_str(), words_in(definition)));
    let listed: BTreeMap<_, _> = listed.filter(|(name, _)| !WITHOUT_ENUM.contains(name)).collect();
    assert_eq!(sorted(listed), sorted(mirrored()));
}

/// Migrations add words in the order of their making, the enum has them in the order of their meaning.
fn sorted(mut lists: BTreeMap<&str, Vec<String>>) -> BTreeMap<&str, Vec<String>> {
    lists.values_mut().for_each(|words| words.sort_unstable());
    lists
}

/// What stands between quotes.
fn words_in(definition: &str) -> Vec<String> {
    definition.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

#[tokio::test]
async fn history_and_evidence_can_be_added_to_and_never_changed_by_anybody() {
    let floor = Floor::new().await;
    let asked = floor.given_checked_out().await;
    floor.given_return_requested(asked).await;

    for url in [floor.database.app_url(), floor.database.owner_url()] {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        for statement in [
            "update status_history set reason = 'rewritten'",
            "delete from status_history",
            "truncate status_history cascade",
            "update history_changes set after = '1'",
            "delete from history_changes",
            "truncate history_changes",
            "update attempts set detail = '{}'",
            "delete from attempts",
            "truncate attempts",
        ] {
            let refused = sqlx::query(statement).execute(&mut connection).await;
            let refused = refused.expect_err(statement).into_database_error().expect(statement);
            assert_eq!(refused.code().as_deref(), Some("42501"), "{statement}: {refused}");
        }
    }
}

/// What was answered is kept for 48 hours; of a choice, history tells each change.
const NOT_HISTORY: [&str; 2] = ["idempotency_keys", "channel_choices"];

#[tokio::test]
async fn nothing_with_history_is_deleted_by_the_application() {
    let database = TestDatabase::migrated().await;
    let mut application = PgConnection::connect(&database.app_url()).await.unwrap();
    // From a view of several tables nobody deletes, whatever was granted.
    let tables: Vec<(String, bool)> = sqlx::query_as(
        "select relname::text, relkind = 'v' from pg_class
         where relnamespace = 'public'::regnamespace
             and (relkind = 'r' or relkind = 'v' and pg_relation_is_updatable(oid::regclass, false) <> 0)",
    )
    .fetch_all(&mut application)
    .await
    .unwrap();
    assert!(tables.len() > 20 && tables.contains(&("memberships".to_owned(), false)), "{tables:?}");

    for (table, is_view) in tables {
        if !NOT_HISTORY.contains(&table.as_str()) {
            is_refused(&mut application, &format!("delete from {table}")).await;
        }
        if !is_view {
            is_refused(&mut application, &format!("truncate {table}")).await;
        }
    }
    for table in NOT_HISTORY {
        let delete = sqlx::query(sqlx::AssertSqlSafe(format!("delete from {table}")));
        delete.execute(&mut application).await.unwrap();
    }
}

async fn is_refused(connection: &mut PgConnection, statement: &str) {
    let refused = sqlx::query(sqlx::AssertSqlSafe(statement.to_owned())).execute(connection).await;
    let refused = refused.expect_err(statement).into_database_error().expect(statement);
    assert_eq!(refused.code().as_deref(), Some("42501"), "{statement}: {refused}");
}

#[tokio::test]
async fn the_application_owns_nothing_and_cannot_take_the_guards_away() {
    let database = TestDatabase::migrated().await;
    let mut application = PgConnection::connect(&database.app_url()).await.unwrap();

    let owned: Vec<String> = sqlx::query_scalar(
        "select relname::text from pg_class where relnamespace = 'public'::regnamespace
         and pg_has_role(current_user, relowner, 'usage')",
    )
    .fetch_all(&mut application)
    .await
    .unwrap();
    assert_eq!(owned, [""; 0]);

    for statement in [
        "alter table status_history disable trigger all",
        "alter table history_changes disable trigger all",
        "drop trigger attempts_append_only on attempts",
        "create or replace function refuse_change() returns trigger language plpgsql as 'begin return null; end'",
        "alter table loans drop constraint loans_no_double_promise",
        "create table mine (id integer)",
        "set session_replication_role = replica",
    ] {
        let refused = sqlx::query(statement).execute(&mut application).await;
        let refused = refused.expect_err(statement).into_database_error().expect(statement);
        assert_eq!(refused.code().as_deref(), Some("42501"), "{statement}: {refused}");
    }
}

#[tokio::test]
async fn one_unit_is_not_promised_twice_for_overlapping_periods() {
    let floor = Floor::new().await;
    let asked = floor.given_requested().await;

    for status in ["promised", "checked_out"] {
        let refused = copy_loan(&floor, asked, 0, status).await.unwrap_err();
        assert_eq!(constraint(&refused), Some("loans_no_double_promise"), "{refused}");
    }
    copy_loan(&floor, asked, 0, "released").await.expect("what was let go promises nothing");
    copy_loan(&floor, asked, 30, "promised").await.expect("a later period is free");
}

#[tokio::test]
async fn one_unit_is_not_lent_twice_however_late_it_is() {
    let floor = Floor::new().await;
    let asked = floor.given_checked_out().await;

    let refused = copy_loan(&floor, asked, 30, "checked_out").await.unwrap_err();

    assert_eq!(constraint(&refused), Some("loans_one_out_per_asset"), "{refused}");
}

#[tokio::test]
async fn while_one_operation_is_open_no_other_touches_the_unit_or_the_loan() {
    let floor = Floor::new().await;
    let asked = floor.given_requested().await;
    let later = copy_loan(&floor, asked, 30, "promised").await.unwrap();
    set_state(&floor, asked.operation.0, "unknown").await.unwrap();

    let refused = copy_operation(&floor, asked, asked.loan.0, "2026-01-01 10:00:02").await.unwrap_err();
    assert_eq!(constraint(&refused), Some("operations_one_live_per_loan"), "{refused}");
    let refused = copy_operation(&floor, asked, later, "2026-01-01 10:00:01").await.unwrap_err();
    assert_eq!(constraint(&refused), Some("operations_fingerprint_key"), "{refused}");

    let other = copy_operation(&floor, asked, later, "2026-01-01 10:00:02").await.unwrap();
    for state in ["sent", "unknown", "with_person"] {
        let refused = set_state(&floor, other, state).await.unwrap_err();
        assert_eq!(constraint(&refused), Some("operations_one_open_per_asset"), "{refused}");
    }
}

#[tokio::test]
async fn what_is_out_is_the_same_in_the_database_and_in_the_domain() {
    let floor = Floor::new().await;
    for status in LoanStatus::ALL {
        let is_out = sqlx::query_scalar("select is_out($1)").bind(status.as_str());
        let is_out: bool = is_out.fetch_one(&floor.pool).await.unwrap();
        assert_eq!(is_out, status.is_out(), "{status}");
        for replaced_at in [None, Some(Utc::now())] {
            let is_with_borrower = sqlx::query_scalar("select is_with_borrower($1, $2)").bind(status.as_str());
            let is_with_borrower: bool = is_with_borrower.bind(replaced_at).fetch_one(&floor.pool).await.unwrap();
            assert_eq!(is_with_borrower, is_out && replaced_at.is_none(), "{status}");
        }
    }
}

fn constraint(error: &sqlx::Error) -> Option<&str> {
    error.as_database_error()?.constraint()
}

/// A second loan of the same unit, so much later.
async fn copy_loan(floor: &Floor, asked: Asked, days_later: i32, status: &str) -> sqlx::Result<Uuid> {
    sqlx::query_scalar(
        "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at,
                            snipeit_user_id, fingerprint)
         select gen_random_uuid(), requisition_id, line_id, equipment_id, borrower_id, $2, starts_at + $3 * interval '1 day',
                due_at + $3 * interval '1 day', 1, '2026-01-01 10:00:00'
         from loans where id = $1 returning id",
    )
    .bind(asked.loan.0)
    .bind(status)
    .bind(days_later)
    .fetch_one(&floor.pool)
    .await
}

/// A second check-out of the same unit, waiting.
async fn copy_operation(floor: &Floor, asked: Asked, loan: Uuid, fingerprint: &str) -> sqlx::Result<Uuid> {
    sqlx::query_scalar(
        "insert into operations (id, requisition_id, loan_id, equipment_id, snipeit_asset_id, kind, state, fingerprint,
                                 any_unit)
         select gen_random_uuid(), requisition_id, $2, equipment_id, snipeit_asset_id, kind, 'waiting',
                $3::text::timestamp, any_unit
         from operations where id = $1 returning id",
    )
    .bind(asked.operation.0)
    .bind(loan)
    .bind(fingerprint)
    .fetch_one(&floor.pool)
    .await
}

async fn set_state(floor: &Floor, operation: Uuid, state: &str) -> sqlx::Result<()> {
    let sql =
        "update operations set state = $2, fingerprint = coalesce(fingerprint, '2026-01-01 10:00:01') where id = $1";
    sqlx::query(sql).bind(operation).bind(state).execute(&floor.pool).await.map(drop)
}
