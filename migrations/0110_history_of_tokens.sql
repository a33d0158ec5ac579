-- Who let whom in: tokens have a history. What was done in somebody's place is asked by that somebody.

select extend_words('status_history', 'status_history_entity', 'token');
create index status_history_on_behalf_of on status_history (on_behalf_of, id) where on_behalf_of is not null;
