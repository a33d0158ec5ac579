-- Each person chooses how they hear of what: by a letter at once, in one digest a day, or in the list alone.

alter table users add column digest_hour smallint not null default 8
    constraint users_digest_hour check (digest_hour between 0 and 23);

-- What differs from the default; no list of events, for a choice about an event that is not known harms nobody.
create table channel_choices (
    user_id uuid not null references users,
    event text not null,
    channel text not null constraint channel_choices_channel check (channel in ('mail', 'digest', 'none')),
    primary key (user_id, event)
);

-- One letter that tells several things. What it tells is fixed before its first attempt and never changes.
create table digests (
    id uuid primary key,
    recipient_id uuid not null references users,
    -- The lab's day.
    day date not null,
    status text not null constraint digests_status check (status in ('queued', 'sent', 'refused', 'unknown', 'failed')),
    attempts integer not null default 0,
    outcome text,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    -- No further attempt is made.
    settled_at timestamptz,
    constraint digests_one_a_day unique (recipient_id, day)
);
create unique index digests_one_open on digests (recipient_id) where settled_at is null;

alter table notifications
    add column channel text not null default 'mail'
        constraint notifications_channel check (channel in ('mail', 'digest', 'none')),
    add column digest_id uuid references digests
        constraint notifications_in_digest check (digest_id is null or channel = 'digest'),
    add column read_at timestamptz,
    -- The first letter that this one repeats, at somebody's wish.
    add column resend_of uuid references notifications;

alter table notifications drop constraint notifications_status;
alter table notifications add constraint notifications_status
    check (status in ('queued', 'sent', 'refused', 'unknown', 'failed', 'not_wanted', 'moot'));

create index notifications_unread on notifications (recipient_id) where read_at is null;
create index notifications_for_digest on notifications (recipient_id, created_at, id)
    where channel = 'digest' and digest_id is null and status = 'queued';
create index notifications_digest on notifications (digest_id) where digest_id is not null;
create index notifications_subject on notifications (subject_id) where status = 'queued';
create index notifications_recent on notifications (created_at desc, id desc);
create index notifications_status_recent on notifications (status, created_at desc, id desc);
create unique index notifications_one_resend on notifications (resend_of) where status = 'queued';

alter table jobs drop constraint jobs_kind;
alter table jobs add constraint jobs_kind check (kind in (
    'run_operation', 'match_borrower', 'sync_catalogue', 'sweep', 'notice_verifying', 'send_mail', 'send_digest'));
create unique index jobs_one_digest on jobs (subject_id) where state = 'open' and kind = 'send_digest';

alter table status_history drop constraint status_history_entity;
alter table status_history add constraint status_history_entity check (entity in (
    'user', 'project', 'project_member', 'equipment_model', 'requisition', 'line', 'loan', 'operation', 'finding',
    'notification'));

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert, delete on channel_choices to makerlab_app';
        execute 'grant select, insert, update on digests to makerlab_app';
    end if;
end $$;
