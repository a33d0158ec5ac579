-- What is to be done: the job row is the truth, the message is only the bell.

create table jobs (
    id uuid primary key,
    kind text not null constraint jobs_kind
        check (kind in ('run_operation', 'match_borrower', 'sync_catalogue', 'sweep', 'notice_verifying', 'send_mail')),
    lane text not null constraint jobs_lane check (lane in ('counter', 'inventory', 'bulk', 'internal', 'mail')),
    -- What it is about: an operation, a user, a notification; its own id where it is about nothing.
    subject_id uuid not null,
    state text not null constraint jobs_state check (state in ('open', 'done', 'dead')),
    -- Takes, given back when the run certainly was not the job's fault.
    runs integer not null default 0,
    -- When it may be taken next. A take moves it past the lease: nobody else can take it before, and if the
    -- taker dies the bell rings again by itself.
    due_at timestamptz not null,
    lease_until timestamptz,
    epoch integer not null default 0,
    -- The due time for which the bell was rung, and who is ringing now.
    rung_for timestamptz,
    ringing_until timestamptz,
    outcome text,
    -- Why it waits, for people.
    waiting_reason text,
    traceparent text,
    created_at timestamptz not null default now(),
    finished_at timestamptz
);
create index jobs_due on jobs (due_at) where state = 'open';
create index jobs_to_ring on jobs (due_at) where state = 'open' and rung_for is distinct from due_at;
create index jobs_subject on jobs (subject_id);
create unique index jobs_one_sync on jobs (kind) where state = 'open' and kind in ('sync_catalogue', 'sweep');

create table notifications (
    id uuid primary key,
    event text not null constraint notifications_event check (event in (
        'submitted', 'approval_needed', 'approved', 'rejected', 'checked_out', 'being_verified',
        'failed', 'cancelled', 'return_requested', 'returned', 'needs_person')),
    recipient_id uuid not null references users,
    requisition_id uuid references requisitions,
    -- What the event is about more closely: a loan, an operation.
    subject_id uuid not null,
    -- Words for the letter that stand nowhere else: a reason, Snipe-IT's message.
    message text,
    status text not null constraint notifications_status
        check (status in ('queued', 'sent', 'refused', 'unknown', 'failed')),
    attempts integer not null default 0,
    outcome text,
    created_at timestamptz not null default now(),
    sent_at timestamptz
);
create index notifications_recipient on notifications (recipient_id, created_at desc, id desc);
create index notifications_requisition on notifications (requisition_id);

create table findings (
    id uuid primary key,
    kind text not null constraint findings_kind check (kind in (
        'operation_with_person', 'effect_not_seen', 'painted_over', 'held_by_somebody_else',
        'borrower_not_matched', 'job_out_of_runs', 'inventory_changed', 'clock_or_zone_wrong')),
    subject_id uuid not null,
    requisition_id uuid references requisitions,
    summary text not null,
    evidence jsonb not null,
    state text not null constraint findings_state check (state in ('open', 'settled')),
    resolution text constraint findings_resolution
        check (resolution in ('happened', 'did_not_happen', 'abandoned', 'retried', 'acknowledged')),
    note text,
    settled_by uuid references users,
    settled_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    constraint findings_settled_whole check ((state = 'settled') = (resolution is not null and settled_at is not null))
);
create unique index findings_one_open on findings (kind, subject_id) where state = 'open';
create index findings_recent on findings (created_at desc, id desc);

create table idempotency_keys (
    user_id uuid not null references users,
    route text not null,
    key text not null,
    body_hash bytea not null,
    status smallint not null,
    location text,
    body jsonb not null,
    created_at timestamptz not null default now(),
    primary key (user_id, route, key)
);
create index idempotency_keys_age on idempotency_keys (created_at);
