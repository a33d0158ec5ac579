-- What happened, for ever: rows here are added and never changed. Ids only, no personal data.

create table status_history (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    entity text not null constraint status_history_entity
        check (entity in ('user', 'project', 'project_member', 'equipment_model', 'requisition', 'line', 'loan', 'operation', 'finding')),
    entity_id uuid not null,
    requisition_id uuid,
    event text not null,
    from_status text,
    to_status text not null,
    actor_kind text not null constraint status_history_actor_kind check (actor_kind in ('user', 'system', 'snipeit')),
    actor_id uuid,
    reason text,
    constraint status_history_actor check ((actor_kind = 'user') = (actor_id is not null))
);
create index status_history_requisition on status_history (requisition_id, id) where requisition_id is not null;
create index status_history_entity_id on status_history (entity_id, id);

create table attempts (
    id bigint generated always as identity primary key,
    at timestamptz not null default clock_timestamp(),
    operation_id uuid not null references operations,
    attempt integer not null,
    event text not null constraint attempts_event
        check (event in ('intent', 'answer', 'look', 'log_search', 'not_sent', 'late_answer', 'decision', 'out_of_runs')),
    -- The job's epoch under which it was seen.
    epoch integer not null,
    detail jsonb not null
);
create index attempts_operation on attempts (operation_id, id);

create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % is refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create trigger status_history_append_only before update or delete on status_history
    for each row execute function refuse_change();
create trigger status_history_no_truncate before truncate on status_history
    for each statement execute function refuse_change();
create trigger attempts_append_only before update or delete on attempts
    for each row execute function refuse_change();
create trigger attempts_no_truncate before truncate on attempts
    for each statement execute function refuse_change();
