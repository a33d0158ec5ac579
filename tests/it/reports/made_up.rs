//! Requisitions and loans that nobody asked for: in all states, at all times, in the database and in memory alike.

use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::{ModelId, ProjectId},
    report::ModelName,
    requisition::{LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use sqlx::PgPool;
use uuid::Uuid;

const REASONS: [Option<&str>; 3] = [Some("being repaired"), Some("not this year"), None];

pub(super) struct World {
    begin: DateTime<Utc>,
    pub(super) projects: [ProjectId; 2],
    pub(super) models: Vec<ModelName>,
    pub(super) requisitions: Vec<Requisition>,
    pub(super) unmet: Vec<Unmet>,
    user: Uuid,
    units: i64,
}

pub(super) struct Unmet {
    pub(super) project: ProjectId,
    pub(super) model: usize,
    pub(super) missing: i32,
    /// Which of the requisitions could not be granted; `None`: it was refused at once.
    pub(super) requisition: Option<usize>,
    pub(super) at: DateTime<Utc>,
}

pub(super) struct Requisition {
    pub(super) project: ProjectId,
    pub(super) status: RequisitionStatus,
    pub(super) created_at: DateTime<Utc>,
    pub(super) reason: Option<&'static str>,
    pub(super) lines: Vec<Line>,
}

impl Requisition {
    /// As the requisition itself remembers it.
    fn last_decision(&self) -> Option<DateTime<Utc>> {
        self.lines.iter().filter_map(|line| line.decided_at).max()
    }
}

pub(super) struct Line {
    pub(super) model: usize,
    pub(super) quantity: i32,
    pub(super) status: LineStatus,
    /// The model and how many of it.
    pub(super) granted: Option<(usize, i32)>,
    /// By somebody, on its own.
    pub(super) decided_at: Option<DateTime<Utc>>,
    /// Of its own.
    pub(super) reason: Option<&'static str>,
    pub(super) loans: Vec<Loan>,
}

pub(super) struct Loan {
    pub(super) status: LoanStatus,
    pub(super) starts_at: DateTime<Utc>,
    pub(super) due_at: DateTime<Utc>,
    /// Over the counter.
    pub(super) handed_over_at: Option<DateTime<Utc>>,
    pub(super) checked_out_at: Option<DateTime<Utc>>,
    pub(super) returned_at: Option<DateTime<Utc>>,
    /// How it came back, if that was said.
    pub(super) condition: Option<ReturnCondition>,
    /// Of its unit.
    pub(super) cost: Option<i64>,
    /// When the loan behind it took its place.
    pub(super) replaced_at: Option<DateTime<Utc>>,
    /// It took the place of the loan before it.
    pub(super) is_instead: bool,
}

impl World {
    /// Two projects and four models, one of them without a category.
    pub(super) async fn empty(pool: &PgPool, begin: DateTime<Utc>) -> Self {
        let (user, projects) = (Uuid::now_v7(), [Uuid::now_v7(), Uuid::now_v7()]);
        let insert = "insert into users (id, name, email, role) values ($1, 'Ana Silva', 'ana@lab.example', 'student')";
        sqlx::query(insert).bind(user).execute(pool).await.unwrap();
        for project in projects {
            let insert = "insert into projects (id, name, status, created_by) values ($1, 'Rover', 'active', $2)";
            sqlx::query(insert).bind(project).bind(user).execute(pool).await.unwrap();
        }
        let mut models = Vec::new();
        for (number, category) in (1_i64..).zip([Some("Scopes"), Some("Boards"), Some("Scopes"), None]) {
            let model = ModelName {
                id: ModelId::generate(),
                name: format!("Model {number}"),
                category: category.map(str::to_owned),
            };
            let insert = "insert into equipment_models (id, snipeit_model_id, name, category, seen_at)
                          values ($1, $2, $3, $4, now())";
            let insert = sqlx::query(insert).bind(model.id.0).bind(number).bind(&model.name).bind(&model.category);
            insert.execute(pool).await.unwrap();
            models.push(model);
        }
        Self {
            begin,
            projects: projects.map(ProjectId),
            models,
            requisitions: Vec::new(),
            unmet: Vec::new(),
            user,
            units: 0,
        }
    }

    pub(super) fn loans(&self) -> impl Iterator<Item = &Loan> {
        self.requisitions.iter().flat_map(|one| &one.lines).flat_map(|line| &line.loans)
    }

    /// A moment at which something happened, or any other.
    pub(super) fn some_moment(&self, random: &mut ChaCha8Rng) -> DateTime<Utc> {
        let loans: Vec<_> = self.loans().collect();
        let of_loan = loans.choose(random).and_then(|loan| {
            [loan.handed_over_at, loan.checked_out_at, loan.returned_at, loan.replaced_at, Some(loan.due_at)]
                .choose(random)
                .copied()
                .flatten()
        });
        let of_requisition = self
            .requisitions
            .choose(random)
            .map(|one| one.lines.choose(random).and_then(|line| line.decided_at).unwrap_or(one.created_at));
        [of_loan, of_requisition, None].choose(random).copied().flatten().unwrap_or_else(|| self.any_moment(random))
    }

    fn any_moment(&self, random: &mut ChaCha8Rng) -> DateTime<Utc> {
        self.begin + TimeDelta::microseconds(random.random_range(-5 * DAY..65 * DAY))
    }

    pub(super) async fn add_requisitions(&mut self, pool: &PgPool, random: &mut ChaCha8Rng, number: usize) {
        for _ in 0..number {
            let requisition = self.some_requisition(random);
            let id = self.insert(pool, &requisition).await;
            self.requisitions.push(requisition);
            if random.random_bool(0.5) {
                let number = self.requisitions.len() - 1;
                let model = self.requisitions[number].lines[0].model;
                self.add_unmet(pool, random, model, Some((number, id))).await;
            }
        }
        let model = random.random_range(0..self.models.len());
        self.add_unmet(pool, random, model, None).await;
    }

    async fn add_unmet(
        &mut self,
        pool: &PgPool,
        random: &mut ChaCha8Rng,
        model: usize,
        requisition: Option<(usize, Uuid)>,
    ) {
        let unmet = Unmet {
            project: requisition
                .map_or(*self.projects.choose(random).unwrap(), |(number, _)| self.requisitions[number].project),
            model,
            missing: random.random_range(1..=4),
            requisition: requisition.map(|(number, _)| number),
            at: self.any_moment(random),
        };
        insert_unmet(pool, &unmet, self.models[model].id, self.user, requisition.map(|(_, id)| id)).await;
        self.unmet.push(unmet);
    }

    fn some_requisition(&self, random: &mut ChaCha8Rng) -> Requisition {
        let created_at = self.begin + TimeDelta::microseconds(random.random_range(0..58 * DAY));
        let lines = (0..random.random_range(1..=3)).map(|_| some_line(random, created_at, self.models.len())).collect();
        Requisition {
            project: *self.projects.choose(random).unwrap(),
            status: *RequisitionStatus::ALL.choose(random).unwrap(),
            created_at,
            reason: *REASONS.choose(random).unwrap(),
            lines,
        }
    }

    async fn insert(&mut self, pool: &PgPool, requisition: &Requisition) -> Uuid {
        let id = Uuid::now_v7();
        sqlx::query(
            "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status, created_at,
                                       decided_at, decision_reason)
             values ($1, $2, $3, 'Measuring', $4, $4 + interval '1 day', $5, $4, $6, $7)",
        )
        .bind(id)
        .bind(requisition.project.0)
        .bind(self.user)
        .bind(requisition.created_at)
        .bind(requisition.status.as_str())
        .bind(requisition.last_decision())
        .bind(requisition.reason)
        .execute(pool)
        .await
        .unwrap();
        for (position, line) in (1_i32..).zip(&requisition.lines) {
            self.insert_line(pool, id, position, line, requisition.created_at).await;
        }
        id
    }

    async fn insert_line(
        &mut self,
        pool: &PgPool,
        requisition: Uuid,
        position: i32,
        line: &Line,
        submitted_at: DateTime<Utc>,
    ) {
        let id = Uuid::now_v7();
        sqlx::query(
            "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status, decision_reason,
                                            granted_model_id, granted_quantity, granted_units_named, decided_by,
                                            decided_at)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, case when $9 > 0 then false end,
                     case when $11::timestamptz is not null then $10::uuid end, $11)",
        )
        .bind(id)
        .bind(requisition)
        .bind(position)
        .bind(self.models[line.model].id.0)
        .bind(line.quantity)
        .bind(line.status.as_str())
        .bind(line.reason)
        .bind(line.granted.map(|(model, _)| self.models[model].id.0))
        .bind(line.granted.map(|(_, quantity)| quantity))
        .bind(self.user)
        .bind(line.decided_at)
        .execute(pool)
        .await
        .unwrap();
        let mut before = None;
        for loan in &line.loans {
            self.units += 1;
            let instead_of = before.filter(|_| loan.is_instead);
            let promised_at = line.decided_at.unwrap_or(submitted_at);
            let row =
                LoanRow { requisition, line: id, loan, promised_at, instead_of, number: self.units, user: self.user };
            before = Some(row.insert(pool).await);
        }
    }
}

