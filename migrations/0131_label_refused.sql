-- A label that Snipe-IT refuses to set, or to take back, is told once and tried ever less often.

alter table equipment
    -- How often in a row; 0 again as soon as there is nothing to set.
    add column label_refusals integer not null default 0 constraint equipment_label_refusals check (label_refusals >= 0);

select extend_words('findings', 'findings_kind', 'label_refused');
