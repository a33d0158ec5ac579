//! Row 17: the token is withdrawn while people wait. Nobody's requisition is to blame.

use std::fs;

use makerlab_tests::{
    lab::shared,
    simulator::{ADMIN, EffectKind},
    stack::until,
};

use super::given::{PATIENCE, lab_with};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_token_pauses_a_full_queue_which_drains_after_the_fix_without_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let token_file = folder.path().join("token");
    fs::write(&token_file, "simulator-token\n").unwrap();
    let lab = lab_with(shared().await, |options| {
        options.with("SNIPEIT_API_TOKEN", "").with("SNIPEIT_API_TOKEN_FILE", token_file.to_str().unwrap())
    })
    .await;
    lab.comes_to(&lab.submit().await, "checked_out").await;

    lab.stack.simulator.state().revoke_token("simulator-token");
    let queue = [lab.submit().await, lab.submit().await, lab.submit().await, lab.submit().await];
    let reasons = lab.is_said_to_be("degraded").await;
    assert!(
        reasons.iter().any(|reason| reason.contains("Snipe-IT is paused") && reason.contains("401")),
        "{reasons:?}"
    );
    // What was on its way when the pause began comes back as if it had never been sent.
    let has_come_back = async |requisition: &str| {
        let operation = &lab.see(requisition).await["operations"][0];
        (operation["state"] == "waiting" && operation["attempts"] == 0).then_some(())
    };
    for requisition in &queue {
        until("it waits, and no attempt counts", PATIENCE, async || has_come_back(requisition).await).await.unwrap();
    }

    fs::write(&token_file, "a-new-token\n").unwrap();
    lab.stack.simulator.state().set_token("a-new-token", ADMIN);

    for requisition in &queue {
        lab.comes_to(requisition, "checked_out").await;
    }
    until("the api is ready again", PATIENCE, async || Some(lab.is_said_to_be("ready").await)).await.unwrap();
    assert_eq!(lab.effects(), [EffectKind::Checkout; 5]);
}
