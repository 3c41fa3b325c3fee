/* A changed status is an application of its own, so that it has states, messages, order and retention as every other. */
#include "store/vehicle_status.h"

#include "store/cards.h"
#include "store/datakey.h"
#include "t1/profile.h"

struct work {
	struct db *db;
	struct arena *a;
	const struct config *config;
	const struct keys *keys;
	const struct actor *actor;
	const char *vehicle_id;
};

/* A party of the registration under the key of the new application. */
static enum status copy_party(struct work *w, const struct db_result *r, int row, const struct crypt_key *from, const struct crypt_key *to,
			      const char *application_id)
{
	static const char *const columns[] = {"name", "number", "address", "postal_address", "telephone"};
	static const char table[] = "application_party";
	const char *old = db_text(r, row, "id"), *id = crypt_uuid(w->a);
	struct bytes sealed[5];
	for (size_t i = 0; i < 5; i++) {
		char *text;
		enum status st = opened_text(w->a, from, table, columns[i], old,
					     db_bytes(r, row, arena_printf(w->a, "%s_sealed", columns[i])), &text);
		if (st != ST_OK)
			return st;
		sealed[i] = sealed_text(w->a, to, table, columns[i], id, text);
	}
	return db_query(
		w->db, w->a, NULL,
		"INSERT INTO application_party (id, application_id, role, certificate_type, name_sealed, number_sealed, address_sealed, "
		"postal_address_sealed, telephone_sealed, number_hash, number_hash_key, valid_from, valid_until, long_term) "
		"SELECT $1, $2, role, certificate_type, $4, $5, $6, $7, $8, number_hash, number_hash_key, valid_from, valid_until, "
		"long_term "
		"FROM application_party WHERE id = $3",
		DB_TEXT(id), DB_TEXT(application_id), DB_TEXT(old), DB_BYTES(sealed[0]), DB_BYTES(sealed[1]), DB_BYTES(sealed[2]),
		DB_BYTES(sealed[3]), DB_BYTES(sealed[4]));
}

static enum status copy_parties(struct work *w, const char *from_application, const struct crypt_key *to, const char *application_id)
{
	struct db_result *r;
	struct crypt_key from;
	enum status st = db_query(
		w->db, w->a, &r,
		"SELECT p.id, p.name_sealed, p.number_sealed, p.address_sealed, p.postal_address_sealed, p.telephone_sealed, o.data_key_id "
		"FROM application_party p JOIN application o ON o.id = p.application_id WHERE o.id = $1 "
		"AND p.role IN ('holder', 'organisation', 'responsible_person', 'legal_representative')",
		DB_TEXT(from_application));
	if (st == ST_OK && db_rows(r) == 0)
		return status_fail(ST_INVALID, "application %s has no holder", from_application);
	if (st != ST_OK || (st = datakey_load(w->db, w->a, w->keys, db_text(r, 0, "data_key_id"), &from)) != ST_OK)
		return st;
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = copy_party(w, r, i, &from, to, application_id);
	crypt_wipe(&from, sizeof(from));
	return st;
}

/* Submitted at once, and by nobody's phone: nobody is told by SMS. */
static enum status make_application(struct work *w, const char *from, const char **id)
{
	struct crypt_key key;
	*id = crypt_uuid(w->a);
	enum status st = datakey_create(w->db, w->a, w->keys, &key);
	if (st == ST_OK)
		st = db_query(
			w->db, w->a, NULL,
			"INSERT INTO application (id, number, automaker_id, kind, holder, channel, acting, data_key_id, expires_at, "
			"submitted_at, "
			"vehicle_id, certificate_type) SELECT $1, $2, automaker_id, 'vehicle_status', holder, 'counter', "
			"CASE holder WHEN 'organisation' THEN 'responsible_person' ELSE 'self' END, $3, now(), now(), $4, certificate_type "
			"FROM application WHERE id = $5",
			DB_TEXT(*id), DB_TEXT(crypt_readable(w->a, 12)), DB_TEXT(key.id), DB_TEXT(w->vehicle_id), DB_TEXT(from));
	if (st == ST_OK)
		st = copy_parties(w, from, &key, *id);
	crypt_wipe(&key, sizeof(key));
	return st == ST_OK ? audit_write(w->db, w->a, w->actor, "application.submitted", *id, arena_printf(w->a, "application:%s", *id),
					 "pushing", NULL)
			   : st;
}

static enum status add_card(struct work *w, const char *application_id, const char *card_id)
{
	const struct card_change change = {.application_card_id = crypt_uuid(w->a), .to = CARD_SUBMITTED};
	enum status st = db_query(w->db, w->a, NULL, "INSERT INTO application_card (id, application_id, card_id) VALUES ($1, $2, $3)",
				  DB_TEXT(change.application_card_id), DB_TEXT(application_id), DB_TEXT(card_id));
	if (st == ST_OK)
		st = card_transition(w->db, w->a, w->config, w->keys, w->actor, &change);
	if (st == ST_CONFLICT && text_equal(db_constraint(w->db), "application_card_open"))
		return status_fail(ST_CONFLICT, "an application for a card of this car is not finished");
	return st;
}

/* A profile can say that the carrier is not told. */
static enum status wants_to_know(struct work *w, const char *profile, bool *wants)
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
	struct work w = {db, a, config, keys, actor, vehicle_id};
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
			st = make_application(&w, from, &application);
		}
		if (st == ST_OK)
			st = add_card(&w, application, db_text(r, i, "card_id"));
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
