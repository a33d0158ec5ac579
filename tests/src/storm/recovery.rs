//! How long it takes until work goes on after a fault.

use std::time::Duration;

use chrono::{DateTime, Utc};

use super::world::OperationRow;

/// An injected fault that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultEnd {
    pub what: String,
    pub at: DateTime<Utc>,
}

/// The longest time from the end of a fault to the next settled operation, and which fault that was. Faults at whose
/// end nobody waited for an operation say nothing and are left out.
pub fn longest(ends: &[FaultEnd], operations: &[OperationRow]) -> Option<(Duration, FaultEnd)> {
    let times = ends.iter().filter_map(|end| Some((after(end, operations)?, end.clone())));
    times.max_by_key(|(time, _)| *time)
}

fn after(end: &FaultEnd, operations: &[OperationRow]) -> Option<Duration> {
    let waiting = operations.iter().filter(|operation| operation.requested_at <= end.at);
    let settled = waiting.filter_map(|operation| operation.settled_at).filter(|settled_at| *settled_at > end.at);
    (settled.min()? - end.at).to_std().ok()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use makerlab_shared::domain::{
        id::{LoanId, OperationId, RequisitionId},
        operation::{OperationKind, OperationState},
    };

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(second)
    }

    fn end(second: i64) -> FaultEnd {
        FaultEnd { what: format!("at {second}"), at: at(second) }
    }

    fn operation(requested: i64, settled: i64) -> OperationRow {
        OperationRow {
            id: OperationId::generate(),
            requisition: RequisitionId::generate(),
            loan: LoanId::generate(),
            kind: OperationKind::CheckOut,
            state: OperationState::Applied,
            requested_at: at(requested),
            settled_at: Some(at(settled)),
        }
    }

    #[test]
    fn the_longest_recovery_is_told_with_its_fault() {
        let operations = [operation(0, 12), operation(0, 30)];

        assert_eq!(longest(&[end(10), end(20)], &operations), Some((Duration::from_secs(10), end(20))));
    }

    #[test]
    fn a_fault_at_whose_end_nobody_waited_says_nothing() {
        assert_eq!(longest(&[end(10)], &[operation(0, 5), operation(60, 61)]), None);
    }
}
