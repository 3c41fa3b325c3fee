-- 不是我办的: what became of a report.
ALTER TABLE misuse_report
	ADD COLUMN closed_at timestamptz,
	ADD COLUMN closed_by text,
	ADD COLUMN outcome text CHECK (outcome IN ('misuse', 'own', 'unreachable')),
	ADD CHECK ((closed_at IS NULL) = (outcome IS NULL) AND (closed_at IS NULL) = (closed_by IS NULL));
CREATE INDEX misuse_report_open ON misuse_report (created_at) WHERE closed_at IS NULL;
GRANT UPDATE (closed_at, closed_by, outcome) ON misuse_report TO realname_operator;
