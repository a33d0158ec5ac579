-- Until when somebody may ask for more although they keep what is long overdue: a technician lets it pass.

alter table users add column overdue_excused_until timestamptz;
