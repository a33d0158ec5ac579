-- What the lab itself gives as a reason is data, beside its words in English: letters tell it in the reader's language.

alter table notifications
    -- Null: what a person or Snipe-IT said, or a row that is older than this, stands in `message` as it is told.
    add column grounds jsonb constraint notifications_grounds_beside_words check (grounds is null or message is not null);
alter table requisitions
    -- As in notifications, beside `approval_reason`.
    add column approval_grounds jsonb
        constraint requisitions_grounds_beside_words check (approval_grounds is null or approval_reason is not null);
