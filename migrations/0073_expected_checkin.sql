-- By when Snipe-IT expects a unit back: people change that by hand.

alter table equipment add column expected_checkin date;

select extend_words('findings', 'findings_kind', 'due_date_moved');
