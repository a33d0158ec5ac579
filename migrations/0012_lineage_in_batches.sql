-- A database that was restored is taken over in batches: no transaction is long, and whoever dies is followed by another.

alter table snipeit_link
    -- The lineage that is being taken over; the gate opens when `lineage` is the same.
    add column doubting text,
    -- What is open of requisitions up to this one is in doubt already.
    add column doubted_to uuid,
    add constraint snipeit_link_doubted_to check (doubted_to is null or doubting is not null);
