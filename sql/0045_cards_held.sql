-- Whoever submits holds his cards where they are: an import that moves one of them waits for the end of his transaction and then sees the
-- application, or has ended before and is seen here. Cards that were chosen, or all that are in the cars of a basket. Gives how many of the
-- chosen ones are not in the car any more. The web program may not write bindings, so it cannot lock them by itself.
CREATE FUNCTION application_hold_cards(which uuid) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	PERFORM FROM batch_vehicle v JOIN card_binding b ON b.vehicle_id = v.vehicle_id AND b.bound_until IS NULL
		WHERE v.application_id = which ORDER BY b.id FOR SHARE OF b;
	PERFORM FROM application_card c JOIN card_binding b ON b.card_id = c.card_id AND b.bound_until IS NULL
		WHERE c.application_id = which ORDER BY b.id FOR SHARE OF b;
	RETURN (SELECT count(*) FROM application_card c JOIN application p ON p.id = c.application_id WHERE c.application_id = which
		AND NOT EXISTS (SELECT FROM card_binding b WHERE b.card_id = c.card_id AND b.vehicle_id = p.vehicle_id AND b.bound_until IS NULL));
END
$$;
REVOKE ALL ON FUNCTION application_hold_cards FROM PUBLIC;
GRANT EXECUTE ON FUNCTION application_hold_cards TO realname_web;