/// Each on a day of its own.
async fn insert_unmet(pool: &PgPool, unmet: &Unmet, model: ModelId, user: Uuid, requisition: Option<Uuid>) {
    sqlx::query(
        "insert into unmet_demand (id, project_id, requester_id, model_id, starts_at, due_at, units_wanted, units_missing,
                                   day, at, requisition_id)
         select gen_random_uuid(), $1, $2, $3, $5, $5 + interval '1 day', 5, $4,
                case when $6::uuid is null then '2000-01-01'::date + count(*)::int end, $5, $6
         from unmet_demand",
    )
    .bind(unmet.project.0)
    .bind(user)
    .bind(model.0)
    .bind(unmet.missing)
    .bind(unmet.at)
    .bind(requisition)
    .execute(pool)
    .await
    .unwrap();
}

/// Of a unit of its own: what is promised never overlaps.
struct LoanRow<'a> {
    requisition: Uuid,
    line: Uuid,
    loan: &'a Loan,
    promised_at: DateTime<Utc>,
    instead_of: Option<Uuid>,
    number: i64,
    user: Uuid,
}

impl LoanRow<'_> {
    async fn insert(&self, pool: &PgPool) -> Uuid {
        let Self { requisition, line, loan, promised_at, instead_of, number, user } = self;
        sqlx::query_scalar(
            "with unit as (
                 insert into equipment (id, snipeit_asset_id, model_id, tag, label_id, label_name, label_kind, presence,
                                        seen_at, purchase_cost_cents)
                 select gen_random_uuid(), $1, model_id, 'ML-' || $1, 1, 'Ready', 'deployable', 'listed', now(), $10
                 from requisition_lines where id = $3
                 returning id
             )
             insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at,
                                checked_out_at, returned_at, snipeit_user_id, fingerprint, return_condition,
                                return_note, handed_over_at, handed_over_by, instead_of, replaced_at, created_at)
             select gen_random_uuid(), $2, $3, unit.id, $4, $5, $6, $7, $8, $9, 7, '2026-01-10 10:00:00', $11, 'told', $12,
                    case when $12::timestamptz is not null then $4 end, $13, $14, $15
             from unit
             returning id",
        )
        .bind(number)
        .bind(requisition)
        .bind(line)
        .bind(user)
        .bind(loan.status.as_str())
        .bind(loan.starts_at)
        .bind(loan.due_at)
        .bind(loan.checked_out_at)
        .bind(loan.returned_at)
        .bind(loan.cost)
        .bind(loan.condition.map(ReturnCondition::as_str))
        .bind(loan.handed_over_at)
        .bind(instead_of)
        .bind(loan.replaced_at)
        .bind(promised_at)
        .fetch_one(pool)
        .await
        .unwrap()
    }
}

