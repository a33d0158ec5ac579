//! What was made up, in the database.

use super::{Line, Loan, Requisition, Unmet, World};
use chrono::{DateTime, Utc};
use makerlab_shared::domain::{id::ModelId, requisition::ReturnCondition};
use sqlx::PgPool;
use uuid::Uuid;

impl World {
    pub(super) async fn insert(&mut self, pool: &PgPool, requisition: &Requisition) -> Uuid {
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
pub(super) async fn insert_unmet(pool: &PgPool, unmet: &Unmet, model: ModelId, user: Uuid, requisition: Option<Uuid>) {
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
