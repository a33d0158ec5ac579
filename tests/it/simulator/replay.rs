//! Every recorded exchange in `tests/recordings`, sent to the simulator: status, envelope and shape must be the recorded ones.

use std::fs;
use std::path::Path;
use std::time::Duration;

use makerlab_tests::simulator::{
    ADMIN, ARCHIVED, Fault, Named, NewAsset, NewModel, NewUser, OUT_FOR_REPAIR, PENDING, Page, STORAGE, Seed,
    Simulator, SimulatorOptions, ThrottleRule,
};
use reqwest::header::HeaderMap;
use reqwest::{Client, Method};
use serde_json::{Value, json};

use super::given::{Lab, answer, client};
use super::shape::differences;

/// What the simulator leaves out on purpose, by recording ("" for all) and path.
const EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("", "payload.adminuser", "the raw user row of who created the asset, with every column"),
    ("", "payload.model.fieldset", "the definition of the custom fields, which nobody reads from a write"),
    ("asset_create", "payload", "the raw row: the real one lists only the columns that were sent"),
    ("put_hardware", "payload.model", "the real one loads the model only where custom fields were looked at"),
];

/// Recordings of an asset that somebody has.
const LENT: &[(&str, i64)] = &[
    ("activity_action_type_checkin_from", 64),
    ("activity_by_", 1),
    ("activity_item_type_wrongcase", 77),
    ("activity_search_", 64),
    ("activity_target_user_item", 77),
    ("checkin_at_past_date", 77),
    ("checkin_bad_json", 1),
    ("checkin_bytag_path", 64),
    ("checkin_form_post", 1),
    ("checkin_ok_", 64),
    ("checkin_status_invalid", 1),
    ("checkin_to_undeployable_ok", 77),
    ("checkout_already_checked_out", 64),
    ("checkout_user_ok__", 64),
    ("hardware_list_assigned_to_user", 1),
    ("hardware_show_checked_out", 1),
    ("locale_pt_checkin_ok", 76),
    ("locale_pt_checkout_not_available", 76),
    ("patch_expected_checkin", 13),
    ("perm_none_checkin", 1),
    ("perm_tech_checkin", 76),
    ("strings_note_array__after", 75),
];

/// Recordings of an asset that came back.
const RETURNED: &[(&str, i64)] =
    &[("activity_action_type_checkin_from", 64), ("checkin_bad_json__after", 1), ("checkin_ok__", 64)];

const DELETED: &[&str] = &[
    "checkin_deleted_asset",
    "checkout_deleted_asset",
    "hardware_bytag_deleted",
    "hardware_patch_deleted",
    "hardware_restore",
    "hardware_show_deleted",
];

#[tokio::test]
async fn recorded_exchanges_are_answered_with_the_recorded_status_and_shape() {
    let http = client();
    let mut differing = Vec::new();
    let recordings = recordings();
    for (name, recording) in &recordings {
        let lab = recorded_lab(&http);
        prepare(&lab, name).await;
        let found = compare(&lab, name, recording).await;
        differing.extend(found.into_iter().map(|difference| format!("{name}: {difference}")));
    }
    assert!(recordings.len() > 150, "only {} recordings were found", recordings.len());
    assert!(differing.is_empty(), "{} differences:\n{}", differing.len(), differing.join("\n"));
}

async fn compare(lab: &Lab, name: &str, recording: &Value) -> Vec<String> {
    let response = request(lab, name, recording).send().await.unwrap();
    let recorded = &recording["response"];
    let (status, headers) = (response.status().as_u16(), headers(lab, response.headers()));
    let text = response.text().await.unwrap();
    if recorded["status"] != status {
        return vec![format!("recorded {}, simulated {status} {text}", recorded["status"])];
    }
    let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
    let ignored: Vec<&str> =
        EXCEPTIONS.iter().filter(|(of, _, _)| of.is_empty() || of == &name).map(|(_, path, _)| *path).collect();
    let mut found = differences(&recorded["body"], &body, &ignored);
    let recorded_headers = recorded_headers(recorded);
    if recorded_headers != headers {
        found.push(format!("headers: recorded {recorded_headers:?}, simulated {headers:?}"));
    }
    found
}

