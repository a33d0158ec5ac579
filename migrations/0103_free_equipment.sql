-- The units that could be lent at this moment: one rule for lists and counts. The lab's time is read once, not once a row.

create view free_equipment as
    select e.id, e.model_id
    from (select lab_now() as now offset 0) lab
    cross join equipment e
    where e.presence = 'listed' and e.label_kind = 'deployable' and e.holder_id is null
        and e.label_id not in (select snipeit_label_id from status_labels where not is_free)
        and not exists (
            select from loans l
            where l.equipment_id = e.id and l.status in ('promised', 'handed_over', 'checked_out')
                and (l.status <> 'promised' or (l.starts_at <= lab.now and l.due_at > lab.now)))
        and not exists (
            select from live_holds() h
            where h.equipment_id = e.id and h.starts_at <= lab.now and h.due_at > lab.now);

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select on free_equipment to makerlab_app';
    end if;
end $$;
