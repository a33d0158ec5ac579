-- Reports read a period: what was decided, what went out and what came back in it, and what was out when it began.

create index requisitions_decided on requisitions (decided_at) where decided_at is not null;
create index loans_out_at on loans (checked_out_at) where checked_out_at is not null;
create index loans_back_at on loans (returned_at, checked_out_at) where returned_at is not null;
