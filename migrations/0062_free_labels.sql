-- A lab may lend less than what Snipe-IT would: units with one of the labels that it has chosen.

alter table status_labels add column is_free boolean not null default true;
