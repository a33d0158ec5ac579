//! Waiting for a ground to come to something, and what explains why it did not.

use std::time::Duration;

use anyhow::ensure;
use tokio::time::{Instant, sleep};

use super::ground::Ground;
use crate::stack::Server;

/// For whatever must happen on a machine that is busy with a dozen of these and with other tests.
pub(super) const PATIENCE: Duration = Duration::from_secs(120);
pub(super) const POLL: Duration = Duration::from_millis(100);

impl Ground {
    /// Until nothing is due or under way, and the rounds have been made. Rounds, notices and reminders
    /// that wait for their time are at rest.
    pub async fn comes_to_rest(&self) -> anyhow::Result<()> {
        let at_rest = "select count(*) filter (where kind in ('sync_catalogue', 'sweep')) = 2
                              and bool_and(kind in ('sync_catalogue', 'sweep', 'notice_verifying', 'remind_approvers', 'remind_of_wish')
                                           and due_at > now() and lease_until is null
                                           or due_at > now() + interval '1 day')
                       from jobs where state = 'open'";
        self.eventually("nothing is due or under way", async || self.is(at_rest).await).await
    }

    pub async fn effects_are_confirmed(&self) -> anyhow::Result<()> {
        let confirmed = "select not exists (select from operations where state = 'applied' and confirmed_at is null)";
        let swept = async || self.hurry("sweep").await.is_ok() && self.is(confirmed).await;
        self.eventually("every effect is confirmed", swept).await
    }

    pub async fn is(&self, question: &'static str) -> bool {
        sqlx::query_scalar(question).fetch_one(&self.pool).await.unwrap_or(false)
    }

    /// Lets a round begin now, if it is not under way.
    pub async fn hurry(&self, kind: &str) -> sqlx::Result<()> {
        let hurry = "update jobs set due_at = now(), ringing_until = null
                     where kind = $1 and state = 'open' and lease_until is null and due_at > now()";
        sqlx::query(hurry).bind(kind).execute(&self.pool).await.map(drop)
    }

    pub async fn eventually(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while !condition().await {
            ensure!(Instant::now() < deadline, "waited {PATIENCE:?} in vain until {what}\n{}", self.describe().await);
            sleep(POLL).await;
        }
        Ok(())
    }

    /// Everything that explains why something did not happen.
    pub async fn describe(&self) -> String {
        let sql = "select string_agg(line, E'\\n') from (
                       select concat_ws(' ', 'job', kind, state, 'runs', runs, 'due in', due_at - now(), waiting_reason,
                                        outcome) as line from jobs where state <> 'done'
                       union all
                       select concat_ws(' ', 'operation', kind, state, 'attempts', attempts, refusal, 'confirmed',
                                        confirmed_at) from operations
                       union all
                       select concat_ws(' ', 'letter', event, status, 'attempts', attempts, outcome) from notifications
                       union all
                       select concat_ws(' ', 'finding', kind, state, summary) from findings
                       union all
                       select concat_ws(' ', 'paused:', pause_cause) from snipeit_link where pause_cause is not null) as lines";
        let lines: Result<Option<String>, _> = sqlx::query_scalar(sql).fetch_one(&self.pool).await;
        let effects = self.simulator.state().ledger().effects();
        let effects =
            effects.iter().map(|effect| format!("effect {:?} {:?} by {:?}", effect.asset, effect.kind, effect.by));
        let running = self.worker.iter().chain(self.stack.apis.iter().map(|api| &api.server));
        let words = running.map(Server::last_words);
        let all = [lines.ok().flatten().unwrap_or_default()].into_iter().chain(effects).chain(words);
        all.collect::<Vec<_>>().join("\n")
    }
}
