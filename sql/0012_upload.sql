-- Resumable uploads: what of a file has arrived, as sealed pieces in the evidence store, until it is whole and judged.
CREATE TABLE upload (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	kind text NOT NULL CHECK (kind ~ '^[a-z]+(-[a-z]+)?$'), -- as the program calls it
	length bigint NOT NULL CHECK (length > 0),
	received bigint NOT NULL DEFAULT 0,       -- the protocol's offset
	pieces integer NOT NULL DEFAULT 0,
	metadata_sealed bytea,                    -- what the client said of the file; only given back to it
	state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'kept', 'refused')),
	cause text,                               -- message key of a refusal, and what stands in its placeholder
	argument text,
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	CHECK (received BETWEEN 0 AND length),
	CHECK ((state = 'open') = (received < length)) -- the last piece counts when the whole was judged
);
-- One at a time of a kind: the quota of an application.
CREATE UNIQUE INDEX upload_open ON upload (application_id, kind) WHERE state = 'open';
CREATE INDEX upload_application ON upload (application_id);
CREATE INDEX upload_expiry ON upload (expires_at);

CREATE TABLE upload_piece (
	upload_id uuid NOT NULL REFERENCES upload ON DELETE CASCADE,
	starts_at bigint NOT NULL,
	storage_key text NOT NULL UNIQUE,
	PRIMARY KEY (upload_id, starts_at)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON upload TO realname_web;
GRANT SELECT, INSERT, DELETE ON upload_piece TO realname_web;
GRANT SELECT, DELETE ON upload, upload_piece TO realname_jobs;
GRANT UPDATE ON upload TO realname_jobs; -- to lock a row while it is removed
GRANT SELECT ON upload, upload_piece TO realname_operator;
