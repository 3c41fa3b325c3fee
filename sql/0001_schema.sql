-- Tables of docs/model.md. Conventions: ids are UUIDs made by the programs (a sealed value names its row, so the id must be known
-- before the insert); *_sealed columns are AES-256-GCM values whose associated data is "table|column|id"; *_hash columns are keyed
-- hashes; times are timestamptz; states are text with a CHECK, because they are read by people.

CREATE TABLE automaker (
	id uuid PRIMARY KEY,
	slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,40}$'),
	name text NOT NULL
);

-- A plant or company of the group with its own code (annex A.6).
CREATE TABLE manufacturer (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	code text NOT NULL UNIQUE CHECK (code ~ '^[A-Z0-9]{4}$'),
	name text NOT NULL
);

CREATE TABLE carrier (
	id uuid PRIMARY KEY,
	slug text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9-]{1,40}$'),
	name text NOT NULL
);

-- automaker x carrier: who we are there and how it wants the messages. profile holds no secret, only the names of secrets.
CREATE TABLE carrier_connection (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	carrier_id uuid NOT NULL REFERENCES carrier,
	platform_id text NOT NULL,
	profile jsonb NOT NULL,
	suspended_at timestamptz,       -- our credential was refused: messages wait, nothing is used up
	suspended_reason text,
	UNIQUE (automaker_id, carrier_id)
);

-- The key that protects one application (or one vehicle's known owner), wrapped by a master key. Erasing it erases what it sealed.
CREATE TABLE data_key (
	id uuid PRIMARY KEY,
	wrapped bytea,
	created_at timestamptz NOT NULL DEFAULT now(),
	erased_at timestamptz,
	CHECK ((wrapped IS NULL) = (erased_at IS NOT NULL))
);

-- Table 11, and what the automaker knows of the owner. Plate, staff name and owner are protected.
CREATE TABLE vehicle (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	manufacturer_id uuid NOT NULL REFERENCES manufacturer,
	vin text NOT NULL UNIQUE CHECK (vin ~ '^[A-HJ-NPR-Z0-9]{17}$'),
	network_date date NOT NULL,
	status smallint NOT NULL DEFAULT 4 CHECK (status BETWEEN 1 AND 6),
	status_updated_at timestamptz NOT NULL,
	name_vehicle_enterprise text NOT NULL,
	vehicle_type text NOT NULL,
	place_of_origin text NOT NULL,
	vehicle_department text NOT NULL,
	vehicle_name text NOT NULL,
	vehicle_num text NOT NULL,
	vehicle_model text NOT NULL,
	body_color text NOT NULL,
	fuel_type text NOT NULL,
	engine_num text,
	motor_num text,
	departure_time text NOT NULL,
	sales_time text NOT NULL,
	sales_update_time text,
	channel_name text,
	channel_address text,
	data_key_id uuid NOT NULL REFERENCES data_key,
	license_plate_sealed bytea,
	staff_name_sealed bytea,
	owner_type text CHECK (owner_type IN ('person', 'organisation')),
	owner_name_sealed bytea,
	owner_number_sealed bytea,
	owner_number_hash bytea,
	owner_phone_sealed bytea,
	extend_para jsonb,
	imported_at timestamptz NOT NULL DEFAULT now(),
	CHECK (engine_num IS NOT NULL OR motor_num IS NOT NULL)
);

CREATE TABLE card (
	id uuid PRIMARY KEY,
	carrier_id uuid NOT NULL REFERENCES carrier,
	iccid text NOT NULL CHECK (iccid ~ '^[0-9A-F]{19,20}$'),
	iccid_key text NOT NULL GENERATED ALWAYS AS (substr(iccid, 1, 19)) STORED UNIQUE,
	msisdn text NOT NULL UNIQUE
);

-- Cards are replaced: which card was in which car from when until when.
CREATE TABLE card_binding (
	id uuid PRIMARY KEY,
	card_id uuid NOT NULL REFERENCES card,
	vehicle_id uuid NOT NULL REFERENCES vehicle,
	bound_from timestamptz NOT NULL DEFAULT now(),
	bound_until timestamptz
);
CREATE UNIQUE INDEX card_binding_current ON card_binding (card_id) WHERE bound_until IS NULL;
CREATE INDEX card_binding_vehicle ON card_binding (vehicle_id) WHERE bound_until IS NULL;

-- A draft is an application that is not yet submitted: the same row. The answers of the steps are the columns; no "current step".
CREATE TABLE application (
	id uuid PRIMARY KEY,
	number text NOT NULL UNIQUE,
	automaker_id uuid NOT NULL REFERENCES automaker,
	kind text NOT NULL CHECK (kind IN ('register', 'cancel', 'transfer', 'update', 'replace_card')),
	holder text NOT NULL CHECK (holder IN ('person', 'organisation')),
	channel text NOT NULL CHECK (channel IN ('online', 'counter')),
	acting text NOT NULL CHECK (acting IN ('self', 'agent', 'responsible_person', 'legal_representative')),
	data_key_id uuid NOT NULL REFERENCES data_key,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	expired_at timestamptz,
	submitted_at timestamptz,
	review_reasons text[] NOT NULL DEFAULT '{}',
	version integer NOT NULL DEFAULT 0,      -- grows with every change: optimistic lock of two tabs
	audit_count integer NOT NULL DEFAULT 0,  -- number of the last audit row within the application

	vehicle_id uuid REFERENCES vehicle,      -- set when the proof was right
	vehicle_proved_at timestamptz,
	cards_chosen_at timestamptz,
	phone_sealed bytea,
	phone_hash bytea,
	phone_hash_key text,
	phone_proved_at timestamptz,
	certificate_type text,
	front_evidence_id uuid,
	back_evidence_id uuid,
	front_ready_at timestamptz,              -- read, or needs no reading, or the person types it in
	back_ready_at timestamptz,
	certificate_confirmed_at timestamptz,
	face_consent_at timestamptz,
	liveness_passed_at timestamptz,
	clip_evidence_id uuid,
	portrait_evidence_id uuid,
	agreed_at timestamptz,
	CHECK (submitted_at IS NULL OR expired_at IS NULL)
);
CREATE INDEX application_phone ON application (phone_hash, created_at DESC) WHERE phone_proved_at IS NOT NULL;
CREATE INDEX application_draft_expiry ON application (expires_at) WHERE submitted_at IS NULL AND expired_at IS NULL;
CREATE INDEX application_expired ON application (expired_at) WHERE expired_at IS NOT NULL;

-- One row a card, with its state. At most one open row a card: an index, not a check.
CREATE TABLE application_card (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	card_id uuid NOT NULL REFERENCES card,
	state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'review', 'needs_more', 'pushing', 'done', 'refused', 'withdrawn', 'expired')),
	state_at timestamptz NOT NULL DEFAULT now(),
	refusal_key text,   -- message key of what the user is told
	refusal_raw text,   -- what the carrier or the reviewer said, for staff
	UNIQUE (application_id, card_id)
);
CREATE UNIQUE INDEX application_card_open ON application_card (card_id) WHERE state IN ('submitted', 'review', 'needs_more', 'pushing');
CREATE INDEX application_card_card ON application_card (card_id);

