/* A changed status is an application of its own, so that it has states, messages, order and retention as every other. */
#include "store/vehicle_status.h"

#include "domain/kind.h"
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

/* Since the registration began: the newest that the carrier was told of a changed status was refused, or it was told nothing since, and
 * another one then. */
static bool holds_another(const struct db_result *r, int row)
{
	const struct card_business *began = card_business(db_text(r, row, "kind"), db_text(r, row, "part"));
	int status = (int)db_int(r, row, "status");
	if (!db_is_null(r, row, "told"))
		return text_equal(db_text(r, row, "told"), "refused");
	return began && !text_equal(told_vehicle_status(began->status, status), told_vehicle_status(TOLD_CHANGED, status));
}

static enum status tell(struct by_staff *w, const char *vehicle_id, bool again, int *told)
{
	struct db_result *r;
	const char *from = NULL, *application = NULL;
	bool wants;
	*told = 0;
	enum status st = db_query(
		w->db, w->a, &r,
		"SELECT g.from_application_id, g.card_id, n.profile, v.status, f.kind, fc.part, t.state AS told "
		"FROM card_binding b JOIN registration g ON g.card_id = b.card_id AND g.ended_at IS NULL "
		"JOIN vehicle v ON v.id = b.vehicle_id "
		"LEFT JOIN carrier_connection n ON n.carrier_id = g.carrier_id AND n.automaker_id = v.automaker_id "
		"LEFT JOIN application f ON f.id = g.from_application_id "
		"LEFT JOIN application_card fc ON fc.application_id = f.id AND fc.card_id = g.card_id "
		"LEFT JOIN LATERAL (SELECT c.state FROM application_card c JOIN application o ON o.id = c.application_id "
		"AND o.kind = 'vehicle_status' WHERE c.card_id = g.card_id AND o.submitted_at >= g.began_at "
		"ORDER BY o.submitted_at DESC LIMIT 1) t ON true "
		"WHERE b.vehicle_id = $1 AND b.bound_until IS NULL ORDER BY g.from_application_id, g.card_id FOR NO KEY UPDATE OF g",
		DB_TEXT(vehicle_id));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		if (again && !holds_another(r, i))
			continue;
		st = wants_to_know(w, db_text(r, i, "profile"), &wants);
		if (st != ST_OK || !wants)
			continue;
		if (!text_equal(from, db_text(r, i, "from_application_id"))) {
			if (application && (st = cards_push(w->db, w->a, w->config, w->keys, w->actor, application)) != ST_OK)
				break;
			from = db_text(r, i, "from_application_id");
			st = by_staff_application(w, "vehicle_status", from, vehicle_id, NULL, &application); /* by nobody's phone: nobody is told by SMS */
		}
		if (st == ST_OK)
			st = by_staff_card(w, application, db_text(r, i, "card_id"));
		*told += st == ST_OK;
	}
	return st == ST_OK && application ? cards_push(w->db, w->a, w->config, w->keys, w->actor, application) : st;
}

enum status vehicle_status_tell(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				const struct actor *actor, const char *vehicle_id, int *told)
{
	struct by_staff w = {db, a, config, keys, actor};
	return tell(&w, vehicle_id, false, told);
}

/* What is under way was built before, and may tell the status before. */
static enum status count_under_way(struct by_staff *w, const char *vehicle_id, int *cards)
{
	struct db_result *r;
	enum status st = db_query(w->db, w->a, &r,
				  "SELECT count(*) AS cards FROM card_binding b JOIN application_card c ON c.card_id = b.card_id "
				  "AND c.state IN ('submitted', 'review', 'needs_more', 'pushing') JOIN application o ON o.id = c.application_id "
				  "AND o.kind <> 'vehicle_status' WHERE b.vehicle_id = $1 AND b.bound_until IS NULL",
				  DB_TEXT(vehicle_id));
	if (st == ST_OK)
		*cards = (int)db_int(r, 0, "cards");
	return st;
}

enum status vehicle_status_change(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				  const struct actor *actor, const char *vin, int status, int64_t at, struct vehicle_told *out)
{
	struct by_staff w = {db, a, config, keys, actor};
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT id, status FROM vehicle WHERE vin = $1 FOR NO KEY UPDATE", DB_TEXT(vin));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_NOT_FOUND, "there is no car with this VIN");
	const char *id = db_text(r, 0, "id");
	int before = (int)db_int(r, 0, "status");
	*out = (struct vehicle_told){.again = before == status};
	st = db_query(db, a, &r,
		      "UPDATE vehicle SET status = $2, status_updated_at = CASE WHEN $3::bigint > 0 THEN to_timestamp($3::bigint) "
		      "WHEN $4::boolean THEN status_updated_at ELSE date_trunc('second', now()) END WHERE id = $1 "
		      "RETURNING floor(extract(epoch FROM status_updated_at))::bigint AS since",
		      DB_TEXT(id), DB_INT(status), DB_INT(at), DB_BOOL(out->again));
	if (st != ST_OK)
		return st;
	out->since = db_int(r, 0, "since");
	st = audit_write(db, a, actor, out->again ? "vehicle.status_told_again" : "vehicle.status_changed", NULL, arena_printf(a, "vehicle:%s", id), "ok",
			 arena_printf(a, "{\"from\":%d,\"to\":%d}", before, status));
	if (st == ST_OK)
		st = tell(&w, id, out->again, &out->cards);
	if (st == ST_OK && out->again && out->cards == 0)
		return status_fail(ST_CONFLICT, "the car has status %d already", status);
	return st == ST_OK ? count_under_way(&w, id, &out->under_way) : st;
}
