-- Complaints and reports of anybody, with or without a phone to answer to. What was written and the answer are sealed under a data key
-- of the complaint's own; two years after the answer they are emptied and the key is erased.
CREATE TABLE complaint (
	id uuid PRIMARY KEY,
	number text NOT NULL UNIQUE,      -- told to the person; whoever knows it (and the end of the phone, if one was given) sees the state
	automaker_id uuid NOT NULL REFERENCES automaker,
	kind text NOT NULL CHECK (kind IN ('not_mine', 'wrong_data', 'service', 'misuse', 'other')),
	state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'working', 'answered')),
	application_number text CHECK (length(application_number) = 12), -- as typed: it may name nothing
	once_hash bytea NOT NULL UNIQUE,  -- of the form that was sent: sending it twice makes one complaint
	data_key_id uuid NOT NULL REFERENCES data_key,
	text_sealed bytea,
	phone_sealed bytea,
	answer_sealed bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	working_at timestamptz,           -- when staff first read it
	answered_at timestamptz,
	cleared_at timestamptz,
	CHECK ((text_sealed IS NULL) = (cleared_at IS NOT NULL)),
	CHECK ((state = 'answered') = (answered_at IS NOT NULL)),
	CHECK (cleared_at IS NULL OR (state = 'answered' AND phone_sealed IS NULL AND answer_sealed IS NULL))
);
CREATE INDEX complaint_open ON complaint (created_at) WHERE state <> 'answered';
CREATE INDEX complaint_answered ON complaint (answered_at) WHERE cleared_at IS NULL;

-- The complaint that this browser sees without giving its number again.
ALTER TABLE session ADD COLUMN complaint_id uuid REFERENCES complaint, ADD COLUMN complaint_until timestamptz;

-- The web program does not read what was written.
GRANT INSERT ON complaint TO realname_web;
GRANT SELECT (id, number, kind, state, once_hash, data_key_id, phone_sealed, answer_sealed, created_at, answered_at, cleared_at) ON complaint TO realname_web;
GRANT SELECT ON complaint TO realname_jobs, realname_operator;
GRANT UPDATE (text_sealed, phone_sealed, answer_sealed, cleared_at) ON complaint TO realname_jobs;
GRANT UPDATE (state, answer_sealed, working_at, answered_at) ON complaint TO realname_operator;

-- One more template of short messages, beside those that are there.
DO $$
DECLARE
	names text;
BEGIN
	SELECT string_agg(quote_literal(n), ', ') INTO names FROM (
		SELECT m[1] AS n FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
		WHERE c.conname = 'sms_message_template_check'
		UNION SELECT 'complaint'
	) x;
	ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
	EXECUTE format('ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check CHECK (template IN (%s))', names);
END
$$;
