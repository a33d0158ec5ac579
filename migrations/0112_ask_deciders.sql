-- Whoever is given another role in a project is told; and only who may decide is asked to decide.

select extend_words('notifications', 'notifications_event', 'member_role_changed');

-- The technicians who may decide something of a requisition, and whoever stands in for one; where none may, the admins who
-- may. Nobody may whose own it is, who has it, or who borrows for its project; nor, of the requisition itself, whoever has
-- agreed to it already. `decision`: 'requisition' or 'extension'.
create function deciders(requisition uuid, decision text) returns setof uuid language sql stable as $$
    with impartial as (
        select u.id, u.role = 'technician' or exists (
            select from standing_deputies d
            join users away on away.id = d.user_id and away.role = 'technician'
            where d.deputy_id = u.id) as comes_first
        from users u
        where u.erased_at is null and u.role in ('technician', 'admin')
            and not exists (select from requisition_insiders i where i.requisition_id = requisition and i.user_id = u.id)
            and not exists (select from loans l where l.requisition_id = requisition and l.borrower_id = u.id)
            and not exists (
                select from requisitions r
                where r.id = requisition and decision = 'requisition' and u.id in (r.endorsed_by, r.endorsed_for))
    )
    select id from impartial where comes_first or not exists (select from impartial where comes_first)
$$;
