-- Where Snipe-IT differs from our record, a person decides: our record follows, our effect is sent anew, or it stays so.

select extend_words('findings', 'findings_kind', 'unit_not_held', 'unit_with_another', 'checked_out_again', 'lent_by_hand',
    'promised_unit_held', 'unit_not_deployable', 'unit_archived', 'unit_gone');
select extend_words('findings', 'findings_resolution', 'adopted', 'reapplied', 'ignored', 'passed');

-- What a person wants to hear no more of, until Snipe-IT shows something else.
create table ignored_drifts (
    loan_id uuid primary key references loans,
    -- Null: it has changed since.
    mark jsonb
);

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on ignored_drifts to makerlab_app';
        execute 'revoke delete, truncate on ignored_drifts from makerlab_app';
    end if;
end $$;
