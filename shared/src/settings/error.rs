//! What is wrong with the settings, one line for each variable.

use std::fmt;

/// One variable that cannot be used, and what to do about it. Never holds the value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name} {problem}")]
pub struct WrongSetting {
    pub name: String,
    pub problem: String,
}

/// Everything that is wrong, so that an operator mends it in one go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongSettings(pub Vec<WrongSetting>);

impl fmt::Display for WrongSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, wrong) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{wrong}")?;
        }
        Ok(())
    }
}

impl std::error::Error for WrongSettings {}
