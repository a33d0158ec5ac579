-- What people have read of a requisition when they edit or decide it: of what is asked for, agreed to and decided. The row's
-- own version counts every write, also a reminder and how far its loans are.

alter table requisitions add column edition integer not null default 1;
update requisitions set edition = version;
