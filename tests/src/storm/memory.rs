//! What clients remember of what they were told, shared by all of them.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::Utc;
use makerlab_shared::domain::id::{LoanId, RequisitionId};

use super::world::Told;

/// Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Remembered>>);

#[derive(Debug, Default)]
struct Remembered {
    told: Told,
    /// Requisitions that somebody declined or gave up, and their units.
    declined: HashMap<RequisitionId, usize>,
    /// Operations that wait for a person at the moment: nothing moves there by itself.
    with_person: usize,
}

impl Memory {
    pub fn told(&self) -> Told {
        self.lock().told.clone()
    }

    /// Units that were accepted and neither declined, failed, brought back nor with a person, as far as clients know.
    pub fn units_open(&self) -> usize {
        let remembered = self.lock();
        let told = &remembered.told;
        let accepted: usize = told.accepted.values().sum();
        let declined: usize = remembered.declined.values().sum();
        accepted.saturating_sub(declined + told.failed.len() + told.back.len() + remembered.with_person)
    }

    pub fn accepted(&self, requisition: RequisitionId, units: usize) {
        self.lock().told.accepted.insert(requisition, units);
    }

    pub fn declined(&self, requisition: RequisitionId) {
        let mut remembered = self.lock();
        let units = remembered.told.accepted.get(&requisition).copied().unwrap_or_default();
        remembered.declined.insert(requisition, units);
    }

    pub fn wait_for_person(&self, operations: usize) {
        self.lock().with_person = operations;
    }

    pub fn return_accepted(&self, loan: LoanId) {
        self.lock().told.returns.insert(loan);
    }

    pub fn refused(&self, problem: &str) {
        *self.lock().told.refusals.entry(problem.to_owned()).or_default() += 1;
    }

    pub fn unanswered(&self, what: String) {
        self.lock().told.unanswered.push(what);
    }

    pub fn contradicted(&self, key: String) {
        self.lock().told.contradictions.push(key);
    }

    /// `true` when it was not known yet.
    pub fn is_out(&self, loan: LoanId) -> bool {
        let mut remembered = self.lock();
        let is_new = !remembered.told.out.contains_key(&loan);
        remembered.told.out.entry(loan).or_insert_with(Utc::now);
        is_new
    }

    pub fn is_back(&self, loan: LoanId) -> bool {
        let mut remembered = self.lock();
        let is_new = !remembered.told.back.contains_key(&loan);
        remembered.told.back.entry(loan).or_insert_with(Utc::now);
        is_new
    }

    pub fn has_failed(&self, loan: LoanId) -> bool {
        self.lock().told.failed.insert(loan)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
