-- Pictures to carriers over SFTP: one row a file, and the twenty connections that a destination takes.

-- A file is built when it is sent and is nowhere on disk. The row holds what makes its bytes the same each time (created_at, iv), and
-- what they were when they were first sent; nothing personal.
CREATE TABLE t1_file (
	id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
	connection_id uuid NOT NULL REFERENCES carrier_connection,
	card_id uuid NOT NULL REFERENCES card,
	application_id uuid NOT NULL REFERENCES application,  -- whose pictures and agreements go into it
	source text NOT NULL CHECK (source IN ('KH', 'HT')),
	message_id uuid REFERENCES t1_message,                -- KH: the account message that was accepted
	instruction_id uuid,                                  -- HT: the instruction of the carrier
	request_id text NOT NULL CHECK (request_id ~ '^[0-9A-Za-z]{1,64}$'), -- with code it is the name of the file
	code text NOT NULL CHECK (code ~ '^[0-9A-Za-z]{1,16}$'),
	-- waiting; prepared: its bytes are known; uploaded: they are whole on the server under the temporary name; done: renamed;
	-- failed: cause says why, an operator decides
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'prepared', 'uploaded', 'done', 'failed')),
	cause text,
	folder text,
	name text,
	iv bytea CHECK (length(iv) = 16),
	size bigint,
	sha256 bytea,                                         -- of the bytes on the wire
	tmp_at timestamptz,                                   -- something of it may be on the server under the temporary name
	alarmed smallint NOT NULL DEFAULT 0,                  -- the share of the time, in percent, at which an alarm was last raised
	created_at timestamptz NOT NULL DEFAULT now(),
	due_at timestamptz NOT NULL,
	done_at timestamptz,
	UNIQUE (connection_id, source, request_id, code),
	CHECK ((source = 'KH') = (message_id IS NOT NULL) AND (source = 'HT') = (instruction_id IS NOT NULL)),
	CHECK (state NOT IN ('prepared', 'uploaded', 'done') OR (folder IS NOT NULL AND name IS NOT NULL AND size IS NOT NULL AND sha256 IS NOT NULL)),
	CHECK ((state = 'done') = (done_at IS NOT NULL))
);
CREATE INDEX t1_file_application ON t1_file (application_id);
CREATE INDEX t1_file_message ON t1_file (message_id) WHERE message_id IS NOT NULL;
CREATE INDEX t1_file_instruction ON t1_file (instruction_id) WHERE instruction_id IS NOT NULL;
CREATE INDEX t1_file_open ON t1_file (due_at) WHERE state <> 'done';
CREATE INDEX t1_file_tmp ON t1_file (connection_id, tmp_at) WHERE tmp_at IS NOT NULL;

-- What a destination takes at the same time, over all processes and machines. A row is held by a worker; when that is given up for dead
-- it is nobody's, and can be taken once held_until is over: by then the process has ended itself or its connection.
CREATE TABLE sftp_slot (
	destination text NOT NULL,                            -- host:port
	number smallint NOT NULL CHECK (number BETWEEN 1 AND 20),
	worker integer REFERENCES worker ON DELETE SET NULL,
	held_until timestamptz,
	resting boolean NOT NULL DEFAULT true,                -- its session has nothing to carry
	PRIMARY KEY (destination, number)
);
CREATE INDEX sftp_slot_worker ON sftp_slot (worker) WHERE worker IS NOT NULL;

-- The row and its job. NULL when the file is there already.
CREATE FUNCTION t1_file_add(new t1_file) RETURNS uuid LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
	file t1_file;
BEGIN
	INSERT INTO t1_file (connection_id, card_id, application_id, source, message_id, instruction_id, request_id, code, due_at)
		VALUES (new.connection_id, new.card_id, new.application_id, new.source, new.message_id, new.instruction_id, new.request_id, new.code, new.due_at)
		ON CONFLICT DO NOTHING RETURNING * INTO file;
	IF FOUND THEN
		PERFORM job_add('file_deliver', 'sftp:' || file.connection_id, file.id, NULL, 0, extract(epoch FROM file.due_at - now())::double precision);
	END IF;
	RETURN file.id;
END
$$;

-- An account message was accepted: its pictures follow within a day, if the carrier takes pictures and there is something to show. In the
-- caller's transaction; calling it again changes nothing.
CREATE FUNCTION t1_file_add_kh(message uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	file t1_file;
BEGIN
	SELECT m.connection_id, m.card_id, ac.application_id, m.id, m.request_id, m.code
		INTO file.connection_id, file.card_id, file.application_id, file.message_id, file.request_id, file.code
		FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id JOIN carrier_connection n ON n.id = m.connection_id
		WHERE m.id = message AND m.kind = 'account' AND coalesce(m.oper_type, '') NOT IN ('cancel', 'vehicle_status') AND n.profile ? 'sftp'
		AND EXISTS (SELECT FROM evidence e WHERE e.application_id = ac.application_id AND e.purpose <> 'clip' AND e.deleted_at IS NULL);
	IF FOUND THEN
		file.source := 'KH';
		file.due_at := now() + interval '24 hours';
		PERFORM t1_file_add(file);
	END IF;
END
$$;

-- An instruction was accepted: pictures and contract of the card's current registration, or else of its last one, follow within six hours
-- of its arrival. The id of the file; NULL when there is nothing to deliver: no registration, its pictures erased, or no SFTP with this
-- carrier. In the caller's transaction; calling it again gives the same.
CREATE FUNCTION t1_file_add_ht(instruction uuid) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
	file t1_file;
	known uuid;
BEGIN
	SELECT i.connection_id, i.card_id, g.from_application_id, i.id, i.request_id, i.code, i.received_at + interval '6 hours'
		INTO file.connection_id, file.card_id, file.application_id, file.instruction_id, file.request_id, file.code, file.due_at
		FROM t1_instruction i JOIN carrier_connection n ON n.id = i.connection_id
		JOIN registration g ON g.card_id = i.card_id JOIN application p ON p.id = g.from_application_id
		WHERE i.id = instruction AND n.profile ? 'sftp' AND p.erased_at IS NULL
		ORDER BY g.ended_at IS NULL DESC, g.began_at DESC LIMIT 1;
	IF NOT FOUND THEN
		RETURN NULL;
	END IF;
	file.source := 'HT';
	known := t1_file_add(file);
	IF known IS NULL THEN
		SELECT f.id INTO known FROM t1_file f WHERE f.instruction_id = instruction;
	END IF;
	RETURN known;
END
$$;

-- What belongs to an erased application cannot be sent any more; its job finds that out and ends. The rows of files stay: names made of
-- ids, sizes and hashes.
CREATE FUNCTION t1_file_erased() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE t1_file SET state = 'failed', cause = 'file_erased' WHERE application_id = NEW.id AND state <> 'done';
	RETURN NULL;
END
$$;
CREATE TRIGGER t1_file_erased AFTER UPDATE OF erased_at ON application FOR EACH ROW
	WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL) EXECUTE FUNCTION t1_file_erased();

REVOKE ALL ON FUNCTION t1_file_add, t1_file_add_kh, t1_file_add_ht, t1_file_erased FROM PUBLIC;
GRANT EXECUTE ON FUNCTION t1_file_add_kh TO realname_jobs;
GRANT SELECT, UPDATE ON t1_file TO realname_jobs;
GRANT SELECT ON t1_file, sftp_slot TO realname_operator;
GRANT SELECT, INSERT, UPDATE ON sftp_slot TO realname_jobs;
