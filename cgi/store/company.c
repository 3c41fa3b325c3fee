/* Companies: see company.h. */
#include "store/company.h"

#include "store/datakey.h"

enum status company_of_session(struct db *db, struct arena *a, struct bytes session, struct company *out)
{
	struct db_result *r;
	enum status st;

	*out = (struct company){0};
	if (!session.data)
		return ST_OK;
	st = db_query(db, a, &r,
		      "SELECT c.id, m.id AS member_id, c.name, c.code, c.trusted_at IS NOT NULL AS trusted FROM session s"
		      " JOIN company_member m ON m.id = s.company_member_id AND m.state = 'active' AND m.phone_hash = s.phone_hash"
		      " JOIN company c ON c.id = m.company_id AND c.closed_at IS NULL"
		      " WHERE s.id_hash = $1 AND s.expires_at > now() AND s.signed_in_until > now() AND s.handover_id IS NULL",
		      DB_BYTES(session));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	*out = (struct company){
		.exists = true,
		.id = db_text(r, 0, "id"),
		.member_id = db_text(r, 0, "member_id"),
		.name = db_text(r, 0, "name"),
		.code = db_text(r, 0, "code"),
		.trusted = db_bool(r, 0, "trusted"),
	};
	return ST_OK;
}

enum status company_phone(struct db *db, struct arena *a, const struct keys *keys, struct bytes session, struct company *c)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT phone_sealed FROM session WHERE id_hash = $1 AND phone_sealed IS NOT NULL", DB_BYTES(session));

	if (st == ST_OK && db_rows(r) != 1)
		return status_fail(ST_CONFLICT, "the session is not signed in any more");
	return st == ST_OK ? opened_by_master(a, keys, "session", "phone", "sign-in", db_bytes(r, 0, "phone_sealed"), &c->phone) : st;
}

enum status company_vehicle_add(struct db *db, struct arena *a, const struct actor *actor, const char *company_id, const char *vehicle_id, bool *added)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "INSERT INTO company_vehicle (company_id, vehicle_id, vin, model, standing, source)"
				  " SELECT $1, v.id, v.vin, v.vehicle_model, coalesce(vehicle_standing(v.id), 'free'), 'proved' FROM vehicle v WHERE v.id = $2"
				  " ON CONFLICT (company_id, vehicle_id) DO NOTHING RETURNING vehicle_id",
				  DB_TEXT(company_id), DB_TEXT(vehicle_id));

	*added = st == ST_OK && db_rows(r) == 1;
	return *added ? audit_write(db, a, actor, "company.vehicle_added", NULL, arena_printf(a, "vehicle:%s", vehicle_id), "ok",
				    arena_printf(a, "{\"company\":\"%s\"}", company_id))
		      : st;
}
