/* A changed status is an application of its own, so that it has states, messages, order and retention as every other. */
#include "store/vehicle_status.h"

#include "store/by_staff.h"
#include "store/cards.h"
#include "t1/profile.h"

/* A profile can say that the carrier is not told. */
static enum status wants_to_know(struct by_staff *w, const char *profile, bool *wants)
{
	struct t1_profile p;
	if (!profile)
		return status_fail(ST_INVALID, "a card of the car has no connection to its carrier");
	enum status st = t1_profile_parse(&p, w->a, profile);
	*wants = st == ST_OK && t1_profile_messages(&p, "vehicle_status")->count > 0;
	return st;
}

enum status vehicle_status_tell(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				const struct actor *actor, const char *vehicle_id, int *told)
{
	struct by_staff w = {db, a, config, keys, actor};
	struct db_result *r;
	const char *from = NULL, *application = NULL;
	bool wants;
	*told = 0;
	enum status st = db_query(
		db, a, &r,
		"SELECT g.from_application_id, g.card_id, n.profile FROM card_binding b JOIN registration g ON g.card_id = b.card_id AND "
		"g.ended_at IS NULL "
		"JOIN vehicle v ON v.id = b.vehicle_id "
		"LEFT JOIN carrier_connection n ON n.carrier_id = g.carrier_id AND n.automaker_id = v.automaker_id "
		"WHERE b.vehicle_id = $1 AND b.bound_until IS NULL ORDER BY g.from_application_id, g.card_id FOR NO KEY UPDATE OF g",
		DB_TEXT(vehicle_id));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		st = wants_to_know(&w, db_text(r, i, "profile"), &wants);
		if (st != ST_OK || !wants)
			continue;
		if (!text_equal(from, db_text(r, i, "from_application_id"))) {
			if (application && (st = cards_push(db, a, config, keys, actor, application)) != ST_OK)
				break;
			from = db_text(r, i, "from_application_id");
			st = by_staff_application(&w, "vehicle_status", from, vehicle_id, NULL, &application); /* by nobody's phone: nobody is told by SMS */
		}
		if (st == ST_OK)
			st = by_staff_card(&w, application, db_text(r, i, "card_id"));
		*told += st == ST_OK;
	}
	return st == ST_OK && application ? cards_push(db, a, config, keys, actor, application) : st;
}

enum status vehicle_status_change(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				  const struct actor *actor, const char *vin, int status, int64_t at, int *told)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id, status FROM vehicle WHERE vin = $1 FOR NO KEY UPDATE", DB_TEXT(vin));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no car with this VIN");
	const char *id = db_text(r, 0, "id");
	int before = (int)db_int(r, 0, "status");
	if (before == status)
		return status_fail(ST_CONFLICT, "the car has status %d already", status);
	st = db_query(db, a, NULL, "UPDATE vehicle SET status = $2, status_updated_at = to_timestamp($3) WHERE id = $1", DB_TEXT(id),
		      DB_INT(status), DB_INT(at));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "vehicle.status_changed", NULL, arena_printf(a, "vehicle:%s", id), "ok",
				 arena_printf(a, "{\"from\":%d,\"to\":%d}", before, status));
	return st == ST_OK ? vehicle_status_tell(db, a, config, keys, actor, id, told) : st;
}
