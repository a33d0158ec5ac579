-- A wish for more time is reminded of, gives way to the next one, and says why the rule did not grant it.

select extend_words('loan_extensions', 'loan_extensions_status', 'withdrawn');
select extend_words('notifications', 'notifications_event', 'extension_reminder');
select extend_words('jobs', 'jobs_kind', 'remind_of_wish');

alter table loan_extensions
    -- As in notifications: in words, and as data. Null: it was granted by rule, or is older than this.
    add column asked_because text,
    add column asked_grounds jsonb
        constraint loan_extensions_grounds_beside_words check (asked_grounds is null or asked_because is not null),
    -- By the lab's time; null: nobody was reminded of it.
    add column reminded_at timestamptz;
create unique index jobs_one_wish_reminder on jobs (subject_id) where state = 'open' and kind = 'remind_of_wish';

-- Whatever waits already is looked after from now on.
insert into jobs (id, kind, lane, subject_id, state, due_at, on_lab_time)
    select gen_random_uuid(), 'remind_of_wish', 'internal', id, 'open', now(), true
    from loan_extensions where status = 'asked';

-- A loan as lists and answers tell it.
create or replace view loan_details as
    select l.id, l.requisition_id, l.line_id, l.equipment_id, e.tag, e.snipeit_asset_id, l.borrower_id, l.status,
           l.starts_at, l.due_at, l.handed_over_at, l.checked_out_at, l.returned_at, l.return_condition, l.return_note, l.failure,
           l.instead_of,
           (select count(*) from one_loan(l.id) part
            join loan_extensions x on x.loan_id = part.id and x.status = 'granted') as extensions,
           (select json_build_object(
                'due_at', x.due_at, 'reason', x.reason, 'asked_because', x.asked_because, 'asked_by', x.asked_by, 'asked_at', x.created_at,
                'exceptions', (
                    select coalesce(json_agg(exception order by exception.quota_id), '[]')
                    from (
                        select o.quota_id, q.scope, q.category, q.measure, o.most, o.used, o.asked
                        from extension_exceptions o
                        join quotas q on q.id = o.quota_id
                        where o.extension_id = x.id
                    ) exception))
            from loan_extensions x
            where x.loan_id = l.id and x.status = 'asked' and is_with_borrower(l.status, l.replaced_at)) as extension_asked,
           l.created_at
    from loans l
    join equipment e on e.id = l.equipment_id;
