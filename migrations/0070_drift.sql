-- Loans are compared with what Snipe-IT was seen to show of their units: found by unit, with our latest effect on it.

create index loans_live_of_equipment on loans (equipment_id) where status in ('promised', 'handed_over', 'checked_out');
create index operations_open_of_asset on operations (snipeit_asset_id)
    where state in ('waiting', 'sent', 'unknown', 'with_person');
create index operations_applied_of_asset on operations (snipeit_asset_id, settled_at desc) where state = 'applied';
