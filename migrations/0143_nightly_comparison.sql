-- One full sync a night is the full comparison of that day of the lab.

alter table sync_runs add column night date;
