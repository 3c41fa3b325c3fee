/* Entry links: see entry.h. */
#include "store/entry.h"

#include <string.h>

/* Ids of the cars in the order of the VINs; *unknown as in the header. */
static enum status find_cars(struct db *db, struct arena *a, const struct config *config, const struct entry_order *order, const char **ids, int *unknown)
{
	*unknown = -1;
	for (int i = 0; i < order->count; i++) {
		struct db_result *r;
		enum status st = db_query(db, a, &r, "SELECT v.id FROM vehicle v JOIN automaker m ON m.id = v.automaker_id WHERE v.vin = $1 AND m.slug = $2",
		                          DB_TEXT(order->vins[i]), DB_TEXT(config->automaker));

		if (st != ST_OK)
			return st;
		if (db_rows(r) != 1) {
			*unknown = i;
			return ST_OK;
		}
		ids[i] = db_text(r, 0, "id");
	}
	return ST_OK;
}

enum status entry_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                         const struct entry_order *order, char **token, int *unknown)
{
	const char *cars[ENTRY_CARS_MAX];
	char *id = crypt_uuid(a), *made = crypt_token(a);
	struct db_result *r;
	enum status st;

	if (order->count < 1 || order->count > ENTRY_CARS_MAX)
		return status_fail(ST_INVALID, "a link carries 1 to %d cars", ENTRY_CARS_MAX);
	st = find_cars(db, a, config, order, cars, unknown);
	if (st != ST_OK || *unknown >= 0)
		return st;
	st = db_query(db, a, &r,
	              "INSERT INTO entry_link (id, automaker_id, token_hash, kind, created_by, expires_at) SELECT $1, id, $2, $3, $4, to_timestamp($5::bigint)"
	              " FROM automaker WHERE slug = $6 RETURNING id",
	              DB_TEXT(id), DB_BYTES(crypt_lookup(a, keys_current(&keys->lookup), "entry", made)), DB_TEXT(order->kind), DB_TEXT(actor->name),
	              DB_INT(order->expires_at), DB_TEXT(config->automaker));
	if (st == ST_OK && db_rows(r) != 1)
		st = status_fail(ST_ERROR, "the configured automaker is not in the database");
	for (int i = 0; st == ST_OK && i < order->count; i++)
		st = db_query(db, a, NULL, "INSERT INTO entry_link_vehicle (entry_link_id, vehicle_id, place) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", DB_TEXT(id),
		              DB_TEXT(cars[i]), DB_INT(i));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "entry_link.created", NULL, arena_printf(a, "entry_link:%s", id), "ok", arena_printf(a, "{\"cars\":%d}", order->count));
	if (st == ST_OK)
		*token = made;
	return st;
}

enum status entry_take_nonce(struct db *db, struct arena *a, const struct keys *keys, const char *nonce)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "INSERT INTO entry_nonce (hash) VALUES ($1) ON CONFLICT DO NOTHING RETURNING at",
	                          DB_BYTES(crypt_lookup(a, keys_current(&keys->lookup), "entry.nonce", nonce)));

	return st == ST_OK && db_rows(r) != 1 ? status_fail(ST_CONFLICT, "this call was taken already") : st;
}

enum status entry_find(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const char *token, struct entry_link *out)
{
	struct db_result *r;
	enum status st;

	*out = (struct entry_link){0};
	if (strlen(token) != 43)
		return ST_OK;
	st = db_query(db, a, &r,
	              "SELECT l.id, l.kind, l.used_at IS NULL AND l.expires_at > now() AS good,"
	              " l.used_at > now() - interval '10 minutes' AS just_used, extract(epoch FROM l.expires_at)::bigint AS expires_at"
	              " FROM entry_link l JOIN automaker m ON m.id = l.automaker_id WHERE l.token_hash = $1 AND m.slug = $2",
	              DB_BYTES(crypt_lookup(a, keys_current(&keys->lookup), "entry", token)), DB_TEXT(config->automaker));
	if (st != ST_OK || db_rows(r) == 0)
		return st;
	out->id = db_text(r, 0, "id");
	out->kind = db_text(r, 0, "kind");
	out->good = db_bool(r, 0, "good");
	out->just_used = db_bool(r, 0, "just_used");
	out->expires_at = db_int(r, 0, "expires_at");
	return ST_OK;
}

enum status entry_use(struct db *db, struct arena *a, const struct entry_link *link)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "UPDATE entry_link SET used_at = now() WHERE id = $1 AND used_at IS NULL AND expires_at > now() RETURNING id",
	                          DB_TEXT(link->id));

	return st == ST_OK && db_rows(r) != 1 ? status_fail(ST_CONFLICT, "the link was used or has run out") : st;
}

enum status entry_used(struct db *db, struct arena *a, const struct actor *actor, const struct entry_link *link, const char *application_id)
{
	enum status st = db_query(db, a, NULL, "UPDATE application SET entry_link_id = $2 WHERE id = $1", DB_TEXT(application_id), DB_TEXT(link->id));

	return st == ST_OK ? audit_write(db, a, actor, "entry_link.used", application_id, arena_printf(a, "entry_link:%s", link->id), "ok", NULL) : st;
}

enum status entry_of_draft(struct db *db, struct arena *a, const char *link_id, const char *application_id, bool *yes)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT FROM application WHERE id = $1 AND entry_link_id = $2", DB_TEXT(application_id), DB_TEXT(link_id));

	*yes = st == ST_OK && db_rows(r) == 1;
	return st;
}

enum status entry_cars(struct db *db, struct arena *a, const char *link_id, struct entry_car cars[ENTRY_CARS_MAX], int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
	                          "SELECT v.id, v.vin, v.vehicle_department, v.vehicle_model, v.body_color, count(c.card_id) AS cards, count(g.id) AS registered,"
	                          " count(o.card_id) AS open"
	                          " FROM entry_link_vehicle l JOIN vehicle v ON v.id = l.vehicle_id"
	                          " LEFT JOIN card_binding c ON c.vehicle_id = v.id AND c.bound_until IS NULL"
	                          " LEFT JOIN registration g ON g.card_id = c.card_id AND g.ended_at IS NULL"
	                          " LEFT JOIN application_card o ON o.card_id = c.card_id AND o.state IN ('submitted', 'review', 'needs_more', 'pushing')"
	                          " WHERE l.entry_link_id = $1"
	                          " GROUP BY v.id, l.place ORDER BY l.place LIMIT 20",
	                          DB_TEXT(link_id));

	*count = 0;
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(r) && i < ENTRY_CARS_MAX; i++)
		cars[(*count)++] = (struct entry_car){
			.vehicle_id = db_text(r, i, "id"),
			.vin = db_text(r, i, "vin"),
			.brand = db_text(r, i, "vehicle_department"),
			.model = db_text(r, i, "vehicle_model"),
			.color = db_text(r, i, "body_color"),
			.cards = (int)db_int(r, i, "cards"),
			.registered = (int)db_int(r, i, "registered"),
			.open = (int)db_int(r, i, "open"),
		};
	return ST_OK;
}

enum status entry_prove(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *vehicle_id)
{
	enum status st = db_query(db, a, NULL,
	                          "INSERT INTO verification (id, application_id, kind, state, provider, answered_at) VALUES ($1, $2, 'vehicle_proof', 'passed', 'link', now())",
	                          DB_TEXT(crypt_uuid(a)), DB_TEXT(d->id));

	return st == ST_OK ? draft_set_vehicle(db, a, actor, d, vehicle_id) : st;
}
