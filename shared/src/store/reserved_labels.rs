//! Which units are promised, which of them show so in Snipe-IT by a label of ours, and which label was there before.

use super::{StoreError, commit::CommitError, finding_answer, findings};
use crate::domain::{
    finding::FindingKind,
    id::EquipmentId,
    inventory::{SnipeitAssetId, SnipeitLabelId},
    reserved_label::{Reservation, Wanted},
};
use sqlx::PgConnection;

/// Units whose label does not say yet, or still says, that they are promised. `label`: the one for it; without one only those
/// are listed that have one to give back. What goes straight out in the next minutes is not worth two calls, and a unit that
/// has its job already waits for that one. Only what is promised or labelled is read, however many units there are.
pub async fn list_to_change(
    conn: &mut PgConnection,
    label: Option<SnipeitLabelId>,
    most: i64,
) -> Result<Vec<EquipmentId>, StoreError> {
    let ids = sqlx::query_scalar!(
        r#"with to_take_back as (
               select e.id from equipment e where e.told_as is not null
               union
               select e.id from equipment e
               where e.reserved_as is not null
                   and not exists (select from loans l where l.equipment_id = e.id and l.status = 'promised')
           ),
           promised as materialized (
               select distinct l.equipment_id as id from loans l
               where l.status = 'promised'
                   and (l.starts_at > lab_now() + interval '10 minutes'
                       or not exists (
                           select from operations o
                           where o.loan_id = l.id and o.state in ('waiting', 'sent', 'unknown', 'with_person')))
           ),
           to_reserve as (
               select e.id from promised
               join equipment e using (id)
               where e.reserved_as is null and e.label_id <> $1 and e.label_kind = 'deployable' and e.presence = 'listed'
                   and e.holder_id is null
           )
           select id as "id!" from (select id from to_take_back union all select id from to_reserve) as unit
           where not exists (
               select from jobs j where j.subject_id = unit.id and j.kind = 'set_label' and j.state = 'open')
           order by id
           limit $2"#,
        label.map(|label| label.0),
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(EquipmentId).collect())
}

/// The asset of a unit, and what its label is to be. `None`: there is no such unit.
pub async fn find_wanted(
    conn: &mut PgConnection,
    unit: EquipmentId,
) -> Result<Option<(SnipeitAssetId, Wanted)>, StoreError> {
    let row = sqlx::query!(
        r#"select e.snipeit_asset_id, e.reserved_as, e.reserved_over, e.told_as,
                  exists (select from loans l where l.equipment_id = e.id and l.status = 'promised') as "is_promised!"
           from equipment e where e.id = $1"#,
        unit.0
    )
    .fetch_optional(conn)
    .await?;
    let wanted = row.map(|row| {
        let set = row.reserved_as.zip(row.reserved_over);
        let set = set.map(|(label, over)| Reservation { label: SnipeitLabelId(label), over: SnipeitLabelId(over) });
        let told_as = row.told_as.map(|word| word.parse()).transpose()?;
        Ok((SnipeitAssetId(row.snipeit_asset_id), Wanted { is_promised: row.is_promised, set, told_as }))
    });
    wanted.transpose()
}

/// Nothing of what was said of a unit waits for its label. `label`: the one that Snipe-IT has set for it; what kind of label
/// that is the next read tells, and until then nobody is promised the unit.
pub async fn note_told(
    conn: &mut PgConnection,
    unit: EquipmentId,
    label: Option<SnipeitLabelId>,
) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment
         set told_as = null, label_id = coalesce($2, label_id),
             label_kind = case when $2::bigint is null then label_kind else 'pending' end
         where id = $1",
        unit.0,
        label.map(|label| label.0)
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Before it is set: so that it is taken back whatever happens then.
pub async fn note(conn: &mut PgConnection, unit: EquipmentId, set: Reservation) -> Result<(), StoreError> {
    sqlx::query!(
        "update equipment set reserved_as = $2, reserved_over = $3 where id = $1",
        unit.0,
        set.label.0,
        set.over.0
    )
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn forget(conn: &mut PgConnection, unit: EquipmentId) -> Result<(), StoreError> {
    sqlx::query!("update equipment set reserved_as = null, reserved_over = null where id = $1", unit.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// How often in a row Snipe-IT has refused it.
pub async fn count_refusals(conn: &mut PgConnection, unit: EquipmentId) -> Result<u32, StoreError> {
    let times = sqlx::query_scalar!("select label_refusals from equipment where id = $1", unit.0);
    Ok(times.fetch_one(conn).await?.try_into().unwrap_or(u32::MAX))
}

/// Nothing is to be set any more: the next refusal is a first one, and what was told of those before is over.
pub async fn note_settled(conn: &mut PgConnection, unit: EquipmentId) -> Result<(), CommitError> {
    sqlx::query!("update equipment set label_refusals = 0 where id = $1 and label_refusals > 0", unit.0)
        .execute(&mut *conn)
        .await?;
    match findings::find_open(conn, FindingKind::LabelRefused, unit.0).await? {
        Some(open) => finding_answer::close(conn, &open, "the label is as it is to be").await,
        None => Ok(()),
    }
}

/// What waits to set the label is due now.
pub async fn hurry(conn: &mut PgConnection, unit: EquipmentId) -> Result<(), StoreError> {
    sqlx::query!(
        "update jobs set due_at = now(), ringing_until = null, waiting_reason = null
         where subject_id = $1 and kind = 'set_label' and state = 'open' and lease_until is null and due_at > now()",
        unit.0
    )
    .execute(conn)
    .await?;
    Ok(())
}
