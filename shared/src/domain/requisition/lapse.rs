//! Lapsing: what nobody has decided when its period is over waits no longer. Whoever asked hears so.

use super::{Dossier, LineStatus};
use crate::domain::{
    actor::Actor,
    change::{Cause, Change},
    notification::{Message, NotificationEvent},
    reason::Ground,
};

impl Dossier {
    pub(super) fn lapse(self) -> Change {
        let mut transition = self.begin();
        for line in transition.after.lines.iter_mut().filter(|line| line.status == LineStatus::Pending) {
            line.status = LineStatus::Lapsed;
        }
        let why = Message::Reason(Ground::NotDecidedInTime.into());
        transition.notify_requester(NotificationEvent::PeriodOver, Some(why));
        let cause = Cause::new(Actor::System, "lapsed");
        transition.finish(&cause.because("its period passed without a decision"))
    }
}
