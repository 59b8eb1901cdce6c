-- Apart from read_target: a role may lack the right to it, and that must not cost the rest.
select c.system_identifier::text from pg_catalog.pg_control_system() as c
