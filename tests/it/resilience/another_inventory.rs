//! A worker that is pointed at another Snipe-IT sends it nothing until a person rebinds; one that cannot tell says so.

use makerlab_tests::{
    lab::shared,
    simulator::{CallKind, Fault, Page, Simulator, SimulatorOptions},
    stack::{Client, until},
};
use serde_json::Value;

use super::given::{Lab, PATIENCE, lab};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_snipeit_behind_the_same_database_gets_nothing_until_a_person_rebinds() {
    let mut lab = lab(shared().await).await;
    lab.inventory_is_remembered().await;
    lab.stack.kill_worker();
    let other = Simulator::start(SimulatorOptions { throttle: None, ..SimulatorOptions::default() }).unwrap();
    lab.stack.set("SNIPEIT_URL", other.url());
    lab.stack.set("SNIPEIT_API_TOKEN", other.token());
    lab.stack.set("SNIPEIT_LABEL_DAMAGED", "Out for repair");

    lab.stack.start_worker().await.unwrap();
    let reasons = lab.is_said_to_be("degraded").await;
    assert!(reasons[0].contains("not the inventory that was here before"), "{reasons:?}");
    let requisition = lab.submit().await;
    assert!(lab.rebind("nobody@lab.example").await.contains("nobody here has that address"));
    let posts = || other.state().ledger().count_calls(CallKind::Checkout);
    assert_eq!(other.state().ledger().requests().len(), 0, "not even its labels are read");
    assert_eq!((posts(), lab.see(&requisition).await["status"].as_str()), (0, Some("pending")));

    assert!(lab.rebind("ada.admin@lab.example").await.contains("Bound to the Snipe-IT that answers now"));
    lab.comes_to(&requisition, "checked_out").await;
    assert_eq!(posts(), 1);
    assert!(lab.rebind("ada.admin@lab.example").await.contains("nothing to rebind"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_cannot_tell_whose_inventory_answers_says_so_until_it_can() {
    let mut lab = lab(shared().await).await;
    lab.inventory_is_remembered().await;
    lab.stack.kill_worker();
    lab.stack.simulator.state().faults().add(Fault::on(CallKind::Show).until_cleared().instead(Page::BrokenJson));

    lab.stack.start_worker().await.unwrap();
    let worker = Client::new(&lab.stack.workers[0].metrics_url).unwrap();
    let says = async |what: &str| {
        let mut last = Value::Null;
        let said = async || {
            last = worker.get("/readyz").await.ok()?["reasons"].take();
            last.to_string().contains(what).then_some(())
        };
        let came = until(&format!("the worker says {what}"), PATIENCE, said).await;
        came.unwrap_or_else(|error| panic!("{error}; it says {last}"));
    };
    says("whose inventory answers at SNIPEIT_URL is not known since 20").await;
    says("(Snipe-IT gave no usable answer: HTTP 200, but the answer is not JSON): this worker sends nothing").await;

    lab.stack.simulator.state().faults().clear();
    says("[]").await;
}

impl Lab {
    async fn inventory_is_remembered(&self) {
        let remembered = "select base_url is not null from snipeit_link";
        let is_remembered =
            async || sqlx::query_scalar(remembered).fetch_one(&self.pool).await.unwrap_or(false).then_some(());
        until("the inventory is remembered", PATIENCE, is_remembered).await.unwrap();
    }
}
