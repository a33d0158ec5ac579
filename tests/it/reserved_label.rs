//! What is promised shows so in Snipe-IT, by a label that is taken back and never covers somebody else's.

use chrono::{TimeDelta, Utc};
use makerlab_shared::{
    domain::{
        finding::Resolution,
        id::{FindingId, JobId},
        inventory::{SnipeitAssetId, SnipeitLabelId},
        job::{JobKind, NewJob},
    },
    store::{
        commit::commit,
        dossier,
        finding_answer::{self, FindingAnswer},
        findings, reserved_labels,
    },
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, OUT_FOR_REPAIR, Page, READY, RESERVED, Trouble},
};

const CHOSEN: [(&str, &str); 1] = [("SNIPEIT_LABEL_RESERVED", "reserved")];

/// A floor with a catalogue, and its sweep.
async fn floor_with(settings: &[(&str, &str)]) -> (Floor, JobId) {
    let floor = Floor::with(settings, None).await;
    floor.given_synced().await;
    let sweep = floor.given_job(JobKind::Sweep).await;
    (floor, sweep)
}

/// One sweep, and what it orders.
async fn sweep(floor: &Floor, sweep: JobId) {
    floor.ring_now(sweep).await;
    floor.work_until("nothing waits for a label", async |f: &Floor| f.count_open("set_label").await == 0).await;
}

fn label(floor: &Floor, asset: SnipeitAssetId) -> i64 {
    floor.simulator.state().inventory().find_asset(asset.0).unwrap().label_id
}

async fn cancelled(floor: &Floor, asked: Asked) {
    let mut transaction = floor.pool.begin().await.unwrap();
    let dossier = dossier::load_for_loan(&mut transaction, asked.loan).await.unwrap().unwrap();
    commit(&mut transaction, &dossier.cancel(floor.people.student.id, Utc::now()).unwrap()).await.unwrap();
    transaction.commit().await.unwrap();
}

#[tokio::test]
async fn a_unit_promised_for_later_is_reserved_by_one_patch_and_gets_its_label_back_when_that_is_cancelled() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    sweep(&floor, job).await;
    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), RESERVED);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 1);

    cancelled(&floor, promised).await;
    sweep(&floor, job).await;
    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), READY);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 2);
}

#[tokio::test]
async fn a_reserved_unit_is_checked_out_all_the_same_and_its_label_is_taken_back_while_it_is_out() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;

    floor.database.move_lab_clock(2).await;
    floor.work_until("it is out", async |f: &Floor| f.loan_status(promised.loan).await == "checked_out").await;
    sweep(&floor, job).await;

    assert_eq!(floor.holder(promised.asset), Some(floor.people.student.snipeit_id.0));
    assert_eq!(label(&floor, promised.asset), READY);
}

#[tokio::test]
async fn what_goes_straight_out_is_not_worth_a_label() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let asked = floor.given_requested().await;

    sweep(&floor, job).await;

    assert!(floor.effects(asked.asset, EffectKind::Patch).is_empty());
}

#[tokio::test]
async fn a_label_that_somebody_sets_meanwhile_stays() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;
    floor.simulator.state().hands().set_label(promised.asset.0, OUT_FOR_REPAIR);

    sweep(&floor, job).await;
    assert_eq!(label(&floor, promised.asset), OUT_FOR_REPAIR);
    cancelled(&floor, promised).await;
    sweep(&floor, job).await;

    assert_eq!(label(&floor, promised.asset), OUT_FOR_REPAIR);
    let ours = floor.effects(promised.asset, EffectKind::Patch).into_iter().filter(|effect| effect.request.is_some());
    assert_eq!(ours.count(), 1);
}

#[tokio::test]
async fn an_answer_that_was_lost_and_a_second_delivery_set_nothing_twice() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    floor.simulator.state().faults().add(Fault::on(CallKind::Patch).trouble(Trouble::LoseAnswer(Cut::Reset)));

    floor.ring_now(job).await;
    let order = sqlx::query_scalar("select id from jobs where kind = 'set_label' and state = 'open'");
    let order = JobId(order.fetch_one(&floor.pool).await.unwrap());
    floor.ring(order).await;
    let waits: bool = sqlx::query_scalar("select due_at > now() + interval '20 seconds' from jobs where id = $1")
        .bind(order.0)
        .fetch_one(&floor.pool)
        .await
        .unwrap();
    assert!(waits, "it may have its effect until Snipe-IT's limit is over");
    floor.ring_now(order).await;

    assert_eq!(label(&floor, promised.asset), RESERVED);
    assert_eq!(floor.effects(promised.asset, EffectKind::Patch).len(), 1);
    assert_eq!(floor.count_open("set_label").await, 0);
}

