-- Who asks and on whose behalf: users, their API tokens, projects and their members.

create extension if not exists btree_gist;

create table users (
    id uuid primary key,
    name text not null constraint users_name_length check (char_length(name) between 1 and 200),
    email text not null constraint users_email_length check (char_length(email) between 3 and 254),
    language text not null default 'en' constraint users_language check (language in ('en', 'pt')),
    role text not null constraint users_role check (role in ('student', 'professor', 'technician', 'admin')),
    -- Looked up by e-mail in Snipe-IT, compared again on our side, then remembered; forgotten after a refusal.
    snipeit_user_id bigint,
    snipeit_matched_at timestamptz,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    erased_at timestamptz
);
create unique index users_email_key on users (lower(email)) where erased_at is null;

create table api_tokens (
    id uuid primary key,
    user_id uuid not null references users,
    -- The first characters of the token, to find the row and to name the token to people; not secret.
    prefix text not null constraint api_tokens_prefix_key unique,
    hash bytea not null constraint api_tokens_hash_length check (octet_length(hash) = 32),
    label text not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index api_tokens_user on api_tokens (user_id);

create table projects (
    id uuid primary key,
    name text not null constraint projects_name_length check (char_length(name) between 1 and 200),
    description text not null default '',
    status text not null constraint projects_status
        check (status in ('pending', 'active', 'completed', 'archived', 'rejected')),
    created_by uuid not null references users,
    version integer not null default 1,
    created_at timestamptz not null default now()
);
create index projects_recent on projects (created_at desc, id desc);

create table project_members (
    project_id uuid not null references projects,
    user_id uuid not null references users,
    role text not null constraint project_members_role
        check (role in ('leader', 'member', 'supervisor', 'observer')),
    added_at timestamptz not null default now(),
    primary key (project_id, user_id)
);
create index project_members_user on project_members (user_id);
