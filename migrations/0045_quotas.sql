-- How much a project or a person may have at a time: going over it is asked for as an exception, not forbidden.

create table quotas (
    id uuid primary key,
    scope text not null constraint quotas_scope check (scope in ('project', 'person')),
    -- Null: every project, but those that have a quota of their own for the same.
    project_id uuid references projects,
    -- Null: whatever its category.
    category text constraint quotas_category_length check (char_length(category) between 1 and 200),
    measure text not null constraint quotas_measure check (measure in ('units_out', 'loan_days')),
    -- The most that needs no exception.
    most bigint not null constraint quotas_most check (most between 0 and 1000000000),
    removed_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default lab_now(),
    constraint quotas_project_only_of_projects check (project_id is null or scope = 'project')
);
create unique index quotas_one_of_each
    on quotas (scope, coalesce(project_id, '00000000-0000-0000-0000-000000000000'), lower(coalesce(category, '')), measure)
    where removed_at is null;

-- What a requisition went over when it was submitted, as it was then.
create table quota_exceptions (
    requisition_id uuid not null references requisitions,
    quota_id uuid not null references quotas,
    most bigint not null,
    used bigint not null,
    asked bigint not null,
    primary key (requisition_id, quota_id)
);

create index loans_borrower_begun on loans (borrower_id, starts_at);

select extend_words('status_history', 'status_history_entity', 'quota');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on quotas to makerlab_app';
        execute 'grant select, insert on quota_exceptions to makerlab_app';
        execute 'revoke delete, truncate on quotas, quota_exceptions from makerlab_app';
    end if;
end $$;
