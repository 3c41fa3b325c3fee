-- 我的信息: what people may do about their own data, and how long it is kept. The rules stand here once, for the page that tells them,
-- the request that deletes and the job that clears. The web program gets no right to change evidence, consents or keys: it may call
-- functions that check the rule themselves.

ALTER TABLE application ADD COLUMN erased_at timestamptz; -- submitted once; its personal data is gone, the row and its audit stay
ALTER TABLE session
	ADD COLUMN own_proof_hash bytea,          -- keyed hash of phone and last 4 of the certificate number that were given
	ADD COLUMN own_proved_at timestamptz;

-- A request to correct what is registered. Both texts are sealed under the application's data key.
CREATE TABLE correction (
	id uuid PRIMARY KEY,
	number text NOT NULL UNIQUE,
	application_id uuid NOT NULL REFERENCES application,
	field text NOT NULL CHECK (field IN ('name', 'address', 'validity')),
	wanted_sealed bytea,
	answer_sealed bytea,
	answered_by text,
	created_at timestamptz NOT NULL DEFAULT now(),
	answered_at timestamptz
);
CREATE UNIQUE INDEX correction_open ON correction (application_id, field) WHERE answered_at IS NULL;
CREATE INDEX correction_waiting ON correction (created_at) WHERE answered_at IS NULL;
GRANT SELECT, INSERT ON correction TO realname_web;
GRANT SELECT ON correction TO realname_jobs, realname_operator;
GRANT UPDATE (answer_sealed, answered_by, answered_at) ON correction TO realname_operator;

