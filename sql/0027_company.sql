-- A car belongs to one company; admins of a company are told by SMS that they were added or removed.
DROP INDEX company_vehicle_vehicle;
CREATE UNIQUE INDEX company_vehicle_vehicle ON company_vehicle (vehicle_id);

-- New templates beside those that are there, whichever they are.
DO $$
DECLARE
	names text;
BEGIN
	SELECT string_agg(quote_literal(n), ', ') INTO names FROM (
		SELECT m[1] AS n FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
		WHERE c.conname = 'sms_message_template_check'
		UNION SELECT unnest(ARRAY['member_added', 'member_removed'])
	) x;
	ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
	EXECUTE format('ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check CHECK (template IN (%s))', names);
END
$$;
