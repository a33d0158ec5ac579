//! The watch over a unit that is out: a job of its own for each loan, due by the lab's clock.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{
        id::{LoanId, ProjectId, UserId},
        loan_watch::Pace,
        project::MemberRole,
        requisition::Watched,
    },
    store::{
        commit::commit,
        digests, dossier,
        jobs::{self, Due, Postponement, RunCounts, TakenJob},
        projects,
    },
};
use sqlx::{PgConnection, Postgres, Transaction};

const ALL_TOLD: &str = "all_told";

/// Job `watch_return`; its subject is the loan.
///
/// What is told is committed here, under the requisition's lock and together with the loan's note of it: a second
/// delivery finds it told.
pub async fn handle(context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    let id = LoanId(job.subject_id);
    let mut transaction = context.pool.begin().await?;
    let dossier = dossier::load_for_loan(&mut transaction, id).await?;
    let found = dossier.and_then(|dossier| Some((dossier.find_loan(id)?.borrower_id, dossier)));
    let Some((borrower, dossier)) = found else {
        return Err(Failure::Broken("the loan does not exist".to_owned()));
    };
    let hour = digests::find_schedule(&mut transaction, borrower).await?.map(|schedule| schedule.hour);
    let pace = Pace { hour: hour.unwrap_or_default(), zone: context.zones.lab_timezone };
    let supervisors = list_supervisors(&mut transaction, dossier.requisition.project_id).await?;
    match dossier.watch_return(id, pace, &supervisors) {
        None => Err(Failure::Broken("the loan does not exist".to_owned())),
        Some(Watched::NotOut) => Ok(Handled::done("not_out")),
        Some(Watched::Over) => end(transaction, job).await,
        Some(Watched::Wait { until }) => look_again(transaction, job, until).await,
        Some(Watched::Tell { change, then }) => {
            commit(&mut transaction, &change).await?;
            let handled = match then {
                Some(then) => look_again(transaction, job, then).await,
                None => end(transaction, job).await,
            };
            context.waker.wake();
            handled
        }
    }
}

/// Under the lock under which another due date asks for an earlier look: it finds this one's time, and brings it forward.
async fn look_again(
    mut transaction: Transaction<'static, Postgres>,
    job: &TakenJob,
    at: DateTime<Utc>,
) -> Result<Handled, Failure> {
    let reason = "watches over the return".to_owned();
    let later = Postponement { due: Due::Lab(at), reason: reason.clone(), run: RunCounts::NewRound };
    jobs::postpone(&mut transaction, job, &later).await?;
    transaction.commit().await?;
    Ok(Handled::at_lab_time(at, reason))
}

/// Under the lock under which an extension asks for a watch: it finds either this one open, or none.
async fn end(mut transaction: Transaction<'static, Postgres>, job: &TakenJob) -> Result<Handled, Failure> {
    jobs::finish(&mut transaction, job, ALL_TOLD).await?;
    transaction.commit().await?;
    Ok(Handled::done(ALL_TOLD))
}

async fn list_supervisors(conn: &mut PgConnection, project: ProjectId) -> Result<Vec<UserId>, Failure> {
    let members = projects::list_members(conn, project).await?.into_iter();
    Ok(members.filter(|member| member.role == MemberRole::Supervisor).map(|member| member.user_id).collect())
}
