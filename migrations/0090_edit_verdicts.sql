-- What the rules had said of each line before an edit: a line that stays is judged anew, and its first verdict stays readable.

create table requisition_edit_verdicts (
    requisition_id uuid not null,
    number integer not null,
    line_id uuid not null references requisition_lines,
    approval text not null constraint requisition_edit_verdicts_approval
        check (approval in ('none', 'technician', 'supervisor_then_technician')),
    -- Null: no rule fitted.
    approval_rule_id uuid references approval_rules,
    approval_reason text not null,
    primary key (requisition_id, number, line_id),
    foreign key (requisition_id, number) references requisition_edits
);
create trigger requisition_edit_verdicts_append_only before update or delete on requisition_edit_verdicts
    for each row execute function refuse_change();
create trigger requisition_edit_verdicts_no_truncate before truncate on requisition_edit_verdicts
    for each statement execute function refuse_change();

do $$
begin
    if exists (select from pg_roles where rolname = 'makerlab_app') then
        execute 'grant select, insert on requisition_edit_verdicts to makerlab_app';
        execute 'revoke update, delete, truncate on requisition_edit_verdicts from makerlab_app';
    end if;
end $$;
