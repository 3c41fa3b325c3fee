-- Batches: which cars of a company fit, the submission of thousands of cards at once, and what is still to be pushed.

-- Of these cars, for a company: every card that is in one now, and why its car cannot be in such a batch (NULL: it can). ends: the
-- application ends registrations (cancel, update), so that the company has to be registered; else nobody. own: keyed hashes of the
-- company's number, for what was not registered in a batch. last_day: cars that entered the network later are registered at a shop.
-- goes: this card would be in the batch. A car without cards has one row. Thousands of cars are looked up by their indexes, whatever the
-- statistics say.
CREATE FUNCTION batch_cards(whose uuid, wanted uuid[], ends boolean, own bytea[], last_day date)
RETURNS TABLE (vehicle_id uuid, card_id uuid, goes boolean, reason text) LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
	SELECT c.id, c.card_id, c.fits AND NOT c.open,
		CASE WHEN NOT c.yours THEN 'not_yours'
			WHEN c.card_id IS NULL THEN 'no_card'
			WHEN bool_or(c.open) OVER car THEN 'busy'
			WHEN NOT bool_or(c.fits) OVER car THEN
				CASE WHEN NOT ends THEN 'registered' WHEN bool_or(c.registered) OVER car THEN 'other_holder' ELSE 'not_registered' END
			WHEN NOT ends AND c.network_date > last_day THEN 'new' END
	FROM (
		SELECT w.id, v.vehicle_id IS NOT NULL AS yours, x.network_date, b.card_id, g.id IS NOT NULL AS registered,
			CASE WHEN ends THEN g.id IS NOT NULL AND g.holder = 'organisation'
				AND (f.company_id IS NOT DISTINCT FROM whose OR g.holder_number_hash = ANY (own)) ELSE g.id IS NULL END AS fits,
			EXISTS (SELECT FROM application_card a WHERE a.card_id = b.card_id AND a.state IN ('submitted', 'review', 'needs_more', 'pushing')) AS open
		FROM (SELECT DISTINCT u.id FROM unnest(wanted) AS u (id)) w
		LEFT JOIN company_vehicle v ON v.company_id = whose AND v.vehicle_id = w.id
		LEFT JOIN vehicle x ON x.id = v.vehicle_id
		LEFT JOIN card_binding b ON b.vehicle_id = v.vehicle_id AND b.bound_until IS NULL
		LEFT JOIN registration g ON g.card_id = b.card_id AND g.ended_at IS NULL
		LEFT JOIN application f ON f.id = g.from_application_id
	) c WINDOW car AS (PARTITION BY c.id)
$$;
-- The same by car.
CREATE FUNCTION batch_cars(whose uuid, wanted uuid[], ends boolean, own bytea[], last_day date)
RETURNS TABLE (vehicle_id uuid, reason text, cards integer) LANGUAGE sql STABLE AS $$
	SELECT c.vehicle_id, c.reason, (count(*) FILTER (WHERE c.goes))::integer FROM batch_cards(whose, wanted, ends, own, last_day) c
	GROUP BY c.vehicle_id, c.reason
$$;
-- As before (0026), but all cars by one query, each looked up by its indexes.
CREATE OR REPLACE FUNCTION company_vehicle_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	UPDATE company_vehicle v SET standing = x.standing FROM (
		SELECT y.vehicle_id,
			CASE WHEN bool_or(busy) THEN 'busy' WHEN bool_and(registered) THEN 'registered' WHEN bool_or(registered) THEN 'part' ELSE 'free' END AS standing
		FROM (
			SELECT w.vehicle_id, EXISTS (SELECT FROM registration r WHERE r.card_id = n.card_id AND r.ended_at IS NULL) AS registered,
				EXISTS (SELECT FROM application_card c WHERE c.card_id = n.card_id AND c.state IN ('submitted', 'review', 'needs_more', 'pushing')) AS busy
			FROM (SELECT DISTINCT b.vehicle_id FROM changed c JOIN card_binding b ON b.card_id = c.card_id AND b.bound_until IS NULL
				WHERE EXISTS (SELECT FROM company_vehicle o WHERE o.vehicle_id = b.vehicle_id)) w
			JOIN card_binding n ON n.vehicle_id = w.vehicle_id AND n.bound_until IS NULL
		) y GROUP BY y.vehicle_id
	) x WHERE v.vehicle_id = x.vehicle_id AND v.standing <> x.standing;
	RETURN NULL;
