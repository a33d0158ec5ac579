//! What somebody says of a unit that comes back.

use crate::{
    http::{
        input::{Invalid, TextRule},
        words,
    },
    problem::Problem,
};
use makerlab_shared::domain::requisition::{ReturnCondition, ReturnReport};
use serde::Deserialize;
use utoipa::ToSchema;

const NOTE: TextRule = TextRule::paragraph(1, 2000);

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReportBody {
    /// `fine` if left out.
    #[serde(default = "fine")]
    #[schema(schema_with = words::return_condition, required = false)]
    condition: ReturnCondition,
    /// What is wrong or missing; needed unless it is fine.
    #[schema(min_length = 1, max_length = 2000)]
    note: Option<String>,
}

fn fine() -> ReturnCondition {
    ReturnCondition::Fine
}

impl ReportBody {
    pub(super) fn parse(self) -> Result<ReturnReport, Problem> {
        self.check().map_err(|detail| Problem::invalid_field("/note", detail))
    }

    /// Where it is part of something else: what is wrong is noted beside the rest.
    pub(crate) fn parse_in(self, invalid: &mut Invalid, place: &str) -> Option<ReturnReport> {
        invalid.check(&format!("{place}/note"), self.check())
    }

    fn check(self) -> Result<ReturnReport, String> {
        let note = self.note.as_deref().map(|note| NOTE.parse(note)).transpose()?;
        ReturnReport::new(self.condition, note).map_err(|missing| missing.to_string())
    }
}
