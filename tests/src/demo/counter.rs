//! The day's steps at the counter: a decision line by line, a unit given out by its tag, and a line that somebody waits in.

use anyhow::{Context, Result};
use makerlab_shared::domain::{
    equipment::{Approval, Collection},
    id::ModelId,
    notification::NotificationEvent,
    requisition::RequisitionStatus,
};

use super::{
    day::{Day, PATIENCE, free_unit},
    expected::Step,
    letters::is_read,
};
use crate::stack::{LineDecision, Person, RequisitionSeen, Wanted, until};

/// Whose units wait at the counter.
const AT_COUNTER: &str = "Raspberry Pi 4 Model B 4GB";
/// The model of which there are two, and both are wanted.
const SCARCE: &str = "3D printer MK4S";
const BOTH: u32 = 2;

impl Day<'_> {
    pub(super) async fn partly_approved(&self, requester: &Person) -> Result<()> {
        let boards = self.decided("ESP32-DevKitC V4", 2).await?;
        let printer = self.decided(SCARCE, 1).await?;
        let submitted = self.submit(Step::PartlyApproved, requester, "A swarm of robots", &[boards, printer]).await?;
        let [boards, printer] = submitted.lines.as_slice() else { anyhow::bail!("the requisition has two lines") };
        let decisions = [
            LineDecision::Grant { line: boards.id, quantity: 1 },
            LineDecision::Reject { line: printer.id, reason: "Printers stay in the lab." },
        ];
        self.is_asked(&submitted).await;
        self.cast.technician.decide(submitted.id, &decisions).await?;
        self.comes_to(requester, &submitted, Step::PartlyApproved.status()).await;
        Ok(())
    }

    /// The technician takes another unit from the shelf than the one that is kept.
    pub(super) async fn handed_over(&self, requester: &Person) -> Result<()> {
        let (model, wanted) = self.at_counter(AT_COUNTER, 1).await?;
        let submitted = self.submit(Step::HandedOver, requester, "A camera on the mast", &[wanted]).await?;
        let taken = free_unit(&self.cast.technician, model).await?.tag;
        self.collect(requester, &submitted, &taken).await
    }

    /// Both printers are promised, the next student waits for one, and then both are free again.
    pub(super) async fn given_up(&self, requester: &Person) -> Result<()> {
        let (model, wanted) = self.at_counter(SCARCE, BOTH).await?;
        let submitted = self.submit(Step::GivenUp, requester, "Two prints at once", &[wanted]).await?;
        let waiting = self.requester(Step::WaitedFor);
        waiting.wait_for(self.cast.project, model).await?;
        requester.cancel(submitted.id).await?;
        // In vain: what was waited for is then refused, and the checks say so.
        let _ = until("the first in line has a printer kept", PATIENCE, async || {
            let told = waiting.notifications().await.ok()?;
            told.iter().any(|told| told.event == NotificationEvent::HoldGranted).then_some(())
        })
        .await;
        is_read(self.ground.mailbox.as_ref(), waiting, SCARCE).await;
        Ok(())
    }

    pub(super) async fn waited_for(&self, requester: &Person) -> Result<()> {
        let (_, wanted) = self.at_counter(SCARCE, 1).await?;
        let submitted = self.submit(Step::WaitedFor, requester, "A print that cannot wait", &[wanted]).await?;
        let kept = submitted.loans.first().context("no printer is promised")?.tag.clone();
        self.collect(requester, &submitted, &kept).await
    }

    async fn collect(&self, requester: &Person, submitted: &RequisitionSeen, tag: &str) -> Result<()> {
        self.cast.technician.hand_over(submitted.id, &[tag]).await?;
        self.comes_to(requester, submitted, RequisitionStatus::CheckedOut).await;
        Ok(())
    }

    async fn decided(&self, model: &str, quantity: u32) -> Result<Wanted> {
        let model = self.cast.technician.model_named(model).await?.id;
        self.cast.admin.set_approval(model, Approval::Technician).await?;
        Ok(Wanted::Any { model, quantity })
    }

    /// Nobody need approve it; its units are given out by hand.
    async fn at_counter(&self, model: &str, quantity: u32) -> Result<(ModelId, Wanted)> {
        let model = self.cast.technician.model_named(model).await?.id;
        self.cast.admin.set_approval(model, Approval::None).await?;
        self.cast.admin.set_collection(model, Collection::Counter).await?;
        Ok((model, Wanted::Any { model, quantity }))
    }
}
