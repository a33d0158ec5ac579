-- A unit that is promised can show so in Snipe-IT: which label we set, and over which, so that it can be taken back.

alter table equipment
    add column reserved_as bigint,
    add column reserved_over bigint,
    add constraint equipment_reserved_whole check ((reserved_as is null) = (reserved_over is null));
create index equipment_reserved on equipment (id) where reserved_as is not null;

select extend_words('jobs', 'jobs_kind', 'set_label');
create unique index jobs_one_set_label on jobs (subject_id) where state = 'open' and kind = 'set_label';
