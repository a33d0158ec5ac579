-- What was handed over early is with the borrower from now on, so whoever waits for the time before its loan waits for it.

create or replace function is_waited_for(model uuid, borrower uuid, since timestamptz, until timestamptz) returns boolean
    language sql stable as $$
    select exists (
        select from waiting_list w
        where w.model_id = $1 and w.status = 'waiting' and w.user_id <> $2
            and ($4 <= lab_now() or tstzrange(w.starts_at, w.due_at) && tstzrange(least($3, lab_now()), $4)))
$$;
