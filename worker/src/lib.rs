//! The worker: carries jobs out. The only holder of the Snipe-IT token and the only one who speaks SMTP.

pub mod approvals;
pub mod borrower;
pub mod calls;
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod context;
pub mod counter;
pub mod edit;
pub mod import;
pub mod jobs;
pub mod labels;
pub mod lanes;
pub mod letters;
pub mod loans;
pub mod mail;
pub mod metrics;
pub mod operations;
pub mod promises;
pub mod serve;
pub mod settings;
pub mod snipeit;
pub mod waiting_list;
