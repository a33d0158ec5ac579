-- What people want to know of a unit and a model before they fetch it. Nothing is decided by it.

alter table equipment
    -- Where it is and where it lives, by Snipe-IT's names.
    add column location text,
    add column home_location text,
    -- Whether Snipe-IT's own request button is offered for it. Null: nobody has read it yet.
    add column requestable boolean;
alter table equipment_models add column image_url text;
