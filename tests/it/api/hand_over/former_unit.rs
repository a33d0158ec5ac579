//! The unit that was kept and stayed in the shelf, because another one was given, has both in its history.

use super::{counter_model, hand_over, kept, tag_of};
use crate::api::given::{self, Lab, id_of};
use serde_json::{Value, json};
use uuid::Uuid;

async fn history_of(lab: &Lab, unit: Uuid) -> Vec<Value> {
    let path = format!("/v1/equipment/{unit}/history");
    let listed = lab.app.get(&lab.technician.token, &path).await.expect(200);
    listed["items"].as_array().unwrap().clone()
}

fn events(history: &[Value]) -> Vec<&str> {
    history.iter().map(|row| row["event"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_unit_tells_that_it_was_kept_and_that_another_was_given_in_its_place_and_no_more_of_that_loan() {
    let lab = given::a_lab().await;
    let model = counter_model(&lab, 2).await;
    let requisition = kept(&lab, &model, 1).await;
    let loan = requisition["loans"][0]["id"].clone();
    let former: Uuid = requisition["loans"][0]["equipment_id"].as_str().unwrap().parse().unwrap();
    let given: Uuid = *model.units.iter().find(|unit| **unit != former).unwrap();
    let tag = tag_of(&lab, given).await;

    hand_over(&lab.app, &lab.technician, id_of(&requisition), json!([{"tag": tag}])).await.expect(202);
    let of_former = history_of(&lab, former).await;
    lab.app
        .post(&lab.member.token, &format!("/v1/loans/{}/return", loan.as_str().unwrap()), &json!({}))
        .await
        .expect(202);

    assert_eq!(events(&of_former), ["unit_exchanged", "submitted"]);
    assert!(of_former.iter().all(|row| row["entity_id"] == loan && row["requisition_id"] == requisition["id"]));
    let exchanged = &of_former[0];
    assert_eq!(exchanged["changes"], json!([{"field": "equipment_id", "before": former, "after": given}]));
    assert_eq!(exchanged["reason"], json!(format!("{tag} was given instead of the unit that was kept")));
    assert_eq!(exchanged["actor"]["id"], json!(lab.technician.id));
    assert_eq!(history_of(&lab, former).await, of_former, "the way of the other unit is not its own");
    let of_given = history_of(&lab, given).await;
    assert!(["handed_over", "unit_exchanged"].iter().all(|event| events(&of_given).contains(event)), "{of_given:#?}");
}
