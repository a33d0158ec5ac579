//! Many want the last unit.

use super::given::{Counter, lab, lab_without_worker, together, won_and_lost};
use makerlab_shared::domain::equipment::Approval;
use makerlab_tests::simulator::EffectKind;
use serde_json::json;
use std::time::Duration;

/// A client that hears nothing for this long takes the service for broken.
const SLOWEST: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_at_once_for_the_last_unit_are_one_loan_and_199_clear_answers() {
    let lab = lab(|options| options).await;
    lab.all_but_one_taken().await;
    let (students, counter) = (lab.students().await, Counter::of(&lab));
    let loans_before = lab.count("loans").await;

    let wish = lab.wish_for(json!([{ "model_id": lab.model }]));
    let racers = (0..200).map(|number| counter.asking(&students[number % students.len()], &wish));
    let (won, lost) = won_and_lost(together(racers).await);

    assert_eq!((won.len(), lost.len()), (1, 199));
    for heard in &lost {
        let said = heard.refusal(409, "no-free-unit");
        assert_eq!(said, "1 of Arduino Uno R3 are wanted and 0 are free in this period");
    }
    let slowest = lost.iter().chain(&won).map(|heard| heard.took).max().unwrap();
    println!("the slowest of two hundred waited {slowest:?}");
    assert!(slowest < SLOWEST, "somebody waited {slowest:?}");
    assert_eq!(lab.count("loans").await, loans_before + 1);
    lab.comes_to(won[0].id(), "checked_out").await;
    lab.nothing_is_promised().await;
    let out = lab.effects().iter().filter(|effect| **effect == EffectKind::Checkout).count();
    assert_eq!(i64::try_from(out).unwrap(), lab.count("loans where status = 'checked_out'").await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn asked_for_by_name_and_by_model_at_once_the_last_unit_goes_to_one() {
    let lab = lab_without_worker().await;
    let last = lab.all_but_one_taken().await;
    let counter = Counter::of(&lab);
    let by_name = lab.wish_for(json!([{ "equipment_id": last }]));
    let by_model = lab.wish_for(json!([{ "model_id": lab.model }]));

    for _ in 0..5 {
        let racers = (0..30).map(|number| {
            let wish = if number % 2 == 0 { &by_name } else { &by_model };
            counter.asking(&lab.student, wish)
        });
        let (won, lost) = won_and_lost(together(racers).await);

        assert_eq!(won.len(), 1);
        for heard in &lost {
            let said = heard.refusal(409, "no-free-unit");
            assert!(said.contains("Arduino Uno R3") && said.contains(" 0 "), "{said}");
        }
        assert_eq!(counter.tell(&lab.student, won[0].id(), "cancel", &json!({})).await.status, 200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_over_several_models_in_any_order_never_wait_in_a_circle() {
    let lab = lab(|options| options).await;
    let other = lab.another_model("3D printer MK4S").await;
    lab.all_but_one_taken().await;
    let quantity = lab.free_units(other).await.len();
    let (board, printers) = (json!({ "model_id": lab.model }), json!({ "model_id": other, "quantity": quantity }));
    let wishes = [lab.wish_for(json!([board, printers])), lab.wish_for(json!([printers, board]))];
    let counter = Counter::of(&lab);

    let racers = (0..60).map(|number| counter.asking(&lab.student, &wishes[number % 2]));
    let (won, lost) = won_and_lost(together(racers).await);

    assert_eq!(won.len(), 1);
    for heard in &lost {
        heard.refusal(409, "no-free-unit");
    }
    lab.comes_to(won[0].id(), "checked_out").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_approval_and_a_submit_at_once_for_the_last_unit_have_one_winner() {
    let lab = lab_without_worker().await;
    let last = lab.all_but_one_taken().await;
    let (technician, counter) = (lab.technician().await, Counter::of(&lab));
    let lines = [json!([{ "model_id": lab.model }]), json!([{ "equipment_id": last }])];

    for round in 0..20 {
        let wish = lab.wish_for(lines[round % 2].clone());
        lab.needs_approval(lab.model, Approval::Technician).await;
        let pending = counter.submit(&lab.student, &wish).await;
        assert_eq!((pending.status, &pending.body["status"]), (202, &json!("pending")));
        lab.needs_approval(lab.model, Approval::None).await;

        let approve = counter.telling(&technician, pending.id(), "approve", &json!({}));
        let mut racers = vec![approve, counter.asking(&lab.student, &wish)];
        racers.rotate_left(round / 2 % 2);
        let (won, lost) = won_and_lost(together(racers).await);

        assert_eq!((won.len(), lost.len()), (1, 1));
        lost[0].refusal(409, "no-free-unit");
        assert_eq!(lab.count("loans where status = 'promised'").await, lab.count("equipment").await);
        assert_eq!(counter.tell(&lab.student, won[0].id(), "cancel", &json!({})).await.status, 200);
        if won[0].id() != pending.id() {
            assert_eq!(counter.tell(&lab.student, pending.id(), "cancel", &json!({})).await.status, 200);
        }
    }
}
