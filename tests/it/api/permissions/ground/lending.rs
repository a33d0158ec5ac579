//! What is asked for, waits, is out and comes back.

use super::Ground;
use crate::api::given;
use uuid::Uuid;

impl Ground {
    /// A requisition of the common project with one line for one unit, which waits for a decision.
    pub(in crate::api::permissions) async fn pending_requisition(&self, requester: Uuid) -> Uuid {
        let (id, line) = (Uuid::now_v7(), Uuid::now_v7());
        self.run(
            sqlx::query(
                "insert into requisitions (id, project_id, requester_id, purpose, starts_at, due_at, status)
                 values ($1, $2, $3, 'Measuring', now(), now() + interval '7 days', 'pending')",
            )
            .bind(id)
            .bind(self.project)
            .bind(requester),
        )
        .await;
        let model = given::model(&self.app, 1).await.id;
        self.run(
            sqlx::query(
                "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status)
                 values ($1, $2, 1, $3, 1, 'pending')",
            )
            .bind(line)
            .bind(id)
            .bind(model),
        )
        .await;
        id
    }

    /// As [`Self::pending_requisition`], and a supervisor is asked first.
    pub(in crate::api::permissions) async fn with_supervisor(&self, requester: Uuid) -> Uuid {
        let id = self.pending_requisition(requester).await;
        self.run(
            sqlx::query("update requisitions set waiting_for = 'supervisor', waiting_since = now() where id = $1")
                .bind(id),
        )
        .await;
        id
    }

    /// The only line of a requisition.
    pub(in crate::api::permissions) async fn line_of(&self, requisition: Uuid) -> Uuid {
        let line = sqlx::query_scalar("select id from requisition_lines where requisition_id = $1").bind(requisition);
        line.fetch_one(&self.app.owner).await.unwrap()
    }

    /// A loan of the common project that is checked out.
    pub(in crate::api::permissions) async fn loan_out(&self, borrower: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        let requisition = self.pending_requisition(borrower).await;
        self.run(
            sqlx::query(
                "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at,
                                    handed_over_at, handed_over_by, checked_out_at, snipeit_user_id, fingerprint)
                 select $1, l.requisition_id, l.id, e.id, $2, 'checked_out', now(), now() + interval '7 days',
                        now(), $2, now(), 7, '2026-01-10 10:00:00'
                 from requisition_lines l
                 join equipment e on e.model_id = l.model_id
                 where l.requisition_id = $3",
            )
            .bind(id)
            .bind(borrower)
            .bind(requisition),
        )
        .await;
        for statement in [
            "update requisition_lines set status = 'approved' where requisition_id = $1",
            "update requisitions set status = 'checked_out' where id = $1",
        ] {
            self.run(sqlx::query(statement).bind(requisition)).await;
        }
        id
    }

    /// A requisition of the common project whose one unit waits at the counter, and the unit.
    pub(in crate::api::permissions) async fn collectable(&self, borrower: Uuid) -> (Uuid, Uuid) {
        let loan = self.loan_out(borrower).await;
        self.run(sqlx::query("update loans set status = 'promised' where id = $1").bind(loan)).await;
        let (requisition, unit) = sqlx::query_as("select requisition_id, equipment_id from loans where id = $1")
            .bind(loan)
            .fetch_one(&self.app.owner)
            .await
            .unwrap();
        self.run(sqlx::query("update requisitions set status = 'approved' where id = $1").bind(requisition)).await;
        (requisition, unit)
    }

    pub(in crate::api::permissions) async fn unit(&self) -> Uuid {
        given::model(&self.app, 1).await.units[0]
    }

    /// Its borrower asks for a day more.
    pub(in crate::api::permissions) async fn extension_asked_for(&self, loan: Uuid) {
        let asked = sqlx::query(
            "insert into loan_extensions (id, loan_id, asked_by, due_before, due_at, status)
             select gen_random_uuid(), id, borrower_id, due_at, due_at + interval '1 day', 'asked'
             from loans where id = $1",
        );
        self.run(asked.bind(loan)).await;
    }

    /// Its return has been asked for.
    pub(in crate::api::permissions) async fn return_of(&self, loan: Uuid) {
        let asked = sqlx::query("update loans set return_condition = 'fine' where id = $1");
        self.run(asked.bind(loan)).await;
    }

    /// A model of which there is something, but nothing free.
    pub(in crate::api::permissions) async fn model_without_free_units(&self) -> Uuid {
        let model = given::model(&self.app, 1).await.id;
        let spoil = sqlx::query("update equipment set label_kind = 'undeployable' where model_id = $1");
        self.run(spoil.bind(model)).await;
        model
    }

    /// Somebody's place in a line.
    pub(in crate::api::permissions) async fn waiting_entry(&self, of: Uuid) -> Uuid {
        // What it can have been taken for.
        self.pending_requisition(of).await;
        let id = Uuid::now_v7();
        let query = sqlx::query(
            "insert into waiting_list (id, project_id, model_id, user_id, quantity, starts_at, due_at, status)
             values ($1, $2, $3, $4, 1, clock_timestamp(), clock_timestamp() + interval '7 days', 'waiting')",
        );
        self.run(query.bind(id).bind(self.project).bind(self.model).bind(of)).await;
        id
    }
}
