//! Letters to people: written in their language, handed to the mail server, and an honest word on what became of them.
//!
//! [`Composer`] turns an event into words, [`Letter`] into a message with its lasting Message-ID, [`MailTransport`]
//! hands it over. When to try again is decided in `shared::domain::notification`. Knows nothing of jobs or SQL.

mod compose;
mod dates;
mod digest;
mod examples;
mod letter;
mod server;
mod settings;
mod templates;
mod transport;

pub use compose::{
    ComposeError, Composed, Composer, LineOutcome, MailContext, MailDeputy, MailLine, MailRequisition, MailUnit,
};
pub use digest::{DigestContext, DigestEntry};
pub use examples::{Previewed, preview};
pub use letter::{Letter, LetterError, Recipient};
pub use makerlab_shared::domain::notification::Delivery;
pub use settings::{MailSettings, MailSettingsError, Sender};
pub use transport::MailTransport;
