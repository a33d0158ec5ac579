-- Promises are looked at ahead of time: a unit that will not be there is exchanged, or people are told.

select extend_words('jobs', 'jobs_kind', 'watch_promise');
select extend_words('notifications', 'notifications_event', 'promise_at_risk');

-- Whether something was told of a subject already.
create index notifications_told on notifications (subject_id, event);
