-- A promise that waits at the counter is looked after until it is handed over: people hear that its unit is there after
-- all, or that the lab had none.

select extend_words('notifications', 'notifications_event', 'unit_is_there', 'no_unit');