-- A party as read from its certificate, in its role: a snapshot for this application.
CREATE TABLE application_party (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	role text NOT NULL CHECK (role IN ('holder', 'former_holder', 'organisation', 'responsible_person', 'legal_representative', 'agent')),
	certificate_type text NOT NULL,
	name_sealed bytea NOT NULL,
	number_sealed bytea NOT NULL,
	number_hash bytea NOT NULL,      -- over type and number
	number_hash_key text NOT NULL,
	address_sealed bytea NOT NULL,
	valid_from date,
	valid_until date,                -- NULL with long_term
	long_term boolean NOT NULL DEFAULT false,
	edited text[] NOT NULL DEFAULT '{}', -- fields that the user changed after the reading
	UNIQUE (application_id, role)
);
CREATE INDEX application_party_number ON application_party (number_hash);

-- Immutable files. The object is written to the store before the row. Which one is in use, the application's columns say.
CREATE TABLE evidence (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	role text NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('certificate_front', 'certificate_back', 'clip', 'portrait')),
	sha256 bytea NOT NULL,
	size bigint NOT NULL CHECK (size > 0),
	media_type text NOT NULL,
	storage_key text NOT NULL UNIQUE,
	data_key_id uuid NOT NULL REFERENCES data_key,
	retention_class text NOT NULL CHECK (retention_class IN ('enrolment', 'clip', 'draft')),
	original_sha256 bytea,           -- of the bytes as sent, before they were written anew
	created_at timestamptz NOT NULL DEFAULT now(),
	deleted_at timestamptz
);
CREATE INDEX evidence_application ON evidence (application_id);
CREATE INDEX evidence_clip ON evidence (created_at) WHERE purpose = 'clip' AND deleted_at IS NULL;

