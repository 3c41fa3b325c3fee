-- What carriers send to us: the instruction to deliver the pictures and the contract of a card, once each.

-- The answer that was given is the row: failure_cause NULL is OprRst 1, else a code of table 4. Rows are never changed and never deleted:
-- an instruction that comes again, however late, is answered from here. No foreign keys: each new row would lock the one row of its
-- connection, at hundreds a second, and neither connections nor cards can be deleted.
CREATE TABLE t1_instruction (
	connection_id uuid NOT NULL,
	request_id text COLLATE "C" NOT NULL CHECK (request_id ~ '^[0-9A-Za-z]{20,32}$'),
	id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
	code text NOT NULL,
	iccid text NOT NULL,             -- as it was asked for
	card_id uuid,                    -- NULL: we have no record of it
	failure_cause text,
	address text NOT NULL,           -- who sent it
	received_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (connection_id, request_id),
	CHECK ((card_id IS NULL) = (failure_cause IS NOT NULL))
);

-- Accepts an instruction, whole and in one statement: the row, the file to deliver with its job, the audit. cause is NULL, a code of
-- table 4, or 'other' when the same RequestID came before with another Code or ICCID. An instruction that is being accepted at this
-- moment is waited for, and answered alike. Without NOTIFY, which would make all commits wait for each other.
CREATE FUNCTION instruction_accept(connection uuid, request text, its_code text, its_iccid text, sender text, OUT cause text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	card uuid;
	instruction uuid;
BEGIN
	-- A card of this carrier whose registration, living or ended, we still have the papers of. The last of 20 characters is a check digit.
	SELECT c.id INTO card FROM carrier_connection n JOIN card c ON c.carrier_id = n.carrier_id
		WHERE n.id = connection AND c.iccid_key = substr(its_iccid, 1, 19) AND (c.iccid = its_iccid OR length(c.iccid) <> length(its_iccid))
		AND EXISTS (SELECT FROM registration g JOIN application p ON p.id = g.from_application_id
			WHERE g.card_id = c.id AND p.automaker_id = n.automaker_id AND p.erased_at IS NULL);
	INSERT INTO t1_instruction (connection_id, request_id, code, iccid, card_id, failure_cause, address)
		VALUES (connection, request, its_code, its_iccid, card, CASE WHEN card IS NULL THEN '501' END, sender)
		ON CONFLICT DO NOTHING RETURNING id, failure_cause INTO instruction, cause;
	IF NOT FOUND THEN
		SELECT CASE WHEN code = its_code AND iccid = its_iccid THEN failure_cause ELSE 'other' END INTO STRICT cause
			FROM t1_instruction WHERE connection_id = connection AND request_id = request;
		RETURN;
	END IF;
	IF card IS NOT NULL AND t1_file_add_ht(instruction) IS NULL THEN
		RAISE EXCEPTION 'no way to deliver files to this connection' USING ERRCODE = 'object_not_in_prerequisite_state';
	END IF;
	INSERT INTO audit (actor, action, object, result, address)
		VALUES ('carrier', 'instruction.received', 't1_instruction:' || instruction, coalesce(cause, 'ok'), sender);
END
$$;

-- Calls with a wrong PlatformID or SignNature, or from a wrong address, since this process last told: one row a minute at most.
CREATE FUNCTION instruction_refused(calls integer, sender text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
	INSERT INTO audit (actor, action, result, address, detail)
		VALUES ('carrier', 'instruction.refused', 'authentication', sender, jsonb_build_object('calls', calls));
$$;

CREATE INDEX registration_card ON registration (card_id);

GRANT USAGE ON SCHEMA public TO realname_instruction;
GRANT SELECT ON automaker, manufacturer, carrier_connection TO realname_instruction;
REVOKE ALL ON FUNCTION instruction_accept, instruction_refused FROM PUBLIC;
GRANT EXECUTE ON FUNCTION instruction_accept, instruction_refused, t1_complete TO realname_instruction;
GRANT SELECT ON t1_instruction TO realname_jobs, realname_operator;
