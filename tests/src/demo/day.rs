//! A short day at the lab: requisitions, each with another fate.

use std::time::Duration;

use anyhow::{Context, Result};
use makerlab_shared::domain::{
    equipment::Approval,
    id::ModelId,
    requisition::{LoanStatus, RequisitionStatus},
};

use super::{
    board::Board,
    cast::Cast,
    expected::{Played, Step},
    ground::{Ground, Inventory},
    letters::is_read,
    screen::Screen,
    shelf::Shelf,
};
use crate::{
    simulator::{CallKind, Cut, Fault, OUT_FOR_REPAIR, Page, Simulator, Step as CallStep, Trouble},
    stack::{Person, RequisitionSeen, UnitSeen, Wanted, until},
};

pub(super) const PATIENCE: Duration = Duration::from_secs(60);
const REFUSAL: &str = "Checkout was not successful: this user has not signed the terms of use.";

pub struct Day<'a> {
    pub cast: &'a Cast,
    pub ground: &'a Ground,
    pub board: &'a Board,
    pub shelf: Shelf,
}

impl Day<'_> {
    /// Plays every step to its end, or to the end of our patience: the checks say what came of it.
    pub async fn play(&self, screen: &Screen) -> Result<()> {
        for step in Step::ALL {
            let requester = self.requester(step);
            match &self.ground.inventory {
                Inventory::Real(_) if step.needs_simulator() => {
                    screen.say(&format!("Left out, since a real Snipe-IT cannot be told to fail: {}", step.title()));
                }
                inventory => self.play_step(step, requester, inventory.simulator()).await?,
            }
        }
        Ok(())
    }

    pub(super) fn requester(&self, step: Step) -> &Person {
        self.cast.student(step as usize)
    }

    async fn play_step(&self, step: Step, requester: &Person, simulator: Option<&Simulator>) -> Result<()> {
        let simulator = || simulator.context("this step needs the simulator");
        match step {
            Step::StraightThrough => self.straight_through(step, requester).await.map(drop),
            Step::Approved => self.approved(requester).await,
            Step::Rejected => self.rejected(requester).await,
            Step::OneLineFails => self.one_line_fails(requester, simulator()?).await,
            Step::Refused => self.refused(requester, simulator()?).await,
            Step::AnswerLost => self.answer_lost(requester, simulator()?).await,
            Step::Returned => self.returned(requester).await,
            Step::PartlyApproved => self.partly_approved(requester).await,
            Step::HandedOver => self.handed_over(requester).await,
            Step::GivenUp => self.given_up(requester).await,
            Step::WaitedFor => self.waited_for(requester).await,
        }
    }

    async fn straight_through(&self, step: Step, requester: &Person) -> Result<RequisitionSeen> {
        let line = self.lend("Arduino Uno R3", Approval::None).await?;
        let submitted = self.submit(step, requester, "Motor control on the bench", &[line]).await?;
        self.comes_to(requester, &submitted, RequisitionStatus::CheckedOut).await;
        Ok(submitted)
    }

    async fn approved(&self, requester: &Person) -> Result<()> {
        let line = self.lend("Oscilloscope DS1054Z", Approval::Technician).await?;
        let submitted = self.submit(Step::Approved, requester, "Measuring the motor driver", &[line]).await?;
        self.is_asked(&submitted).await;
        self.cast.technician.approve(submitted.id).await?;
        self.comes_to(requester, &submitted, Step::Approved.status()).await;
        Ok(())
    }

    async fn rejected(&self, requester: &Person) -> Result<()> {
        let line = self.lend("3D printer MK4S", Approval::Technician).await?;
        let submitted = self.submit(Step::Rejected, requester, "Printing a chassis at home", &[line]).await?;
        let reason = "Printers stay in the lab; book a slot at the printer desk instead.";
        self.is_asked(&submitted).await;
        self.cast.technician.reject(submitted.id, reason).await?;
        self.comes_to(requester, &submitted, Step::Rejected.status()).await;
        Ok(())
    }

    /// A person takes the unit to the repair desk after our last look; Snipe-IT knows, we do not.
    async fn one_line_fails(&self, requester: &Person, simulator: &Simulator) -> Result<()> {
        let board = self.lend("ESP32-DevKitC V4", Approval::None).await?;
        let (wanted, unit) = self.first_unit("Multimeter 117").await?;
        // No sweep may tell us of it before the requisition is in.
        let unnoticed = simulator.state().faults().hold(CallKind::List, None, CallStep::Arrived);
        simulator.state().hands().set_label(unit.snipeit_asset_id, OUT_FOR_REPAIR);
        let submitted = self.submit(Step::OneLineFails, requester, "Wireless telemetry", &[board, wanted]).await?;
        unnoticed.release();
        self.comes_to(requester, &submitted, Step::OneLineFails.status()).await;
        Ok(())
    }

    async fn refused(&self, requester: &Person, simulator: &Simulator) -> Result<()> {
        let (wanted, unit) = self.first_unit("Raspberry Pi 4 Model B 4GB").await?;
        let faults = simulator.state().faults();
        let refusal = Fault::on(CallKind::Checkout).asset(unit.snipeit_asset_id);
        faults.add(refusal.instead(Page::Refusal(REFUSAL.to_owned())).until_cleared());
        let submitted = self.submit(Step::Refused, requester, "A camera for the robot", &[wanted]).await?;
        self.comes_to(requester, &submitted, Step::Refused.status()).await;
        faults.clear();
        Ok(())
    }

    /// Snipe-IT does it and the connection breaks before it can say so.
    async fn answer_lost(&self, requester: &Person, simulator: &Simulator) -> Result<()> {
        let (wanted, unit) = self.first_unit("Arduino Uno R3").await?;
        let lost = Fault::on(CallKind::Checkout).asset(unit.snipeit_asset_id).trouble(Trouble::LoseAnswer(Cut::Reset));
        simulator.state().faults().add(lost);
        let submitted = self.submit(Step::AnswerLost, requester, "A second motor", &[wanted]).await?;
        self.comes_to(requester, &submitted, Step::AnswerLost.status()).await;
        Ok(())
    }

    async fn returned(&self, requester: &Person) -> Result<()> {
        let submitted = self.straight_through(Step::Returned, requester).await?;
        give_back_all(requester, &submitted).await?;
        self.comes_to(requester, &submitted, Step::Returned.status()).await;
        Ok(())
    }

    pub(super) async fn submit(
        &self,
        step: Step,
        requester: &Person,
        purpose: &str,
        lines: &[Wanted],
    ) -> Result<RequisitionSeen> {
        let submitted = requester.submit(self.cast.project, purpose, lines).await?;
        self.board.add(Played {
            step,
            requisition: submitted.id,
            number: submitted.number.clone(),
            requester: requester.name.clone(),
            requester_email: requester.email.clone(),
        });
        Ok(submitted)
    }

    /// A unit to lend, with the approval that the step is about.
    async fn lend(&self, model: &str, approval: Approval) -> Result<Wanted> {
        let (model, wanted) = self.shelf.take(&self.cast.technician, model).await?;
        self.cast.admin.set_approval(model, approval).await?;
        Ok(wanted)
    }

    /// A unit by its name, which no other can stand in for.
    async fn first_unit(&self, model: &str) -> Result<(Wanted, UnitSeen)> {
        let model = self.cast.admin.model_named(model).await?.id;
        self.cast.admin.set_approval(model, Approval::None).await?;
        let unit = free_unit(&self.cast.admin, model).await?;
        Ok((Wanted::Unit(unit.id), unit))
    }

    /// The letter that asks the technician is read before they decide; what is decided sooner is asked of nobody.
    pub(super) async fn is_asked(&self, requisition: &RequisitionSeen) {
        is_read(self.ground.mailbox.as_ref(), &self.cast.technician, &requisition.number).await;
    }

    pub(super) async fn comes_to(&self, requester: &Person, requisition: &RequisitionSeen, status: RequisitionStatus) {
        let what = format!("{} is {status}", requisition.number);
        let reached = until(&what, PATIENCE, async || {
            let seen = requester.requisition(requisition.id).await.ok()?;
            (seen.status == status).then_some(())
        });
        // In vain: the checks will say so, together with everything else.
        let _ = reached.await;
    }
}

/// Returns every loan of a requisition that is out.
pub async fn give_back_all(by: &Person, requisition: &RequisitionSeen) -> Result<()> {
    let seen = by.requisition(requisition.id).await?;
    for loan in seen.loans.iter().filter(|loan| loan.status == LoanStatus::CheckedOut) {
        by.give_back(loan.id).await?;
    }
    Ok(())
}

pub(super) async fn free_unit(person: &Person, model: ModelId) -> Result<UnitSeen> {
    let units = person.units(model).await?;
    units.into_iter().find(|unit| unit.is_free).context("every unit of the model is in use")
}
