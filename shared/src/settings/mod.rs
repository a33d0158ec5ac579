//! Settings come from the environment alone, are read once at start-up, and are refused all at once.
//!
//! Each loader names its variables; every wrong one becomes one line that says what to do. Secrets are types that do
//! not print. Nothing here knows what the settings are used for.

mod duration;
mod environment;
mod error;
mod infrastructure;
mod protocol_times;
mod secret;
mod url;

pub use duration::{InvalidDuration, parse_duration};
pub use environment::{Environment, Noted, Reader};
pub use error::{WrongSetting, WrongSettings};
pub use infrastructure::{BrokerSettings, DatabaseSettings, LabSettings};
pub use protocol_times::ProtocolTimes;
pub use secret::SecretSource;
pub use url::MaskedUrl;
