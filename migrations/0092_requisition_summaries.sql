-- A requisition as lists and answers tell it, without what belongs to it: the one place that says when it is overdue.

create view requisition_summaries as
    select r.id, r.number, r.project_id, r.requester_id, r.purpose, r.starts_at, r.due_at, r.status,
           exists (
               select from loans l
               where l.requisition_id = r.id and is_with_borrower(l.status, l.replaced_at) and l.due_at < lab_now()
           ) as is_overdue,
           r.decided_by, r.decided_at, r.decision_reason, r.waiting_for, r.endorsed_by, r.endorsed_for, r.endorsed_at,
           r.approval_reason, r.created_at
    from requisitions r;

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on requisition_summaries to makerlab_app';
    end if;
end $$;
