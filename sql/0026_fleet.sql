-- Companies: who they are, who works for them, which cars are theirs, and batches. A batch is one application of the company
-- (holder organisation, company_id), with many cars: application_card.vehicle_id says whose card it is.

CREATE TABLE company (
	id uuid PRIMARY KEY,
	automaker_id uuid NOT NULL REFERENCES automaker,
	code text NOT NULL CHECK (code ~ '^[0-9A-Z]{18}$'), -- 统一社会信用代码
	name text NOT NULL CHECK (length(name) BETWEEN 2 AND 100),
	opened_by text NOT NULL CHECK (opened_by IN ('import', 'self')),
	trusted_at timestamptz, -- imported, or its first batch was approved; until then people look at every batch before it is pushed
	closed_at timestamptz,
	created_at timestamptz NOT NULL DEFAULT now(),
	UNIQUE (automaker_id, code)
);

-- An admin of a company. waiting: says that he works there, and staff have to let him in. The phone and name belong to no application:
-- sealed by the master key.
CREATE TABLE company_member (
	id uuid PRIMARY KEY,
	company_id uuid NOT NULL REFERENCES company,
	phone_sealed bytea,              -- emptied when he was removed
	phone_hash bytea NOT NULL,
	phone_hash_key text NOT NULL,
	name_sealed bytea,
	state text NOT NULL CHECK (state IN ('waiting', 'active', 'removed')),
	added_by text NOT NULL,          -- as in audit: 'import', 'visitor', 'operator:NAME', 'member:ID'
	application_id uuid REFERENCES application, -- in which he showed the licence, when he opened or claimed the company himself
	added_at timestamptz NOT NULL DEFAULT now(),
	removed_at timestamptz,
	CHECK ((state = 'removed') = (removed_at IS NOT NULL))
);
CREATE UNIQUE INDEX company_member_phone ON company_member (phone_hash, company_id) WHERE state <> 'removed';
CREATE INDEX company_member_company ON company_member (company_id);

-- The cars of a company. vin, model and standing are copies, so that a page of a table of 100,000 cars is one index range: vin and model never
-- change, standing is kept by triggers. free: no card is registered or under way; busy: at least one is in an open application;
-- registered: all are registered; part: some are.
CREATE TABLE company_vehicle (
	company_id uuid NOT NULL REFERENCES company,
	vehicle_id uuid NOT NULL REFERENCES vehicle,
	vin text NOT NULL,
	model text NOT NULL,
	standing text NOT NULL CHECK (standing IN ('free', 'busy', 'part', 'registered')),
	source text NOT NULL CHECK (source IN ('import', 'proved')),
	added_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (company_id, vehicle_id)
);
CREATE UNIQUE INDEX company_vehicle_vin ON company_vehicle (company_id, vin);
CREATE INDEX company_vehicle_standing ON company_vehicle (company_id, standing, vin);
CREATE INDEX company_vehicle_model ON company_vehicle (company_id, model, vin);
CREATE INDEX company_vehicle_vehicle ON company_vehicle (vehicle_id);

CREATE FUNCTION vehicle_standing(wanted uuid) RETURNS text LANGUAGE sql STABLE AS $$
	SELECT CASE WHEN bool_or(busy) THEN 'busy' WHEN bool_and(registered) THEN 'registered' WHEN bool_or(registered) THEN 'part' ELSE 'free' END
	FROM (SELECT EXISTS (SELECT FROM registration r WHERE r.card_id = b.card_id AND r.ended_at IS NULL) AS registered,
		EXISTS (SELECT FROM application_card c WHERE c.card_id = b.card_id AND c.state IN ('submitted', 'review', 'needs_more', 'pushing')) AS busy
		FROM card_binding b WHERE b.vehicle_id = wanted AND b.bound_until IS NULL) x
$$;

-- Of whole statements: ten thousand cars that are submitted at once are one update.
CREATE FUNCTION company_vehicle_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
	UPDATE company_vehicle v SET standing = x.standing FROM (
		SELECT w.vehicle_id, coalesce(vehicle_standing(w.vehicle_id), 'free') AS standing FROM (
			SELECT DISTINCT b.vehicle_id FROM changed c JOIN card_binding b ON b.card_id = c.card_id AND b.bound_until IS NULL
				JOIN company_vehicle o ON o.vehicle_id = b.vehicle_id) w) x
		WHERE v.vehicle_id = x.vehicle_id AND v.standing <> x.standing;
	RETURN NULL;
END
$$;
CREATE TRIGGER company_vehicle_stands_new AFTER INSERT ON application_card REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_stands();
CREATE TRIGGER company_vehicle_stands AFTER UPDATE ON application_card REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_stands();
CREATE TRIGGER company_vehicle_stands_new AFTER INSERT ON registration REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_stands();
CREATE TRIGGER company_vehicle_stands AFTER UPDATE ON registration REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_stands();
CREATE TRIGGER company_vehicle_stands_new AFTER INSERT ON card_binding REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_stands();
REVOKE ALL ON FUNCTION company_vehicle_stands FROM PUBLIC;

-- A session of an admin belongs to one company, until it is left or ends. signed_in_until is that of the phone (as for the records).
ALTER TABLE session ADD COLUMN company_member_id uuid REFERENCES company_member;
CREATE INDEX session_company_member ON session (company_member_id) WHERE company_member_id IS NOT NULL;

ALTER TABLE application ADD COLUMN company_id uuid REFERENCES company,
	ADD COLUMN push_decided_at timestamptz, -- of a batch: its cards go to the carrier, some at a time
	ADD CHECK (company_id IS NULL OR holder = 'organisation');
CREATE INDEX application_company ON application (company_id, created_at DESC) WHERE company_id IS NOT NULL;
ALTER TABLE application_card ADD COLUMN vehicle_id uuid REFERENCES vehicle; -- of a batch; otherwise it is the application's
CREATE INDEX application_card_open_of ON application_card (application_id) WHERE state IN ('submitted', 'review', 'needs_more', 'pushing');

-- The basket of a draft of a company. Its cards become rows of application_card when it is submitted.
CREATE TABLE batch_vehicle (
	application_id uuid NOT NULL REFERENCES application,
	vehicle_id uuid NOT NULL REFERENCES vehicle,
	added_at timestamptz NOT NULL DEFAULT now(),
	PRIMARY KEY (application_id, vehicle_id)
);
CREATE INDEX batch_vehicle_vehicle ON batch_vehicle (vehicle_id);

-- opening: a company opens itself, or somebody claims to work for one.
ALTER TABLE application DROP CONSTRAINT application_kind_check;
ALTER TABLE application ADD CONSTRAINT application_kind_check
	CHECK (kind IN ('register', 'cancel', 'transfer', 'update', 'replace_card', 'vehicle_status', 'opening'));

GRANT SELECT, INSERT ON company, company_member, company_vehicle, batch_vehicle TO realname_web;
GRANT DELETE ON batch_vehicle TO realname_web;
GRANT UPDATE (state, removed_at, phone_sealed, name_sealed) ON company_member TO realname_web;
GRANT SELECT ON company, company_member, company_vehicle, batch_vehicle TO realname_jobs, realname_operator;
GRANT UPDATE ON company, company_member TO realname_jobs, realname_operator;
GRANT INSERT, UPDATE, DELETE ON company, company_member, company_vehicle TO realname_operator;
GRANT DELETE ON batch_vehicle, company_member TO realname_jobs;