#[tokio::test]
async fn a_label_that_is_not_deployable_is_told_and_never_set() {
    let (floor, job) = floor_with(&[("SNIPEIT_LABEL_RESERVED", "Out for repair")]).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    sweep(&floor, job).await;

    assert_eq!(label(&floor, promised.asset), READY);
    assert_eq!(floor.all_open_findings().await, ["labels_wrong"]);
}

/// The unit's job that waits to set its label: for how many minutes yet, and why.
async fn waits(floor: &Floor) -> (i64, String) {
    let waits = "select round(extract(epoch from due_at - now()) / 60)::bigint, waiting_reason
                 from jobs where kind = 'set_label' and state = 'open'";
    sqlx::query_as(waits).fetch_one(&floor.pool).await.unwrap()
}

/// Runs the unit's job before its time.
async fn try_again(floor: &Floor) {
    let job = sqlx::query_scalar("select id from jobs where kind = 'set_label' and state = 'open'");
    floor.ring_now(JobId(job.fetch_one(&floor.pool).await.unwrap())).await;
}

/// A unit whose promise is over, and a Snipe-IT that does not let its label be taken back.
async fn refused() -> (Floor, JobId, SnipeitAssetId) {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;
    let asset = promised.asset;
    cancelled(&floor, promised).await;
    let refusal = Page::Refusal("The label is locked.".to_owned());
    floor.simulator.state().faults().add(Fault::on(CallKind::Patch).instead(refusal).until_cleared());
    floor.ring_now(job).await;
    try_again(&floor).await;
    (floor, job, asset)
}

#[tokio::test]
async fn a_label_that_snipeit_refuses_is_told_once_and_tried_ever_less_often_until_it_is_taken_back() {
    let (floor, job, asset) = refused().await;
    let patches = || floor.simulator.state().ledger().count_calls(CallKind::Patch);
    let before = patches();

    let (minutes, why) = waits(&floor).await;
    assert_eq!((minutes, why.as_str()), (10, "Snipe-IT refused the label: The label is locked."));
    for _ in 0..3 {
        floor.ring_now(job).await;
        for due in floor.due_jobs().await {
            floor.ring(due).await;
        }
    }
    assert_eq!(patches(), before, "a sweep orders no second try, and spends nothing on it");
    try_again(&floor).await;
    assert_eq!((waits(&floor).await.0, patches()), (40, before + 1));
    assert_eq!(floor.all_open_findings().await, ["label_refused"]);

    floor.simulator.state().faults().clear();
    try_again(&floor).await;
    assert_eq!(label(&floor, asset), READY);
    assert_eq!((floor.all_open_findings().await, floor.count_open("set_label").await), (Vec::<String>::new(), 0));
    let told = "select count(*) from findings where kind = 'label_refused'";
    assert_eq!(sqlx::query_scalar::<_, i64>(told).fetch_one(&floor.pool).await.unwrap(), 1);
}

