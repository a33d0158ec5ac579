//! Which findings must be open about our loans, told from what Snipe-IT holds and what we promised, in words of its own.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use makerlab_shared::domain::inventory::{Holder, HolderKind, LabelKind};
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::simulator::{Asset, Inventory, Simulator};

/// How near a promise is when it matters who holds its unit.
const NEAR: TimeDelta = TimeDelta::hours(12);
/// What the protocol itself leaves to a person.
const OF_THE_PROTOCOL: [&str; 3] = ["operation_with_person", "held_by_somebody_else", "painted_over"];

#[derive(Debug, FromRow)]
struct Loan {
    id: Uuid,
    status: String,
    starts_at: DateTime<Utc>,
    due_at: DateTime<Utc>,
    asset: i64,
    /// The borrower there, by our check-out.
    user: Option<i64>,
    fingerprint: Option<NaiveDateTime>,
    /// The borrower there, as remembered.
    borrower: Option<i64>,
    is_with_another: bool,
    /// A person's answer about an effect of ours on the unit is awaited.
    waits_for_person: bool,
}

const LOANS: &str = "select l.id, l.status, l.starts_at, l.due_at, e.snipeit_asset_id as asset, l.snipeit_user_id as user, \
     l.fingerprint, b.snipeit_user_id as borrower, \
     exists (select from loans o where o.equipment_id = l.equipment_id and o.id <> l.id \
             and o.status in ('handed_over', 'checked_out')) as is_with_another, \
     exists (select from operations o where o.snipeit_asset_id = e.snipeit_asset_id \
             and (o.state = 'with_person' or exists (select from findings f where f.subject_id = o.id \
                  and f.kind = 'effect_not_seen' and f.state = 'open'))) as waits_for_person \
     from loans l join equipment e on e.id = l.equipment_id join users b on b.id = l.borrower_id \
     where l.status in ('promised', 'handed_over', 'checked_out') order by l.id";

/// What is wrong with the findings, a line each; and how many are as they must be. Of assets that nobody could read since
/// they changed, nothing is expected.
pub(super) async fn compare(
    pool: &PgPool,
    simulator: &Simulator,
    unread: &BTreeSet<i64>,
) -> anyhow::Result<(Vec<String>, usize)> {
    let zone = simulator.state().clock().zone();
    let loans: Vec<Loan> = sqlx::query_as(LOANS).fetch_all(pool).await?;
    let mut open: BTreeSet<(Uuid, String)> =
        sqlx::query_as("select subject_id, kind from findings where state = 'open'")
            .fetch_all(pool)
            .await?
            .into_iter()
            .collect();
    let mut wrong = effects_not_seen(pool, simulator, &mut open).await?;
    open.retain(|(_, kind)| !OF_THE_PROTOCOL.contains(&kind.as_str()));
    let mut right = 0;
    let inventory = simulator.state().inventory();
    let (unclear, clear): (Vec<&Loan>, Vec<&Loan>) =
        loans.iter().partition(|loan| loan.waits_for_person || unread.contains(&loan.asset));
    for loan in clear {
        let told: Vec<String> = open.extract_if(.., |(subject, _)| *subject == loan.id).map(|(_, kind)| kind).collect();
        let wanted = wanted(loan, inventory.find_asset(loan.asset), &inventory, zone);
        let is_right = told.iter().map(String::as_str).eq(wanted);
        right += usize::from(is_right && wanted.is_some());
        if !is_right {
            wrong.push(format!(
                "loan {} ({}, asset {}): {told:?} is told, not {wanted:?}",
                loan.id, loan.status, loan.asset
            ));
        }
    }
    open.retain(|(subject, _)| unclear.iter().all(|loan| loan.id != *subject));
    wrong.extend(open.iter().map(|(subject, kind)| format!("{kind} is told of {subject}, and nothing is wrong there")));
    Ok((wrong, right))
}

fn wanted(loan: &Loan, asset: Option<&Asset>, inventory: &Inventory, zone: Tz) -> Option<&'static str> {
    let Some(asset) = asset.filter(|asset| asset.deleted_at.is_none()) else {
        return Some("unit_gone");
    };
    match loan.status.as_str() {
        "checked_out" => wanted_out(loan, asset, inventory, zone),
        "handed_over" => wanted_handed_over(loan, asset, inventory),
        _ => wanted_promised(loan, asset, inventory),
    }
}

