-- T1 messages in full: acceptance in two stages, what operators decide, parties with postal address and phone, card replacement,
-- counters for /metrics.

-- accepted: taken by the carrier, its result comes later. skipped: staff settled it by other means.
ALTER TABLE t1_message DROP CONSTRAINT t1_message_state_check;
ALTER TABLE t1_message
	ADD CONSTRAINT t1_message_state_check CHECK (state IN ('waiting', 'sent', 'accepted', 'done', 'refused', 'superseded', 'skipped')),
	ADD COLUMN accepted_at timestamptz,
	ADD COLUMN result smallint CHECK (result IN (1, 2)), -- the carrier's result message, before the job has acted on it
	ADD COLUMN result_cause text,
	ADD COLUMN result_at timestamptz,
	ADD COLUMN superseded_by uuid REFERENCES t1_message,
	ADD COLUMN decision text,                            -- the words of the operator who skipped or superseded it
	ADD CHECK ((result = 2) = (result_cause IS NOT NULL));
ALTER TABLE carrier_connection ADD COLUMN next_password boolean NOT NULL DEFAULT false; -- password_secret_next is in use

-- A job that waits for somebody to wake it up: it keeps its place in the order of its key.
ALTER TABLE job ADD COLUMN parked boolean NOT NULL DEFAULT false;
DROP INDEX job_claimable;
CREATE INDEX job_claimable ON job (lane, due_at) WHERE NOT behind AND NOT parked AND dead_at IS NULL;

