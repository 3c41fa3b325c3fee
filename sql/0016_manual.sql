-- Another way than face verification (photographs for people to look at), what people ask for in review, and changes by the holder.
ALTER TABLE application
	ADD COLUMN identity_way text NOT NULL DEFAULT 'face' CHECK (identity_way IN ('face', 'manual')),
	ADD COLUMN licence_evidence_id uuid,     -- main page of the vehicle licence
	ADD COLUMN other_evidence_id uuid,       -- one more photograph, if the person likes
	ADD COLUMN papers_note_sealed bytea,     -- a few words to the people who look at it
	ADD COLUMN papers_given_at timestamptz,
	ADD COLUMN identity_kept_at timestamptz; -- the holder's row is of these pictures, confirmed or not

ALTER TABLE evidence DROP CONSTRAINT evidence_purpose_check;
ALTER TABLE evidence ADD CONSTRAINT evidence_purpose_check
	CHECK (purpose IN ('certificate_front', 'certificate_back', 'clip', 'portrait', 'vehicle_licence', 'other_photo'));

-- What people ask for in review; given when the person has sent it.
CREATE TABLE supplement (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	what text NOT NULL CHECK (what IN ('certificate_front', 'certificate_back', 'vehicle_licence', 'other_photo')),
	words text NOT NULL CHECK (length(words) BETWEEN 1 AND 60), -- shown to the person; no personal data
	asked_at timestamptz NOT NULL DEFAULT now(),
	evidence_id uuid REFERENCES evidence,
	given_at timestamptz,
	CHECK ((evidence_id IS NULL) = (given_at IS NULL))
);
CREATE UNIQUE INDEX supplement_open ON supplement (application_id, what) WHERE given_at IS NULL;
GRANT SELECT ON supplement TO realname_web, realname_jobs, realname_operator;
GRANT UPDATE (evidence_id, given_at) ON supplement TO realname_web;
GRANT INSERT ON supplement TO realname_operator;

-- New templates beside those that are there, whichever they are.
DO $$
DECLARE
	names text;
BEGIN
	SELECT string_agg(quote_literal(n), ', ') INTO names FROM (
		SELECT m[1] AS n FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
		WHERE c.conname = 'sms_message_template_check'
		UNION SELECT unnest(ARRAY['needs_more', 'update_ok', 'update_refused'])
	) x;
	ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
	EXECUTE format('ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check CHECK (template IN (%s))', names);
END
$$;
