-- Nobody lets a project begin that they asked for or borrow for, and only who may is asked to.

-- Who borrows for a project, or did at any time, so that nobody leaves it to let it begin.
create view project_insiders as
    select project_id, user_id from project_members where role in ('leader', 'member')
    union all
    select project_id, entity_id from status_history
    where entity = 'project_member' and from_status in ('leader', 'member');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on project_insiders to makerlab_app';
    end if;
end $$;

-- The technicians who may decide something of a requisition or whether a project begins, and whoever stands in for one;
-- where none may, the admins who may. Nobody may whose own it is, who has it, or who borrows for its project; nor, of the
-- requisition itself, whoever has agreed to it already. `decision`: 'requisition' or 'extension', of the requisition
-- `subject`, or 'project'.
drop function deciders(uuid, text);
create function deciders(subject uuid, decision text) returns setof uuid language sql stable as $$
    with impartial as (
        select u.id, u.role = 'technician' or exists (
            select from standing_deputies d
            join users away on away.id = d.user_id and away.role = 'technician'
            where d.deputy_id = u.id) as comes_first
        from users u
        where u.erased_at is null and u.role in ('technician', 'admin')
            and not exists (select from requisition_insiders i where i.requisition_id = subject and i.user_id = u.id)
            and not exists (select from loans l where l.requisition_id = subject and l.borrower_id = u.id)
            and not exists (
                select from requisitions r
                where r.id = subject and decision = 'requisition' and u.id in (r.endorsed_by, r.endorsed_for))
            and not exists (select from projects p where p.id = subject and p.created_by = u.id)
            and not exists (select from project_insiders i where i.project_id = subject and i.user_id = u.id)
    )
    select id from impartial where comes_first or not exists (select from impartial where comes_first)
$$;
