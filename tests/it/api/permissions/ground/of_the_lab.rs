//! What the lab has beside projects and loans: rules, quotas, findings, letters, tokens, deputies.

use super::Ground;
use makerlab_shared::{
    domain::{
        change::Change,
        job::{DueTime, JobKind, Lane, NewJob},
    },
    store::commit::commit,
};
use uuid::Uuid;

impl Ground {
    /// A row of its own, of somebody's who is away.
    pub(in crate::api::permissions) async fn deputy_of(&self, away: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        let named = sqlx::query(
            "insert into deputies (id, user_id, deputy_id, starts_at, until, ended_at)
             values ($1, $2, $3, now(), now() + interval '7 days', now())",
        );
        self.run(named.bind(id).bind(away).bind(self.admin)).await;
        id
    }

    /// One that fits nothing, since it is switched off.
    pub(in crate::api::permissions) async fn approval_rule(&self) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into approval_rules (id, position, outcome, enabled) values ($1, 7, 'technician', false)",
            )
            .bind(id),
        )
        .await;
        id
    }

    pub(in crate::api::permissions) async fn finding(&self) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into findings (id, kind, subject_id, summary, evidence, state)
                 values ($1, 'database_changed', $1, 'The database is another one.', '{}', 'open')",
            )
            .bind(id),
        )
        .await;
        id
    }

    /// As a worker does when it starts.
    pub(super) async fn schedule_sync(&self) {
        let job = NewJob::on_its_own(JobKind::SyncCatalogue, Lane::Bulk, DueTime::AtOnce);
        let change = Change { jobs: vec![job], ..Change::default() };
        commit(&mut self.app.owner.acquire().await.unwrap(), &change).await.unwrap();
    }

    pub(in crate::api::permissions) async fn sync_run(&self) -> Uuid {
        let id = Uuid::now_v7();
        let query = sqlx::query("insert into sync_runs (id, kind, started_at) values ($1, 'catalogue', now())");
        self.run(query.bind(id)).await;
        id
    }

    pub(in crate::api::permissions) async fn quota(&self) -> Uuid {
        let id = Uuid::now_v7();
        let query = sqlx::query(
            "insert into quotas (id, scope, category, measure, most) values ($1, 'person', $1::text, 'units_out', 9)",
        );
        self.run(query.bind(id)).await;
        id
    }

    pub(in crate::api::permissions) async fn token_of(&self, user: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into api_tokens (id, user_id, prefix, hash, label, expires_at)
                 values ($1, $2, $3, decode(repeat('00', 32), 'hex'), 'door', now() + interval '1 day')",
            )
            .bind(id)
            .bind(user)
            .bind(id.simple().to_string()),
        )
        .await;
        id
    }

    pub(in crate::api::permissions) async fn notification_of(&self, user: Uuid) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query(
                "insert into notifications (id, event, recipient_id, subject_id, status)
                 values ($1, 'submitted', $2, $1, 'sent')",
            )
            .bind(id)
            .bind(user),
        )
        .await;
        id
    }
}
