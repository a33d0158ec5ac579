-- What is asked for may be changed until the first decision. Lines are taken out and added, never rewritten, and what the
-- requisition was before each edit stays. Answers to repeated requests carry the version of what they show.

select extend_words('requisition_lines', 'requisition_lines_status', 'withdrawn');
select extend_words('notifications', 'notifications_event', 'edited');

alter table requisitions
    -- How often it was edited.
    add column edits integer not null default 0;

create table requisition_edits (
    requisition_id uuid not null references requisitions,
    -- From 1.
    number integer not null,
    edited_by uuid not null references users,
    -- By the lab's clock.
    edited_at timestamptz not null,
    -- As it was before the edit.
    purpose text not null,
    starts_at timestamptz not null,
    due_at timestamptz not null,
    waiting_for text,
    approval_reason text,
    endorsed_by uuid references users,
    endorsed_at timestamptz,
    primary key (requisition_id, number)
);
create trigger requisition_edits_append_only before update or delete on requisition_edits
    for each row execute function refuse_change();
create trigger requisition_edits_no_truncate before truncate on requisition_edits
    for each statement execute function refuse_change();

-- Which edit went over the quota; 0: as it was submitted.
alter table quota_exceptions add column of_edit integer not null default 0;
alter table quota_exceptions drop constraint quota_exceptions_pkey, add primary key (requisition_id, quota_id, of_edit);

alter table idempotency_keys add column version integer;

drop function claim_request(bigint, uuid, text, text);
create function claim_request(lock_number bigint, of_user uuid, of_route text, of_key text)
returns table (locked boolean, body_hash bytea, status smallint, location text, version integer, body jsonb)
language plpgsql as $$
begin
    locked := pg_try_advisory_xact_lock(lock_number);
    select kept.body_hash, kept.status, kept.location, kept.version, kept.body
    into body_hash, status, location, version, body
    from idempotency_keys kept
    where kept.user_id = of_user and kept.route = of_route and kept.key = of_key
        and kept.created_at > now() - interval '48 hours';
    return next;
end $$;

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert on requisition_edits to makerlab_app';
        execute 'revoke update, delete, truncate on requisition_edits from makerlab_app';
        execute 'grant execute on function claim_request(bigint, uuid, text, text) to makerlab_app';
    end if;
end $$;
