-- Status labels that the settings name are compared with those that Snipe-IT has.

select extend_words('findings', 'findings_kind', 'labels_wrong');
