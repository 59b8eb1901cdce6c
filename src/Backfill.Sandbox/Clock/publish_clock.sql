-- Utility statements take no parameters. Connections that are opened from now on have both settings.
DO $$
BEGIN
    EXECUTE format('ALTER DATABASE postgres SET sandbox.clock_origin = %L', current_setting('sandbox.clock_origin'));
    EXECUTE format('ALTER DATABASE postgres SET sandbox.clock_factor = %L', current_setting('sandbox.clock_factor'));
END
$$
