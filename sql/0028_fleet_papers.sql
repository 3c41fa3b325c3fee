-- The papers of a company: its certificate, the letter that authorises the responsible person, signed attachments. A paper is a picture or
-- a PDF; the pages of a PDF are pictures of their own, drawn when it came.

ALTER TABLE evidence DROP CONSTRAINT evidence_purpose_check;
ALTER TABLE evidence
	ADD CONSTRAINT evidence_purpose_check CHECK (purpose IN ('certificate_front', 'certificate_back', 'clip', 'portrait', 'vehicle_licence', 'other_photo',
		'business_licence', 'authorisation', 'attachment', 'table')),
	ADD COLUMN page_of uuid REFERENCES evidence, -- the PDF that this picture is a page of
	ADD COLUMN page smallint CHECK (page > 0),
	ADD CHECK ((page_of IS NULL) = (page IS NULL));
CREATE UNIQUE INDEX evidence_page ON evidence (page_of, page) WHERE page_of IS NOT NULL;

ALTER TABLE application
	ADD COLUMN business_licence_evidence_id uuid,   -- the company's certificate
	ADD COLUMN business_licence_ready_at timestamptz, -- read, or is typed in
	ADD COLUMN company_confirmed_at timestamptz,    -- the party "organisation" is of this certificate
	ADD COLUMN authorisation_evidence_id uuid,
	ADD COLUMN authorisation_name_sealed bytea,     -- whom the letter names
	ADD COLUMN authorisation_given_at timestamptz,
	ADD COLUMN authorisation_differs boolean NOT NULL DEFAULT false, -- that is not the responsible person's name
	ADD COLUMN attachments_given_at timestamptz,
	ADD COLUMN papers_from uuid REFERENCES application; -- an earlier batch whose papers were used again

-- The signed attachments of an application, in the order in which they came. Removing one takes its row away; the file goes with the rest.
CREATE TABLE application_paper (
	id uuid PRIMARY KEY,
	application_id uuid NOT NULL REFERENCES application,
	evidence_id uuid NOT NULL REFERENCES evidence,
	added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX application_paper_application ON application_paper (application_id, added_at);
GRANT SELECT, INSERT, DELETE ON application_paper TO realname_web;
GRANT SELECT ON application_paper TO realname_jobs, realname_operator;

ALTER TABLE reading DROP CONSTRAINT reading_side_check;
ALTER TABLE reading ADD CONSTRAINT reading_side_check CHECK (side IN ('front', 'back', 'licence'));

-- The link of a handover by short message: its text is made when it is sent, like that of a code.
ALTER TABLE handover ADD COLUMN message_id uuid REFERENCES sms_message;
CREATE INDEX handover_message ON handover (message_id) WHERE message_id IS NOT NULL;

-- Whoever erases an application erases what came later too.
CREATE FUNCTION application_papers_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
	NEW.authorisation_name_sealed := NULL;
	RETURN NEW;
END
$$;
CREATE TRIGGER application_papers_erased BEFORE UPDATE OF erased_at, expired_at ON application FOR EACH ROW
	WHEN (NEW.erased_at IS NOT NULL OR NEW.expired_at IS NOT NULL) EXECUTE FUNCTION application_papers_erased();

-- New templates beside those that are there, whichever they are.
DO $$
DECLARE
	names text;
BEGIN
	SELECT string_agg(quote_literal(n), ', ') INTO names FROM (
		SELECT m[1] AS n FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
		WHERE c.conname = 'sms_message_template_check'
		UNION SELECT 'handover'
	) x;
	ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
	EXECUTE format('ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check CHECK (template IN (%s))', names);
END
$$;
