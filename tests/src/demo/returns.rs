//! Leaving a real inventory as it was found: what is out comes back, also after an interrupted day.

use std::time::Duration;

use anyhow::{Context, Result};
use makerlab_shared::domain::requisition::LoanStatus;
use reqwest::header::ACCEPT;
use secrecy::ExposeSecret;

use super::{board::Board, cast::Cast, permission::RealSnipeIt};
use crate::stack::{LoanSeen, RequisitionSeen, http_client, until};

/// Longer than an unknown outcome takes to be cleared up at the times of production.
const PATIENCE: Duration = Duration::from_secs(240);

/// Nothing that is under way is left to itself: it is withdrawn, or waited for and then returned.
pub async fn give_everything_back(cast: &Cast, board: &Board) -> Result<()> {
    until("everything is back in Snipe-IT", PATIENCE, async || {
        let mut is_over = true;
        for played in board.played() {
            let seen = cast.technician.requisition(played.requisition).await.ok()?;
            is_over &= give_back(cast, &seen).await;
        }
        is_over.then_some(())
    })
    .await
}

/// Whether there is nothing left to give back. A refusal says that a return is under way, or that it was too late to
/// cancel: the next round sees what became of it.
async fn give_back(cast: &Cast, requisition: &RequisitionSeen) -> bool {
    let mut is_over = true;
    for loan in &requisition.loans {
        match loan.status {
            LoanStatus::Promised => drop(cast.technician.cancel(requisition.id).await),
            LoanStatus::HandedOver | LoanStatus::CheckedOut => drop(cast.technician.give_back(loan.id).await),
            LoanStatus::Returned | LoanStatus::Failed | LoanStatus::Released => continue,
        }
        is_over = false;
    }
    is_over
}

/// Whether Snipe-IT itself says of this loan what we say.
pub async fn is_as_snipe_it_says(real: &RealSnipeIt, loan: &LoanSeen) -> Result<bool> {
    let base = real.url.trim_end_matches('/').trim_end_matches("/api/v1");
    let url = format!("{base}/api/v1/hardware/{}", loan.snipeit_asset_id);
    let request = http_client().timeout(Duration::from_secs(20)).build()?.get(url);
    let request = request.bearer_auth(real.token.expose_secret()).header(ACCEPT, "application/json");
    let asset: serde_json::Value = request.send().await?.json().await.context("Snipe-IT gave no JSON")?;
    let is_out = !asset["assigned_to"].is_null();
    Ok(is_out == (loan.status == LoanStatus::CheckedOut))
}
