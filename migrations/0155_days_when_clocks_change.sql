-- So many days of the lab are as many days also where the clock is put back in between.

-- Days of 24 hours; one that has begun counts as one, but not by the hour by which the clock may have been put back.
create or replace function begun_days(starts_at timestamptz, ends_at timestamptz) returns bigint
    language sql immutable parallel safe as $$
    select case when ends_at <= starts_at then 0
           else greatest(ceil((extract(epoch from ends_at - starts_at) - 3600) / 86400), 1) end::bigint
$$;
