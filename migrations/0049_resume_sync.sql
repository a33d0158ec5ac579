-- A full sync that was stopped goes on behind the last page that it has stored. Null: nothing is stored yet.

alter table sync_runs add column progress jsonb;
