-- An operator lets a file be delivered once more, because the carrier has lost it: the same row, and so the same name and bytes. What is
-- still on the server under its name with its size counts as delivered. 'again'; else why not: 'unknown', 'erased', 'under way'.
CREATE FUNCTION t1_file_again(wanted uuid) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	file t1_file;
BEGIN
	SELECT * INTO file FROM t1_file WHERE id = wanted FOR UPDATE;
	IF NOT FOUND THEN
		RETURN 'unknown';
	END IF;
	IF EXISTS (SELECT FROM application WHERE id = file.application_id AND erased_at IS NOT NULL) THEN
		RETURN 'erased';
	END IF;
	IF EXISTS (SELECT FROM job WHERE kind = 'file_deliver' AND subject = wanted) THEN
		RETURN 'under way';
	END IF;
	file.due_at := now() + CASE file.source WHEN 'HT' THEN interval '6 hours' ELSE interval '24 hours' END;
	UPDATE t1_file SET state = CASE WHEN state IN ('done', 'uploaded') THEN 'uploaded' ELSE 'waiting' END, cause = NULL, done_at = NULL,
		alarmed = 0, due_at = file.due_at WHERE id = wanted;
	PERFORM job_add('file_deliver', 'sftp:' || file.connection_id, wanted, NULL, 0, extract(epoch FROM file.due_at - now())::double precision);
	RETURN 'again';
END
$$;
REVOKE ALL ON FUNCTION t1_file_again FROM PUBLIC;
GRANT EXECUTE ON FUNCTION t1_file_again TO realname_operator;
CREATE INDEX t1_file_request ON t1_file (request_id);
