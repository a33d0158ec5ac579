-- Rows of Snipe-IT's that cannot be understood are told to people.

select extend_words('findings', 'findings_kind', 'rows_unreadable');