/// The headers that a client goes by: what the body is, where a redirect leads, whether the call was counted, when to come back.
#[derive(Debug, PartialEq, Eq)]
struct Headers {
    is_json: bool,
    location: Option<String>,
    is_counted: bool,
    has_retry_after: bool,
}

fn headers(lab: &Lab, headers: &HeaderMap) -> Headers {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    Headers {
        is_json: text("content-type").is_some_and(|kind| kind.starts_with("application/json")),
        location: text("location").map(|location| location.replace(lab.simulator.url(), "")),
        is_counted: text("x-ratelimit-remaining").is_some(),
        has_retry_after: text("retry-after").is_some(),
    }
}

fn recorded_headers(recorded: &Value) -> Headers {
    let all = recorded["headers"].as_object().unwrap();
    let text = |wanted: &str| {
        let header = all.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        header.map(|(_, value)| value.as_str().unwrap().to_owned())
    };
    Headers {
        is_json: text("content-type").is_some_and(|kind| kind.starts_with("application/json")),
        location: text("location").map(|location| location.replace("http://127.0.0.1:8100", "")),
        is_counted: text("x-ratelimit-remaining").is_some(),
        has_retry_after: text("retry-after").is_some(),
    }
}

fn recordings() -> Vec<(String, Value)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("recordings");
    let mut recordings: Vec<(String, Value)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap())
        .map(|recording: Value| (recording["name"].as_str().unwrap().to_owned(), recording))
        .collect();
    recordings.sort_by(|(a, _), (b, _)| a.cmp(b));
    recordings
}

/// A lab in which the recorded ids mean what they meant: assets 1 to 92, labels 1 to 6, user 17 gone.
fn recorded_lab(http: &Client) -> Lab {
    let seed = Seed::sized(0, 12);
    let options = SimulatorOptions { throttle: None, seed, ..SimulatorOptions::default() };
    let lab = Lab { simulator: Simulator::start(options).unwrap(), http: http.clone() };
    let hands = lab.simulator.state().hands();
    let gone = hands.create_user(NewUser::named("Gone", "Student", "gone@lab.example"));
    assert_eq!(gone, 17);
    hands.delete_user(gone);
    hands.create_model(NewModel {
        name: "Raspberry Pi 4 Model B 4GB".into(),
        number: Some("RPI4-MODBP-4GB".into()),
        category: Named::new(3, "Single-board computers"),
        manufacturer: None,
        has_fieldset: true,
    });
    let printer = hands.create_model(NewModel {
        name: "3D printer MK4S".into(),
        number: Some("MK4S".into()),
        category: Named::new(6, "3D Printing"),
        manufacturer: None,
        has_fieldset: false,
    });
    for id in 1..=91 {
        // The archived one of the recordings carries no custom fields.
        let model = if id == 68 { printer } else { 1 + id % 12 };
        let asset = NewAsset {
            serial: Some(format!("SN-01-1{id:03}")),
            rtd_location_id: Some(STORAGE),
            label_id: match id {
                67 => Some(OUT_FOR_REPAIR),
                68 => Some(ARCHIVED),
                69 => Some(PENDING),
                _ => None,
            },
            ..NewAsset::of_model(model)
        };
        assert_eq!(hands.create_asset(asset), id);
    }
    hands.create_asset(NewAsset { tag: Some("A/B 1".into()), ..NewAsset::of_model(1) });
    lab
}

