//! Five years of a lab: every row is checked by every constraint and kept in every index, as if it had been lent.
//!
//! Each unit goes from hand to hand without overlap. Each requisition asks for four units of a model, and one in twenty
//! beside them is rejected.

use sqlx::{AssertSqlSafe, PgConnection};

/// Units that go out together.
const UNITS_A_REQUISITION: u32 = 4;
/// Loans of each unit, one every nine days or so.
const LOANS_A_UNIT: u32 = 200;
const UNITS_A_MODEL: u32 = 20;
const CATEGORIES: u32 = 12;
pub(super) const PROJECTS: u32 = 500;

/// Fills an empty, migrated database with so many loans, rounded down to whole groups of units.
pub(super) async fn fill(owner: &mut PgConnection, loans: u32) -> Result<(), sqlx::Error> {
    let groups = loans / LOANS_A_UNIT / UNITS_A_REQUISITION;
    let statements = [people(), catalogue(groups * UNITS_A_REQUISITION), requisitions(groups), rejected(groups)];
    for statement in statements.into_iter().chain([lines(), loans_of(groups)]) {
        sqlx::query(AssertSqlSafe(statement)).execute(&mut *owner).await?;
    }
    sqlx::query("vacuum analyze").execute(owner).await.map(drop)
}

fn id(kind: &str, number: &str) -> String {
    format!("md5('{kind} ' || {number})::uuid")
}

fn people() -> String {
    let (user, project) = (id("user", "0"), id("project", "n"));
    format!(
        "with owner as (
             insert into users (id, name, email, role) values ({user}, 'Ana Silva', 'ana@lab.example', 'student')
             returning id)
         insert into projects (id, name, status, created_by)
         select {project}, 'Project ' || n, 'active', owner.id from generate_series(0, {PROJECTS} - 1) n, owner"
    )
}

fn catalogue(units: u32) -> String {
    let models = units.div_ceil(UNITS_A_MODEL);
    let (model, unit, of) = (id("model", "n"), id("unit", "n"), id("model", &format!("(n / {UNITS_A_MODEL})")));
    format!(
        "with models as (
             insert into equipment_models (id, snipeit_model_id, name, category, seen_at)
             select {model}, n, 'Model ' || n, 'Category ' || n % {CATEGORIES}, now()
             from generate_series(0, {models} - 1) n returning id)
         insert into equipment (id, snipeit_asset_id, model_id, tag, label_id, label_name, label_kind, presence, seen_at)
         select {unit}, n, models.id, 'ML-' || n, 1, 'Ready', 'deployable', 'listed', now()
         from generate_series(0, {units} - 1) n join models on models.id = {of}"
    )
}

/// The time of a group's turn, counted back from now so that the last turn is still out.
const TURN: &str = "now() - (200 - turn) * interval '9 days 3 hours' + g % 97 * interval '1 hour 7 minutes'";

/// Two days before it, and when it was decided then.
const ASKED: &str = "- interval '2 days'";
const DECIDED: &str = "- interval '2 days' + g % 30 * interval '1 hour 1 second'";

fn requisitions(groups: u32) -> String {
    let (requisition, project, user) = (
        id("requisition", "g || ' ' || turn"),
        id("project", &format!("((g * 7 + turn) % {PROJECTS})")),
        id("user", "0"),
    );
    format!(
        "insert into requisitions (id, number, project_id, requester_id, purpose, starts_at, due_at, status, created_at,
                                   decided_by, decided_at)
         select {requisition}, 'R-' || g || '-' || turn, {project}, {user}, 'Measuring', {TURN},
                {TURN} + interval '7 days', case turn when 199 then 'checked_out' else 'returned' end,
                {TURN} {ASKED}, {user}, {TURN} {DECIDED}
         from generate_series(0, {groups} - 1) g, generate_series(0, {LOANS_A_UNIT} - 1) turn"
    )
}

fn rejected(groups: u32) -> String {
    let (requisition, project, user) =
        (id("rejected", "g || ' ' || turn"), id("project", &format!("((g * 7 + turn) % {PROJECTS})")), id("user", "0"));
    format!(
        "insert into requisitions (id, number, project_id, requester_id, purpose, starts_at, due_at, status, created_at,
                                   decided_by, decided_at, decision_reason)
         select {requisition}, 'N-' || g || '-' || turn, {project}, {user}, 'Measuring', {TURN},
                {TURN} + interval '7 days', 'rejected', {TURN} {ASKED}, {user}, {TURN} - interval '1 day',
                'Reason ' || g % 30
         from generate_series(0, {groups} - 1) g, generate_series(0, {LOANS_A_UNIT} - 1, 20) turn"
    )
}

/// One for each requisition, for the model of its group's first unit.
fn lines() -> String {
    let group = "split_part(number, '-', 2)::int";
    let (line, model) =
        (id("line", "number"), id("model", &format!("({group} * {UNITS_A_REQUISITION} / {UNITS_A_MODEL})")));
    format!(
        "insert into requisition_lines (id, requisition_id, position, model_id, quantity, status, granted_model_id,
                                        granted_quantity, granted_units_named, decided_by, decided_at)
         select {line}, id, 1, {model}, {UNITS_A_REQUISITION}, case status when 'rejected' then status else 'approved' end,
                case when status <> 'rejected' then {model} end,
                case when status <> 'rejected' then {UNITS_A_REQUISITION} end,
                case when status <> 'rejected' then false end, decided_by, decided_at
         from requisitions"
    )
}

/// One in five comes back late, by up to a day.
fn loans_of(groups: u32) -> String {
    let (requisition, line) = (id("requisition", "g || ' ' || turn"), id("line", "'R-' || g || '-' || turn"));
    let (loan, unit, user) = (
        id("loan", "g || ' ' || turn || ' ' || place"),
        id("unit", &format!("(g * {UNITS_A_REQUISITION} + place)")),
        id("user", "0"),
    );
    let back =
        format!("{TURN} + interval '6 days' + (g + turn + place) % 10 * interval '3 hours 20 minutes 0.25 seconds'");
    format!(
        "insert into loans (id, requisition_id, line_id, equipment_id, borrower_id, status, starts_at, due_at,
                            checked_out_at, returned_at, snipeit_user_id, fingerprint, created_at)
         select {loan}, {requisition}, {line}, {unit}, {user},
                case turn when 199 then 'checked_out' else 'returned' end, {TURN}, {TURN} + interval '7 days',
                {TURN} + g % 60 * interval '1 minute', case when turn < 199 then {back} end, 7, '2026-01-10 10:00:00',
                {TURN} {DECIDED}
         from generate_series(0, {groups} - 1) g, generate_series(0, {LOANS_A_UNIT} - 1) turn,
              generate_series(0, {UNITS_A_REQUISITION} - 1) place"
    )
}
