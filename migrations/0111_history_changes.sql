-- What said something else before: the fields of a project's page, the words on a condition, which unit a loan is for. It
-- stands beside history and not in it, because people write it and may write about people; and it is as final.

create table history_changes (
    history_id bigint not null references status_history,
    field text not null,
    -- JSON's null: nothing.
    before jsonb not null,
    after jsonb not null,
    primary key (history_id, field),
    constraint history_changes_differ check (before <> after)
);
-- For which loans a unit was kept until another took its place.
create index history_changes_former_unit on history_changes (before) where field = 'equipment_id';

create trigger history_changes_append_only before update or delete on history_changes
    for each row execute function refuse_change();
create trigger history_changes_no_truncate before truncate on history_changes
    for each statement execute function refuse_change();

-- Of one row of history, as clients read it.
create function changes_of(history bigint) returns jsonb language sql stable as $$
    select coalesce(jsonb_agg(jsonb_build_object('field', field, 'before', before, 'after', after) order by field), '[]')
    from history_changes
    where history_id = history
$$;

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert on history_changes to makerlab_app';
        execute 'revoke update, delete, truncate on history_changes from makerlab_app';
    end if;
end $$;
