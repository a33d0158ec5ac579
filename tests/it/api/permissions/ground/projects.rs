//! Projects, and who is what in them.

use super::{Ground, Somebody};
use makerlab_shared::domain::project::MemberRole;
use uuid::Uuid;

impl Ground {
    pub(in crate::api::permissions) async fn project_in(&self, status: &str) -> Uuid {
        self.project_of(self.stranger, status).await
    }

    async fn project_of(&self, creator: Uuid, status: &str) -> Uuid {
        let id = Uuid::now_v7();
        self.run(
            sqlx::query("insert into projects (id, name, status, created_by) values ($1, 'Rover', $2, $3)")
                .bind(id)
                .bind(status)
                .bind(creator),
        )
        .await;
        id
    }

    /// Pending; one caller is in it what they are in the common one.
    pub(in crate::api::permissions) async fn project_asked_for_by(&self, creator: Uuid, somebody: &Somebody) -> Uuid {
        self.with_place_for(somebody, self.project_of(creator, "pending").await).await
    }

    pub(in crate::api::permissions) async fn join(&self, project: Uuid, user: Uuid, role: MemberRole) {
        let insert = sqlx::query("insert into project_members (project_id, user_id, role) values ($1, $2, $3)");
        self.run(insert.bind(project).bind(user).bind(role.as_str())).await;
    }

    /// A project for one caller alone, in which they are what they are in the common one.
    pub(in crate::api::permissions) async fn project_for(&self, somebody: &Somebody, status: &str) -> Uuid {
        self.with_place_for(somebody, self.project_in(status).await).await
    }

    async fn with_place_for(&self, somebody: &Somebody, project: Uuid) -> Uuid {
        if let Some(role) = somebody.member {
            self.join(project, somebody.id, role).await;
        }
        project
    }

    /// As [`Self::project_for`], active, with the stranger in it.
    pub(in crate::api::permissions) async fn project_with_stranger(
        &self,
        somebody: &Somebody,
        role: MemberRole,
    ) -> Uuid {
        let project = self.project_for(somebody, "active").await;
        self.join(project, self.stranger, role).await;
        project
    }
}
