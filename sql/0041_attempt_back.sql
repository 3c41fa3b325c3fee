-- A code that was typed in takes back the place that it had in the count of its network: whole cells of phones share one address. The web
-- program deletes no other attempts.
CREATE FUNCTION attempt_back(what text, whose bytea) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	DELETE FROM attempt WHERE what IN ('signin.address', 'draft.address')
		AND ctid = (SELECT ctid FROM attempt WHERE kind = what AND key = whose ORDER BY at DESC LIMIT 1 FOR UPDATE SKIP LOCKED);
$$;
REVOKE EXECUTE ON FUNCTION attempt_back FROM PUBLIC;
GRANT EXECUTE ON FUNCTION attempt_back TO realname_web;
