//! What cannot be told yet is told later though nothing new is seen, and what cannot be written holds up nobody.

use super::*;
use makerlab_tests::simulator::{CallKind, Cut, Fault, SimulatorOptions, Trouble};
use sqlx::{Connection, PgConnection};

impl Lent {
    async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).bind(self.asked.loan.0).fetch_one(&self.floor.pool).await.unwrap()
    }
}

#[tokio::test]
async fn what_is_seen_while_our_own_effect_is_on_its_way_is_told_when_that_has_ended() {
    let lent = confirmed().await;
    lent.take_back_by_hand();
    lent.hands().check_out(lent.asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
    let back = lent.floor.given_return_requested(lent.asked).await;
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new(), "a return is under way");

    sqlx::query("update operations set state = 'abandoned', settled_at = now() where id = $1")
        .bind(back.operation.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    sqlx::query("update snipeit_link set swept_at = swept_at + interval '10 seconds'")
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.sweep().await;

    assert_eq!(lent.open().await, ["unit_with_another"]);
    assert_eq!(
        lent.count("select count(*) from equipment where recompare_since is not null and $1 is not null").await,
        0
    );
}

#[tokio::test]
async fn what_the_schema_forbids_of_one_loan_is_told_once_and_holds_up_no_other() {
    let lent = confirmed().await;
    let other = lent.floor.given_promised(TimeDelta::days(2)).await;
    let mut owner = PgConnection::connect(&lent.floor.database.owner_url()).await.unwrap();
    let refuse = format!(
        "alter table loans add constraint a_test_says_no check (id <> '{}' or status <> 'returned') not valid",
        lent.asked.loan.0
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(refuse)).execute(&mut owner).await.unwrap();
    lent.take_back_by_hand();
    lent.hands().set_label(other.asset.0, OUT_FOR_REPAIR);

    lent.sweep().await;
    lent.sweep().await;

    assert_eq!(lent.floor.open_findings(other.loan.0).await, ["unit_not_deployable"]);
    assert_eq!(lent.open().await, ["drift_not_written"]);
    assert_eq!(lent.loan().await.status, LoanStatus::CheckedOut);
    lent.answer(Resolution::Acknowledged).await.unwrap();
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new(), "it was told");

    sqlx::query("alter table loans drop constraint a_test_says_no").execute(&mut owner).await.unwrap();
    lent.sweep().await;
    assert_eq!(lent.loan().await.status, LoanStatus::Returned, "it is tried again by itself");
}

#[tokio::test]
async fn a_day_that_could_not_be_set_hides_no_other_day() {
    let lent = confirmed().await;
    let moved = lent.loan().await.period.due_at.date_naive() + chrono::Days::new(5);
    let job = NewJob::set_expected_checkin(lent.asked.loan);
    let id = lent.floor.given_job_of(job).await;
    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    assert_eq!(lent.open().await, Vec::<String>::new(), "ours is still to be set");

    sqlx::query("update jobs set state = 'dead', finished_at = now() where id = $1")
        .bind(id.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    lent.hands().expect_back(lent.asked.asset.0, moved + chrono::Days::new(1));
    lent.sweep().await;

    assert_eq!(lent.open().await, ["due_date_moved"]);
}

#[tokio::test]
async fn a_promise_without_another_unit_is_told_of_once_after_a_technician_has_answered() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().archive(lent.asked.asset.0);
    lent.sweep().await;
    sqlx::query("update equipment set label_kind = 'undeployable' where snipeit_asset_id <> $1")
        .bind(lent.asked.asset.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;
    lent.floor.ring_now(lent.sweep).await;

    assert_eq!(lent.resolutions().await, [("unit_archived".to_owned(), Some("adopted".to_owned()))]);
}

#[tokio::test]
async fn technicians_hear_of_a_drift_once_and_not_any_more_when_it_is_over() {
    let lent = promised(TimeDelta::days(2)).await;
    lent.hands().set_label(lent.asked.asset.0, OUT_FOR_REPAIR);
    lent.sweep().await;
    lent.sweep().await;
    let technicians = "select count(*) from users where role = 'technician' and $1::uuid is not null";
    assert_eq!(lent.count_letters("drift_found").await, lent.count(technicians).await);
    let moot = "select count(*) from notifications where event = 'drift_found' and subject_id = $1 and status = 'moot'";
    assert_eq!(lent.count(moot).await, 0);

    lent.hands().set_label(lent.asked.asset.0, READY);
    lent.sweep().await;

    assert_eq!(lent.count(moot).await, lent.count_letters("drift_found").await);
}

#[tokio::test]
async fn an_earlier_day_that_is_adopted_is_not_called_an_extension() {
    let lent = confirmed().await;
    let earlier = lent.loan().await.period.due_at.date_naive() - chrono::Days::new(2);
    lent.hands().expect_back(lent.asked.asset.0, earlier);
    lent.sweep().await;

    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.count_letters("extension_granted").await, 0);
    assert_eq!(lent.count_letters("due_date_changed").await, 1);
}

