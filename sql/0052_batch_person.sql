-- A car of a company that was sold to a person, whom the operator's file now names as its owner: the company registers it no more, whatever
-- its table of cars holds. What the company has registered it still ends or changes. Otherwise as before (0029).
CREATE OR REPLACE FUNCTION batch_cards(whose uuid, wanted uuid[], ends boolean, own bytea[], last_day date)
RETURNS TABLE (vehicle_id uuid, card_id uuid, goes boolean, reason text) LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
	SELECT c.id, c.card_id, c.fits AND NOT c.open,
		CASE WHEN NOT c.yours THEN 'not_yours'
			WHEN c.card_id IS NULL THEN 'no_card'
			WHEN bool_or(c.open) OVER car THEN 'busy'
			WHEN NOT bool_or(c.fits) OVER car THEN
				CASE WHEN NOT ends THEN 'registered' WHEN bool_or(c.registered) OVER car THEN 'other_holder' ELSE 'not_registered' END
			WHEN NOT ends AND c.owner_type = 'person' THEN 'person'
			WHEN NOT ends AND c.network_date > last_day THEN 'new' END
	FROM (
		SELECT w.id, v.vehicle_id IS NOT NULL AS yours, x.network_date, x.owner_type, b.card_id, g.id IS NOT NULL AS registered,
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
