-- The numbers that a lab sets for itself, in one row; and one way to add words to a list of words.

create table lab_settings (
    only_row boolean primary key default true constraint lab_settings_only_row check (only_row),
    -- What history calls it.
    id uuid not null default gen_random_uuid(),
    -- Between a return and the next promise of the same unit.
    buffer_after_return_hours integer not null default 0
        constraint lab_settings_buffer_after_return_hours check (buffer_after_return_hours between 0 and 168),
    release_uncollected_after_days integer not null default 3
        constraint lab_settings_release_uncollected_after_days check (release_uncollected_after_days between 1 and 60),
    remind_approvers_after_hours integer not null default 24
        constraint lab_settings_remind_approvers_after_hours check (remind_approvers_after_hours between 1 and 720),
    hold_hours integer not null default 24
        constraint lab_settings_hold_hours check (hold_hours between 1 and 336),
    extensions_max integer not null default 2
        constraint lab_settings_extensions_max check (extensions_max between 0 and 20),
    extension_days_max integer not null default 14
        constraint lab_settings_extension_days_max check (extension_days_max between 0 and 366),
    -- Null: nobody is blocked.
    block_overdue_after_days integer default 7
        constraint lab_settings_block_overdue_after_days check (block_overdue_after_days between 0 and 365),
    version integer not null default 1
);
insert into lab_settings default values;

-- Appends words to a CHECK of the form `column in (…)`, whatever migrations have added before.
create function extend_words(of_table text, of_constraint text, variadic added text[]) returns void language plpgsql as $$
declare
    definition text;
    checked text;
    words text;
begin
    select pg_get_constraintdef(c.oid), a.attname into strict definition, checked
    from pg_constraint c
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
    where c.conrelid = of_table::regclass and c.conname = of_constraint and c.contype = 'c' and cardinality(c.conkey) = 1;
    select string_agg(quote_literal(word), ', ') into strict words
    from (
        select part[1] as word from regexp_matches(definition, '''([a-z_]+)''', 'g') part
        union all
        select unnest(added)
    ) all_words;
    execute format('alter table %I drop constraint %I, add constraint %I check (%I in (%s))',
        of_table, of_constraint, of_constraint, checked, words);
end $$;

select extend_words('status_history', 'status_history_entity', 'lab_settings');

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, update on lab_settings to makerlab_app';
        execute 'revoke insert, delete, truncate on lab_settings from makerlab_app';
        execute 'revoke execute on function extend_words(text, text, text[]) from public, makerlab_app';
    end if;
end $$;
