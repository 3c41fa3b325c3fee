-- Which version of a text is shown: of two that are valid from the same day the one that was loaded later, since a correction may have any
-- name ("1.10" after "1.9"). Rows of before have no such time: among themselves they keep their order, what is loaded from now on is later.
ALTER TABLE agreement_text ADD COLUMN loaded_at timestamptz;
UPDATE agreement_text SET loaded_at = least(valid_from, now());
ALTER TABLE agreement_text ALTER COLUMN loaded_at SET NOT NULL, ALTER COLUMN loaded_at SET DEFAULT now();

-- The newest text of each kind that is valid now: what pages show, and what a consent must be to.
CREATE VIEW agreement_shown AS
	SELECT DISTINCT ON (automaker_id, kind) id, automaker_id, kind, version, title, body, sha256, valid_from FROM agreement_text
	WHERE valid_from <= now() ORDER BY automaker_id, kind, valid_from DESC, loaded_at DESC, version DESC;
GRANT SELECT ON agreement_shown TO realname_web, realname_jobs, realname_operator;
