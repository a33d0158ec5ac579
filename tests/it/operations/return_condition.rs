//! What is said of a returned unit reaches Snipe-IT as its label, in the check-in itself.

use makerlab_shared::{
    domain::{
        inventory::SnipeitAssetId,
        requisition::{ReturnCondition, ReturnReport},
    },
    store::{catalogue, commit::commit},
};
use makerlab_tests::{
    floor::{Asked, Floor},
    simulator::{CallKind, Cut, EffectKind, Fault, Trouble},
};

/// Numbers of labels on the simulator: out for repair, and lost.
const LABELS: [(&str, &str); 2] = [("SNIPEIT_LABEL_DAMAGED", "5"), ("SNIPEIT_LABEL_LOST", "6")];

fn report(condition: ReturnCondition) -> ReturnReport {
    ReturnReport::new(condition, Some("The display stays dark".to_owned())).unwrap()
}

async fn given_back(floor: &Floor, lent: Asked, report: ReturnReport) -> Asked {
    let back = floor.given_return_as(lent, report).await;
    floor.work_until("the loan is returned", async |f: &Floor| f.loan_status(back.loan).await == "returned").await;
    back
}

fn label(floor: &Floor, asset: SnipeitAssetId) -> i64 {
    floor.simulator.state().inventory().find_asset(asset.0).unwrap().label_id
}

#[tokio::test]
async fn damaged_and_lost_units_get_their_label_with_the_one_check_in() {
    for (condition, expected) in [(ReturnCondition::Damaged, 5), (ReturnCondition::Lost, 6)] {
        let floor = Floor::with(&LABELS, None).await;
        let lent = floor.given_checked_out().await;

        let back = given_back(&floor, lent, report(condition)).await;

        assert_eq!(label(&floor, back.asset), expected);
        assert_eq!(floor.holder(back.asset), None, "nobody has it any more, also if it is lost");
        assert_eq!(floor.effects(back.asset, EffectKind::Checkin).len(), 1);
        assert!(floor.effects(back.asset, EffectKind::Patch).is_empty(), "the label is no effect of its own");
    }
}

#[tokio::test]
async fn nobody_is_promised_a_damaged_unit_in_the_moment_after_its_return() {
    let floor = Floor::with(&LABELS, None).await;
    let lent = floor.given_checked_out().await;
    let period = floor.dossier(lent.requisition).await.requisition.period;
    let unit = floor.dossier(lent.requisition).await.loans[0].equipment_id;

    given_back(&floor, lent, report(ReturnCondition::Damaged)).await;

    let mut conn = floor.pool.begin().await.unwrap();
    assert_eq!(catalogue::choose_named_unit(&mut conn, unit, period).await.unwrap(), None);
}

#[tokio::test]
async fn what_is_fine_or_incomplete_or_has_no_label_configured_keeps_its_label() {
    let cases = [
        (&LABELS[..], report(ReturnCondition::Incomplete)),
        (&LABELS[..], ReturnReport::FINE),
        (&[][..], report(ReturnCondition::Damaged)),
    ];
    for (settings, report) in cases {
        let floor = Floor::with(settings, None).await;
        let lent = floor.given_checked_out().await;
        let before = label(&floor, lent.asset);

        let back = given_back(&floor, lent, report).await;

        assert_eq!(label(&floor, back.asset), before);
    }
}

#[tokio::test]
async fn a_check_in_whose_answer_was_lost_has_set_the_label_once() {
    let floor = Floor::with(&LABELS, None).await;
    let lent = floor.given_checked_out().await;
    let lost_answer = Fault::on(CallKind::Checkin).trouble(Trouble::LoseAnswer(Cut::Reset));
    floor.simulator.state().faults().add(lost_answer);

    let back = given_back(&floor, lent, report(ReturnCondition::Damaged)).await;

    assert_eq!(label(&floor, back.asset), 5);
    assert_eq!(floor.effects(back.asset, EffectKind::Checkin).len(), 1);
}

#[tokio::test]
async fn a_label_that_snipe_it_does_not_know_keeps_no_unit_from_coming_back() {
    let floor = Floor::with(&[("SNIPEIT_LABEL_DAMAGED", "99")], None).await;
    let lent = floor.given_checked_out().await;
    let before = label(&floor, lent.asset);

    let back = floor.given_return_as(lent, report(ReturnCondition::Damaged)).await;
    floor
        .work_until("the loan is returned", async |f: &Floor| {
            sqlx::query("update jobs set due_at = now() where kind = 'run_operation' and state = 'open' and lease_until is null")
                .execute(&f.pool)
                .await
                .unwrap();
            f.loan_status(back.loan).await == "returned"
        })
        .await;

    assert_eq!((label(&floor, back.asset), floor.holder(back.asset)), (before, None));
    assert!(floor.open_findings(back.operation.0).await.is_empty());
}

/// The unit has its label by a job of its own, and was lent to nobody meanwhile.
async fn is_labelled_by_itself(floor: &Floor, lent: Asked, expected: i64) {
    let dossier = floor.dossier(lent.requisition).await;
    let (unit, period) = (dossier.find_loan(lent.loan).unwrap().equipment_id, dossier.requisition.period);
    let mut conn = floor.pool.begin().await.unwrap();
    assert_eq!(catalogue::choose_named_unit(&mut conn, unit, period).await.unwrap(), None, "before the label is set");
    drop(conn);
    floor.work_until("the label is set", async |f: &Floor| label(f, lent.asset) == expected).await;
    let mut conn = floor.pool.begin().await.unwrap();
    assert_eq!(catalogue::choose_named_unit(&mut conn, unit, period).await.unwrap(), None, "nor before it is seen");
    assert_eq!(floor.effects(lent.asset, EffectKind::Patch).len(), 1);
}

#[tokio::test]
async fn what_a_technician_finds_damaged_after_its_return_gets_its_label_all_the_same() {
    let floor = Floor::with(&LABELS, None).await;
    let lent = floor.given_checked_out().await;
    let back = given_back(&floor, lent, ReturnReport::FINE).await;

    let dossier = floor.dossier(back.requisition).await;
    let worse =
        dossier.correct_condition(back.loan, report(ReturnCondition::Damaged), floor.people.technician).unwrap();
    let mut transaction = floor.pool.begin().await.unwrap();
    commit(&mut transaction, &worse).await.unwrap();
    transaction.commit().await.unwrap();

    is_labelled_by_itself(&floor, back, 5).await;
}
