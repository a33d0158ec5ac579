-- At the counter another unit may take the place of one that went out by itself: that one comes back by an operation of its
-- own, and the other is a loan of its own that names it.

alter table loans add column instead_of uuid references loans;
create unique index loans_instead_of_once on loans (instead_of) where instead_of is not null;
