-- What is planned for the units of a model is read from the index alone: availability, and every choice of a unit, ask for
-- all of it, and fetching each loan took six times as long.
drop index loans_live_of_equipment;
create index loans_live_of_equipment on loans (equipment_id) include (starts_at, due_at, status)
    where status in ('promised', 'handed_over', 'checked_out');
