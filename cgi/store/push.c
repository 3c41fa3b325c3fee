/* Writes the T1 messages of an application in the transaction that decides for pushing. Every message is made and checked before
 * the first is written: an application is pushed whole or not at all. */
#include <string.h>

#include "domain/kind.h"
#include "store/cards.h"
#include "store/datakey.h"
#include "store/queue.h"
#include "t1/fields.h"
#include "t1/profile.h"

#define CARDS_MAX 64
#define REQUEST_ID_LENGTH 24
#define CUSTOMER_PERSON "1"

/* What all cards of the application share. */
struct source {
	const struct application_kind *kind;
	const char *application_id, *automaker_id, *holder, *data_key_id, *vehicle_id, *code;
	int64_t submitted_at;
	struct crypt_key key;
	const char *certificate_type;
	char *name, *number, *address;
	struct validity validity;
	bool validity_known;
	struct db_result *vehicle;
	char *plate, *staff;
};

struct push {
	const char *id, *card_id, *connection_id, *oper_type;
	char *account, *vehicle;
};

static enum status load_application(struct db *db, struct arena *a, const char *id, struct source *s)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"SELECT id, automaker_id, kind, holder, data_key_id, vehicle_id, extract(epoch FROM submitted_at)::bigint AS submitted_at "
		"FROM application WHERE id = $1 AND submitted_at IS NOT NULL FOR NO KEY UPDATE",
		DB_TEXT(id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_CONFLICT, "application is not submitted");
	s->application_id = db_text(r, 0, "id");
	s->automaker_id = db_text(r, 0, "automaker_id");
	s->kind = application_kind(db_text(r, 0, "kind"));
	s->holder = db_text(r, 0, "holder");
	s->data_key_id = db_text(r, 0, "data_key_id");
	s->vehicle_id = db_text(r, 0, "vehicle_id");
	s->submitted_at = db_int(r, 0, "submitted_at");
	if (!s->kind || strcmp(s->holder, "person") != 0)
		return status_fail(ST_ERROR, "which messages a %s of a %s needs is not defined", db_text(r, 0, "kind"), s->holder);
	return ST_OK;
}

