//! Who must say yes, by rules that are data. Pure: rules and facts in, a verdict with its reason out.

mod change;
mod evaluate;
mod rule;

pub use evaluate::{Amount, Facts, Verdict, evaluate, strictest};
pub use rule::{ApprovalRule, Conditions, HIGHEST_POSITION, MOST_DAYS, MOST_UNITS};

use super::text_enum::text_enum;

text_enum! {
    /// Who must say yes, from nobody to the most; the order is that of strictness.
    pub enum Need {
        /// Nobody: it goes straight through.
        None = "none",
        /// A technician or an admin who did not ask for it.
        Technician = "technician",
        /// First one of the project's supervisors, then a technician.
        SupervisorThenTechnician = "supervisor_then_technician",
    }
}

text_enum! {
    /// Who decides next about a requisition.
    pub enum Stage {
        Supervisor = "supervisor",
        Technician = "technician",
    }
}
