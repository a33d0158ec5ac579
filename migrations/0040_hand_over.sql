-- Equipment that is collected at the counter: a technician hands it over, and Snipe-IT follows.

alter table equipment_models add column collection text not null default 'straight_through'
    constraint equipment_models_collection check (collection in ('straight_through', 'counter'));

alter table loans
    add column handed_over_at timestamptz,
    add column handed_over_by uuid references users,
    -- Who brought it back while nobody knew yet what became of its check-out.
    add column return_wished_by uuid references users;

select extend_words('loans', 'loans_status', 'handed_over');
select extend_words('requisitions', 'requisitions_status', 'handed_over');
select extend_words('findings', 'findings_kind', 'hand_over_refused');
select extend_words('jobs', 'jobs_kind', 'release_uncollected');
select extend_words('notifications', 'notifications_event', 'handed_over', 'not_collected', 'hand_over_refused');

alter table loans add constraint loans_handed_over
    check (status <> 'handed_over' or (handed_over_at is not null and handed_over_by is not null));

-- What was handed over is with somebody, whatever Snipe-IT says of it yet: it is neither promised nor lent a second time.
alter table loans drop constraint loans_no_double_promise;
alter table loans add constraint loans_no_double_promise
    exclude using gist (equipment_id with =, tstzrange(starts_at, due_at) with &&)
    where (status in ('promised', 'handed_over', 'checked_out'));
drop index loans_one_out_per_asset;
create unique index loans_one_out_per_asset on loans (equipment_id) where status in ('handed_over', 'checked_out');

-- Tags are typed at the counter in whatever case.
create index equipment_tag_lower on equipment (lower(tag));