-- What ends the keeping looks up registrations from their applications.
CREATE INDEX registration_from ON registration (from_application_id);
CREATE INDEX registration_until ON registration (until_application_id) WHERE until_application_id IS NOT NULL;
CREATE INDEX registration_ended ON registration (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX consent_withdrawn ON consent (application_id) WHERE withdrawn_at IS NOT NULL;
CREATE INDEX application_card_ended ON application_card (state_at) WHERE state IN ('refused', 'withdrawn');

-- Why an application is kept and until when (NULL: no day is known yet):
-- draft, open (under way), registered, ended (2 years after the service, by the ministry's rules), refused, erased.
-- An application stands behind the registrations that it began or ended, and behind those of its own holder on cards it was done for.
CREATE FUNCTION application_retention(wanted uuid, refused_days integer, OUT reason text, OUT until timestamptz)
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
	IF EXISTS (SELECT FROM application_card WHERE application_id = wanted AND state NOT IN ('done', 'refused', 'withdrawn', 'expired')) THEN
		reason := 'open';
		RETURN;
	END IF;
	SELECT bool_or(g.ended_at IS NULL), max(g.ended_at) INTO living, last_end FROM registration g WHERE g.id IN (
		SELECT id FROM registration WHERE from_application_id = wanted
		UNION SELECT id FROM registration WHERE until_application_id = wanted AND ended_at IS NOT NULL
		UNION SELECT r.id FROM application_card c JOIN registration r ON r.card_id = c.card_id
			JOIN application_party p ON p.application_id = wanted AND p.number_hash = r.holder_number_hash
			WHERE c.application_id = wanted AND c.state = 'done' AND coalesce(r.ended_at, now()) >= c.state_at AND r.began_at <= c.state_at);
	SELECT max(state_at) FILTER (WHERE state = 'done'), max(state_at) INTO last_done, last_change FROM application_card WHERE application_id = wanted;
	IF living THEN
		reason := 'registered';
	ELSIF last_end IS NOT NULL OR last_done IS NOT NULL THEN
		reason := 'ended';
		until := coalesce(last_end, last_done) + interval '2 years';
	ELSE
		reason := 'refused';
		until := coalesce(last_change, a.submitted_at) + make_interval(days => refused_days);
	END IF;
END
$$;

-- Takes everything personal out of one application and gives the storage keys of its files, which the caller then removes; a file that is
-- left behind has no living row and is swept up. What stays: ids, states, times and the audit. Refuses what the rules want kept.
CREATE FUNCTION application_erase(wanted uuid, refused_days integer, on_request boolean) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	kept record;
	key_id uuid;
	draft boolean;
BEGIN
	SELECT data_key_id, submitted_at IS NULL INTO key_id, draft FROM application WHERE id = wanted FOR UPDATE;
	SELECT * INTO kept FROM application_retention(wanted, refused_days);
	IF kept.reason NOT IN ('draft', 'refused', 'ended') OR (kept.until > now() AND NOT (on_request AND kept.reason IN ('draft', 'refused'))) THEN
		RAISE EXCEPTION 'the rules want this application kept: %', kept.reason USING ERRCODE = 'insufficient_privilege';
	END IF;
	RETURN QUERY UPDATE evidence SET deleted_at = now() WHERE application_id = wanted AND deleted_at IS NULL RETURNING storage_key;
	UPDATE application SET erased_at = CASE WHEN NOT draft THEN now() END, expired_at = CASE WHEN draft THEN now() END, version = version + 1,
		phone_sealed = NULL, phone_hash = NULL, phone_hash_key = NULL, papers_note_sealed = NULL WHERE id = wanted; -- the note: 0016
	UPDATE registration SET holder_number_hash = '' WHERE from_application_id = wanted AND ended_at IS NOT NULL;
	UPDATE application_party SET name_sealed = '', number_sealed = '', number_hash = '', address_sealed = '', valid_from = NULL, valid_until = NULL
		WHERE application_id = wanted;
	UPDATE reading SET fields_sealed = NULL, provider_request = NULL WHERE application_id = wanted;
	UPDATE verification SET request_id = NULL, score = NULL, raw_code = NULL WHERE application_id = wanted;
	UPDATE consent SET address = '', browser = '' WHERE application_id = wanted;
	UPDATE correction SET wanted_sealed = NULL, answer_sealed = NULL WHERE application_id = wanted;
	UPDATE sms_message SET phone_sealed = NULL WHERE application_id = wanted;
	UPDATE application_card SET refusal_raw = NULL WHERE application_id = wanted;
	UPDATE t1_message m SET inputs_sealed = '' FROM application_card c WHERE c.id = m.application_card_id AND c.application_id = wanted;
	UPDATE t1_attempt t SET answer = NULL FROM t1_message m JOIN application_card c ON c.id = m.application_card_id
		WHERE m.id = t.message_id AND c.application_id = wanted;
	UPDATE session SET application_id = NULL WHERE application_id = wanted;
	UPDATE data_key SET wrapped = NULL, erased_at = now() WHERE id = key_id AND wrapped IS NOT NULL;
END
$$;

-- The consent to the handling of the face ends. The clip goes at once; the portrait goes unless a registration or a decision under way
-- needs it as its proof. A draft forgets the verification. Gives the storage keys of the files to remove. Also takes away a portrait that
-- was kept for a decision, when that was a refusal.
CREATE FUNCTION application_withdraw_face(wanted uuid, refused_days integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	kept record;
BEGIN
	PERFORM FROM application WHERE id = wanted FOR UPDATE;
	SELECT * INTO kept FROM application_retention(wanted, refused_days);
	IF kept.reason = 'erased' THEN
		RETURN;
	END IF;
	UPDATE consent c SET withdrawn_at = now() FROM agreement_text t
		WHERE t.id = c.agreement_text_id AND t.kind = 'face' AND c.application_id = wanted AND c.withdrawn_at IS NULL;
	RETURN QUERY UPDATE evidence SET deleted_at = now() WHERE application_id = wanted AND deleted_at IS NULL
		AND (purpose = 'clip' OR (purpose = 'portrait' AND kept.reason IN ('draft', 'refused'))) RETURNING storage_key;
	UPDATE application SET face_consent_at = NULL, liveness_passed_at = NULL, clip_evidence_id = NULL, portrait_evidence_id = NULL,
		version = version + 1 WHERE id = wanted AND kept.reason = 'draft';
END
$$;

REVOKE ALL ON FUNCTION application_erase(uuid, integer, boolean), application_withdraw_face(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION application_erase(uuid, integer, boolean), application_withdraw_face(uuid, integer) TO realname_web, realname_jobs;
