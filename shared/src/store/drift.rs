//! What loans are compared by: our record, our effects on the unit and the cache's latest sight of it, for some assets.

use super::{StoreError, cases::holder, catalogue::label_kind};
use crate::domain::{
    drift::{LoanOnRecord, OpenFinding, OurEffect, Picture, Sight, Told},
    id::LoanId,
    inventory::{SnipeitAssetId, SnipeitUserId},
    operation::Tenure,
    requisition::Period,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use std::collections::HashMap;
use uuid::Uuid;

/// The pictures of all loans of these assets that are promised or out.
pub async fn list_pictures(conn: &mut PgConnection, assets: &[SnipeitAssetId]) -> Result<Vec<Picture>, StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    let rows = sqlx::query!(
        r#"select l.id, l.requisition_id, l.equipment_id, l.status, l.starts_at, l.due_at, l.snipeit_user_id,
                  l.fingerprint, b.snipeit_user_id as borrower, e.snipeit_asset_id, e.presence, e.label_kind,
                  e.holder_kind, e.holder_id, e.last_checkout, e.last_checkin, e.expected_checkin, e.seen_at,
                  e.recompare_since,
                  e.label_id in (select snipeit_label_id from status_labels where not is_free) as "is_kept_back!",
                  lab_now() as "now!",
                  exists (
                      select from jobs
                      where subject_id = l.id and kind = 'set_expected_checkin'
                          and (state = 'open' or (state = 'done' and finished_at >= e.seen_at))) as "is_date_on_its_way!",
                  exists (
                      select from loans other
                      where other.equipment_id = l.equipment_id and other.id <> l.id
                          and is_out(other.status)) as "is_with_another!",
                  (select o.id from operations o
                   where o.snipeit_asset_id = e.snipeit_asset_id and o.fingerprint = e.last_checkout) as shown_operation
           from equipment e
           join loans l on l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out')
           join users b on b.id = l.borrower_id
           where e.snipeit_asset_id = any($1)
           order by l.id"#,
        &ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let effects = list_effects(conn, &ids).await?;
    rows.into_iter()
        .map(|row| {
            let asset = SnipeitAssetId(row.snipeit_asset_id);
            let tenure = row.snipeit_user_id.zip(row.fingerprint);
            Ok(Picture {
                now: row.now,
                loan: LoanOnRecord {
                    id: row.id.into(),
                    requisition_id: row.requisition_id.into(),
                    equipment_id: row.equipment_id.into(),
                    status: row.status.parse()?,
                    period: Period { starts_at: row.starts_at, due_at: row.due_at },
                    borrower: row.borrower.map(SnipeitUserId),
                    tenure: tenure.map(|(user, last_checkout)| Tenure { user: SnipeitUserId(user), last_checkout }),
                },
                effects: effects.get(&asset).cloned().unwrap_or_default(),
                is_with_another_loan: row.is_with_another,
                is_date_on_its_way: row.is_date_on_its_way,
                shown_operation: row.shown_operation.map(Into::into),
                recompare_since: row.recompare_since,
                sight: Sight {
                    asset,
                    presence: row.presence.parse()?,
                    label: label_kind(&row.label_kind),
                    is_kept_back: row.is_kept_back,
                    holder: holder(row.holder_kind.as_deref(), row.holder_id),
                    last_checkout: row.last_checkout,
                    last_checkin: row.last_checkin,
                    expected_checkin: row.expected_checkin,
                    asked_at: row.seen_at,
                },
            })
        })
        .collect()
}

/// The picture of one loan, for a transaction that holds its requisition's lock. `None`: it is neither promised nor out.
pub async fn find_picture(conn: &mut PgConnection, loan: LoanId) -> Result<Option<Picture>, StoreError> {
    let asset = super::loans::find_asset(conn, loan).await?;
    let pictures = list_pictures(conn, asset.as_slice()).await?;
    Ok(pictures.into_iter().find(|picture| picture.loan.id == loan))
}

/// The loans of these assets are to be compared again, with what is known of them already.
pub async fn recompare(conn: &mut PgConnection, assets: &[SnipeitAssetId]) -> Result<(), StoreError> {
    let ids: Vec<i64> = assets.iter().map(|id| id.0).collect();
    // In one order, whoever else writes several rows of the cache.
    sqlx::query!(
        "with due as (
             select e.id from equipment e
             where e.snipeit_asset_id = any($1)
                 and exists (
                     select from loans l
                     where l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out'))
             order by e.snipeit_asset_id for update
         )
         update equipment set recompare_since = clock_timestamp() from due where equipment.id = due.id",
        &ids,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Their loans were compared; whatever has come up since the given moment stays to be compared.
pub async fn note_compared(
    conn: &mut PgConnection,
    assets: &[(SnipeitAssetId, DateTime<Utc>)],
) -> Result<(), StoreError> {
    let (ids, since): (Vec<i64>, Vec<DateTime<Utc>>) = assets.iter().map(|(id, since)| (id.0, *since)).unzip();
    sqlx::query!(
        "with told as (
             select e.id from equipment e
             join unnest($1::bigint[], $2::timestamptz[]) as told (asset, since)
                 on told.asset = e.snipeit_asset_id and told.since = e.recompare_since
             order by e.snipeit_asset_id for update of e
         )
         update equipment set recompare_since = null from told where equipment.id = told.id",
        &ids,
        &since,
    )
    .execute(conn)
    .await?;
    Ok(())
}

/// Units whose loans are to be compared again, those first that wait longest.
pub async fn list_to_recompare(conn: &mut PgConnection, most: i64) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select e.snipeit_asset_id from equipment e
         where e.recompare_since is not null
             and exists (
                 select from loans l
                 where l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out'))
         order by e.recompare_since limit $1",
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}

/// What is not settled, and the latest that was applied. A person who has answered that its effect was not seen has
/// confirmed as much as there is.
async fn list_effects(
    conn: &mut PgConnection,
    assets: &[i64],
) -> Result<HashMap<SnipeitAssetId, Vec<OurEffect>>, StoreError> {
    let rows = sqlx::query!(
        r#"select o.id as "id!", o.loan_id as "loan_id!", o.snipeit_asset_id as "asset!", o.kind as "kind!",
                  o.state as "state!", o.attempts as "attempts!", o.in_doubt as "in_doubt!", o.settled_at,
                  coalesce(o.confirmed_at, (
                      select max(f.settled_at) from findings f
                      where f.subject_id = o.id and f.kind = 'effect_not_seen' and f.state = 'settled')) as confirmed_at
           from unnest($1::bigint[]) as wanted (asset)
           cross join lateral (
               select * from operations
               where snipeit_asset_id = wanted.asset and state in ('waiting', 'sent', 'unknown', 'with_person')
               union all
               (select * from operations
                where snipeit_asset_id = wanted.asset and state = 'applied' order by settled_at desc limit 1)
           ) o"#,
        assets,
    )
    .fetch_all(conn)
    .await?;
    let mut effects: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        effects.entry(SnipeitAssetId(row.asset)).or_default().push(OurEffect {
            operation: row.id.into(),
            loan: row.loan_id.into(),
            kind: row.kind.parse()?,
            state: row.state.parse()?,
            attempts: row.attempts,
            in_doubt: row.in_doubt,
            settled_at: row.settled_at,
            confirmed_at: row.confirmed_at,
        });
    }
    Ok(effects)
}

/// What was said of these loans before.
pub async fn list_told(conn: &mut PgConnection, loans: &[LoanId]) -> Result<HashMap<LoanId, Told>, StoreError> {
    let ids: Vec<Uuid> = loans.iter().map(|id| id.0).collect();
    let mut told: HashMap<LoanId, Told> = HashMap::new();
    let open = sqlx::query!(
        r#"select id, subject_id, requisition_id, evidence -> 'drift' as "mark!" from findings
           where subject_id = any($1) and state = 'open' and evidence ? 'drift'"#,
        &ids,
    )
    .fetch_all(&mut *conn)
    .await?;
    for row in open {
        let requisition_id = row.requisition_id.map(Into::into);
        let (id, loan) = (row.id.into(), row.subject_id.into());
        let finding = OpenFinding { id, loan, requisition_id, mark: row.mark };
        told.entry(row.subject_id.into()).or_default().open.push(finding);
    }
    let ignored = sqlx::query!(
        r#"select loan_id, mark as "mark!" from ignored_drifts where loan_id = any($1) and mark is not null"#,
        &ids
    )
    .fetch_all(conn)
    .await?;
    for row in ignored {
        told.entry(row.loan_id.into()).or_default().ignored = Some(row.mark);
    }
    Ok(told)
}

/// Findings about the drift of loans that are over.
pub async fn list_over(conn: &mut PgConnection, most: i64) -> Result<Vec<OpenFinding>, StoreError> {
    let rows = sqlx::query!(
        r#"select f.id, l.id as loan_id, f.requisition_id, f.evidence -> 'drift' as "mark!"
           from findings f
           join loans l on l.id = f.subject_id
           where f.state = 'open' and f.evidence ? 'drift' and l.status in ('returned', 'failed', 'released')
           order by f.id limit $1"#,
        most,
    )
    .fetch_all(conn)
    .await?;
    let over = rows.into_iter().map(|row| OpenFinding {
        id: row.id.into(),
        loan: row.loan_id.into(),
        requisition_id: row.requisition_id.map(Into::into),
        mark: row.mark,
    });
    Ok(over.collect())
}

/// Whether a person was told once that this constraint keeps what is shown of a loan out of our record.
pub async fn is_told_not_written(conn: &mut PgConnection, loan: LoanId, constraint: &str) -> Result<bool, StoreError> {
    let is_told = sqlx::query_scalar!(
        r#"select exists (
               select from findings
               where kind = 'drift_not_written' and subject_id = $1 and evidence ->> 'constraint' = $2) as "is_told!""#,
        loan.0,
        constraint,
    )
    .fetch_one(conn)
    .await?;
    Ok(is_told)
}

/// Units of loans of which something is said: the loan may have got another unit since, so they are looked at each time.
/// Where there are more, each has its chance.
pub async fn list_told_assets(conn: &mut PgConnection, most: i64) -> Result<Vec<SnipeitAssetId>, StoreError> {
    let ids = sqlx::query_scalar!(
        "select e.snipeit_asset_id
         from findings f
         join loans l on l.id = f.subject_id
         join equipment e on e.id = l.equipment_id
         where f.state = 'open' and f.evidence ? 'drift'
         group by e.snipeit_asset_id order by random() limit $1",
        most,
    )
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(SnipeitAssetId).collect())
}
