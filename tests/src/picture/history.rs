//! The histories of our loans, as they were read on the way and at the end.

use std::collections::BTreeMap;

use sqlx::PgPool;

/// What was read so far; it may grow and nothing else.
#[derive(Debug, Default)]
pub(super) struct History {
    read: BTreeMap<i64, String>,
}

impl History {
    /// Reads it again; what is missing or another, a line each.
    pub async fn read(&mut self, pool: &PgPool) -> anyhow::Result<Vec<String>> {
        let rows: Vec<(i64, String)> =
            sqlx::query_as("select id, to_jsonb(h)::text from status_history h where entity = 'loan'")
                .fetch_all(pool)
                .await?;
        let now: BTreeMap<i64, String> = rows.into_iter().collect();
        let lost = self.read.iter().filter(|(id, row)| now.get(id) != Some(row));
        let lost = lost.map(|(id, row)| format!("history {id} is lost or another: {row}")).collect();
        self.read = now;
        Ok(lost)
    }
}

/// Loans whose history does not end with what they are, or that have none; and how many loans there are.
pub(super) async fn compare(pool: &PgPool) -> anyhow::Result<(Vec<String>, usize)> {
    let loans: Vec<(String, String, Option<String>)> = sqlx::query_as(
        "select l.id::text, l.status, (select h.to_status from status_history h
                                       where h.entity = 'loan' and h.entity_id = l.id order by h.id desc limit 1)
         from loans l order by l.id",
    )
    .fetch_all(pool)
    .await?;
    let differs = |(_, status, told): &&(String, String, Option<String>)| told.as_ref() != Some(status);
    let wrong = loans.iter().filter(differs);
    let wrong = wrong.map(|(id, status, told)| format!("loan {id} is {status}, its history ends with {told:?}"));
    Ok((wrong.collect(), loans.len()))
}
