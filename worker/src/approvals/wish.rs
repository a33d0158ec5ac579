//! Those who have not answered a wish for more time are reminded after the lab's number of hours, by the lab's clock.

use super::remind::settle;
use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use makerlab_shared::{
    domain::id::ExtensionId,
    store::{approvers, dossier, extensions, jobs::TakenJob, lab_settings},
};

/// Job `remind_of_wish`; its subject is the extension.
///
/// Committed under the requisition's lock, as every reminder is. The wish is read under it: meanwhile it may have been
/// answered, or have gone on to another loan of the requisition.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = ExtensionId(job.subject_id);
    let gone = || Failure::Broken("the wish does not exist".to_owned());
    let mut transaction = context.pool.begin().await?;
    let loan = extensions::find(&mut transaction, id).await?.ok_or_else(gone)?.loan_id;
    let dossier = dossier::load_for_loan(&mut transaction, loan).await?.ok_or_else(gone)?;
    let wish = extensions::find(&mut transaction, id).await?.ok_or_else(gone)?;
    let hours = lab_settings::load(&mut transaction).await?.numbers.remind_approvers_after_hours;
    let approvers = approvers::list(&mut transaction, &dossier.requisition).await?;
    settle(context, job, transaction, dossier.remind_of_wish(&wish, &approvers, hours)).await
}
