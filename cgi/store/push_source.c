/* Reads what the messages of an application are made of: its parties by their roles, and each card with its car. */
#include "store/push.h"

#include <string.h>

#include "store/datakey.h"

static const char *const roles[PARTY_ROLE_MAX] = {
	[PARTY_HOLDER] = "holder",
	[PARTY_FORMER_HOLDER] = "former_holder",
	[PARTY_ORGANISATION] = "organisation",
	[PARTY_RESPONSIBLE] = "responsible_person",
	[PARTY_LEGAL] = "legal_representative",
	[PARTY_AGENT] = "agent",
};

static enum status load_application(struct db *db, struct arena *a, const char *id, struct push_source *s)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT id, automaker_id, kind, holder, acting, data_key_id, "
				  "floor(extract(epoch FROM submitted_at))::bigint AS submitted_at "
				  "FROM application WHERE id = $1 AND submitted_at IS NOT NULL FOR NO KEY UPDATE",
				  DB_TEXT(id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_CONFLICT, "application is not submitted");
	s->application_id = db_text(r, 0, "id");
	s->automaker_id = db_text(r, 0, "automaker_id");
	s->kind = db_text(r, 0, "kind");
	s->organisation = text_equal(db_text(r, 0, "holder"), "organisation");
	s->agent = text_equal(db_text(r, 0, "acting"), "agent");
	s->data_key_id = db_text(r, 0, "data_key_id");
	s->submitted_at = db_int(r, 0, "submitted_at");
	return ST_OK;
}

static enum status open_party(struct arena *a, const struct crypt_key *key, const struct db_result *r, int row, struct push_party *out)
{
	const char *id = db_text(r, row, "id"), *from = db_text(r, row, "valid_from"), *until = db_text(r, row, "valid_until");
	struct push_party p = {.certificate_type = db_text(r, row, "certificate_type")};
	enum status st = OPENED_COLUMNS(a, key, "application_party", id, r, row, {"name", &p.name}, {"number", &p.number},
					{"address", &p.address}, {"postal_address", &p.postal_address}, {"telephone", &p.telephone});
	if (st != ST_OK)
		return st;
	p.validity.long_term = db_bool(r, row, "long_term");
	if (from && !date_parse(&p.validity.from, from))
		return status_fail(ST_INVALID, "valid_from of party %s is not a day", id);
	p.validity_known = p.validity.long_term || (until && date_parse(&p.validity.to, until));
	*out = p;
	return ST_OK;
}

static enum status load_parties(struct db *db, struct arena *a, struct push_source *s)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"SELECT id, role, certificate_type, name_sealed, number_sealed, address_sealed, postal_address_sealed, telephone_sealed, "
		"valid_from, valid_until, long_term FROM application_party WHERE application_id = $1",
		DB_TEXT(s->application_id));
	for (int row = 0; st == ST_OK && row < db_rows(r); row++)
		for (int i = 0; st == ST_OK && i < PARTY_ROLE_MAX; i++)
			if (text_equal(db_text(r, row, "role"), roles[i]))
				st = open_party(a, &s->key, r, row, &s->parties[i]);
	return st;
}

/* Plate and the name of the staff are the car's own, under its own key. */
static enum status open_car(struct arena *a, const struct keys *keys, const struct db_result *r, int i, struct push_card *c)
{
	struct crypt_key key;
	const char *id = db_text(r, i, "vehicle_id");
	if (!id)
		return status_fail(ST_INVALID, "card %s has no vehicle", c->card_id);
	if (db_is_null(r, i, "license_plate_sealed") && db_is_null(r, i, "staff_name_sealed"))
		return ST_OK;
	if (db_is_null(r, i, "wrapped")) {
		c->unreadable = true;
		return status_fail(ST_INVALID, "the data key of vehicle %s was erased", id);
	}
	enum status st = datakey_unwrap(a, keys, db_text(r, i, "data_key_id"), db_bytes(r, i, "wrapped"), &key);
	if (st != ST_OK)
		return st;
	st = OPENED_COLUMNS(a, &key, "vehicle", id, r, i, {"license_plate", &c->plate}, {"staff_name", &c->staff});
	crypt_wipe(&key, sizeof(key));
	c->unreadable = st != ST_OK;
	return st;
}

static enum status read_profile(struct arena *a, const struct db_result *r, int i, const struct push_card *before, struct push_card *c)
{
	if (before && text_equal(before->connection_id, c->connection_id)) {
		c->profile = before->profile;
		return ST_OK;
	}
	struct t1_profile *profile = arena_alloc(a, sizeof(*profile));
	c->profile = profile;
	return t1_profile_parse(profile, a, db_text(r, i, "profile"));
}

enum status push_card_read(struct arena *a, const struct keys *keys, const struct push_source *s, const struct db_result *r, int i,
			   const struct push_card *before, struct push_card *out)
{
	struct push_card c = {
		.id = db_text(r, i, "id"),
		.card_id = db_text(r, i, "card_id"),
		.connection_id = db_text(r, i, "connection_id"),
		.iccid = db_text(r, i, "iccid"),
		.msisdn = db_text(r, i, "msisdn"),
		.in_car = db_bool(r, i, "in_car"),
		.business = card_business(s->kind, db_text(r, i, "part")),
		.car = r,
		.row = i,
		.code = db_text(r, i, "code"),
	};
	if (!c.business)
		return status_fail(ST_ERROR, "which messages a %s card of a %s needs is not defined", db_text(r, i, "part"), s->kind);
	if (!c.connection_id)
		return status_fail(ST_INVALID, "card %s: no connection to its carrier", c.card_id);
	enum status st = read_profile(a, r, i, before, &c);
	if (st == ST_OK)
		st = open_car(a, keys, r, i, &c);
	*out = c;
	return st;
}

enum status push_source_load(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, struct push_source *out)
{
	*out = (struct push_source){0};
	enum status st = load_application(db, a, application_id, out);
	if (st == ST_OK)
		st = datakey_load(db, a, keys, out->data_key_id, &out->key);
	return st == ST_OK ? load_parties(db, a, out) : st;
}

void push_source_close(struct push_source *s)
{
	crypt_wipe(&s->key, sizeof(s->key));
}
