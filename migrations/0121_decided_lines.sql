-- Reports tell each line's decision, not the last one of its requisition.

create index requisition_lines_decided on requisition_lines (decided_at) where decided_at is not null;
drop index requisitions_decided;
