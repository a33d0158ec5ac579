//! Which units are promised, which of them show so in Snipe-IT by a label of ours, and which label was there before.

use super::StoreError;
use crate::domain::{
    id::EquipmentId,
    inventory::{SnipeitAssetId, SnipeitLabelId},
    reserved_label::{Reservation, Wanted},
};
use sqlx::PgConnection;

/// Units whose label does not say yet, or still says, that they are promised. `label`: the one for it; without one only those
/// are listed that have one to give back. What goes straight out in the next minutes is not worth two calls.
pub async fn list_to_change(
    conn: &mut PgConnection,
    label: Option<SnipeitLabelId>,
    most: i64,
) -> Result<Vec<EquipmentId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select e.id
         from equipment e
         where (e.reserved_as is not null
                and not exists (select from loans l where l.equipment_id = e.id and l.status = 'promised'))
             or (e.reserved_as is null and e.label_id <> $1 and e.label_kind = 'deployable' and e.presence = 'listed'
                 and e.holder_id is null
                 and exists (
                     select from loans l
                     where l.equipment_id = e.id and l.status = 'promised'
                         and (l.starts_at > lab_now() + interval '10 minutes'
                             or not exists (
                                 select from operations o
                                 where o.loan_id = l.id and o.state in ('waiting', 'sent', 'unknown', 'with_person')))))
         order by e.id
         limit $2",
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
        r#"select e.snipeit_asset_id, e.reserved_as, e.reserved_over,
                  exists (select from loans l where l.equipment_id = e.id and l.status = 'promised') as "is_promised!"
           from equipment e where e.id = $1"#,
        unit.0
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|row| {
        let set = row.reserved_as.zip(row.reserved_over);
        let set = set.map(|(label, over)| Reservation { label: SnipeitLabelId(label), over: SnipeitLabelId(over) });
        (SnipeitAssetId(row.snipeit_asset_id), Wanted { is_promised: row.is_promised, set })
    }))
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
