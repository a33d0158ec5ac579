-- A loan whose unit could not be judged is compared again, though Snipe-IT shows nothing new of the unit.

alter table equipment
    -- Not null: its loans are to be compared again, since then.
    add column recompare_since timestamptz;
create index equipment_to_recompare on equipment (recompare_since) where recompare_since is not null;
