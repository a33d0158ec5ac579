-- People hear that a unit is due on another day by Snipe-IT, and technicians that Snipe-IT and a loan differ. What the schema
-- forbids to write about one loan becomes a finding of that loan.

select extend_words('notifications', 'notifications_event', 'due_date_changed', 'drift_found');
select extend_words('findings', 'findings_kind', 'drift_not_written');