/// In microseconds.
const DAY: i64 = 86_400_000_000;

/// From nothing to so many days, to the microsecond.
fn some_time(random: &mut ChaCha8Rng, days: i64) -> TimeDelta {
    TimeDelta::microseconds(random.random_range(0..days * DAY))
}

fn some_line(random: &mut ChaCha8Rng, created_at: DateTime<Utc>, models: usize) -> Line {
    let status = if random.random_bool(0.5) { LineStatus::Approved } else { *LineStatus::ALL.choose(random).unwrap() };
    let loans = if status == LineStatus::Approved { random.random_range(0..=3) } else { 0 };
    let quantity = random.random_range(1..=5);
    // What was granted may be cancelled afterwards.
    let is_granted = [LineStatus::Approved, LineStatus::Cancelled].contains(&status) && random.random_bool(0.5);
    let is_decided = is_granted || (status == LineStatus::Rejected && random.random_bool(0.8));
    Line {
        model: random.random_range(0..models),
        quantity,
        status,
        granted: is_granted.then(|| (random.random_range(0..models), random.random_range(1..=quantity))),
        decided_at: is_decided.then(|| created_at + some_time(random, 3)),
        reason: *REASONS.choose(random).unwrap(),
        loans: (0..loans).flat_map(|_| some_loans(random, created_at)).collect(),
    }
}

