-- 扫码继续: a desk hands the picture and video steps of a draft to a phone. The token is derived from the id with the code key and is
-- not here. At most one that has not ended for each draft.
CREATE TABLE handover (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	step text NOT NULL,                  -- where the phone is led
	token_hash bytea NOT NULL UNIQUE,
	created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
	expires_at timestamptz NOT NULL,     -- of the link; once it was opened, of the phone's rights
	opened_at timestamptz,               -- used: it opens nothing any more
	ended_at timestamptz,
	ended_by text CHECK (ended_by IN ('desk', 'phone', 'replaced')),
	CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX handover_live ON handover (application_id) WHERE ended_at IS NULL;
CREATE INDEX handover_application ON handover (application_id, created_at DESC);

-- A session with a handover may do the steps that can be handed over and nothing else.
ALTER TABLE session ADD COLUMN handover_id uuid REFERENCES handover;
CREATE INDEX session_handover ON session (handover_id) WHERE handover_id IS NOT NULL;

-- Entry by link: the cars of one owner behind a token that is used once.
CREATE TABLE entry_link (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	token_hash bytea NOT NULL UNIQUE,
	kind text CHECK (kind IN ('register', 'cancel')), -- NULL: the owner chooses
	created_by text NOT NULL,                         -- as in audit: 'app', 'operator:NAME'
	created_at timestamptz NOT NULL DEFAULT now(),
	expires_at timestamptz NOT NULL,
	used_at timestamptz
);
CREATE TABLE entry_link_vehicle (
	entry_link_id uuid NOT NULL REFERENCES entry_link,
	vehicle_id uuid NOT NULL REFERENCES vehicle,
	place smallint NOT NULL,
	PRIMARY KEY (entry_link_id, vehicle_id)
);
-- Calls that asked for links, so that none is taken twice. Cleared after a day: by then their time is too old.
CREATE TABLE entry_nonce (
	hash bytea PRIMARY KEY,
	at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entry_nonce_at ON entry_nonce (at);
ALTER TABLE application ADD COLUMN entry_link_id uuid REFERENCES entry_link;

GRANT SELECT, INSERT ON handover, entry_link, entry_link_vehicle, entry_nonce TO realname_web;
GRANT UPDATE (opened_at, expires_at, ended_at, ended_by) ON handover TO realname_web;
GRANT UPDATE (used_at) ON entry_link TO realname_web;
GRANT SELECT ON handover, entry_link, entry_link_vehicle, entry_nonce TO realname_jobs, realname_operator;
GRANT DELETE ON entry_nonce TO realname_jobs;
GRANT INSERT ON entry_link, entry_link_vehicle TO realname_operator;
