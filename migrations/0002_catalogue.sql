-- What can be lent: a cache of Snipe-IT with an age on it, never an authority, plus what only we know (approval).

create table equipment_models (
    id uuid primary key,
    snipeit_model_id bigint not null constraint equipment_models_snipeit_key unique,
    name text not null,
    model_number text,
    category text,
    manufacturer text,
    approval text not null default 'technician' constraint equipment_models_approval
        check (approval in ('none', 'technician')),
    version integer not null default 1,
    seen_at timestamptz not null,
    gone_at timestamptz
);
create index equipment_models_name on equipment_models (name, id);

create table status_labels (
    snipeit_label_id bigint primary key,
    name text not null,
    kind text not null constraint status_labels_kind
        check (kind in ('deployable', 'pending', 'undeployable', 'archived')),
    seen_at timestamptz not null
);

create table equipment (
    id uuid primary key,
    snipeit_asset_id bigint not null constraint equipment_snipeit_key unique,
    model_id uuid not null references equipment_models,
    tag text not null,
    name text,
    serial text,
    label_id bigint not null,
    label_name text not null,
    label_kind text not null constraint equipment_label_kind
        check (label_kind in ('deployable', 'pending', 'undeployable', 'archived')),
    -- listed: in the default list; archived and deleted: in those lists; gone: in none of them at the last full sync.
    presence text not null constraint equipment_presence
        check (presence in ('listed', 'archived', 'deleted', 'gone')),
    holder_kind text constraint equipment_holder_kind check (holder_kind in ('user', 'location', 'asset')),
    holder_id bigint,
    -- Naive: wall time of the Snipe-IT server.
    last_checkout timestamp,
    last_checkin timestamp,
    changed_at timestamp,
    -- When Snipe-IT was asked for what stands here, by PostgreSQL's clock.
    seen_at timestamptz not null,
    constraint equipment_holder_whole check ((holder_kind is null) = (holder_id is null))
);
create index equipment_model on equipment (model_id);
create index equipment_tag on equipment (tag);

create table sync_runs (
    id uuid primary key,
    kind text not null constraint sync_runs_kind check (kind in ('catalogue', 'sweep')),
    started_at timestamptz not null,
    finished_at timestamptz,
    counts jsonb not null default '{}',
    error text
);
create index sync_runs_recent on sync_runs (kind, started_at desc);