#[tokio::test]
async fn who_has_seen_the_refusal_hears_no_more_of_it_and_who_has_mended_it_lets_it_be_tried_at_once() {
    let (floor, _, asset) = refused().await;
    let answer = async |resolution| {
        let mut transaction = floor.pool.begin().await.unwrap();
        let kind = "select id from findings where kind = 'label_refused' and state = 'open'";
        let id = FindingId(sqlx::query_scalar(kind).fetch_one(&mut *transaction).await.unwrap());
        let open = findings::find(&mut transaction, id).await.unwrap().unwrap();
        let by = floor.people.technician;
        let answer = FindingAnswer { resolution, note: None, by, snipeit_user: None };
        finding_answer::settle(&mut transaction, &open, &answer).await.unwrap();
        transaction.commit().await.unwrap();
    };

    answer(Resolution::Acknowledged).await;
    try_again(&floor).await;
    assert!(floor.all_open_findings().await.is_empty(), "it was told");

    floor.simulator.state().faults().clear();
    try_again(&floor).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    assert_eq!(label(&floor, asset), READY);
    let refusal = Page::Refusal("The label is locked.".to_owned());
    floor.simulator.state().faults().add(Fault::on(CallKind::Patch).instead(refusal));
    let order = NewJob::set_label(floor.dossier(promised.requisition).await.loans[0].equipment_id);
    let order = floor.given_job_of(order).await;
    floor.ring_now(order).await;
    answer(Resolution::Retried).await;
    assert_eq!(floor.due_jobs().await.iter().filter(|due| **due == order).count(), 1, "a first refusal is told anew");
    floor.ring(order).await;
    assert_eq!(label(&floor, promised.asset), RESERVED);
}

/// By this connection, since its counts were last handed on, which no transaction does before its end.
async fn units_read(conn: &mut sqlx::PgConnection) -> i64 {
    let read = "select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::bigint
                from pg_stat_xact_user_tables where relname = 'equipment'";
    sqlx::query_scalar(read).fetch_one(conn).await.unwrap()
}

#[tokio::test]
async fn what_is_to_be_labelled_is_found_among_many_units_and_behind_those_that_wait_already() {
    let (floor, job) = floor_with(&CHOSEN).await;
    let promised = floor.given_promised(TimeDelta::days(2)).await;
    sweep(&floor, job).await;
    let other = floor.given_promised(TimeDelta::days(3)).await;
    cancelled(&floor, promised).await;
    let many = "insert into equipment
                select made.* from equipment unit, generate_series(1, 50000) n
                cross join lateral jsonb_populate_record(unit, jsonb_build_object(
                    'id', '00000000-0000-4000-8000-' || lpad(n::text, 12, '0'), 'tag', 'MANY-' || n,
                    'snipeit_asset_id', 100000 + n, 'reserved_as', case when n <= 60 then 4 end,
                    'reserved_over', case when n <= 60 then 2 end)) made
                where unit.id = (select id from equipment order by id limit 1)";
    let waiting = "insert into jobs (id, kind, lane, subject_id, state, due_at)
                   select gen_random_uuid(), 'set_label', 'bulk', id, 'open', now() + interval '1 day'
                   from equipment where tag like 'MANY-%' and reserved_as is not null";
    let owner = sqlx::PgPool::connect(floor.database.owner_url().as_str()).await.unwrap();
    for sql in [many, waiting, "analyze equipment, loans, operations, jobs"] {
        sqlx::query(sql).execute(&owner).await.unwrap();
    }

    let mut transaction = floor.pool.begin().await.unwrap();
    let before = units_read(&mut transaction).await;
    let found = reserved_labels::list_to_change(&mut transaction, Some(SnipeitLabelId(RESERVED)), 50).await.unwrap();
    let read = units_read(&mut transaction).await - before;

    let mut wanted = Vec::new();
    for asked in [promised, other] {
        wanted.push(floor.dossier(asked.requisition).await.loans[0].equipment_id);
    }
    wanted.sort_unstable();
    assert_eq!(found, wanted);
    assert!(read <= 70, "{read} units were read to find two of sixty-two");
}

#[tokio::test]
async fn without_the_permission_to_edit_it_waits_with_the_reason_and_lending_goes_on() {
    let (floor, job) = floor_with(&CHOSEN).await;
    floor.simulator.state().hands().forbid_edits();
    let promised = floor.given_promised(TimeDelta::days(2)).await;

    floor.ring_now(job).await;
    for due in floor.due_jobs().await {
        floor.ring(due).await;
    }

    let reason: String =
        sqlx::query_scalar("select waiting_reason from jobs where kind = 'set_label' and state = 'open'")
            .fetch_one(&floor.pool)
            .await
            .unwrap();
    assert!(reason.contains("assets.edit"), "{reason}");
    assert_eq!((label(&floor, promised.asset), floor.pause_cause().await), (READY, None));
    floor.database.move_lab_clock(2).await;
    floor.work_until("it is out", async |f: &Floor| f.loan_status(promised.loan).await == "checked_out").await;
}
