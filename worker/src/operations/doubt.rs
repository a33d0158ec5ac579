//! Before anything is sent: is this the database that was written to last? If not, what is open is looked at first.

use crate::{context::Context, jobs::Failure};
use makerlab_shared::{
    crash::{self, CrashPoint},
    store::lineage::{self, Acceptance},
};

/// Takes this database for the one that is written to, and doubts what is open if another one was before.
///
/// # Errors
/// When PostgreSQL does not answer, or the application's role may not call `pg_control_system()`.
pub async fn accept_database(context: &Context) -> Result<(), Failure> {
    loop {
        let mut transaction = context.pool.begin().await?;
        let acceptance = lineage::accept(&mut transaction, context.times.look_after_take()).await?;
        match acceptance {
            Acceptance::Standing => {}
            Acceptance::UnderWay => crash::pass(CrashPoint::DoubtBeforeCommit),
            Acceptance::Doubted(_) => crash::pass(CrashPoint::AcceptBeforeCommit),
        }
        transaction.commit().await?;
        match acceptance {
            Acceptance::UnderWay => crash::pass(CrashPoint::DoubtAfterCommit),
            Acceptance::Standing => return Ok(()),
            Acceptance::Doubted(doubted) => {
                crash::pass(CrashPoint::AcceptAfterCommit);
                tracing::error!(
                    "This is not the database that was written to last: {doubted} requisitions are looked at in \
                     Snipe-IT before anything is sent for them, and what was accepted since its backup is lost; see the \
                     finding"
                );
                return Ok(());
            }
        }
    }
}