static enum status load_holder(struct db *db, struct arena *a, struct source *s)
{
	struct db_result *r;
	static const char table[] = "application_party";
	enum status st =
		db_query(db, a, &r,
			 "SELECT id, certificate_type, name_sealed, number_sealed, address_sealed, valid_from, valid_until, long_term "
			 "FROM application_party WHERE application_id = $1 AND role = 'holder'",
			 DB_TEXT(s->application_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_INVALID, "application %s has no holder", s->application_id);
	const char *id = db_text(r, 0, "id"), *from = db_text(r, 0, "valid_from"), *until = db_text(r, 0, "valid_until");
	s->certificate_type = db_text(r, 0, "certificate_type");
	if ((st = opened_text(a, &s->key, table, "name", id, db_bytes(r, 0, "name_sealed"), &s->name)) != ST_OK ||
	    (st = opened_text(a, &s->key, table, "number", id, db_bytes(r, 0, "number_sealed"), &s->number)) != ST_OK ||
	    (st = opened_text(a, &s->key, table, "address", id, db_bytes(r, 0, "address_sealed"), &s->address)) != ST_OK)
		return st;
	s->validity.long_term = db_bool(r, 0, "long_term");
	if (from && !date_parse(&s->validity.from, from))
		return status_fail(ST_INVALID, "valid_from of the holder is not a day");
	s->validity_known = s->validity.long_term || (until && date_parse(&s->validity.to, until));
	return ST_OK;
}

static enum status load_vehicle(struct db *db, struct arena *a, const struct keys *keys, struct source *s)
{
	struct crypt_key key;
	enum status st = db_query(
		db, a, &s->vehicle,
		"SELECT v.id, v.vin, v.data_key_id, v.license_plate_sealed, v.staff_name_sealed, v.name_vehicle_enterprise, "
		"v.vehicle_type, "
		"v.place_of_origin, v.vehicle_department, v.vehicle_name, v.vehicle_num, v.vehicle_model, v.body_color, v.fuel_type, "
		"v.engine_num, v.motor_num, v.departure_time, v.sales_time, v.sales_update_time, v.channel_name, v.channel_address, "
		"v.extend_para, extract(epoch FROM v.status_updated_at)::bigint AS status_updated_at, m.code "
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

static enum status finish_message(struct arena *a, const struct t1_values *v, const char *kind, char **out)
{
	const char *missing = t1_missing(v);
	if (missing)
		return status_fail(ST_INVALID, "%s message: %s is missing or malformed", kind, missing);
	*out = t1_json(a, v);
	return ST_OK;
}

/* Table 8. */
static enum status make_account(struct arena *a, const struct source *s, const struct t1_profile *p, const char *msisdn, const char *iccid,
				char **out)
{
	struct t1_values v = {.table = T1_ACCOUNT};
	t1_set(&v, "MSISDN", msisdn);
	t1_set(&v, "ICCID", iccid);
	t1_set(&v, "VehicleStatus", s->kind->vehicle_status);
	t1_set(&v, "StatusUpdateTime", clock_t1(a, db_int(s->vehicle, 0, "status_updated_at")));
	t1_set(&v, "AcceptTime", clock_t1(a, s->submitted_at));
	t1_set(&v, "CustomerType", CUSTOMER_PERSON);
	t1_set(&v, "CustomerName", s->name);
	t1_set(&v, "CustomerCertType", t1_profile_certificate(p, s->certificate_type));
	t1_set(&v, "CustomerCertNumber", s->number);
	t1_set(&v, "CustomerCertAddress", s->address);
	if (s->validity_known)
		t1_set(&v, "CustomerCertDate", certificate_validity_t1(a, &s->validity, p->cert_date_end_only, NULL));
	return finish_message(a, &v, "account", out);
}

/* Table 11. */
static enum status make_vehicle(struct arena *a, const struct source *s, const struct t1_profile *p, const char *msisdn, const char *iccid,
				char **out)
{
	static const struct {
		const char *field, *column;
	} columns[] = {
		{"NameVehicleEnterprise", "name_vehicle_enterprise"},
		{"VIN", "vin"},
		{"VehicleType", "vehicle_type"},
		{"PlaceOfOriginOfVehicle", "place_of_origin"},
		{"VehicleDepartment", "vehicle_department"},
		{"VehicleName", "vehicle_name"},
		{"VehicleNum", "vehicle_num"},
		{"VehicleModel", "vehicle_model"},
		{"BodyColor", "body_color"},
		{"FuelType", "fuel_type"},
		{"EngineNum", "engine_num"},
		{"MotorNum", "motor_num"},
		{"VehicleDepartureTime", "departure_time"},
		{"VehicleSalesTime", "sales_time"},
		{"VehicleSalesUpdateTime", "sales_update_time"},
		{"ExtendPara", "extend_para"},
	};
	struct t1_values v = {.table = T1_VEHICLE};
	const char *channel = db_text(s->vehicle, 0, "channel_name"), *address = db_text(s->vehicle, 0, "channel_address");
	t1_set(&v, "MSISDN", msisdn);
	t1_set(&v, "ICCID", iccid);
	for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); i++)
		t1_set(&v, columns[i].field, db_text(s->vehicle, 0, columns[i].column));
	t1_set(&v, "LicensePlateNumber", s->plate);
	t1_set(&v, "VehicleChannelName", text_empty(channel) ? p->default_channel_name : channel);
	t1_set(&v, "VehicleStaffName", text_empty(s->staff) ? p->default_staff_name : s->staff);
	t1_set(&v, "VehicleLogginAddress", text_empty(address) ? p->default_channel_address : address);
	return finish_message(a, &v, "vehicle", out);
}

/* The cards that wait for the decision, with their messages. */
static enum status make_messages(struct db *db, struct arena *a, const struct source *s, struct push *pushes, int *count)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"SELECT ac.id, ac.card_id, c.iccid, c.msisdn, n.id AS connection_id, n.profile FROM application_card ac "
		"JOIN card c ON c.id = ac.card_id LEFT JOIN carrier_connection n ON n.carrier_id = c.carrier_id AND n.automaker_id = $2 "
		"WHERE ac.application_id = $1 AND ac.state IN ('submitted', 'review') ORDER BY ac.id FOR NO KEY UPDATE OF ac",
		DB_TEXT(s->application_id), DB_TEXT(s->automaker_id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0 || db_rows(r) > CARDS_MAX)
		return status_fail(ST_CONFLICT, "application %s has %d cards to push", s->application_id, db_rows(r));
	for (int i = 0; i < db_rows(r); i++) {
		struct push *p = &pushes[i];
		struct t1_profile profile;
		const char *iccid = db_text(r, i, "iccid"), *msisdn = db_text(r, i, "msisdn");
		*p = (struct push){
			.id = db_text(r, i, "id"),
			.card_id = db_text(r, i, "card_id"),
			.connection_id = db_text(r, i, "connection_id"),
			.oper_type = s->kind->name,
		};
		if (!p->connection_id)
			return status_fail(ST_INVALID, "card %s: no connection to its carrier", p->card_id);
		if ((st = t1_profile_parse(&profile, a, db_text(r, i, "profile"))) != ST_OK)
			return st;
		if (!t1_profile_oper_type(&profile, p->oper_type))
			return status_fail(ST_INVALID, "account message: OperType of %s is not mapped", p->oper_type);
		st = make_account(a, s, &profile, msisdn, iccid, &p->account);
		if (st == ST_OK && s->kind->vehicle_message)
			st = make_vehicle(a, s, &profile, msisdn, iccid, &p->vehicle);
		if (st != ST_OK)
			return st;
	}
	*count = db_rows(r);
	return ST_OK;
}

