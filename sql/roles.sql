-- The roles of the programs and of the migrations. Run once by a superuser, before the first migration; safe to run again.
-- The programs get only what 0002_grants.sql gives them.
DO $$
DECLARE
	role_name text;
BEGIN
	FOREACH role_name IN ARRAY ARRAY['realname_owner', 'realname_web', 'realname_jobs', 'realname_operator', 'realname_instruction'] LOOP
		IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
			EXECUTE format('CREATE ROLE %I LOGIN', role_name);
		END IF;
	END LOOP;
END
$$;
