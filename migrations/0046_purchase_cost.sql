-- What a unit cost, as Snipe-IT tells: for the value that is lent, and for limits to it.

alter table equipment add column purchase_cost_cents bigint
    constraint equipment_purchase_cost_cents check (purchase_cost_cents >= 0);

select extend_words('quotas', 'quotas_measure', 'value_out');