static enum status write_message(struct db *db, struct arena *a, const struct source *s, const struct push *p, const char *kind,
				 const char *oper_type, const char *inputs, char **id)
{
	unsigned char iv[16];
	*id = crypt_uuid(a);
	crypt_random(iv, sizeof(iv));
	/* numbered within the card: the row of the card is locked, so nobody else takes the same number */
	enum status st = db_query(
		db, a, NULL,
		"INSERT INTO t1_message (id, connection_id, application_card_id, card_id, kind, sequence, request_id, oper_type, code, "
		"data_key_id, inputs_sealed, iv) SELECT $1, $2, $3, $4, $5, coalesce(max(sequence), 0) + 1, $6, $7, $8, $9, $10, $11 "
		"FROM t1_message WHERE card_id = $4",
		DB_TEXT(*id), DB_TEXT(p->connection_id), DB_TEXT(p->id), DB_TEXT(p->card_id), DB_TEXT(kind),
		DB_TEXT(crypt_alphanumeric(a, REQUEST_ID_LENGTH)), DB_TEXT(oper_type), DB_TEXT(s->code), DB_TEXT(s->data_key_id),
		DB_BYTES(sealed_text(a, &s->key, "t1_message", "inputs", *id, inputs)), DB_BYTES(((struct bytes){iv, sizeof(iv)})));
	const struct queue_job job = {.kind = "t1_send", .subject = *id, .destination = p->connection_id, .order_key = p->card_id};
	return st == ST_OK ? queue_add_job(db, a, &job) : st;
}

static enum status push_card(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			     const struct actor *actor, const struct source *s, const struct push *p)
{
	char *message;
	const struct card_change change = {.application_card_id = p->id, .to = CARD_PUSHING};
	enum status st = card_transition(db, a, config, keys, actor, &change);
	if (st == ST_OK)
		st = write_message(db, a, s, p, "account", p->oper_type, p->account, &message);
	if (st == ST_OK && p->vehicle)
		st = write_message(db, a, s, p, "vehicle", NULL, p->vehicle, &message);
	return st;
}

enum status cards_push(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		       const char *application_id)
{
	struct source s = {0};
	struct push pushes[CARDS_MAX];
	int count = 0;
	enum status st = load_application(db, a, application_id, &s);
	if (st == ST_OK)
		st = datakey_load(db, a, keys, s.data_key_id, &s.key);
	if (st == ST_OK)
		st = load_holder(db, a, &s);
	if (st == ST_OK)
		st = load_vehicle(db, a, keys, &s);
	if (st == ST_OK)
		st = make_messages(db, a, &s, pushes, &count);
	for (int i = 0; st == ST_OK && i < count; i++)
		st = push_card(db, a, config, keys, actor, &s, &pushes[i]);
	crypt_wipe(&s.key, sizeof(s.key));
	return st;
}
