//! Snipe-IT with one asset, as its contract was measured: no lock, no transaction, no idempotency.
//!
//! A request checks, saves, logs and answers one after another, with anything in between; it may stop for good after
//! any of them. Its server ends it when it has lived for as long as a call and the server's limit together.

use crate::{
    clock::{Second, TIMES, Ticks, left_of},
    records::{ASSET, Which, borrower},
};
use chrono::Duration;
use makerlab_shared::domain::{
    inventory::{AssetSeen, Holder, LabelKind, LabelSeen, Particulars, SnipeitLabelId, SnipeitModelId, SnipeitUserId},
    operation::OperationKind,
};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Who {
    Borrower(u8),
    Stranger,
}

impl Who {
    fn user(self) -> SnipeitUserId {
        match self {
            Self::Borrower(loan) => borrower(loan.into()),
            Self::Stranger => SnipeitUserId(99),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Asset {
    pub holder: Option<Who>,
    pub last_checkout: Second,
    pub is_archived: bool,
}

impl Asset {
    pub const FREE: Self = Self { holder: None, last_checkout: Second::LONG_AGO, is_archived: false };

    pub fn is_available(&self) -> bool {
        self.holder.is_none() && !self.is_archived
    }

    /// As `GET /hardware/{id}` shows it.
    pub fn seen(&self) -> AssetSeen {
        let kind = if self.is_archived { LabelKind::Archived } else { LabelKind::Deployable };
        AssetSeen {
            id: ASSET,
            tag: String::new(),
            name: None,
            serial: None,
            model_id: SnipeitModelId(1),
            label: LabelSeen { id: SnipeitLabelId(1), name: String::new(), kind },
            holder: self.holder.map(|who| Holder::user(who.user())),
            last_checkout: Some(self.last_checkout.naive()),
            last_checkin: None,
            expected_checkin: None,
            updated_at: None,
            deleted: false,
            particulars: Particulars::default(),
        }
    }
}

/// How far a request got.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Progress {
    Arrived,
    Checked,
    Saved,
    Logged,
}

/// A `POST` of ours that Snipe-IT has not ended.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Request {
    pub which: Which,
    /// Check-out: what it sends as `checkout_at`. Check-in: the `last_checkout` of the tenure that it is meant for,
    /// which it does not send.
    pub second: Second,
    pub progress: Progress,
    pub age: Ticks,
    /// The worker that waits for the answer, if it still does.
    pub client: Option<u8>,
    /// Somebody lent the asset since we read the tenure that this is to end.
    pub is_overtaken: bool,
}

impl Request {
    /// Whether the server lets it go on. It may reach the server as late as its client gives up.
    pub fn is_alive(&self, extra: Ticks) -> bool {
        left_of(TIMES.call_timeout + TIMES.server_limit, self.age - extra) > Duration::zero()
    }
}

/// What Snipe-IT's database and log hold, and what an observer of it knows.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SnipeIt {
    pub asset: Asset,
    /// Operations whose marker stands in the activity log.
    pub log: [bool; 3],
    pub requests: [Option<Request>; 2],
    /// A person's check-out form passed the check and is not saved yet.
    pub form_is_open: bool,
    /// The ledger: how often each operation was saved.
    pub effects: [u8; 3],
    pub harm: Option<Harm>,
}

/// What a save did to somebody else.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Harm {
    /// A check-in ended a tenure that was there when we looked.
    EndedForeignTenure,
    /// A check-in ended a tenure that began after we had looked.
    EndedTenureAfterLook,
    /// A check-out was saved over one that a person had made since our request was checked.
    CoveredPerson,
}

impl SnipeIt {
    pub const NEW: Self = Self {
        asset: Asset::FREE,
        log: [false; 3],
        requests: [None; 2],
        form_is_open: false,
        effects: [0; 3],
        harm: None,
    };

    /// Takes a request, if the model has room for it.
    pub fn receive(&mut self, request: Request) -> bool {
        let Some(room) = self.requests.iter_mut().find(|room| room.is_none()) else { return false };
        *room = Some(request);
        true
    }

    /// Snipe-IT's check: whether a request may be carried out.
    pub fn allows(&self, which: Which) -> bool {
        match which.kind() {
            OperationKind::CheckOut => self.asset.is_available(),
            OperationKind::CheckIn => self.asset.holder.is_some(),
        }
    }

    pub fn save(&mut self, request: &Request) {
        let which = request.which;
        self.effects[which.index()] += 1;
        let ours = Who::Borrower(which.loan() as u8);
        match which.kind() {
            OperationKind::CheckOut => {
                if self.asset.holder == Some(Who::Stranger) {
                    self.harm = self.harm.or(Some(Harm::CoveredPerson));
                }
                self.asset.holder = Some(ours);
                self.asset.last_checkout = request.second;
            }
            OperationKind::CheckIn => {
                let is_meant = self.asset.holder == Some(ours) && self.asset.last_checkout == request.second;
                if self.asset.holder.is_some() && !is_meant {
                    let harm = if request.is_overtaken { Harm::EndedTenureAfterLook } else { Harm::EndedForeignTenure };
                    self.harm = Some(harm);
                }
                self.asset.holder = None;
            }
        }
    }
}
