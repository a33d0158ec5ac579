//! Rows that cannot be understood become one finding, which closes by itself.

use crate::{context::Context, jobs::Failure, snipeit::Unreadable};
use makerlab_shared::{
    domain::{
        change::Change,
        finding::{FindingKind, THE_ONE_LINK},
        unreadable::{RowKind, UnreadableRows},
    },
    store::{
        commit::commit,
        finding_answer,
        findings::{self, Finding},
    },
};
use sqlx::PgConnection;

pub(super) fn note(all: &mut UnreadableRows, of: RowKind, shown: &[Unreadable]) {
    for row in shown {
        all.note(of, row.id, &row.what);
    }
}

/// After everything was read: these it is, and no others.
pub(super) async fn tell_all(context: &Context, rows: &UnreadableRows) -> Result<(), Failure> {
    let mut transaction = context.pool.begin().await?;
    let open = find_open(&mut transaction).await?;
    let told = open.as_ref().map(|(_, told)| told);
    if told.unwrap_or(&UnreadableRows::default()) != rows {
        replace(&mut transaction, open.map(|(finding, _)| finding), rows).await?;
    }
    Ok(transaction.commit().await?)
}

/// After a part was read: these too.
pub(super) async fn tell_more(context: &Context, part: &UnreadableRows) -> Result<(), Failure> {
    if part.is_empty() {
        return Ok(());
    }
    let mut transaction = context.pool.begin().await?;
    let (open, mut rows) = find_open(&mut transaction).await?.unzip();
    let told = rows.get_or_insert_default();
    if !told.covers(part) {
        told.extend(part);
        replace(&mut transaction, open, told).await?;
    }
    Ok(transaction.commit().await?)
}

async fn find_open(conn: &mut PgConnection) -> Result<Option<(Finding, UnreadableRows)>, Failure> {
    let open = findings::find_open(conn, FindingKind::RowsUnreadable, THE_ONE_LINK).await?;
    // What another version has told is told anew.
    Ok(open.map(|open| {
        let told = serde_json::from_value(open.evidence.clone()).unwrap_or_default();
        (open, told)
    }))
}

async fn replace(conn: &mut PgConnection, open: Option<Finding>, rows: &UnreadableRows) -> Result<(), Failure> {
    if let Some(open) = open {
        finding_answer::close(conn, &open, "the rows are others by now").await?;
    }
    if !rows.is_empty() {
        let finding = rows.finding();
        tracing::error!("{}", finding.summary);
        commit(conn, &Change { findings: vec![finding], ..Change::default() }).await?;
    }
    Ok(())
}
