-- Projects carry what a course finds them by, memberships end without being deleted, history knows its project.

alter table projects
    add column course text not null default ''
        constraint projects_course_length check (char_length(course) <= 200),
    add column academic_year text
        constraint projects_academic_year check (academic_year ~ '^[0-9]{4}/[0-9]{2}$'),
    add column group_number integer
        constraint projects_group_number check (group_number between 1 and 9999),
    add column tags text[] not null default '{}'
        constraint projects_tags_number check (cardinality(tags) <= 20),
    -- [{"title": …, "url": …}]
    add column links jsonb not null default '[]'
        constraint projects_links_list check (jsonb_typeof(links) = 'array');
create index projects_by_tag on projects using gin (tags);
create index projects_status_recent on projects (status, created_at desc, id desc);

-- Whoever left keeps their row; who is in a project now is a view, so that no query can forget to leave them out.
alter table project_members rename to memberships;
alter table memberships add column left_at timestamptz;
create view project_members as
    select project_id, user_id, role, added_at from memberships where left_at is null;

-- Filled once for what was written before: it says where a row belongs, and nothing of what it tells changes.
alter table status_history add column project_id uuid;
alter table status_history disable trigger status_history_append_only;
update status_history set project_id = entity_id where entity = 'project';
update status_history set project_id = right(reason, 36)::uuid
where entity = 'project_member' and reason ~ '^in project [0-9a-f-]{36}$';
-- The first leader's row was written right behind their project's.
update status_history leader set project_id = project.entity_id
from status_history project
where leader.entity = 'project_member' and leader.project_id is null
    and project.entity = 'project' and project.id = leader.id - 1;
update status_history set project_id = requisitions.project_id
from requisitions
where requisitions.id = status_history.requisition_id;
alter table status_history enable trigger status_history_append_only;
create index status_history_project on status_history (project_id, id) where project_id is not null;

alter table notifications drop constraint notifications_event;
alter table notifications add constraint notifications_event check (event in (
    'submitted', 'approval_needed', 'approved', 'rejected', 'checked_out', 'being_verified',
    'failed', 'cancelled', 'return_requested', 'returned', 'needs_person',
    'project_submitted', 'project_activated', 'project_rejected', 'member_added', 'member_removed'));

-- Nothing with history is ever deleted; what is kept of requests for 48 hours has none.
do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on project_members to makerlab_app';
        execute 'revoke delete, truncate on all tables in schema public from makerlab_app';
        execute 'grant delete on idempotency_keys to makerlab_app';
    end if;
end $$;
