-- Whoever has a part in what is asked for does not decide it, and two people say the two yeses.

alter table requisitions
    -- The supervisor in whose place it was agreed to; null: in their own right.
    add column endorsed_for uuid references users,
    add constraint requisitions_endorsed_for check (endorsed_for is null or endorsed_by is not null);
alter table requisition_edits add column endorsed_for uuid references users;
update requisitions r
set endorsed_for = (
    select h.on_behalf_of from status_history h
    where h.requisition_id = r.id and h.entity = 'requisition' and h.event = 'endorsed'
    order by h.id desc
    limit 1)
where endorsed_by is not null;

-- Who may not decide a requisition: whoever asked for it or has edited it, and whoever borrows for its project, or did at
-- any time since it was asked for, so that nobody leaves a project to decide for it.
create view requisition_insiders as
    select id as requisition_id, requester_id as user_id from requisitions
    union all
    select requisition_id, edited_by from requisition_edits
    union all
    select r.id, m.user_id
    from requisitions r
    join project_members m on m.project_id = r.project_id and m.role in ('leader', 'member')
    union all
    select r.id, h.entity_id
    from requisitions r
    join status_history h on h.project_id = r.project_id and h.entity = 'project_member'
        and h.from_status in ('leader', 'member')
        and h.id > (select min(s.id) from status_history s where s.requisition_id = r.id);

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on requisition_insiders to makerlab_app';
    end if;
end $$;
