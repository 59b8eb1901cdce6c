-- Refuses every database but the one that the run was made on. Where this role may not read the ledger, the cluster's identifier
-- has to do, and the database's oid; where it may read neither, nobody can tell, and that is a no.
do $backfill$
declare
    script record;
    found_install text = 'none';
    found_system text = 'hidden';
    found_oid bigint;
begin
    select * into strict script from pg_temp.backfill_script;
    begin
        select coalesce(max(i.install_id::text), 'none') into found_install from backfill.install i;
    exception
        when insufficient_privilege then
            found_install = 'hidden';
        when undefined_table or invalid_schema_name then
            null;
    end;
    begin
        select c.system_identifier::text into found_system from pg_catalog.pg_control_system() c;
    exception
        when insufficient_privilege then
            null;
    end;
    select d.oid::bigint into found_oid from pg_catalog.pg_database d where d.datname = current_database();
    if found_install not in ('hidden', script.install_id::text)
        -- A ledger whose role could not read the identifier says the project instead.
        or (found_system not in ('hidden', script.system_identifier) and script.system_identifier not like 'project:%')
        or found_oid <> script.database_oid
        or (found_install = 'hidden' and found_system <> script.system_identifier)
    then
        raise exception using
            errcode = 'BF004',
            message = format(
                'This script was written for %s: ledger %s in cluster %s, database oid %s. This is database %s: ledger %s in cluster %s, database oid %s. Nothing was changed.',
                script.target, script.install_id, script.system_identifier, script.database_oid,
                current_database(), found_install, found_system, found_oid),
            hint = case
                when 'hidden' in (found_install, found_system) then
                    'What is hidden, role ' || current_user || ' may not read. Run it as the owner of the ledger.'
                else 'Connect to the database that the head of this script names. If this is that database, and its ledger was adopted since, or its server was upgraded, this script is of no use any more: write a new one with New-BackfillRollback.'
            end;
    end if;
    update pg_temp.backfill_script set is_right_database = true;
end
$backfill$
