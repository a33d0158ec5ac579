//! Requisitions and loans that nobody asked for: in all states, at all times, in the database and in memory alike.

mod chance;
mod rows;

use chance::{DAY, some_line};
use chrono::{DateTime, TimeDelta, Utc};
use makerlab_shared::domain::{
    id::{ModelId, ProjectId},
    report::ModelName,
    requisition::{LineStatus, LoanStatus, RequisitionStatus, ReturnCondition},
};
use rand::{Rng, seq::IndexedRandom};
use rand_chacha::ChaCha8Rng;
use rows::insert_unmet;
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
}
