-- A database that was restored or failed over has forgotten what was sent since. It is told by its lineage.

-- System identifier of the cluster, timeline, oid of the database: another one after a restore or a failover.
alter table snipeit_link add column lineage text;

-- Something may have been sent of which this database knows nothing: a look comes before anything else.
alter table operations add column in_doubt boolean not null default false;

-- The fingerprint that was sent may be what was forgotten; the log names it.
alter table operations drop constraint operations_sent_has_witness;
alter table operations add constraint operations_sent_has_witness check (
    state not in ('sent', 'unknown')
    or (kind = 'check_out' and (fingerprint is not null or (state = 'unknown' and in_doubt)))
    or (kind = 'check_in' and tenure_checkout is not null));

alter table attempts drop constraint attempts_event;
alter table attempts add constraint attempts_event check (event in (
    'intent', 'answer', 'look', 'log_search', 'not_sent', 'late_answer', 'decision', 'out_of_runs', 'doubted'));

alter table findings drop constraint findings_kind;
alter table findings add constraint findings_kind check (kind in (
    'operation_with_person', 'effect_not_seen', 'painted_over', 'held_by_somebody_else', 'borrower_not_matched',
    'job_out_of_runs', 'inventory_changed', 'clock_or_zone_wrong', 'database_changed'));
