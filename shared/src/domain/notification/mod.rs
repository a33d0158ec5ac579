//! Letters to people: what happened, how far the letter got, and what to do after an attempt to deliver it.
//!
//! Knows nothing of SMTP or templates.

mod delivery;
mod event;
mod message;
mod terms;

pub use delivery::{Delivery, MailRules, MailStep, NotificationStatus, next_step};
pub use event::{About, Audience, NotificationEvent};
pub use message::Message;
pub use terms::Said;
