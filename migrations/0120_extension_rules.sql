-- More time is given by the rules of a new promise: what it goes over is recorded as it was then, and all extensions of one
-- loan count together, also those before another unit took its unit's place.

create table extension_exceptions (
    extension_id uuid not null references loan_extensions,
    quota_id uuid not null references quotas,
    most bigint not null,
    used bigint not null,
    asked bigint not null,
    primary key (extension_id, quota_id)
);

-- The loan and those whose place it took: to people they are one.
create function one_loan(of_loan uuid) returns table (id uuid) language sql stable as $$
    with recursive part as (
        select l.id, l.instead_of from loans l where l.id = of_loan
        union all
        select first.id, first.instead_of from loans first join part later on first.id = later.instead_of
    )
    select part.id from part
$$;

-- Days of 24 hours; one that has begun counts as one.
create function begun_days(starts_at timestamptz, ends_at timestamptz) returns bigint
    language sql immutable parallel safe as
    $$ select ceil(extract(epoch from greatest(ends_at - starts_at, interval '0')) / 86400)::bigint $$;

-- A loan as lists and answers tell it.
create view loan_details as
    select l.id, l.requisition_id, l.line_id, l.equipment_id, e.tag, e.snipeit_asset_id, l.borrower_id, l.status,
           l.starts_at, l.due_at, l.handed_over_at, l.checked_out_at, l.returned_at, l.return_condition, l.return_note, l.failure,
           l.instead_of,
           (select count(*) from one_loan(l.id) part
            join loan_extensions x on x.loan_id = part.id and x.status = 'granted') as extensions,
           (select json_build_object(
                'due_at', x.due_at, 'reason', x.reason, 'asked_by', x.asked_by, 'asked_at', x.created_at,
                'exceptions', (
                    select coalesce(json_agg(exception order by exception.quota_id), '[]')
                    from (
                        select o.quota_id, q.scope, q.category, q.measure, o.most, o.used, o.asked
                        from extension_exceptions o
                        join quotas q on q.id = o.quota_id
                        where o.extension_id = x.id
                    ) exception))
            from loan_extensions x
            where x.loan_id = l.id and x.status = 'asked' and is_with_borrower(l.status, l.replaced_at)) as extension_asked,
           l.created_at
    from loans l
    join equipment e on e.id = l.equipment_id;

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert on extension_exceptions to makerlab_app';
        execute 'revoke update, delete, truncate on extension_exceptions from makerlab_app';
        execute 'grant select on loan_details to makerlab_app';
        execute 'grant execute on function one_loan(uuid) to makerlab_app';
    end if;
end $$;
