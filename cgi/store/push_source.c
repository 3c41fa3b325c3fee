/* Reads what the messages of an application are made of: its parties by their roles, and its car. */
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
				  "SELECT id, automaker_id, kind, holder, acting, data_key_id, vehicle_id, "
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
	s->vehicle_id = db_text(r, 0, "vehicle_id");
	s->submitted_at = db_int(r, 0, "submitted_at");
	return ST_OK;
}

static enum status open_party(struct arena *a, const struct crypt_key *key, const struct db_result *r, int row, struct push_party *out)
{
	const char *id = db_text(r, row, "id"), *from = db_text(r, row, "valid_from"), *until = db_text(r, row, "valid_until");
	struct push_party p = {.certificate_type = db_text(r, row, "certificate_type")};
	const struct {
		const char *column, *sealed;
		char **text;
	} columns[] = {
		{"name", "name_sealed", &p.name},
		{"number", "number_sealed", &p.number},
		{"address", "address_sealed", &p.address},
		{"postal_address", "postal_address_sealed", &p.postal_address},
		{"telephone", "telephone_sealed", &p.telephone},
	};
	enum status st = ST_OK;
	for (size_t i = 0; st == ST_OK && i < sizeof(columns) / sizeof(columns[0]); i++)
		st = opened_text(a, key, "application_party", columns[i].column, id, db_bytes(r, row, columns[i].sealed), columns[i].text);
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

static enum status load_vehicle(struct db *db, struct arena *a, const struct keys *keys, struct push_source *s)
{
	struct crypt_key key;
	enum status st = db_query(
		db, a, &s->vehicle,
		"SELECT v.id, v.vin, v.status, v.data_key_id, v.license_plate_sealed, v.staff_name_sealed, v.name_vehicle_enterprise, "
		"v.vehicle_type, v.place_of_origin, v.vehicle_department, v.vehicle_name, v.vehicle_num, v.vehicle_model, v.body_color, "
		"v.fuel_type, v.engine_num, v.motor_num, v.departure_time, v.sales_time, v.sales_update_time, v.channel_name, "
		"v.channel_address, v.extend_para, floor(extract(epoch FROM v.status_updated_at))::bigint AS status_updated_at, m.code "
		"FROM vehicle v JOIN manufacturer m ON m.id = v.manufacturer_id WHERE v.id = $1",
		DB_TEXT(s->vehicle_id));
	if (st != ST_OK)
		return st;
	if (db_rows(s->vehicle) == 0)
		return status_fail(ST_INVALID, "application %s has no vehicle", s->application_id);
	const char *id = db_text(s->vehicle, 0, "id");
	s->code = db_text(s->vehicle, 0, "code");
	if ((st = datakey_load(db, a, keys, db_text(s->vehicle, 0, "data_key_id"), &key)) != ST_OK)
		return st;
	st = opened_text(a, &key, "vehicle", "license_plate", id, db_bytes(s->vehicle, 0, "license_plate_sealed"), &s->plate);
	if (st == ST_OK)
		st = opened_text(a, &key, "vehicle", "staff_name", id, db_bytes(s->vehicle, 0, "staff_name_sealed"), &s->staff);
	crypt_wipe(&key, sizeof(key));
	return st;
}

enum status push_source_load(struct db *db, struct arena *a, const struct keys *keys, const char *application_id, struct push_source *out)
{
	*out = (struct push_source){0};
	enum status st = load_application(db, a, application_id, out);
	if (st == ST_OK)
		st = datakey_load(db, a, keys, out->data_key_id, &out->key);
	if (st == ST_OK)
		st = load_parties(db, a, out);
	return st == ST_OK ? load_vehicle(db, a, keys, out) : st;
}

void push_source_close(struct push_source *s)
{
	crypt_wipe(&s->key, sizeof(s->key));
}
