-- What the default list shows more (or less) than the cache has of it tells of assets that vanished without a trace.

alter table snipeit_link
    drop column listed_total,
    -- The difference that was last noticed, and since when; null: the cache has what the list shows.
    add column listed_surplus bigint,
    add column listed_surplus_since timestamptz;
