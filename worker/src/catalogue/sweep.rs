//! Sending one letter.

use crate::{
    context::Context,
    jobs::{Failure, Handled},
};
use makerlab_shared::store::jobs::TakenJob;

pub async fn handle(_context: &Context, job: &TakenJob) -> Result<Handled, Failure> {
    Err(Failure::Broken(format!("no handler for {}", job.kind)))
}
