-- A unit is out from when it goes over the counter, or, without a counter, from when Snipe-IT says so: what reports count.

alter table loans
    add column out_at timestamptz generated always as (least(handed_over_at, checked_out_at)) stored;

drop index loans_out_at;
create index loans_out_at on loans (out_at) where out_at is not null;
drop index loans_back_at;
create index loans_back_at on loans (returned_at, out_at) where returned_at is not null;
