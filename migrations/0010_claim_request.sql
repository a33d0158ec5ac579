-- Claims a request and reads its kept answer in one round trip but in two statements: one statement sees what was there
-- when it began, and a duplicate must see the answer that was committed just before it got the lock.

create function claim_request(lock_number bigint, of_user uuid, of_route text, of_key text)
returns table (locked boolean, body_hash bytea, status smallint, location text, body jsonb)
language plpgsql as $$
begin
    locked := pg_try_advisory_xact_lock(lock_number);
    select kept.body_hash, kept.status, kept.location, kept.body
    into body_hash, status, location, body
    from idempotency_keys kept
    where kept.user_id = of_user and kept.route = of_route and kept.key = of_key
        and kept.created_at > now() - interval '48 hours';
    return next;
end $$;

-- As the tables: the application's role may be without what everybody may by default.
do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant execute on function claim_request(bigint, uuid, text, text) to makerlab_app';
    end if;
end $$;
