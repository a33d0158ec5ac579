//! The api through its router, with a real database and the application's own role in it.

mod app;
mod given;

mod approval_rules;
mod availability;
mod decision_queue;
mod decisions;
mod deputies;
mod documents;
mod edits;
mod errors;
mod findings;
mod hand_over;
mod history;
mod idempotency;
mod lab_clock;
mod lab_settings;
mod loans;
mod nonsense;
mod notifications;
mod permissions;
mod preferences;
mod process;
mod projects;
mod quotas;
mod reminders;
mod reports;
mod rules;
mod status;
mod story;
mod submit;
mod sync_runs;
mod tokens;
mod visibility;
mod waiting_list;
