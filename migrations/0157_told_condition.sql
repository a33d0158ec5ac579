-- A unit that no check-in gives its label is not lent before it has it.

alter table equipment
    -- What was said of it and its label does not show yet; null: nothing.
    add column told_as text constraint equipment_told_as check (told_as in ('damaged', 'lost'));
create index equipment_told on equipment (id) where told_as is not null;

create or replace view free_equipment as
    select e.id, e.model_id
    from (select lab_now() as now offset 0) lab
    cross join equipment e
    where e.presence = 'listed' and e.label_kind = 'deployable' and e.holder_id is null
        and e.told_as is null
        and e.label_id not in (select snipeit_label_id from status_labels where not is_free)
        and not exists (
            select from loans l
            where l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out')
                and (l.status <> 'promised' or (l.starts_at <= lab.now and l.due_at > lab.now)))
        and not exists (
            select from live_holds() h
            where h.equipment_id = e.id and h.starts_at <= lab.now and h.due_at > lab.now);
