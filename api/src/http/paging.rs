//! Pages by cursor: opaque to clients, a position to us.

use crate::problem::{Problem, ProblemType};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike, Utc};
use makerlab_shared::store::page::{After, Page};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

const DEFAULT_LIMIT: i64 = 50;
const MOST: i64 = 100;

/// Which page is wanted.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// `next_cursor` of the page before; left out for the first page.
    pub(crate) cursor: Option<String>,
    /// How many at most: 1 to 100, 50 if left out.
    #[param(minimum = 1, maximum = 100)]
    pub(crate) limit: Option<i64>,
}

/// One page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Listed<T> {
    pub(crate) items: Vec<T>,
    /// Null on the last page.
    pub(crate) next_cursor: Option<String>,
}

impl PageParams {
    /// The part of the list to read: one more than wanted, to know whether more follow.
    pub(crate) fn page(&self) -> Result<Page, Problem> {
        let after = self.cursor.as_deref().map(decode).transpose()?;
        Ok(Page { after, limit: self.limit()? + 1 })
    }

    pub(crate) fn limit(&self) -> Result<i64, Problem> {
        match self.limit {
            None => Ok(DEFAULT_LIMIT),
            Some(limit @ 1..=MOST) => Ok(limit),
            Some(_) => Err(malformed("limit", "must be between 1 and 100")),
        }
    }

    /// Cuts the one too many off and points behind the last one shown.
    pub(crate) fn listed<R, T>(
        &self,
        mut rows: Vec<R>,
        position: impl Fn(&R) -> After,
        view: impl Fn(R) -> T,
    ) -> Result<Listed<T>, Problem> {
        let limit = usize::try_from(self.limit()?).unwrap_or(usize::MAX);
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next_cursor = rows.last().filter(|_| has_more).map(|last| encode(position(last)));
        Ok(Listed { items: rows.into_iter().map(view).collect(), next_cursor })
    }
}

fn encode(after: After) -> String {
    let mut bytes = [0; 24];
    bytes[..8].copy_from_slice(&after.created_at.timestamp_micros().to_be_bytes());
    bytes[8..].copy_from_slice(after.id.as_bytes());
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn decode(cursor: &str) -> Result<After, Problem> {
    let position = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| {
        let bytes: [u8; 24] = bytes.try_into().ok()?;
        let (micros, id) = bytes.split_at(8);
        let created_at = DateTime::<Utc>::from_timestamp_micros(i64::from_be_bytes(micros.try_into().ok()?))?;
        let is_sane = (2000..3000).contains(&created_at.year());
        is_sane.then_some(After { created_at, id: Uuid::from_slice(id).ok()? })
    });
    position.ok_or_else(|| malformed("cursor", "is none of ours; take next_cursor of the page before"))
}

pub(crate) fn malformed(field: &str, detail: &str) -> Problem {
    Problem::new(ProblemType::MalformedRequest, detail).at_field(field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_leads_back_to_its_position_and_nothing_else_is_one() {
        let after = After { created_at: "2026-11-23T10:00:00.123456Z".parse().unwrap(), id: Uuid::now_v7() };

        assert_eq!(decode(&encode(after)).unwrap(), after);
        let year_zero = After { created_at: "0001-01-01T00:00:00Z".parse().unwrap(), ..after };
        for wrong in ["", "x", "AAAA", &encode(year_zero), "\u{e9}"] {
            assert!(decode(wrong).is_err(), "{wrong:?}");
        }
    }
}
