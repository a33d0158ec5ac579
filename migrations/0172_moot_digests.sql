-- A digest of which everything was over before it left ends without a letter.

select extend_words('digests', 'digests_status', 'moot');
