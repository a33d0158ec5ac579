-- Edits of a label or a model touch no asset: the sweep reads both lists now and then. And it goes back far enough when
-- Snipe-IT's clock is set.

alter table snipeit_link
    -- When labels and models were last read, both whole.
    add column lists_read_at timestamptz,
    -- How far Snipe-IT's clock was behind ours at most since the last sweep, if it was set since.
    add column least_offset_ms bigint;
