-- A unit is with its borrower from the hand-over on, whatever Snipe-IT makes of it: one predicate tells what is out, as
-- `LoanStatus::is_out` does, and the watch over it begins with the hand-over.

create function is_out(loan_status text) returns boolean
    language sql immutable parallel safe as $$ select loan_status in ('handed_over', 'checked_out') $$;

-- What was handed over and never checked out has not been watched over yet: of what was missed the latest is told.
update loans set watched_since = handed_over_at where status = 'handed_over' and watched_since is null;
insert into jobs (id, kind, lane, subject_id, state, due_at)
    select gen_random_uuid(), 'watch_return', 'internal', id, 'open', now() from loans where status = 'handed_over'
    on conflict do nothing;
