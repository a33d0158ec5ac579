-- The lab's time: what due dates, reminders and rules go by. It is the real time, except where a demonstration or a test
-- has moved it ahead. Leases, budgets, tokens and everything that is agreed with Snipe-IT never go by it.

create table lab_clock (
    only_row boolean primary key default true constraint lab_clock_only_row check (only_row),
    moved_by interval not null default '0' constraint lab_clock_ahead check (moved_by >= '0')
);
insert into lab_clock default values;

create function lab_now() returns timestamptz language sql stable as
    $$ select now() + moved_by from lab_clock $$;

-- due_at is real time in every row. Where it was meant on the lab's time, moving the clock brings it nearer.
alter table jobs add column on_lab_time boolean not null default false;

create function move_lab_clock(ahead interval) returns void language plpgsql as $$
begin
    if ahead < '0' then
        raise exception 'the lab''s clock only moves ahead';
    end if;
    update lab_clock set moved_by = moved_by + ahead;
    update jobs set due_at = due_at - ahead, ringing_until = null where state = 'open' and on_lab_time;
end $$;

-- History and lists tell one order of events.
alter table requisitions alter column created_at set default lab_now();
alter table requisitions alter column number
    set default 'R-' || to_char(lab_now() at time zone 'UTC', 'YYYY') || '-' || lpad(nextval('requisition_number')::text, 6, '0');
alter table loans alter column created_at set default lab_now();
alter table projects alter column created_at set default lab_now();
alter table memberships alter column added_at set default lab_now();
alter table notifications alter column created_at set default lab_now();

create function lab_clock_timestamp() returns timestamptz language sql volatile as
    $$ select clock_timestamp() + moved_by from lab_clock $$;
alter table status_history alter column at set default lab_clock_timestamp();

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on lab_clock to makerlab_app';
        execute 'revoke insert, update, delete, truncate on lab_clock from makerlab_app';
        execute 'revoke execute on function move_lab_clock(interval) from public, makerlab_app';
    end if;
end $$;
