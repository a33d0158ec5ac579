-- Who decides in a supervisor's or a technician's place while they are away. A row is added to and ended, never deleted.

create table deputies (
    id uuid primary key,
    -- Who is away.
    user_id uuid not null references users,
    deputy_id uuid not null references users,
    -- By the lab's clock.
    starts_at timestamptz not null,
    until timestamptz not null,
    -- Given up before its time.
    ended_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default lab_now(),
    constraint deputies_somebody_else check (user_id <> deputy_id),
    constraint deputies_period check (starts_at < until),
    -- One at a time.
    constraint deputies_one_each exclude using gist (user_id with =, tstzrange(starts_at, until) with &&)
        where (ended_at is null)
);
create index deputies_deputy on deputies (deputy_id, until) where ended_at is null;
create index deputies_recent on deputies (created_at desc, id desc);

-- Who stands in for whom at this moment. One step: a deputy's deputy stands in for the deputy alone.
create view standing_deputies as
    select d.user_id, d.deputy_id
    from deputies d
    join users away on away.id = d.user_id and away.erased_at is null and away.role <> 'student'
    join users deputy on deputy.id = d.deputy_id and deputy.erased_at is null and deputy.role <> 'student'
    where d.ended_at is null and d.starts_at <= lab_now() and lab_now() < d.until
        and (away.role = 'professor' or deputy.role in ('technician', 'admin'));

-- In which projects: those that the absent supervises, unless the deputy borrows for them.
create view project_deputies as
    select m.project_id, s.user_id, s.deputy_id
    from standing_deputies s
    join project_members m on m.user_id = s.user_id and m.role = 'supervisor'
    where not exists (
        select from project_members own
        where own.project_id = m.project_id and own.user_id = s.deputy_id and own.role in ('leader', 'member'));

-- Who acted is the actor; in whose place, if not in their own right.
alter table status_history add column on_behalf_of uuid references users;

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on deputies to makerlab_app';
        execute 'revoke delete, truncate on deputies from makerlab_app';
        execute 'grant select on standing_deputies, project_deputies to makerlab_app';
    end if;
end $$;
