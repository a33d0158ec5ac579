//! What became of a letter is stored, however often the database fails meanwhile: else the letter goes out again.

use super::*;
use sqlx::{Connection, PgConnection};

/// The floor's lease is over after fifteen tries or so.
const MANY_TIMES: &str = "create sequence tries;
    create function fail() returns trigger language plpgsql security definer as $$
    begin
        if nextval('tries') <= 20 then
            raise exception 'the database goes down' using errcode = 'admin_shutdown';
        end if;
        return new;
    end $$;
    create trigger fail before update on jobs for each row when (new.state = 'done') execute function fail()";

#[tokio::test]
async fn a_letter_that_was_taken_is_noted_although_the_database_fails_for_longer_than_a_short_lease_lasts() {
    let floor = Floor::in_real_time().await;
    let requisition = floor.given_pending(2).await;
    let job = mail_jobs(&floor, requisition, "submitted").await[0];
    let mut owner = PgConnection::connect(&floor.database.owner_url()).await.unwrap();
    sqlx::raw_sql(MANY_TIMES).execute(&mut owner).await.unwrap();

    assert_eq!(floor.ring(job).await, Ran::Settled);

    assert_eq!(letter(&floor, job).await.brief(), ("sent", 1));
    assert_eq!(floor.mailbox.messages().len(), 1);
}
