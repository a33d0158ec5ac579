//! Serving one line: units are kept for whoever is first, and those who hold one hear that somebody waits.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::TimeDelta;
use makerlab_shared::{
    domain::{
        change::{Change, NewNotification, Recipient},
        id::{ModelId, NotificationId},
        notification::NotificationEvent,
        waiting_list::serve,
    },
    store::{
        catalogue,
        commit::commit,
        jobs::{self, TakenJob},
        waiting_list::{self, HolderToTell},
    },
};

/// What becomes free without a release, like a unit that was mended, is noticed after this long.
const NEXT_ROUND: TimeDelta = TimeDelta::hours(1);

/// Job `serve_waiting_list`; its subject is the model. Comes round while somebody waits.
///
/// Committed here, while nobody else chooses units of the model. A second delivery finds the units kept and people told.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let model = ModelId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    catalogue::lock_model(&mut transaction, model).await?;
    let Some(line) = waiting_list::load_line(&mut transaction, model).await? else {
        return Err(Failure::Broken("the model does not exist".to_owned()));
    };
    let now = line.rules.now;
    commit(&mut transaction, &serve(line)).await?;
    let holders = waiting_list::list_holders_to_tell(&mut transaction, model).await?;
    commit(&mut transaction, &tell(&holders)).await?;
    let line = waiting_list::load_line(&mut transaction, model).await?;
    let is_empty = line.is_none_or(|line| line.entries.is_empty());
    let is_another_coming = jobs::is_another_coming(&mut transaction, job).await?;
    transaction.commit().await?;
    context.waker.wake();
    match is_empty || is_another_coming {
        true => Ok(Handled::done("served")),
        false => Ok(Handled::at_lab_time(now + NEXT_ROUND, "somebody waits")),
    }
}

fn tell(holders: &[HolderToTell]) -> Change {
    let mut change = Change::default();
    for holder in holders {
        change.notify(NewNotification {
            id: NotificationId::generate(),
            event: NotificationEvent::SomebodyWaits,
            to: Recipient::User(holder.borrower),
            requisition_id: Some(holder.requisition),
            subject_id: holder.loan.0,
            message: None,
        });
    }
    change
}