fn wanted_out(loan: &Loan, asset: &Asset, inventory: &Inventory, zone: Tz) -> Option<&'static str> {
    let ours = loan.user.map(|id| Holder { kind: HolderKind::User, id });
    match asset.holder {
        // Who reads the date sees that it was given back.
        None if asset.last_checkin > loan.fingerprint => Some("nothing, for it is back"),
        None => Some("unit_not_held"),
        holder if holder != ours => Some("unit_with_another"),
        Some(_) if asset.last_checkout != loan.fingerprint => Some("checked_out_again"),
        Some(_) if inventory.label_of(asset).kind == LabelKind::Archived => Some("unit_archived"),
        Some(_) => {
            let ours = loan.due_at.with_timezone(&zone).date_naive();
            asset.expected_checkin.is_some_and(|day| day != ours).then_some("due_date_moved")
        }
    }
}

/// Nothing of ours is on its way any more, or a person is asked about it.
fn wanted_handed_over(loan: &Loan, asset: &Asset, inventory: &Inventory) -> Option<&'static str> {
    let borrower = loan.borrower.map(|id| Holder { kind: HolderKind::User, id });
    match asset.holder {
        Some(holder) if Some(holder) == borrower => Some("lent_by_hand"),
        Some(_) if borrower.is_some() => Some("unit_with_another"),
        Some(_) | None => (inventory.label_of(asset).kind == LabelKind::Archived).then_some("unit_archived"),
    }
}

fn wanted_promised(loan: &Loan, asset: &Asset, inventory: &Inventory) -> Option<&'static str> {
    let kind = inventory.label_of(asset).kind;
    let is_near = loan.starts_at <= Utc::now() + NEAR;
    let borrower = loan.borrower.map(|id| Holder { kind: HolderKind::User, id });
    match asset.holder {
        _ if kind == LabelKind::Archived => Some("unit_archived"),
        _ if loan.is_with_another => None,
        Some(holder) if is_near && Some(holder) == borrower => Some("lent_by_hand"),
        Some(_) if is_near => Some("promised_unit_held"),
        Some(_) | None if kind != LabelKind::Deployable => Some("unit_not_deployable"),
        Some(_) | None => None,
    }
}

#[derive(Debug, FromRow)]
struct Effect {
    id: Uuid,
    asset: i64,
    kind: String,
    user: Option<i64>,
    fingerprint: Option<NaiveDateTime>,
    tenure_checkout: Option<NaiveDateTime>,
    loan_status: String,
    is_confirmed: bool,
    /// What else is under way for the loan is with a person: until then nobody knows what to expect.
    waits_for_person: bool,
    /// What was said of it before, and how that ended.
    told: Vec<String>,
}

const EFFECTS: &str = "select o.id, o.snipeit_asset_id as asset, o.kind, l.snipeit_user_id as user, o.fingerprint, \
     o.tenure_checkout, l.status as loan_status, o.confirmed_at is not null as is_confirmed, \
     exists (select from operations n where n.loan_id = o.loan_id and n.state = 'with_person') as waits_for_person, \
     array(select concat_ws(' ', f.kind, f.state, f.resolution) from findings f where f.subject_id in (o.id, l.id)) as told \
     from operations o join loans l on l.id = o.loan_id where o.state = 'applied' order by o.id";

/// Each effect of ours was seen, or a person is told; nobody is told of one that stands there to be seen.
async fn effects_not_seen(
    pool: &PgPool,
    simulator: &Simulator,
    open: &mut BTreeSet<(Uuid, String)>,
) -> anyhow::Result<Vec<String>> {
    let effects: Vec<Effect> = sqlx::query_as(EFFECTS).fetch_all(pool).await?;
    let inventory = simulator.state().inventory();
    let mut wrong = Vec::new();
    for effect in effects {
        let is_told = open.remove(&(effect.id, "effect_not_seen".to_owned()));
        let stands = stands(&effect, inventory.find_asset(effect.asset));
        if effect.is_confirmed == is_told && !effect.waits_for_person {
            let Effect { id, kind, asset, loan_status, is_confirmed, told, .. } = &effect;
            wrong.push(format!(
                "{kind} {id} of asset {asset} (loan {loan_status}): confirmed {is_confirmed}, told of {is_told} ({told:?})"
            ));
        }
        if is_told && stands && effect.loan_status == "checked_out" {
            wrong.push(format!(
                "{} {} of asset {} stands and is told of as not seen",
                effect.kind, effect.id, effect.asset
            ));
        }
    }
    Ok(wrong)
}

fn stands(effect: &Effect, asset: Option<&Asset>) -> bool {
    let tenure = |checkout: Option<NaiveDateTime>| {
        let ours = effect.user.map(|id| Holder { kind: HolderKind::User, id });
        asset.is_some_and(|asset| asset.holder == ours && asset.last_checkout == checkout)
    };
    match effect.kind.as_str() {
        "check_in" => !tenure(effect.tenure_checkout),
        _ => tenure(effect.fingerprint),
    }
}