-- What was read from a picture; never overwritten. fields_sealed is JSON of the reading.
CREATE TABLE reading (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	evidence_id uuid NOT NULL REFERENCES evidence,
	side text NOT NULL CHECK (side IN ('front', 'back')),
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'refused', 'unavailable')),
	provider text,
	provider_request text,
	fields_sealed bytea,
	cause text,                      -- message key of a refusal
	raw_code text,
	created_at timestamptz NOT NULL DEFAULT now(),
	answered_at timestamptz
);
CREATE INDEX reading_evidence ON reading (evidence_id, created_at DESC);
CREATE INDEX reading_application ON reading (application_id, created_at DESC);

-- Digits to read out: from the provider, bound to the application, used once.
CREATE TABLE live_code (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	state text NOT NULL DEFAULT 'requested' CHECK (state IN ('requested', 'ready', 'used', 'unavailable')),
	digits text,
	expires_at timestamptz,
	used_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX live_code_application ON live_code (application_id, created_at DESC);

-- Attempts to verify something; the row is there before anything is sent.
CREATE TABLE verification (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	kind text NOT NULL CHECK (kind IN ('vehicle_proof', 'sms_code', 'liveness', 'review')),
	state text NOT NULL CHECK (state IN ('waiting', 'passed', 'failed', 'unavailable')),
	provider text,
	request_id text,
	evidence_id uuid REFERENCES evidence,
	live_code_id uuid REFERENCES live_code,
	cause text,                      -- message key
	raw_code text,
	score numeric,
	counts boolean NOT NULL DEFAULT false, -- a real failure of the user: uses up a try
	created_at timestamptz NOT NULL DEFAULT now(),
	answered_at timestamptz
);
CREATE INDEX verification_application ON verification (application_id, kind, created_at DESC);

-- Short messages. The phone is sealed under the master key: a sign-in has no application. The text is made when it is sent.
CREATE TABLE sms_message (
	id uuid PRIMARY KEY,
	application_id uuid REFERENCES application,
	template text NOT NULL CHECK (template IN ('code', 'result_ok', 'result_refused', 'review', 'owner_notice')),
	parameters text[] NOT NULL DEFAULT '{}', -- never personal data; a code is not here but derived from the row
	phone_sealed bytea,                      -- emptied after 7 days
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'failed')),
	raw_code text,
	serial text,
	created_at timestamptz NOT NULL DEFAULT now(),
	answered_at timestamptz
);
CREATE INDEX sms_message_created ON sms_message (created_at);
CREATE INDEX sms_message_phone ON sms_message (created_at) WHERE phone_sealed IS NOT NULL;
CREATE INDEX sms_message_application ON sms_message (application_id);

-- A code is derived from seed with the code key and never stored; code_hash is its keyed hash.
CREATE TABLE sms_code (
	id uuid PRIMARY KEY,
	session_hash bytea NOT NULL,
	purpose text NOT NULL CHECK (purpose IN ('draft', 'records')),
	phone_hash bytea NOT NULL,
	phone_hash_key text NOT NULL,
	seed bytea NOT NULL,
	code_hash bytea NOT NULL,
	message_id uuid NOT NULL REFERENCES sms_message,
	tries integer NOT NULL DEFAULT 0,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz
);
CREATE INDEX sms_code_session ON sms_code (session_hash, created_at DESC);
CREATE INDEX sms_code_message ON sms_code (message_id);

