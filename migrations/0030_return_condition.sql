-- How a unit came back, as whoever brought it said, or a technician after them.

alter table loans
    add column return_condition text
        constraint loans_return_condition check (return_condition in ('fine', 'damaged', 'incomplete', 'lost')),
    add column return_note text
        constraint loans_return_note_length check (char_length(return_note) between 1 and 2000),
    add constraint loans_return_told check (return_condition is null or return_condition = 'fine' or return_note is not null);

select extend_words('notifications', 'notifications_event', 'returned_damaged');
