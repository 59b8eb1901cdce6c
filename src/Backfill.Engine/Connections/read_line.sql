select pg_catalog.pg_backend_pid(), pg_catalog.host(pg_catalog.inet_client_addr()), pg_catalog.inet_client_port(),
       pg_catalog.host(pg_catalog.inet_server_addr()), pg_catalog.inet_server_port()
