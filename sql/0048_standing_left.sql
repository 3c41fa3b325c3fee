-- A card that leaves a car leaves it standing as the cards that stay: 0026 looks at the car that a card comes to only.
CREATE FUNCTION company_vehicle_left() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
	UPDATE company_vehicle v SET standing = x.standing FROM (
		SELECT w.vehicle_id, vehicle_standing(w.vehicle_id) AS standing
		FROM (SELECT DISTINCT c.vehicle_id FROM changed c JOIN company_vehicle o ON o.vehicle_id = c.vehicle_id WHERE c.bound_until IS NOT NULL) w
	) x WHERE v.vehicle_id = x.vehicle_id AND v.standing <> x.standing;
	RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION company_vehicle_left FROM PUBLIC;
CREATE TRIGGER company_vehicle_left AFTER UPDATE ON card_binding REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION company_vehicle_left();
-- What stands wrong since before.
UPDATE company_vehicle SET standing = vehicle_standing(vehicle_id) WHERE standing <> vehicle_standing(vehicle_id);
