-- Whoever decides in somebody's place is told when they are named, and when it ends before its time.

select extend_words('notifications', 'notifications_event', 'deputy_named', 'deputy_ended');
