//! Nonsense at every address: whatever is asked by whomever, the answer is never a 5xx, every refusal is a problem that
//! `/problems` lists, and nothing of what was refused has happened. The addresses are those of the OpenAPI document.

mod ask;
mod near;

use super::{
    app::Reply,
    documents::wrong_answer,
    given::{self, Lab},
};
use ask::{Ask, Operation};
use axum::http::{Method, header};
use near::World;
use proptest::{
    prelude::*,
    test_runner::{TestCaseError, TestError, TestRunner},
};
use serde_json::{Value, json};
use std::{
    cell::RefCell,
    collections::BTreeSet,
    time::{Duration, Instant},
};

/// Requests of each caller at each address, a round.
const ASKS: u32 = 2;
const LEAST_ROUNDS: usize = 2;
const MOST_ROUNDS: usize = 6;
/// No further round is begun after this.
const PATIENCE: Duration = Duration::from_secs(12);

#[test]
fn nonsense_at_any_address_is_refused_as_a_problem_and_leaves_nothing_behind() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let _entered = runtime.enter();
    let ground = runtime.block_on(Ground::prepare());
    let operations: Vec<_> = ask::operations(&ground.world.document)
        .into_iter()
        .map(|operation| (ask::asks(&ground.world, &operation), operation))
        .collect();
    let began = Instant::now();

    for (_, operation) in &operations {
        for ask in ask::oddities(&ground.world, operation) {
            let judged = runtime.block_on(ground.judge(operation, &ground.callers[0], &ask));
            judged.unwrap_or_else(|why| panic!("{} {}: {why}\n{ask:#?}", operation.method, operation.path));
        }
    }
    for round in 0..MOST_ROUNDS {
        if round >= LEAST_ROUNDS && began.elapsed() > PATIENCE {
            break;
        }
        for (asks, operation) in &operations {
            for caller in &ground.callers {
                let config = ProptestConfig {
                    cases: ASKS,
                    failure_persistence: None,
                    max_shrink_iters: 200,
                    ..ProptestConfig::default()
                };
                let judged =
                    TestRunner::new(config).run(asks, |ask| runtime.block_on(ground.judge(operation, caller, &ask)));
                if let Err(TestError::Fail(why, ask)) = judged {
                    panic!("{} {} as {}: {why}\n{ask:#?}", operation.method, operation.path, caller.name);
                }
            }
        }
    }

    let seen = ground.seen.borrow();
    for status in [200, 201, 400, 401, 403, 404, 415, 422] {
        assert!(seen.contains(&status), "nothing was answered with {status}, only with {seen:?}");
    }
}

struct Caller {
    name: &'static str,
    /// `None`: nobody, who may try whatever the ask makes up.
    token: Option<String>,
}

struct Ground {
    lab: Lab,
    world: World,
    callers: Vec<Caller>,
    problems: Value,
    /// The question for the whole database, and what it was answered last.
    ask_for_everything: String,
    stood: RefCell<Value>,
    seen: RefCell<BTreeSet<u16>>,
}

impl Ground {
    /// A lab in which something is in every state, so that many a request is nearly right.
    async fn prepare() -> Self {
        let lab = given::a_lab().await;
        let free = given::free_model(&lab.app, 6, &lab.admin).await;
        let approved = given::model(&lab.app, 3).await;
        for model in [&free, &approved, &approved, &approved, &approved] {
            given::submitted(&lab, model).await;
        }
        given::checked_out(&lab, &given::submitted(&lab, &free).await).await;
        given::pending_project(&lab.app, &lab.member).await;
        let spare = json!({"label": "spare", "days": 1});
        lab.app.post(&lab.member.token, "/v1/tokens", &spare).await.expect(201);
        let token = |name, person: &given::Person| Caller { name, token: Some(person.token.clone()) };
        let callers = vec![
            token("admin", &lab.admin),
            token("technician", &lab.technician),
            token("student", &lab.member),
            Caller { name: "nobody", token: None },
        ];
        let world = World::of(&lab).await;
        let problems = lab.app.get("", "/problems").await.expect(200);
        let ask_for_everything = ask_for_everything(&lab).await;
        let stood = RefCell::new(everything(&lab, &ask_for_everything).await);
        Self { lab, world, callers, problems, ask_for_everything, stood, seen: RefCell::default() }
    }

    async fn judge(&self, operation: &Operation, caller: &Caller, ask: &Ask) -> Result<(), TestCaseError> {
        let reply = self.lab.app.send(ask.request(&operation.method, caller.token.as_deref())).await;
        let stands = everything(&self.lab, &self.ask_for_everything).await;
        let stood = self.stood.replace(stands.clone());
        let status = reply.status.as_u16();
        self.seen.borrow_mut().insert(status);

        prop_assert!(status < 500, "{status} {}", reply.json);
        if caller.token.is_none() && operation.needs_token {
            prop_assert_eq!(status, 401, "{}", reply.json);
        }
        if status >= 400 {
            self.check_problem(&reply)?;
        } else {
            let wrong =
                wrong_answer(&self.world.document, operation.method_word(), &operation.path, status, &reply.json);
            prop_assert!(wrong.is_empty(), "{wrong:#?}");
        }
        if status >= 400 || operation.method == Method::GET {
            prop_assert_eq!(stands, stood, "{} changed something", status);
        }
        Ok(())
    }

    fn check_problem(&self, reply: &Reply) -> Result<(), TestCaseError> {
        let said = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        prop_assert_eq!(said, Some("application/problem+json"), "{}", &reply.json);
        prop_assert_eq!(&reply.json["status"], reply.status.as_u16());
        let listed = self.problems.as_array().unwrap().iter().find(|problem| problem["type"] == reply.json["type"]);
        let Some(listed) = listed else { return Err(TestCaseError::fail(format!("nobody lists {}", reply.json))) };
        prop_assert_eq!(&listed["status"], &reply.json["status"]);
        prop_assert_eq!(&listed["title"], &reply.json["title"]);
        prop_assert!(reply.json["detail"].as_str().is_some_and(|detail| !detail.is_empty()), "{}", &reply.json);
        Ok(())
    }
}

/// Asks for how many rows each table has, and what they add up to. A token notes its use whenever it likes, and what was
/// refused for lack of units is remembered as demand.
async fn ask_for_everything(lab: &Lab) -> String {
    let tables = "select relname::text from pg_class
                  where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'unmet_demand'";
    let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&lab.app.owner).await.unwrap();
    let sums = tables.iter().map(|table| {
        format!(
            "'{table}', (select jsonb_build_array(count(*), sum(hashtext((to_jsonb(r) - 'last_used_at')::text)))
                         from {table} r)"
        )
    });
    format!("select jsonb_build_object({})", sums.collect::<Vec<_>>().join(", "))
}

async fn everything(lab: &Lab, ask: &str) -> Value {
    sqlx::query_scalar(sqlx::AssertSqlSafe(ask.to_owned())).fetch_one(&lab.app.owner).await.unwrap()
}
