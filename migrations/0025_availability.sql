-- When a unit was last given back: it rests for the lab's buffer before its next promise.

create index loans_last_return on loans (equipment_id, returned_at) where status = 'returned';
