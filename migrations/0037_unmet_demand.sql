-- What people wanted at once and did not get, since too few units were free: nothing else remembers a request that was
-- refused. The same person asking again on the same day of the lab wants no more than before.

create table unmet_demand (
    id uuid primary key,
    project_id uuid not null references projects,
    requester_id uuid not null references users,
    model_id uuid not null references equipment_models,
    starts_at timestamptz not null,
    due_at timestamptz not null,
    units_wanted integer not null constraint unmet_demand_units_wanted check (units_wanted > 0),
    units_missing integer not null constraint unmet_demand_units_missing check (units_missing between 1 and units_wanted),
    day date not null,
    at timestamptz not null default lab_now(),
    constraint unmet_demand_once_a_day unique (requester_id, model_id, day)
);
create index unmet_demand_at on unmet_demand (at);
create index unmet_demand_project on unmet_demand (project_id, at);

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on unmet_demand to makerlab_app';
    end if;
end $$;
