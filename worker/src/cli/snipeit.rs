//! `snipeit rebind`; `snipeit check` is in a file of its own.

use super::{CheckOptions, staff};
use anyhow::Context as _;
use clap::{Args, Subcommand};
use makerlab_shared::{
    domain::finding::{FindingKind, FindingState, Resolution},
    store::{
        finding_answer::{self, FindingAnswer},
        findings::{self, FindingFilter},
        page::Page,
    },
};
use sqlx::PgPool;

#[derive(Debug, Clone, Subcommand)]
pub enum SnipeitCommand {
    /// Whether address, token, permissions, clock, labels and so on are right, and what mends each. Changes nothing and
    /// needs no database; ends with 1 if something is wrong.
    Check(CheckOptions),
    /// The Snipe-IT that answers now is the right one, though it is another than before: everything goes on with it.
    Rebind(Rebind),
}

#[derive(Debug, Clone, Args)]
pub struct Rebind {
    /// The e-mail address of the technician or admin who says so.
    #[arg(long, value_name = "EMAIL")]
    by: String,
    /// How it was found out.
    #[arg(long)]
    note: Option<String>,
}

pub(super) async fn rebind(rebind: Rebind, pool: &PgPool) -> anyhow::Result<String> {
    let Rebind { by, note } = rebind;
    let mut transaction = pool.begin().await?;
    let by = staff::find(&mut transaction, &by).await?;
    let note = staff::note(note)?;
    let open = FindingFilter { state: Some(FindingState::Open), kind: Some(FindingKind::InventoryChanged) };
    let found = findings::list(&mut transaction, open, Page { after: None, limit: 1 }).await?;
    let finding = found.first().context("nothing to rebind: no other inventory has been met since the last time")?;
    let answer = FindingAnswer { resolution: Resolution::Retried, note, by, snipeit_user: None };
    finding_answer::settle(&mut transaction, finding, &answer).await?;
    transaction.commit().await?;
    Ok("Bound to the Snipe-IT that answers now; the next sync remembers it.".to_owned())
}