async fn prepare(lab: &Lab, name: &str) {
    let hands = lab.simulator.state().hands();
    for (_, asset) in LENT.iter().filter(|(prefix, _)| name.starts_with(prefix)) {
        let note = if *asset == 64 { "rec note [op:01JTESTOP000000000000000001] seed loan 21" } else { "lent" };
        let body = json!({"checkout_to_type": "user", "assigned_user": 2, "note": note});
        answer(lab.request(Method::POST, &format!("hardware/{asset}/checkout")).json(&body)).await;
    }
    for (_, asset) in RETURNED.iter().filter(|(prefix, _)| name.starts_with(prefix)) {
        hands.check_in(*asset).unwrap();
    }
    if DELETED.contains(&name) {
        hands.delete(71);
    }
    match name {
        "checkout_location__hardware_after" => lend_to(lab, 65, "location", 4).await,
        "checkout_asset__hardware_after" => lend_to(lab, 66, "asset", 3).await,
        "user_create_duplicate_email" | "user_create_duplicate_username" => new_students(lab, 1),
        "users_filter_email_duplicate" => new_students(lab, 2),
        "patch_expected_checkin__activity" => {
            let body = json!({"expected_checkin": "2026-12-31"});
            answer(lab.request(Method::PATCH, "hardware/13").json(&body)).await;
        }
        "patch_status_same_again" => hands.set_label(72, 4),
        _ if name.starts_with("throttle_429") => {
            lab.simulator.state().throttle().set(Some(ThrottleRule { limit: 0, window: Duration::from_secs(60) }));
        }
        _ => {}
    }
    if let Some(page) = outage(name) {
        lab.simulator.state().faults().add(Fault::on_every_call().instead(page));
    }
}

async fn lend_to(lab: &Lab, asset: i64, kind: &str, id: i64) {
    let body = json!({"checkout_to_type": kind, format!("assigned_{kind}"): id});
    answer(lab.request(Method::POST, &format!("hardware/{asset}/checkout")).json(&body)).await;
}

fn new_students(lab: &Lab, count: usize) {
    for index in 0..count {
        let username = Some(if index == 0 { "new.student".to_owned() } else { format!("new.student{index}") });
        let user = NewUser { username, ..NewUser::named("New", "Student", "new.student@lab.example") };
        lab.simulator.state().hands().create_user(user);
    }
}

fn outage(name: &str) -> Option<Page> {
    match name {
        _ if name.starts_with("db_down") => Some(Page::RedirectToSetup),
        _ if name.starts_with("maintenance") => Some(Page::Maintenance),
        _ if name.starts_with("php_down") => Some(Page::BadGateway),
        _ => None,
    }
}

/// The recorded request, with the token of somebody who is here what the recorded caller was there.
fn request(lab: &Lab, name: &str, recording: &Value) -> reqwest::RequestBuilder {
    let recorded = &recording["request"];
    let method: Method = recorded["method"].as_str().unwrap().parse().unwrap();
    let url = format!("{}{}", lab.simulator.url(), recorded["path"].as_str().unwrap());
    let mut request = lab.http.request(method, url);
    for (header, value) in recorded["headers"].as_object().unwrap() {
        request = match header.as_str() {
            "Authorization" => request.bearer_auth(token(lab, name)),
            _ => request.header(header, value.as_str().unwrap()),
        };
    }
    match &recorded["body"] {
        Value::Null => request,
        Value::String(text) => request.body(text.clone()),
        object => request.body(object.to_string()),
    }
}

fn token(lab: &Lab, name: &str) -> &'static str {
    let state = lab.simulator.state();
    let hands = state.hands();
    let user = match name {
        _ if name.starts_with("auth_bad") => return "a-token-that-nobody-issued",
        _ if name.starts_with("perm_none") => 5,
        _ if name.starts_with("perm_tech") => {
            hands.set_permissions(16, &["assets.view", "assets.checkout", "assets.checkin", "users.create"]);
            16
        }
        _ if name.starts_with("locale_pt") => {
            let portuguese =
                NewUser { locale: Some("pt-PT".into()), ..NewUser::named("Lab", "Técnica", "pt@lab.example") };
            let user = hands.create_user(portuguese);
            hands.set_permissions(user, &["superuser"]);
            user
        }
        _ => ADMIN,
    };
    state.set_token("the-recorded-callers-token", user);
    "the-recorded-callers-token"
}
