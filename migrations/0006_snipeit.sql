-- What all workers share about the one Snipe-IT: the call budget, and whether it can be talked to at all.

create table call_budget (
    singleton boolean primary key default true constraint call_budget_one_row check (singleton),
    window_number bigint not null default 1,
    -- The window opens at the first answer, since Snipe-IT's opened no later than that.
    first_taken_at timestamptz,
    opened_at timestamptz,
    used integer not null default 0,
    call_limit integer not null default 120,
    -- A 429 closes the budget for everyone.
    closed_until timestamptz
);
insert into call_budget default values;

create table snipeit_link (
    singleton boolean primary key default true constraint snipeit_link_one_row check (singleton),
    -- Not null: Snipe-IT's lanes are paused, for this reason; a read probes at probe_at.
    pause_cause text,
    paused_at timestamptz,
    probe_at timestamptz,
    outage_streak integer not null default 0,
    -- Snipe-IT's clock minus ours, learnt from its Date header.
    clock_offset_ms bigint not null default 0,
    clock_seen_at timestamptz,
    -- Whose inventory is this? Base URL and (id, tag) of some assets as first seen.
    base_url text,
    landmarks jsonb,
    -- The newest updated_at that a sweep has gone through, naive wall time of the Snipe-IT server.
    swept_to timestamp,
    -- When the latest sweep ended well.
    swept_at timestamptz
);
insert into snipeit_link default values;
