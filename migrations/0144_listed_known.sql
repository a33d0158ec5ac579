-- A difference between list and cache that was noticed before a full sync, and is as large after it, is another one if that
-- sync has changed what the cache has.

alter table snipeit_link add column listed_known bigint;
