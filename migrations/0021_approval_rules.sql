-- Who must say yes is data: rules, by position, of which the first that fits a line counts.

create table approval_rules (
    id uuid primary key,
    position integer not null constraint approval_rules_position check (position between 1 and 1000000),
    -- Conditions; null: whatever it is.
    category text constraint approval_rules_category_length check (char_length(category) between 1 and 200),
    model_id uuid references equipment_models,
    value_from_cents bigint constraint approval_rules_value_from check (value_from_cents >= 0),
    longer_than_days integer constraint approval_rules_longer_than check (longer_than_days between 0 and 366),
    more_than_units integer constraint approval_rules_more_than check (more_than_units between 0 and 50),
    requester_role text constraint approval_rules_requester_role
        check (requester_role in ('student', 'professor', 'technician', 'admin')),
    over_quota boolean,
    outcome text not null constraint approval_rules_outcome
        check (outcome in ('none', 'technician', 'supervisor_then_technician')),
    -- A rule is switched off, never deleted.
    enabled boolean not null default true,
    version integer not null default 1,
    created_at timestamptz not null default lab_now()
);

alter table requisitions
    -- Who decides next; null: nothing waits.
    add column waiting_for text constraint requisitions_waiting_for check (waiting_for in ('supervisor', 'technician')),
    add column endorsed_by uuid references users,
    add column endorsed_at timestamptz,
    -- Why it waits, or why it need not, in the words of the rules as they were.
    add column approval_reason text,
    add constraint requisitions_endorsed_whole check ((endorsed_by is null) = (endorsed_at is null));
update requisitions set waiting_for = 'technician'
where exists (select from requisition_lines l where l.requisition_id = requisitions.id and l.status = 'pending');
create index requisitions_waiting on requisitions (waiting_for, starts_at, id) where waiting_for is not null;

alter table requisition_lines
    add column approval text constraint requisition_lines_approval
        check (approval in ('none', 'technician', 'supervisor_then_technician')),
    -- The rule that said so; null: no rule fitted.
    add column approval_rule_id uuid references approval_rules,
    add column approval_reason text;

select extend_words('status_history', 'status_history_entity', 'approval_rule');
select extend_words('notifications', 'notifications_event', 'endorsement_needed');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on approval_rules to makerlab_app';
        execute 'revoke delete, truncate on approval_rules from makerlab_app';
    end if;
end $$;
