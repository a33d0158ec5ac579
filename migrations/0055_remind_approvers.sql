-- Those who have not decided are reminded, once for each stage, after the lab's number of hours.

alter table requisitions
    -- By the lab's time; null: nothing waits.
    add column waiting_since timestamptz,
    -- In the present stage.
    add column reminded_at timestamptz;
update requisitions set waiting_since = coalesce(endorsed_at, created_at) where waiting_for is not null;
alter table requisitions
    add constraint requisitions_waiting_whole check ((waiting_for is null) = (waiting_since is null));

select extend_words('notifications', 'notifications_event', 'approval_reminder');
select extend_words('jobs', 'jobs_kind', 'remind_approvers');
create unique index jobs_one_reminder on jobs (subject_id) where state = 'open' and kind = 'remind_approvers';

-- Whatever waits already is looked after from now on.
insert into jobs (id, kind, lane, subject_id, state, due_at, on_lab_time)
    select gen_random_uuid(), 'remind_approvers', 'internal', id, 'open', now(), true
    from requisitions where waiting_for is not null;