#[tokio::test]
async fn an_earlier_day_that_is_adopted_is_watched_over_from_then_on() {
    let lent = confirmed().await;
    let watch = lent.floor.open_job("watch_return", lent.asked.loan.0).await;
    let later = "update jobs set due_at = now() + interval '25 days' where id = $1";
    sqlx::query(later).bind(watch.0).execute(&lent.floor.pool).await.unwrap();
    let earlier = lent.loan().await.period.due_at.date_naive() - chrono::Days::new(2);
    lent.hands().expect_back(lent.asked.asset.0, earlier);
    lent.sweep().await;

    lent.answer(Resolution::Adopted).await.unwrap();

    let due = lent.loan().await.period.due_at;
    let look: DateTime<Utc> = sqlx::query_scalar("select due_at from jobs where id = $1")
        .bind(watch.0)
        .fetch_one(&lent.floor.pool)
        .await
        .unwrap();
    assert!(look <= due - TimeDelta::days(4), "the first step can be due {look}, and it is due {due}");
    assert_eq!(lent.floor.count_open("watch_return").await, 1);
}

#[tokio::test]
async fn whoever_waits_for_a_unit_is_served_when_its_loan_is_to_end_earlier() {
    let lent = confirmed().await;
    let wait = "insert into waiting_list (id, project_id, user_id, model_id, quantity, starts_at, due_at, status)
                select gen_random_uuid(), $1, $2, $3, 1, now() + interval '5 days', now() + interval '6 days', 'waiting'";
    let people = &lent.floor.people;
    let other = lent.floor.given_student("waits@lab.example").await;
    sqlx::query(wait)
        .bind(people.project.0)
        .bind(other.0)
        .bind(people.model.0)
        .execute(&lent.floor.pool)
        .await
        .unwrap();
    let earlier = lent.loan().await.period.due_at.date_naive() - chrono::Days::new(4);
    lent.hands().expect_back(lent.asked.asset.0, earlier);
    lent.sweep().await;

    lent.answer(Resolution::Adopted).await.unwrap();

    assert_eq!(lent.floor.count_open("serve_waiting_list").await, 1);
}

#[tokio::test]
async fn a_day_that_is_adopted_stays_so_where_snipeit_keeps_its_clock_far_from_the_lab() {
    let far = [("SNIPEIT_TIMEZONE", "Pacific/Auckland")];
    let options = SimulatorOptions { timezone: chrono_tz::Pacific::Auckland, ..SimulatorOptions::default() };
    let floor = Floor::beside(options, &far).await;
    let lent = given_on(floor, async |floor: &Floor| floor.given_checked_out().await).await;
    assert_eq!(lent.open().await, Vec::<String>::new(), "the day that was sent is the day that is expected");
    let moved = lent.loan().await.period.due_at.date_naive() + chrono::Days::new(5);
    lent.hands().expect_back(lent.asked.asset.0, moved);
    lent.sweep().await;
    assert_eq!(lent.open().await, ["due_date_moved"]);

    lent.answer(Resolution::Adopted).await.unwrap();
    lent.sweep().await;

    assert_eq!(lent.open().await, Vec::<String>::new());
}

#[tokio::test]
async fn what_became_of_a_unit_before_a_look_found_our_effect_is_kept_and_judged() {
    let holder = "select count(*) from equipment e join loans l on l.equipment_id = e.id and l.id = $1
                  join users b on b.id = l.borrower_id where e.holder_id = b.snipeit_user_id";
    for (is_lent_on, told) in [(false, "unit_not_held"), (true, "unit_with_another")] {
        let floor = Floor::new().await;
        let sync = floor.given_synced().await;
        let lost = Fault::on(CallKind::Checkout).trouble(Trouble::LoseAnswer(Cut::Reset));
        floor.simulator.state().faults().add(lost);
        let asked = floor.given_requested().await;
        let unknown = async |f: &Floor| f.operation_state(asked.operation).await == "unknown";
        floor.work_until("the outcome is unknown", unknown).await;
        let sweep = floor.given_job(JobKind::Sweep).await;
        let lent = Lent { floor, asked, sweep, sync };
        lent.hands().take_away(asked.asset.0);
        if is_lent_on {
            lent.hands().check_out(asked.asset.0, SOMEBODY_ELSE, Handover::Now).unwrap();
        }
        lent.floor.simulator.state().let_time_pass(TimeDelta::minutes(1));
        lent.hands().rename(20, "changed since");
        lent.sweep().await;

        let out = async |f: &Floor| f.loan_status(asked.loan).await == "checked_out";
        lent.floor.work_until("a look has found it", out).await;
        assert_eq!(lent.count(holder).await, 0, "what the look saw stands");
        lent.sweep().await;
        assert!(lent.floor.all_open_findings().await.contains(&"effect_not_seen".to_owned()));
        let acknowledged = "update findings set state = 'settled', resolution = 'acknowledged', settled_at = now()";
        sqlx::query(acknowledged).execute(&lent.floor.pool).await.unwrap();
        lent.sweep().await;

        assert_eq!(lent.open().await, [told]);
    }
}