fn some_loan(random: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Loan {
    let status = if random.random_bool(0.5) { LoanStatus::Returned } else { *LoanStatus::ALL.choose(random).unwrap() };
    let starts_at = created_at + some_time(random, 4);
    let due_at = starts_at + TimeDelta::microseconds(1) + some_time(random, 12);
    // A unit is not out before now is; the youngest requisition is two days old.
    let begun = whole_microseconds((created_at + some_time(random, 5)).min(Utc::now() - TimeDelta::hours(1)));
    let (handed_over_at, checked_out_at) = match status {
        LoanStatus::HandedOver => (Some(begun), None),
        LoanStatus::CheckedOut if random.random_bool(0.5) => (None, Some(begun)),
        LoanStatus::CheckedOut => (Some(begun), Some(begun + TimeDelta::minutes(5))),
        // It may come back before Snipe-IT was asked.
        LoanStatus::Returned => {
            [(None, Some(begun)), (Some(begun), None), (Some(begun), Some(begun))][random.random_range(0..3)]
        }
        LoanStatus::Promised | LoanStatus::Failed | LoanStatus::Released => (None, None),
    };
    // Now and then to the microsecond when it is due.
    let returned_at = (status == LoanStatus::Returned)
        .then(|| if random.random_bool(0.1) { due_at.max(begun) } else { begun + some_time(random, 15) });
    let cost = random.random_bool(0.7).then(|| random.random_range(0..100_000));
    let condition =
        returned_at.and_then(|_| ReturnCondition::ALL.choose(random).filter(|_| random.random_bool(0.5)).copied());
    let (replaced_at, is_instead) = (None, false);
    Loan {
        status,
        starts_at,
        due_at,
        handed_over_at,
        checked_out_at,
        returned_at,
        condition,
        cost,
        replaced_at,
        is_instead,
    }
}

/// One that is out may be exchanged at the counter, also more than once.
fn some_loans(random: &mut ChaCha8Rng, created_at: DateTime<Utc>) -> Vec<Loan> {
    let mut loans = vec![some_loan(random, created_at)];
    while let Some(out_at) = loans.last().and_then(|loan| loan.handed_over_at.or(loan.checked_out_at))
        && random.random_bool(0.3)
    {
        let mut later = some_loan(random, created_at);
        let begun = later.handed_over_at.or(later.checked_out_at);
        let Some(replaced_at) = begun.map(|begun| begun.max(out_at)) else { continue };
        let first = loans.last_mut().expect("the one before");
        first.replaced_at = Some(replaced_at);
        first.returned_at = first.returned_at.map(|at| at.max(replaced_at));
        later.handed_over_at = Some(replaced_at);
        later.checked_out_at = later.checked_out_at.map(|at| at.max(replaced_at));
        later.returned_at = later.returned_at.map(|at| at.max(replaced_at));
        (later.starts_at, later.due_at, later.is_instead) = (first.starts_at, first.due_at, true);
        loans.push(later);
    }
    loans
}

/// As the database keeps them.
fn whole_microseconds(moment: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(moment.timestamp_micros()).unwrap()
}
