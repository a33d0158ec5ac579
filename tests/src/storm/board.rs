//! The board that everybody looks at: lists of loans and findings as the API tells them, so that nobody asks for each requisition.

use std::time::Duration;

use makerlab_shared::domain::{id::LoanId, requisition::LoanStatus};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{cast::Cast, memory::Memory, patient::Patient};

const LOOK: Duration = Duration::from_millis(400);
/// Pages of one list in one look.
const MOST_PAGES: usize = 20;

/// A loan that is out, and whose it is.
#[derive(Debug, Clone)]
pub struct Out {
    pub loan: LoanId,
    pub borrower: String,
}

pub struct Board {
    pub cast: Cast,
    pub patient: Patient,
    pub memory: Memory,
}

impl Board {
    /// Looks until stopped; hands on whatever is out, each time that it is seen.
    pub async fn watch(&self, stop: &CancellationToken, mut is_out: impl FnMut(Out)) {
        while !stop.is_cancelled() {
            self.look(LoanStatus::CheckedOut, |loan, borrower| {
                is_out(Out { loan, borrower });
                self.memory.is_out(loan)
            })
            .await;
            self.look(LoanStatus::Returned, |loan, _| self.memory.is_back(loan)).await;
            self.look(LoanStatus::Failed, |loan, _| self.memory.has_failed(loan)).await;
            self.look_at_findings().await;
            tokio::select! {
                () = tokio::time::sleep(LOOK) => {}
                () = stop.cancelled() => {}
            }
        }
    }

    /// The first page will do: so many at once would be a finding of its own.
    async fn look_at_findings(&self) {
        const PATH: &str = "/v1/findings?state=open&kind=operation_with_person&limit=100";
        if let Some(page) = self.patient.get(&self.cast.technician, PATH).await {
            self.memory.wait_for_person(page["items"].as_array().map_or(0, Vec::len));
        }
    }

    /// Page by page, until a page brings nothing new.
    async fn look(&self, status: LoanStatus, mut note: impl FnMut(LoanId, String) -> bool) {
        let mut cursor = None;
        for _ in 0..MOST_PAGES {
            let from = cursor.map(|cursor: String| format!("&cursor={cursor}")).unwrap_or_default();
            let path = format!("/v1/loans?status={status}&limit=100{from}");
            let Some(page) = self.patient.get(&self.cast.technician, &path).await else { return };
            let mut news = false;
            for item in page["items"].as_array().into_iter().flatten() {
                if let Some((loan, borrower)) = read(item) {
                    news |= note(loan, borrower);
                }
            }
            cursor = page["next_cursor"].as_str().map(str::to_owned);
            let goes_on = news || status == LoanStatus::CheckedOut;
            if cursor.is_none() || !goes_on {
                return;
            }
        }
    }
}

fn read(item: &Value) -> Option<(LoanId, String)> {
    Some((item["id"].as_str()?.parse().ok()?, item["borrower_id"].as_str()?.to_owned()))
}
