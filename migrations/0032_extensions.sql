-- More time for a unit that is out: asked for, and granted by rule or by a person. An extension is a new plan; lateness is not.

create table loan_extensions (
    id uuid primary key,
    loan_id uuid not null references loans,
    asked_by uuid not null references users,
    -- The due date when it was asked for, and the one that is wished.
    due_before timestamptz not null,
    due_at timestamptz not null,
    reason text constraint loan_extensions_reason_length check (char_length(reason) between 1 and 2000),
    status text not null constraint loan_extensions_status check (status in ('asked', 'granted', 'rejected')),
    -- Null for what was granted by rule.
    decided_by uuid references users,
    decided_at timestamptz,
    decision_reason text constraint loan_extensions_decision_length check (char_length(decision_reason) between 1 and 2000),
    version integer not null default 1,
    created_at timestamptz not null default lab_now(),
    constraint loan_extensions_later check (due_before < due_at),
    constraint loan_extensions_decided check ((status = 'asked') = (decided_at is null))
);
create unique index loan_extensions_one_asked on loan_extensions (loan_id) where status = 'asked';
create index loan_extensions_loan on loan_extensions (loan_id, created_at);

select extend_words('notifications', 'notifications_event', 'extension_asked', 'extension_granted', 'extension_rejected');
select extend_words('jobs', 'jobs_kind', 'set_expected_checkin');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on loan_extensions to makerlab_app';
    end if;
end $$;
