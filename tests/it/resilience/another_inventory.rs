//! A worker that is pointed at another Snipe-IT sends it nothing until a person rebinds.

use makerlab_tests::{
    lab::shared,
    simulator::{CallKind, Simulator, SimulatorOptions},
    stack::until,
};

use super::given::{PATIENCE, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_snipeit_behind_the_same_database_gets_nothing_until_a_person_rebinds() {
    let mut lab = lab(shared().await).await;
    let remembered = "select base_url is not null from snipeit_link";
    let is_remembered =
        async || sqlx::query_scalar(remembered).fetch_one(&lab.pool).await.unwrap_or(false).then_some(());
    until("the inventory is remembered", PATIENCE, is_remembered).await.unwrap();
    lab.stack.kill_worker();
    let other = Simulator::start(SimulatorOptions { throttle: None, ..SimulatorOptions::default() }).unwrap();
    lab.stack.set("SNIPEIT_URL", other.url());
    lab.stack.set("SNIPEIT_API_TOKEN", other.token());

    lab.stack.start_worker().await.unwrap();
    let reasons = lab.is_said_to_be("degraded").await;
    assert!(reasons[0].contains("not the inventory that was here before"), "{reasons:?}");
    let requisition = lab.submit().await;
    assert!(lab.rebind("nobody@lab.example").await.contains("nobody here has that address"));
    let posts = || other.state().ledger().count_calls(CallKind::Checkout);
    assert_eq!((posts(), lab.see(&requisition).await["status"].as_str()), (0, Some("pending")));

    assert!(lab.rebind("ada.admin@lab.example").await.contains("Bound to the Snipe-IT that answers now"));
    lab.comes_to(&requisition, "checked_out").await;
    assert_eq!(posts(), 1);
    assert!(lab.rebind("ada.admin@lab.example").await.contains("nothing to rebind"));
}
