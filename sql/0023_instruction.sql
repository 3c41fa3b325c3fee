-- What carriers send to us: the instruction to deliver the pictures and the contract of a card, once each.

-- The answer that was given is the row: failure_cause NULL is OprRst 1, else a code of table 4. Rows are never changed and never deleted:
-- an instruction that comes again, however late, is answered from here. No foreign keys: each new row would lock the one row of its
-- connection, at hundreds a second, and nothing of what it names can be deleted.
CREATE TABLE t1_instruction (
	connection_id uuid NOT NULL,
	request_id text COLLATE "C" NOT NULL CHECK (length(request_id) BETWEEN 20 AND 32),
	id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE,
	code text NOT NULL,
	iccid text NOT NULL,             -- as it was asked for
	card_id uuid,                    -- NULL: we have no record of it
	application_id uuid,             -- whose papers are delivered
	failure_cause text,
	address text NOT NULL,           -- who sent it
	received_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (connection_id, request_id),
	CHECK (num_nulls(card_id, application_id) = CASE WHEN failure_cause IS NULL THEN 0 ELSE 2 END)
);

-- Accepts instructions, each with its file to deliver, the job and the audit, in one commit; statements for all of them together cost a
-- third of what they cost one by one. The answers come in the order of the calls: NULL for accepted, a code of table 4, or 'other' when
-- the RequestID was used before with another Code or ICCID. One that is being accepted at this moment is waited for, and answered alike;
-- all insert in one order, so that nobody waits in a circle. Without NOTIFY, which would make all commits wait for each other. The
-- settings: one plan, made once, with look-ups by index whatever the statistics say.
CREATE FUNCTION instruction_accept(connections uuid[], requests text[], codes text[], iccids text[], senders text[]) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	WITH new AS (
		-- A card of this carrier (the last of 20 characters is a check digit), and its registration, the living one or else the last,
		-- that we still have the papers of. Where the carrier takes no files nothing can be promised: 604 below.
		INSERT INTO t1_instruction (connection_id, request_id, code, iccid, card_id, application_id, failure_cause, address)
			SELECT c.connection, c.request, c.code, c.iccid, k.card_id, k.application_id, CASE WHEN k.card_id IS NULL THEN '501' END, c.sender
			FROM unnest(connections, requests, codes, iccids, senders) WITH ORDINALITY AS c (connection, request, code, iccid, sender, n)
			JOIN carrier_connection t ON t.id = c.connection AND t.profile ? 'sftp'
			LEFT JOIN LATERAL (SELECT d.id AS card_id, p.id AS application_id
				FROM card d JOIN registration g ON g.card_id = d.id JOIN application p ON p.id = g.from_application_id
				WHERE d.iccid_key = substr(c.iccid, 1, 19) AND (d.iccid = c.iccid OR length(d.iccid) <> length(c.iccid))
				AND d.carrier_id = t.carrier_id AND p.automaker_id = t.automaker_id AND p.erased_at IS NULL
				ORDER BY g.ended_at IS NULL DESC, g.began_at DESC LIMIT 1) AS k ON true
			ORDER BY c.connection, c.request, c.n
			ON CONFLICT DO NOTHING RETURNING *
	), file AS (
		INSERT INTO t1_file (connection_id, card_id, application_id, source, instruction_id, request_id, code, due_at)
			SELECT connection_id, card_id, application_id, 'HT', id, request_id, code, received_at + interval '6 hours' FROM new WHERE card_id IS NOT NULL
			RETURNING id, connection_id, due_at
	), delivery AS (
		INSERT INTO job (kind, lane, subject, due_at) SELECT 'file_deliver', 'sftp:' || connection_id, id, due_at FROM file
	)
	INSERT INTO audit (actor, action, object, result, address)
		SELECT 'carrier', 'instruction.received', 't1_instruction:' || id, coalesce(failure_cause, 'ok'), address FROM new;
	-- A statement of its own: it sees what others committed while the first one waited for them.
	RETURN QUERY SELECT CASE WHEN i.id IS NULL THEN '604' WHEN i.code = c.code AND i.iccid = c.iccid THEN i.failure_cause ELSE 'other' END
		FROM unnest(connections, requests, codes, iccids) WITH ORDINALITY AS c (connection, request, code, iccid, n)
		LEFT JOIN t1_instruction i ON i.connection_id = c.connection AND i.request_id = c.request
		ORDER BY c.n;
END
$$;
DROP FUNCTION t1_file_add_ht(uuid); -- of files one by one

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
