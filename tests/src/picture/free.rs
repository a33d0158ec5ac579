//! What is offered as free, beside what Snipe-IT would lend.

use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{id::ModelId, requisition::Period},
    store::catalogue,
};
use sqlx::PgPool;
use uuid::Uuid;

use crate::simulator::Simulator;

/// Units that are offered and must not be, a line each; and how many may.
pub(super) async fn compare(pool: &PgPool, simulator: &Simulator) -> anyhow::Result<(Vec<String>, usize)> {
    let models: Vec<Uuid> = sqlx::query_scalar("select id from equipment_models order by id").fetch_all(pool).await?;
    let ours: Vec<i64> = sqlx::query_scalar(
        "select e.snipeit_asset_id from loans l join equipment e on e.id = l.equipment_id
         where l.status in ('promised', 'handed_over', 'checked_out')",
    )
    .fetch_all(pool)
    .await?;
    let mut offered = Vec::new();
    for model in models {
        let mut transaction = pool.begin().await?;
        let now = Utc::now();
        let period = Period::parse(Some(now), now + TimeDelta::days(7), now)?;
        let units = catalogue::choose_units(&mut transaction, ModelId(model), period, 1_000_000, &[]).await?;
        offered.extend(units.into_iter().map(|unit| unit.snipeit_asset_id.0));
    }
    let inventory = simulator.state().inventory();
    let is_free =
        |id: &i64| !ours.contains(id) && inventory.find_asset(*id).is_some_and(|asset| inventory.is_available(asset));
    let wrong: Vec<String> =
        offered.iter().filter(|id| !is_free(id)).map(|id| format!("asset {id} is offered and is not free")).collect();
    Ok((wrong, offered.len()))
}
