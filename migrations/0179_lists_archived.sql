-- Snipe-IT has a setting that shows archived assets in its default list: then they count in that list's total.

alter table snipeit_link add column lists_archived boolean not null default false;
