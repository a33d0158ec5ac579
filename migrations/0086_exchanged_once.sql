-- A unit that another took the place of is not with its borrower any more, though Snipe-IT may say so for a while: the two
-- are one loan to quotas, reports and reminders.

alter table loans add column replaced_at timestamptz;
update loans set replaced_at = later.handed_over_at from loans later where later.instead_of = loans.id;

create function is_with_borrower(loan_status text, replaced_at timestamptz) returns boolean
    language sql immutable parallel safe as $$ select is_out(loan_status) and replaced_at is null $$;