END
$$;

-- Of cards of applications: one that is open makes its car busy, whatever else is in it; only what has ended has to be looked at.
CREATE FUNCTION company_vehicle_cards() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	UPDATE company_vehicle v SET standing = 'busy' FROM changed c JOIN card_binding b ON b.card_id = c.card_id AND b.bound_until IS NULL
		WHERE v.vehicle_id = b.vehicle_id AND v.standing <> 'busy' AND c.state IN ('submitted', 'review', 'needs_more', 'pushing');
	IF NOT EXISTS (SELECT FROM changed WHERE state IN ('done', 'refused', 'withdrawn', 'expired')) THEN
		RETURN NULL;
	END IF;
	UPDATE company_vehicle v SET standing = x.standing FROM (
		SELECT y.vehicle_id,
			CASE WHEN bool_or(busy) THEN 'busy' WHEN bool_and(registered) THEN 'registered' WHEN bool_or(registered) THEN 'part' ELSE 'free' END AS standing
		FROM (
			SELECT w.vehicle_id, EXISTS (SELECT FROM registration r WHERE r.card_id = n.card_id AND r.ended_at IS NULL) AS registered,
				EXISTS (SELECT FROM application_card c WHERE c.card_id = n.card_id AND c.state IN ('submitted', 'review', 'needs_more', 'pushing')) AS busy
			FROM (SELECT DISTINCT b.vehicle_id FROM changed c JOIN card_binding b ON b.card_id = c.card_id AND b.bound_until IS NULL
				WHERE EXISTS (SELECT FROM company_vehicle o WHERE o.vehicle_id = b.vehicle_id)) w
			JOIN card_binding n ON n.vehicle_id = w.vehicle_id AND n.bound_until IS NULL
		) y GROUP BY y.vehicle_id
	) x WHERE v.vehicle_id = x.vehicle_id AND v.standing <> x.standing;
	RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION company_vehicle_cards FROM PUBLIC;
DROP TRIGGER company_vehicle_stands_new ON application_card;
DROP TRIGGER company_vehicle_stands ON application_card;
CREATE TRIGGER company_vehicle_cards_new AFTER INSERT ON application_card REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_cards();
CREATE TRIGGER company_vehicle_cards AFTER UPDATE ON application_card REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_cards();

-- What a batch has still to push, in its order.
CREATE INDEX application_card_unpushed ON application_card (application_id, id) WHERE state IN ('submitted', 'review');
-- The pages of a batch: its cards by car.
CREATE INDEX application_card_car ON application_card (application_id, vehicle_id) WHERE vehicle_id IS NOT NULL;

-- One more template beside those that are there, whichever they are: a batch has ended.
DO $$
DECLARE
	names text;
BEGIN
	SELECT string_agg(quote_literal(n), ', ') INTO names FROM (
		SELECT m[1] AS n FROM pg_constraint c, regexp_matches(pg_get_constraintdef(c.oid), '''([a-z_]+)''', 'g') m
		WHERE c.conname = 'sms_message_template_check'
		UNION SELECT 'batch_done'
	) x;
	ALTER TABLE sms_message DROP CONSTRAINT sms_message_template_check;
	EXECUTE format('ALTER TABLE sms_message ADD CONSTRAINT sms_message_template_check CHECK (template IN (%s))', names);
END
$$;

-- What an admin looks for in the table of cars (part of a VIN, standing, model): not in addresses, which stand in logs.
ALTER TABLE session ADD COLUMN cars_filter text[];
