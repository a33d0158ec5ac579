-- Who waits for units of a model in a period, in line, and the units that are kept for whoever is first.

create table waiting_list (
    id uuid primary key,
    project_id uuid not null references projects,
    model_id uuid not null references equipment_models,
    user_id uuid not null references users,
    quantity integer not null constraint waiting_list_quantity check (quantity between 1 and 50),
    starts_at timestamptz not null,
    due_at timestamptz not null,
    status text not null constraint waiting_list_status check (status in ('waiting', 'held', 'taken', 'expired', 'left')),
    -- Until when the units are kept, by the lab's clock.
    held_until timestamptz,
    -- What they were taken for.
    requisition_id uuid references requisitions,
    version integer not null default 1,
    created_at timestamptz not null default lab_now(),
    constraint waiting_list_period check (starts_at < due_at),
    constraint waiting_list_held_whole check ((status = 'held') = (held_until is not null)),
    constraint waiting_list_taken_whole check ((status = 'taken') = (requisition_id is not null))
);
create index waiting_list_line on waiting_list (model_id, created_at, id) where status in ('waiting', 'held');
create index waiting_list_recent on waiting_list (created_at desc, id desc);
create index waiting_list_user on waiting_list (user_id, created_at desc, id desc);
create index waiting_list_requisition on waiting_list (requisition_id) where requisition_id is not null;
-- Nobody stands in one line twice.
create unique index waiting_list_once on waiting_list (user_id, model_id, starts_at, due_at)
    where status in ('waiting', 'held');

-- One unit kept for one entry: promises go round it, and it goes round promises, because both are chosen one after the
-- other, model by model. What stands here is no promise yet: those are loans, with a constraint of their own.
create table holds (
    id uuid primary key,
    entry_id uuid not null references waiting_list,
    equipment_id uuid not null references equipment,
    starts_at timestamptz not null,
    due_at timestamptz not null,
    ended_at timestamptz,
    constraint holds_period check (starts_at < due_at),
    constraint holds_no_double exclude using gist (equipment_id with =, tstzrange(starts_at, due_at) with &&)
        where (ended_at is null)
);
create index holds_entry on holds (entry_id) where ended_at is null;

-- What keeps units from others: not what was not taken in time, even if nobody has noted that yet.
create function live_holds() returns table (equipment_id uuid, starts_at timestamptz, due_at timestamptz, user_id uuid)
    language sql stable as $$
    select h.equipment_id, h.starts_at, h.due_at, w.user_id
    from holds h
    join waiting_list w on w.id = h.entry_id
    where h.ended_at is null and (w.held_until is null or w.held_until > lab_now())
$$;

select extend_words('status_history', 'status_history_entity', 'waiting_entry');
select extend_words('jobs', 'jobs_kind', 'serve_waiting_list');
select extend_words('notifications', 'notifications_event', 'hold_granted', 'somebody_waits');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on waiting_list, holds to makerlab_app';
        execute 'revoke delete, truncate on waiting_list, holds from makerlab_app';
    end if;
end $$;
