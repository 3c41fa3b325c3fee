-- Numbers for /metrics of files that are open and of instructions, counted as messages are (t1_count, 0021).
CREATE FUNCTION t1_instruction_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO t1_count SELECT connection_id, 'instruction', CASE WHEN failure_cause IS NULL THEN 'accepted' ELSE 'refused' END, count(*)
		FROM added GROUP BY 1, 3;
	RETURN NULL;
END
$$;
INSERT INTO t1_count SELECT connection_id, 'instruction', CASE WHEN failure_cause IS NULL THEN 'accepted' ELSE 'refused' END, count(*)
	FROM t1_instruction GROUP BY 1, 3;
CREATE TRIGGER t1_instruction_counted AFTER INSERT ON t1_instruction REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION t1_instruction_counted();
REVOKE ALL ON FUNCTION t1_instruction_counted FROM PUBLIC;
GRANT SELECT (connection_id, source, state, due_at) ON t1_file TO realname_web;
