//! Whether what somebody keeps too long stands in the way of asking for more.

use crate::problem::{InTheWay, Problem, ProblemType, Refusal};
use chrono::{DateTime, Utc};
use makerlab_shared::{
    domain::{id::UserId, project::Obstacles, requisition::OverdueLoans},
    store::overdue,
};
use sqlx::PgConnection;

pub(super) async fn check(conn: &mut PgConnection, borrower: UserId, now: DateTime<Utc>) -> Result<(), Problem> {
    overdue::find_standing(conn, borrower).await?.check(now).map_err(naming_units)
}

/// With the list of what must come back first.
pub(crate) fn naming_units(refused: OverdueLoans) -> Problem {
    let units_out = refused.0.clone();
    Problem::from(refused).naming(InTheWay::from(&Obstacles { units_out, requisitions_open: Vec::new() }))
}

impl Refusal for OverdueLoans {
    fn kind(&self) -> ProblemType {
        ProblemType::OverdueLoans
    }
}
