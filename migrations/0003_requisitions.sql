-- The heart: requisitions, their lines, the loans given for them, the operations on Snipe-IT that loans need.

create sequence requisition_number;

create table requisitions (
    id uuid primary key,
    number text not null constraint requisitions_number_key unique
        default 'R-' || to_char(now() at time zone 'UTC', 'YYYY') || '-' || lpad(nextval('requisition_number')::text, 6, '0'),
    project_id uuid not null references projects,
    requester_id uuid not null references users,
    purpose text not null constraint requisitions_purpose_length check (char_length(purpose) between 1 and 2000),
    starts_at timestamptz not null,
    due_at timestamptz not null,
    -- Computed from lines, loans and operations; stored so that it can be filtered by.
    status text not null constraint requisitions_status check (status in (
        'pending', 'approved', 'partly_checked_out', 'checked_out', 'partly_returned', 'returned',
        'rejected', 'cancelled', 'failed', 'attention')),
    decided_by uuid references users,
    decided_at timestamptz,
    decision_reason text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    constraint requisitions_period check (starts_at < due_at)
);
create index requisitions_recent on requisitions (created_at desc, id desc);
create index requisitions_project on requisitions (project_id, created_at desc, id desc);
create index requisitions_requester on requisitions (requester_id, created_at desc, id desc);
create index requisitions_status_recent on requisitions (status, created_at desc, id desc);

create table requisition_lines (
    id uuid primary key,
    requisition_id uuid not null references requisitions,
    position integer not null,
    model_id uuid not null references equipment_models,
    -- Null: any unit of the model will do.
    equipment_id uuid references equipment,
    quantity integer not null constraint requisition_lines_quantity check (quantity between 1 and 50),
    status text not null constraint requisition_lines_status
        check (status in ('pending', 'approved', 'rejected', 'cancelled')),
    version integer not null default 1,
    constraint requisition_lines_named_unit check (equipment_id is null or quantity = 1),
    constraint requisition_lines_position_key unique (requisition_id, position)
);

create table loans (
    id uuid primary key,
    requisition_id uuid not null references requisitions,
    line_id uuid not null references requisition_lines,
    equipment_id uuid not null references equipment,
    borrower_id uuid not null references users,
    status text not null constraint loans_status
        check (status in ('promised', 'checked_out', 'returned', 'failed', 'released')),
    starts_at timestamptz not null,
    due_at timestamptz not null,
    checked_out_at timestamptz,
    returned_at timestamptz,
    -- The tenure in Snipe-IT that this loan is: who holds it there and the fingerprint of its check-out.
    snipeit_user_id bigint,
    fingerprint timestamp,
    failure text,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    constraint loans_period check (starts_at < due_at),
    constraint loans_out_has_tenure check (status <> 'checked_out' or (snipeit_user_id is not null and fingerprint is not null)),
    -- No asset is promised twice: planned periods of live loans of one asset never overlap, and lateness never rewrites them.
    constraint loans_no_double_promise exclude using gist (equipment_id with =, tstzrange(starts_at, due_at) with &&)
        where (status in ('promised', 'checked_out'))
);
-- No asset is lent twice, however late it is.
create unique index loans_one_out_per_asset on loans (equipment_id) where status = 'checked_out';
create index loans_requisition on loans (requisition_id);
create index loans_borrower on loans (borrower_id, status);

create table operations (
    id uuid primary key,
    requisition_id uuid not null references requisitions,
    loan_id uuid not null references loans,
    equipment_id uuid not null references equipment,
    snipeit_asset_id bigint not null,
    kind text not null constraint operations_kind check (kind in ('check_out', 'check_in')),
    state text not null constraint operations_state
        check (state in ('waiting', 'sent', 'unknown', 'applied', 'refused', 'abandoned', 'with_person')),
    -- Intents written; an attempt that certainly sent nothing is taken back.
    attempts integer not null default 0,
    -- check_out: the checkout_at that we send, naive wall time of the Snipe-IT server, the same for every attempt.
    fingerprint timestamp,
    -- check_in: the tenure to end.
    tenure_user_id bigint,
    tenure_checkout timestamp,
    any_unit boolean not null,
    units_tried integer not null default 1,
    borrower_looked_up_again boolean not null default false,
    -- Snipe-IT's words when it refused; shown, never matched.
    refusal text,
    look_after timestamptz,
    requested_by uuid references users,
    requested_at timestamptz not null default now(),
    settled_at timestamptz,
    -- Seen by the sweep with our fingerprint (check_out) or without our tenure (check_in).
    confirmed_at timestamptz,
    version integer not null default 1,
    constraint operations_sent_has_witness check (
        state not in ('sent', 'unknown')
        or (kind = 'check_out' and fingerprint is not null)
        or (kind = 'check_in' and tenure_checkout is not null))
);
-- While nobody knows what became of one operation, no other touches the asset.
create unique index operations_one_open_per_asset on operations (snipeit_asset_id)
    where state in ('sent', 'unknown', 'with_person');
create unique index operations_one_live_per_loan on operations (loan_id)
    where state in ('waiting', 'sent', 'unknown', 'with_person');
-- A fingerprint names one operation.
create unique index operations_fingerprint_key on operations (snipeit_asset_id, fingerprint) where fingerprint is not null;
create index operations_requisition on operations (requisition_id);
create index operations_unconfirmed on operations (settled_at) where state = 'applied' and confirmed_at is null;
