//! Gathers the world at the end: from the database as its owner, from the ledger, from the mailbox.

use std::{collections::HashSet, str::FromStr};

use anyhow::Result;
use chrono::{DateTime, Utc};
use makerlab_shared::domain::id::{LoanId, OperationId, RequisitionId};
use sqlx::PgPool;
use uuid::Uuid;

use super::{
    ground::Ground,
    world::{LoanRow, OperationRow, RequisitionRow, Told, World},
};

pub async fn world(ground: &Ground, told: Told) -> Result<World> {
    let pool = &ground.pool;
    Ok(World {
        told,
        requisitions: requisitions(pool).await?,
        loans: loans(pool).await?,
        operations: operations(pool).await?,
        open_findings: open_findings(pool).await?,
        notifications: sqlx::query_scalar("select id from notifications where status <> 'moot'")
            .fetch_all(pool)
            .await?,
        effects: ground.simulator.state().ledger().effects(),
        mails: ground.mailbox.message_ids(),
    })
}

async fn requisitions(pool: &PgPool) -> Result<Vec<RequisitionRow>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as("select id, status from requisitions").fetch_all(pool).await?;
    rows.into_iter().map(|(id, status)| Ok(RequisitionRow { id: id.into(), status: word(&status)? })).collect()
}

async fn loans(pool: &PgPool) -> Result<Vec<LoanRow>> {
    let query = "select id, requisition_id, status from loans";
    let rows: Vec<(Uuid, Uuid, String)> = sqlx::query_as(query).fetch_all(pool).await?;
    let row = |(id, requisition, status): (Uuid, Uuid, String)| {
        Ok(LoanRow { id: LoanId(id), requisition: RequisitionId(requisition), status: word(&status)? })
    };
    rows.into_iter().map(row).collect()
}

type Operation = (Uuid, Uuid, Uuid, String, String, DateTime<Utc>, Option<DateTime<Utc>>);

async fn operations(pool: &PgPool) -> Result<Vec<OperationRow>> {
    let query = "select id, requisition_id, loan_id, kind, state, requested_at, settled_at from operations";
    let rows: Vec<Operation> = sqlx::query_as(query).fetch_all(pool).await?;
    let row = |(id, requisition, loan, kind, state, requested_at, settled_at): Operation| {
        Ok(OperationRow {
            id: OperationId(id),
            requisition: requisition.into(),
            loan: loan.into(),
            kind: word(&kind)?,
            state: word(&state)?,
            requested_at,
            settled_at,
        })
    };
    rows.into_iter().map(row).collect()
}

async fn open_findings(pool: &PgPool) -> Result<HashSet<Uuid>> {
    let subjects: Vec<Uuid> =
        sqlx::query_scalar("select subject_id from findings where state = 'open'").fetch_all(pool).await?;
    Ok(subjects.into_iter().collect())
}

fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(word: &str) -> Result<T> {
    Ok(word.parse()?)
}
