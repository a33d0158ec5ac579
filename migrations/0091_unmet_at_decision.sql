-- What was not free when somebody wanted to grant it is demand as well: of a requisition that is there, once for each of its
-- models. What was refused at once has no requisition, and counts once a day.

alter table unmet_demand
    add column requisition_id uuid references requisitions,
    alter column day drop not null,
    drop constraint unmet_demand_once_a_day,
    add constraint unmet_demand_of_day_or_requisition check ((day is null) <> (requisition_id is null)),
    add constraint unmet_demand_once unique nulls not distinct (requester_id, model_id, day, requisition_id);
create index unmet_demand_requisition on unmet_demand (requisition_id) where requisition_id is not null;
