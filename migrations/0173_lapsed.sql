-- What nobody has decided when its period is over ends by itself, and is looked after until then also once people were reminded.

select extend_words('requisition_lines', 'requisition_lines_status', 'lapsed');

insert into jobs (id, kind, lane, subject_id, state, due_at, on_lab_time)
    select gen_random_uuid(), 'remind_approvers', 'internal', id, 'open', now(), true
    from requisitions where waiting_for is not null
    on conflict (subject_id) where state = 'open' and kind = 'remind_approvers' do nothing;
