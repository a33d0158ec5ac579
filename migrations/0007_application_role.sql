-- The application's role does not own the tables: it cannot drop a trigger, and history is insert-only for it.
-- The role is made by whoever administers the cluster (README); without it the owner is the application.

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant usage on schema public to makerlab_app';
        execute 'grant select, insert, update, delete on all tables in schema public to makerlab_app';
        execute 'grant usage on all sequences in schema public to makerlab_app';
        execute 'revoke update, delete, truncate on status_history, attempts from makerlab_app';
        execute 'revoke insert, update, delete on _sqlx_migrations from makerlab_app';
    end if;
end $$;
