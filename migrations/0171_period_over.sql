-- What nobody has decided, or what could not be checked out, when its time is over ends by itself: people are told.

select extend_words('notifications', 'notifications_event', 'period_over');