-- What limits are counted from: one row an event. key is a keyed hash of the phone, the VIN, the address or a pair.
CREATE TABLE attempt (
	kind text NOT NULL,
	key bytea NOT NULL,
	at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX attempt_key ON attempt (kind, key, at DESC);
CREATE INDEX attempt_at ON attempt (at);

CREATE TABLE session (
	id_hash bytea PRIMARY KEY,
	application_id uuid REFERENCES application,      -- the draft, or the application just submitted, of this browser
	phone_sealed bytea,                              -- typed for the records sign-in, sealed under the master key
	phone_hash bytea,
	phone_hash_key text,
	signed_in_at timestamptz,                        -- to the records, with that phone
	created_at timestamptz NOT NULL DEFAULT now(),
	seen_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL
);
CREATE INDEX session_expiry ON session (expires_at);
CREATE INDEX session_application ON session (application_id);

CREATE TABLE agreement_text (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	kind text NOT NULL CHECK (kind IN ('network', 'responsibility', 'personal_information', 'privacy_notice', 'face')),
	version text NOT NULL,
	title text NOT NULL,
	body text NOT NULL,
	sha256 bytea NOT NULL,
	valid_from timestamptz NOT NULL,
	UNIQUE (automaker_id, kind, version)
);

CREATE TABLE consent (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	agreement_text_id uuid NOT NULL REFERENCES agreement_text,
	sha256 bytea NOT NULL,
	address text NOT NULL,
	browser text NOT NULL,
	statement text NOT NULL,          -- the words beside the tick
	given_at timestamptz NOT NULL DEFAULT now(),
	withdrawn_at timestamptz
);
CREATE INDEX consent_application ON consent (application_id);

-- The truth of "registered". A registration begins and ends only when the card reaches done.
CREATE TABLE registration (
	id uuid PRIMARY KEY,
	card_id uuid NOT NULL REFERENCES card,
	carrier_id uuid NOT NULL REFERENCES carrier,
	holder_id uuid NOT NULL REFERENCES application_party,
	holder text NOT NULL CHECK (holder IN ('person', 'organisation')),
	holder_number_hash bytea NOT NULL,
	holder_number_hash_key text NOT NULL,
	from_application_id uuid NOT NULL REFERENCES application,
	began_at timestamptz NOT NULL DEFAULT now(),
	until_application_id uuid REFERENCES application,
	ended_at timestamptz
);
CREATE UNIQUE INDEX registration_current ON registration (card_id) WHERE ended_at IS NULL;
CREATE INDEX registration_holder ON registration (holder_number_hash, carrier_id) WHERE ended_at IS NULL;

-- T1 messages, written in the transaction that makes them due. inputs_sealed is the JSON of table 8 or 11 before the carrier's
-- cipher; with iv and the profile it gives the same bytes on every attempt.
CREATE TABLE t1_message (
	id uuid PRIMARY KEY,
	connection_id uuid NOT NULL REFERENCES carrier_connection,
	application_card_id uuid NOT NULL REFERENCES application_card,
	card_id uuid NOT NULL REFERENCES card,
	kind text NOT NULL CHECK (kind IN ('account', 'vehicle')),
	sequence integer NOT NULL,               -- within the card, 1, 2, ...
	request_id text NOT NULL UNIQUE CHECK (request_id ~ '^[0-9A-Za-z]{20,32}$'),
	oper_type text,                          -- semantic name; the profile maps it
	code text NOT NULL,                      -- of the manufacturer
	data_key_id uuid NOT NULL REFERENCES data_key,
	inputs_sealed bytea NOT NULL,
	iv bytea NOT NULL,
	state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'done', 'refused', 'superseded')),
	body_sha256 bytea,                       -- of the bytes that were first sent
	failure_cause text,
	created_at timestamptz NOT NULL DEFAULT now(),
	sent_at timestamptz,
	answered_at timestamptz,
	UNIQUE (card_id, sequence)
);
CREATE INDEX t1_message_application_card ON t1_message (application_card_id);

CREATE TABLE t1_attempt (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	message_id uuid NOT NULL REFERENCES t1_message,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	body_sha256 bytea NOT NULL,
	outcome text,                            -- NULL: sent, no answer known
	http_status integer,
	answer text,                             -- raw, cut at 2000 bytes
	answered_at timestamptz
);
CREATE INDEX t1_attempt_message ON t1_attempt (message_id);

-- One queue for all background work. subject is the id of the row that the job is about; nothing personal is here.
CREATE TABLE job (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	kind text NOT NULL,
	subject uuid,
	run_at timestamptz NOT NULL DEFAULT now(),
	attempts integer NOT NULL DEFAULT 0,     -- counted when claimed
	claim bigint,                            -- fencing token of the holder
	lease_until timestamptz,
	dead_at timestamptz,
	last_error text,
	created_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (kind, subject)
);
CREATE SEQUENCE job_claim;
CREATE INDEX job_due ON job (run_at) WHERE dead_at IS NULL;

-- Work that comes round by the clock: the worker that moves next_at does it.
CREATE TABLE job_schedule (
	kind text PRIMARY KEY,
	next_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE worker (
	part text NOT NULL,
	host text NOT NULL,
	pid integer NOT NULL,
	seen_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (part, host, pid)
);

-- Append-only: who did what to what, when, from where, with what result. Ids and keyed hashes instead of personal data.
CREATE TABLE audit (
	id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT clock_timestamp(),
	actor text NOT NULL,              -- 'visitor', 'jobs', 'operator:NAME'
	action text NOT NULL,
	application_id uuid REFERENCES application,
	number integer,                   -- within the application, without gaps
	object text,                      -- 'table:id'
	result text NOT NULL,
	address text,
	detail jsonb NOT NULL DEFAULT '{}',
	UNIQUE (application_id, number)
);

-- The chain over committed audit rows: hash = SHA-256(previous hash || row as text).
CREATE TABLE audit_chain (
	sequence bigint PRIMARY KEY,
	audit_id bigint NOT NULL UNIQUE REFERENCES audit,
	hash bytea NOT NULL
);
