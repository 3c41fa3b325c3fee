-- How long an application is kept, in two ways more truly than before.
--
-- A change of the holder's data (kind update) ends one registration and begins the next: the service goes on. So the papers and the contract
-- that it began with are kept with the whole line of registrations, until two years after the last of them ended.
--
-- What somebody disputes is kept as evidence, whoever would rather have it deleted: a report of misuse that is open or was found true less
-- than two years ago, a complaint that names its number and is not answered.
CREATE INDEX complaint_names ON complaint (application_number) WHERE state <> 'answered' AND application_number IS NOT NULL;

-- The web program may ask, but not read what complaints name.
CREATE FUNCTION application_disputed(wanted uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
	SELECT EXISTS (SELECT FROM misuse_report WHERE application_id = wanted
			AND (closed_at IS NULL OR (outcome = 'misuse' AND closed_at > now() - interval '2 years')))
		OR EXISTS (SELECT FROM application a JOIN complaint c ON c.application_number = a.number AND c.state <> 'answered' WHERE a.id = wanted)
$$;
REVOKE ALL ON FUNCTION application_disputed(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION application_disputed(uuid) TO realname_web, realname_jobs, realname_operator;

CREATE OR REPLACE FUNCTION application_retention(wanted uuid, refused_days integer, OUT reason text, OUT until timestamptz)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	a application%ROWTYPE;
	living boolean;
	last_end timestamptz;
	last_done timestamptz;
	last_change timestamptz;
BEGIN
	SELECT * INTO a FROM application WHERE id = wanted;
	IF NOT FOUND OR a.expired_at IS NOT NULL OR a.erased_at IS NOT NULL THEN
		reason := 'erased';
		RETURN;
	END IF;
	IF a.submitted_at IS NULL THEN
		reason := 'draft';
		until := a.expires_at;
		RETURN;
	END IF;
	IF a.kind = 'opening' THEN
		IF EXISTS (SELECT FROM company_member WHERE application_id = wanted AND state <> 'removed') THEN
			reason := 'member';
		ELSIF application_disputed(wanted) THEN
			reason := 'disputed';
		ELSE
			reason := 'refused';
			SELECT coalesce(max(removed_at), a.submitted_at) + make_interval(days => refused_days) INTO until
				FROM company_member WHERE application_id = wanted;
		END IF;
		RETURN;
	END IF;
	IF EXISTS (SELECT FROM application_card WHERE application_id = wanted AND state NOT IN ('done', 'refused', 'withdrawn', 'expired')) THEN
		reason := 'open';
		RETURN;
	END IF;
	WITH RECURSIVE line AS (
		SELECT g.id, g.card_id, g.ended_at, g.until_application_id FROM registration g WHERE g.id IN (
			SELECT id FROM registration WHERE from_application_id = wanted
			UNION SELECT id FROM registration WHERE until_application_id = wanted AND ended_at IS NOT NULL
			UNION SELECT r.id FROM application_card c JOIN registration r ON r.card_id = c.card_id
				JOIN application_party p ON p.application_id = wanted AND p.number_hash = r.holder_number_hash
				WHERE c.application_id = wanted AND c.state = 'done' AND coalesce(r.ended_at, now()) >= c.state_at AND r.began_at <= c.state_at)
		UNION SELECT n.id, n.card_id, n.ended_at, n.until_application_id FROM line l
			JOIN registration n ON n.from_application_id = l.until_application_id AND n.card_id = l.card_id
			JOIN application u ON u.id = n.from_application_id AND u.kind = 'update')
	SELECT bool_or(l.ended_at IS NULL), max(l.ended_at) INTO living, last_end FROM line l;
	SELECT max(state_at) FILTER (WHERE state = 'done'), max(state_at) INTO last_done, last_change FROM application_card WHERE application_id = wanted;
	IF living THEN
		reason := 'registered';
	ELSIF application_disputed(wanted) THEN
		reason := 'disputed';
	ELSIF last_end IS NOT NULL OR last_done IS NOT NULL THEN
		reason := 'ended';
		until := coalesce(last_end, last_done) + interval '2 years';
	ELSE
		reason := 'refused';
		until := coalesce(last_change, a.submitted_at) + make_interval(days => refused_days);
	END IF;
END
$$;
