-- A full sync says how many assets of the default list it could not store: then a total that does not fit needs no guess
-- about which difference was noticed when. Sweeps count their calls for a sync, so that a list that never adds up costs
-- little; and they note when they read more than one page, between which a row can slip through.

alter table sync_runs add column left_out bigint;

alter table snipeit_link
    drop column listed_surplus,
    drop column listed_known,
    drop column listed_surplus_since,
    add column sync_calls int not null default 0 constraint snipeit_link_sync_calls check (sync_calls >= 0),
    add column sync_called_at timestamptz,
    add column paged_at timestamptz;
