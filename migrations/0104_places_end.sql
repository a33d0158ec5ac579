-- A place in a line ends when whoever waits may not ask for it any more, and one rule says for whom somebody waits.

select extend_words('waiting_list', 'waiting_list_status', 'ended');
select extend_words('notifications', 'notifications_event', 'waiting_ended');

-- Those who wait for equipment for a project.
create index waiting_list_project on waiting_list (project_id, created_at, id) where status in ('waiting', 'held');

-- Whether somebody else waits for what the borrower has: a unit of the model, for that time or until it is brought back.
create function is_waited_for(model uuid, borrower uuid, since timestamptz, until timestamptz) returns boolean
    language sql stable as $$
    select exists (
        select from waiting_list w
        where w.model_id = $1 and w.status = 'waiting' and w.user_id <> $2
            and ($4 <= lab_now() or tstzrange(w.starts_at, w.due_at) && tstzrange($3, $4)))
$$;
