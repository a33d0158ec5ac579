-- The sweep reads the lists of archived and deleted assets when the default list got shorter, and now and then anyway.

alter table snipeit_link
    -- How many assets the default list had at the latest sweep.
    add column listed_total bigint,
    -- When the other lists were last read.
    add column hidden_read_at timestamptz;
