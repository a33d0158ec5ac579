//! Whether an asset that is out in Snipe-IT can become a loan, whoever has it.

use crate::domain::{
    equipment::Presence,
    id::{EquipmentId, ModelId},
    inventory::{AssetSeen, Holder, HolderKind, SnipeitUserId},
    lab_day::{end_of, first_moment},
    operation::Tenure,
    requisition::Period,
};
use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use chrono_tz::Tz;

/// A unit of the catalogue, as far as loans of ours are about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnitOnRecord {
    pub id: EquipmentId,
    pub model_id: ModelId,
    /// With somebody by our records already.
    pub is_lent: bool,
    /// When the first of its promises begins.
    pub promised_from: Option<DateTime<Utc>>,
    /// Nobody knows yet what became of an operation on it.
    pub is_busy: bool,
}

/// What the catalogue shows of an asset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    pub presence: Presence,
    pub holder: Option<Holder>,
    pub last_checkout: Option<NaiveDateTime>,
}

impl Shown {
    /// Whether it is in the same hands by the same check-out as it was seen.
    pub fn is_still(&self, seen: &AssetSeen) -> bool {
        self.presence == Presence::Listed && self.holder == seen.holder && self.last_checkout == seen.last_checkout
    }
}

/// By which clocks naive dates are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LabTimes {
    /// The lab's time.
    pub now: DateTime<Utc>,
    pub lab: Tz,
    pub snipeit: Tz,
    /// The day on which units are due for which Snipe-IT expects none.
    pub due_without_day: NaiveDate,
}

/// A unit that can become a loan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Adoptable {
    pub unit: UnitOnRecord,
    pub tenure: Tenure,
    pub period: Period,
}

/// Why an asset that is out becomes no loan, and what would let it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAdopted {
    #[error("a loan of ours already")]
    AlreadyOurs,
    #[error("not in the catalogue yet: wait for the next sync")]
    NotInCatalogue,
    #[error("with a location or another asset, not with a person")]
    WithNoPerson,
    #[error(
        "Snipe-IT does not say since when, so its return could not be told from another: check it in and out there"
    )]
    NoCheckoutDate,
    #[error("promised by us from {} on: let that promise go, or check the unit in first", from.format("%Y-%m-%d %H:%MZ"))]
    Promised { from: DateTime<Utc> },
    #[error("an operation of ours on it has no known outcome yet: wait, or settle its finding")]
    Busy,
    #[error("Snipe-IT does not show who that is: the user was deleted there")]
    HolderNotShown,
    #[error("that user has no usable e-mail address in Snipe-IT: give it one")]
    NoAddress,
    #[error("several users of Snipe-IT have that address: correct all but one")]
    SharedAddress,
    #[error("nobody here has that address: add the person, or use --create-users")]
    NobodyHere,
    #[error("whoever has that address is known here as Snipe-IT user {remembered}: correct one of both")]
    AnotherUser { remembered: SnipeitUserId },
    #[error("it was lent, promised or brought back since Snipe-IT was asked: run the import again")]
    Overtaken,
}

/// The loan that this asset could become. The holder is looked for apart.
///
/// # Errors
/// Why it cannot.
pub fn judge(seen: &AssetSeen, unit: Option<UnitOnRecord>, times: LabTimes) -> Result<Adoptable, NotAdopted> {
    let unit = unit.ok_or(NotAdopted::NotInCatalogue)?;
    if unit.is_lent {
        return Err(NotAdopted::AlreadyOurs);
    }
    if unit.is_busy {
        return Err(NotAdopted::Busy);
    }
    let holder = seen.holder.filter(|holder| holder.kind == HolderKind::User).ok_or(NotAdopted::WithNoPerson)?;
    let last_checkout = seen.last_checkout.ok_or(NotAdopted::NoCheckoutDate)?;
    let tenure = Tenure { user: SnipeitUserId(holder.id), last_checkout };
    let period = period(seen, &tenure, times);
    match unit.promised_from {
        // The schema keeps periods of one unit apart.
        Some(from) if from < period.due_at => Err(NotAdopted::Promised { from }),
        Some(_) | None => Ok(Adoptable { unit, tenure, period }),
    }
}

/// From the check-out to the end of the expected day. A check-out that is dated ahead begins now.
fn period(seen: &AssetSeen, tenure: &Tenure, times: LabTimes) -> Period {
    let starts_at = first_moment(tenure.last_checkout, times.snipeit).min(times.now);
    let ends = |day| end_of(day, times.lab).filter(|end| *end > starts_at);
    let due_at = seen.expected_checkin.and_then(ends).or_else(|| ends(times.due_without_day));
    Period { starts_at, due_at: due_at.unwrap_or(times.now + chrono::Duration::days(1)) }
}