-- The carrier's result for a message of this connection: kept once, and the message's job is woken up. 'kept' (also for the same result
-- again), 'other' (there is another one), 'unknown' (never sent there). The job's row is not waited for: whoever holds its lock
-- writes an answer, has this message locked before, and sees the result or comes after it.
CREATE FUNCTION t1_complete(connection uuid, request text, outcome integer, cause text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	m record;
	known integer;
BEGIN
	IF outcome NOT IN (1, 2) OR (outcome = 2 AND cause IS NULL) THEN
		RAISE EXCEPTION 'a result is 1, or 2 with a cause' USING ERRCODE = 'invalid_parameter_value';
	END IF;
	SELECT id, state, result INTO m FROM t1_message WHERE request_id = request AND connection_id = connection FOR NO KEY UPDATE;
	IF NOT FOUND OR m.state = 'waiting' THEN
		RETURN 'unknown';
	END IF;
	known := coalesce(m.result, CASE m.state WHEN 'done' THEN 1 WHEN 'refused' THEN 2 END);
	IF known IS NOT NULL OR m.state NOT IN ('sent', 'accepted') THEN
		RETURN CASE WHEN known = outcome THEN 'kept' ELSE 'other' END;
	END IF;
	UPDATE t1_message SET result = outcome, result_cause = CASE outcome WHEN 2 THEN cause END, result_at = now() WHERE id = m.id;
	PERFORM job_wake('t1_send', m.id, true);
	RETURN 'kept';
END
$$;

-- Wakes up a job that is parked or waits for its next try, with revive also one that was given up. One that is held, or that somebody is
-- changing at this moment, is left alone.
CREATE FUNCTION job_wake(wanted_kind text, wanted uuid, revive boolean) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	woken text;
BEGIN
	UPDATE job SET parked = false, run_at = now(), dead_at = NULL, dead_cause = NULL, attempts = CASE WHEN dead_at IS NULL THEN attempts ELSE 0 END
		WHERE id = (SELECT id FROM job WHERE kind = wanted_kind AND subject = wanted AND (claim IS NULL OR run_at < now())
			AND (revive OR dead_at IS NULL) FOR UPDATE SKIP LOCKED)
		RETURNING lane INTO woken;
	IF NOT FOUND THEN
		RETURN false;
	END IF;
	PERFORM pg_notify(job_class(woken), '');
	RETURN true;
END
$$;

-- A message built anew takes the place of an older one, and its job the other's place in the order of the card.
CREATE FUNCTION job_take_over(wanted_kind text, old uuid, new uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE job SET subject = new, attempts = 0, deaths = 0, last_error = NULL, claim = NULL, worker = NULL
		WHERE kind = wanted_kind AND subject = old AND (claim IS NULL OR run_at < now());
	RETURN FOUND AND job_wake(wanted_kind, new, true);
END
$$;
REVOKE ALL ON FUNCTION t1_complete, job_wake, job_take_over FROM PUBLIC;
GRANT EXECUTE ON FUNCTION t1_complete TO realname_jobs, realname_operator;
GRANT EXECUTE ON FUNCTION job_wake TO realname_jobs, realname_operator;
GRANT EXECUTE ON FUNCTION job_take_over TO realname_operator;

-- What has no final answer yet: for the ages of /metrics and for whoever asks again.
CREATE INDEX t1_message_open ON t1_message (connection_id, kind, created_at) WHERE state IN ('waiting', 'sent', 'accepted');

-- How many messages there are of each carrier, kind and state, without counting them: each statement that changes some adds lines, a
-- task adds the lines up. Nobody waits for anybody, and the sum is exact.
CREATE TABLE t1_count (
	connection_id uuid NOT NULL,
	kind text NOT NULL,
	state text NOT NULL,
	n bigint NOT NULL
);
INSERT INTO t1_count SELECT connection_id, kind, state, count(*) FROM t1_message GROUP BY connection_id, kind, state;

CREATE FUNCTION t1_count_added() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO t1_count SELECT connection_id, kind, state, count(*) FROM added GROUP BY connection_id, kind, state;
	RETURN NULL;
END
$$;
CREATE FUNCTION t1_count_changed() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	INSERT INTO t1_count SELECT connection_id, kind, state, sum(n) FROM (
			SELECT connection_id, kind, state, 1 AS n FROM after UNION ALL SELECT connection_id, kind, state, -1 FROM before) AS x
		GROUP BY connection_id, kind, state HAVING sum(n) <> 0;
	RETURN NULL;
END
$$;
CREATE TRIGGER t1_count_added AFTER INSERT ON t1_message REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION t1_count_added();
CREATE TRIGGER t1_count_changed AFTER UPDATE ON t1_message REFERENCING OLD TABLE AS before NEW TABLE AS after
	FOR EACH STATEMENT EXECUTE FUNCTION t1_count_changed();

CREATE FUNCTION t1_count_settle() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	WITH lines AS (DELETE FROM t1_count RETURNING *)
	INSERT INTO t1_count SELECT connection_id, kind, state, sum(n) FROM lines GROUP BY connection_id, kind, state HAVING sum(n) <> 0
$$;
REVOKE ALL ON FUNCTION t1_count_added, t1_count_changed, t1_count_settle FROM PUBLIC;
GRANT EXECUTE ON FUNCTION t1_count_settle TO realname_jobs;
GRANT SELECT ON t1_count TO realname_web, realname_jobs, realname_operator;

-- Postal address and phone of a party, where they are known; a company's responsible person and an agent have a phone.
ALTER TABLE application_party ADD COLUMN postal_address_sealed bytea, ADD COLUMN telephone_sealed bytea;

-- A replacement has two cards: the new one, and the one that it takes the place of.
ALTER TABLE application_card ADD COLUMN part text NOT NULL DEFAULT 'whole' CHECK (part IN ('whole', 'old', 'new'));

-- A car that was transferred or scrapped: told to the carriers of its registered cards.
ALTER TABLE application DROP CONSTRAINT application_kind_check;
ALTER TABLE application ADD CONSTRAINT application_kind_check
	CHECK (kind IN ('register', 'cancel', 'transfer', 'update', 'replace_card', 'vehicle_status'));

-- Whoever empties a party or a message empties what came later too.
CREATE FUNCTION party_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.postal_address_sealed := NULL;
	NEW.telephone_sealed := NULL;
	RETURN NEW;
END
$$;
CREATE TRIGGER party_erased BEFORE UPDATE OF name_sealed ON application_party FOR EACH ROW WHEN (NEW.name_sealed = '') EXECUTE FUNCTION party_erased();
CREATE FUNCTION t1_message_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.failure_cause := NULL;
	NEW.result_cause := CASE WHEN NEW.result_cause IS NOT NULL THEN '' END;
	NEW.decision := NULL;
	RETURN NEW;
END
$$;
CREATE TRIGGER t1_message_erased BEFORE UPDATE OF inputs_sealed ON t1_message FOR EACH ROW WHEN (NEW.inputs_sealed = '') EXECUTE FUNCTION t1_message_erased();

-- The jobs program ends what is done: bindings of replaced cards, the status of a transferred car. So does an operator who skips the last
-- message of a card. A changed status is an application of its own.
GRANT INSERT, UPDATE ON card_binding TO realname_jobs;
GRANT UPDATE (status, status_updated_at) ON vehicle TO realname_jobs;
GRANT INSERT, UPDATE ON registration TO realname_operator;
GRANT INSERT ON application, application_card, application_party TO realname_operator;
