-- Each line is decided by itself: what was asked for stays, and beside it stands what was granted, by whom and why.

alter table requisition_lines
    -- May be another model, and fewer units, than was asked for. Null: rejected, or nobody has decided.
    add column granted_model_id uuid references equipment_models,
    add column granted_quantity integer
        constraint requisition_lines_granted_quantity check (granted_quantity between 1 and quantity),
    -- The units were named, by whoever asked or whoever decided: no others take their place.
    add column granted_units_named boolean,
    add column decided_by uuid references users,
    add column decided_at timestamptz,
    add column decision_reason text,
    add constraint requisition_lines_granted_whole check (
        (granted_model_id is null) = (granted_quantity is null)
        and (granted_model_id is null) = (granted_units_named is null)),
    add constraint requisition_lines_decided_whole check (
        (decided_by is null) = (decided_at is null) and (granted_model_id is null or decided_by is not null));

-- What was decided before went for every line of its requisition alike.
update requisition_lines line
set granted_model_id = case when line.status <> 'rejected' then line.model_id end,
    granted_quantity = case when line.status <> 'rejected' then line.quantity end,
    granted_units_named = case when line.status <> 'rejected' then line.equipment_id is not null end,
    decided_by = r.decided_by, decided_at = r.decided_at, decision_reason = r.decision_reason
from requisitions r
where r.id = line.requisition_id and r.decided_by is not null and line.status <> 'pending';

select extend_words('notifications', 'notifications_event', 'partly_approved');
