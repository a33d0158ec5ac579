-- What happened is asked by loan, by unit and by person: each is found by an index, whatever history has grown to.

create index status_history_actor on status_history (actor_id, id) where actor_id is not null;
create index operations_loan on operations (loan_id);
create index operations_equipment on operations (equipment_id);
create index loans_equipment on loans (equipment_id);
create index findings_subject on findings (subject_id);
