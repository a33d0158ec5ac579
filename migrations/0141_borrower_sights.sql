-- Who our people are among Snipe-IT's users, as the latest full read of those showed it: numbers, and nothing of anybody
-- who is not known here.

create table borrower_sights (
    user_id uuid primary key references users,
    -- All with the person's e-mail address; empty: nobody has it.
    snipeit_user_ids bigint[] not null,
    -- When Snipe-IT was asked first, by PostgreSQL's clock.
    asked_at timestamptz not null,
    -- It has proved wrong, or somebody doubts it: until the next full read Snipe-IT is asked.
    is_doubted boolean not null default false
);

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, update on borrower_sights to makerlab_app';
    end if;
end $$;
