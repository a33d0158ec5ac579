-- Units that are out are watched over: reminders before they are due, and people who hear when they are late.

alter table loans
    add column watched_since timestamptz,
    -- Days from the due day; negative before it. Told once, and none before it afterwards.
    add column told_step smallint constraint loans_told_step check (told_step between -3 and 14);

select extend_words('notifications', 'notifications_event', 'return_due', 'overdue', 'overdue_escalated');
select extend_words('jobs', 'jobs_kind', 'watch_return');
create unique index jobs_one_watch on jobs (subject_id) where state = 'open' and kind = 'watch_return';

-- What is out already is watched over from now on.
update loans set watched_since = lab_now() where status = 'checked_out';
insert into jobs (id, kind, lane, subject_id, state, due_at)
    select gen_random_uuid(), 'watch_return', 'internal', id, 'open', now() from loans where status = 'checked_out';
