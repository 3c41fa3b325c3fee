-- The records of a phone: what a sign-in has proved and looks for, an application that does another one again, reports of misuse.

-- Phones are given to new people. Records older than 90 days are shown for holders whose number's end was given: their keyed hashes.
ALTER TABLE session ADD COLUMN records_holders bytea[] NOT NULL DEFAULT '{}';
ALTER TABLE session ADD COLUMN records_search text; -- a VIN or its last six, so that neither stands in an address

ALTER TABLE application ADD COLUMN retry_of uuid REFERENCES application;
CREATE INDEX application_retry ON application (retry_of) WHERE retry_of IS NOT NULL;

-- One tab of one phone, newest first, without sorting.
CREATE INDEX application_records ON application (phone_hash, holder, created_at DESC) WHERE phone_proved_at IS NOT NULL;
DROP INDEX application_phone;
-- The tries of a phone are counted over all its applications, proved or not.
CREATE INDEX application_phone_hash ON application (phone_hash) WHERE phone_hash IS NOT NULL;

CREATE TABLE misuse_report (
	id uuid PRIMARY KEY,
	number text NOT NULL UNIQUE,     -- what the person is told
	application_id uuid NOT NULL UNIQUE REFERENCES application,
	created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON misuse_report TO realname_web;
GRANT SELECT ON misuse_report TO realname_jobs, realname_operator;
