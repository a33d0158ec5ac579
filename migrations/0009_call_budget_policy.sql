-- How the workers keep the budget, which is their setting, so that the api can tell what is left of it.

alter table call_budget
    -- All null: no worker has told yet. `is_limited` is false where Snipe-IT limits no calls.
    add column is_limited boolean,
    add column window_ms bigint,
    add column reserve integer,
    add column longest_call_ms bigint,
    add constraint call_budget_policy_whole
        check (num_nonnulls(is_limited, window_ms, reserve, longest_call_ms) % 4 = 0);
