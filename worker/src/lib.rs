//! The worker: carries jobs out. The only holder of the Snipe-IT token and the only one who speaks SMTP.

pub mod mail;
pub mod snipeit;
