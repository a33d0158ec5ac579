//! The numbers of the lab: what they are at first, and between what they may be, as the schema has it.

use makerlab_tests::lab::TestDatabase;
use sqlx::{Connection, PgConnection};

use super::rows;

/// Name, default, least and most of each.
async fn numbers_of_the_schema() -> Vec<(String, String, String)> {
    let database = TestDatabase::migrated().await;
    let mut conn = PgConnection::connect(&database.owner_url()).await.unwrap();
    let columns = "select a.attname::text, pg_get_expr(d.adbin, d.adrelid), pg_get_constraintdef(c.oid)
         from pg_constraint c
         join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
         join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
         where c.conrelid = 'lab_settings'::regclass and c.contype = 'c' and a.atttypid = 'int4'::regtype
               and c.conname = 'lab_settings_' || a.attname
         order by a.attnum";
    let found: Vec<(String, String, String)> = sqlx::query_as(columns).fetch_all(&mut conn).await.unwrap();
    let numbers = |check: &str| -> Vec<String> {
        check.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    let range = |check: &str| numbers(check).join(" to ");
    found.into_iter().map(|(name, first, check)| (format!("`{name}`"), first, range(&check))).collect()
}

#[tokio::test]
async fn the_numbers_of_the_lab_are_those_of_the_schema() {
    let told: Vec<_> =
        rows("lab-settings").into_iter().map(|cells| (cells[0].clone(), cells[1].clone(), cells[2].clone())).collect();

    assert_eq!(told, numbers_of_the_schema().await);
    assert_eq!(told.len(), 7);
}
