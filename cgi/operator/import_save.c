/* What the database gets of a batch: a few statements, each with all its rows as JSON. */
#include "base/clock.h"
#include "base/json.h"
#include "operator/import_batch.h"
#include "store/company.h"
#include "store/datakey.h"
#include "store/vehicle_status.h"

#include <string.h>

#define BATCH_BYTES_MAX ((size_t)32 * 1024 * 1024)

static struct car *find_car(struct batch *b, const char *vin)
{
	for (int i = 0; i < b->car_count; i++)
		if (strcmp(b->cars[i].row->value[IMPORT_VIN], vin) == 0)
			return &b->cars[i];
	return NULL;
}

static enum status add_car(struct batch *b, const struct import_row *row)
{
	const struct keys *keys = b->s->c->keys;
	struct car *car = &b->cars[b->car_count++];
	int v = import_find(b->vehicles, "vin", row->value[IMPORT_VIN], 18);

	*car = (struct car){.row = row, .known = v >= 0};
	if (v < 0) {
		car->id = crypt_uuid(b->a);
		car->wrapped = datakey_make(b->a, keys, &car->key);
		car->data_key_id = car->key.id;
		return ST_OK;
	}
	car->id = db_text(b->vehicles, v, "id");
	car->data_key_id = db_text(b->vehicles, v, "data_key_id");
	return datakey_unwrap(b->a, keys, car->data_key_id, db_bytes(b->vehicles, v, "wrapped"), &car->key);
}

static void add_text(struct buffer *json, const char *name, const char *value)
{
	if (value)
		json_member(json, name, value);
}

static void add_bytes(struct buffer *json, struct arena *a, const char *name, struct bytes value)
{
	if (value.data)
		json_member(json, name, hex_encode(a, value.data, value.length));
}

static void begin_object(struct buffer *json)
{
	buffer_text(json, json->length > 1 ? ",{" : "{");
}

static char *keys_json(struct batch *b)
{
	struct buffer json;

	buffer_init(&json, b->a, BATCH_BYTES_MAX);
	buffer_text(&json, "[");
	for (int i = 0; i < b->car_count; i++) {
		if (b->cars[i].known)
			continue;
		begin_object(&json);
		add_text(&json, "id", b->cars[i].data_key_id);
		add_bytes(&json, b->a, "wrapped", b->cars[i].wrapped);
		buffer_text(&json, "}");
	}
	buffer_text(&json, "]");
	return json.data;
}

/* A T1 time, which is Shanghai's, for PostgreSQL. */
static char *moment(struct arena *a, const char *t)
{
	return t ? arena_printf(a, "%.8sT%.6s+08", t, t + 8) : NULL;
}

static const struct {
	const char *name;
	enum import_column column;
} plain[] =
	{
		{"vin", IMPORT_VIN},
		{"network_date", IMPORT_NETWORK_DATE},
		{"status", IMPORT_STATUS},
		{"name_vehicle_enterprise", IMPORT_ENTERPRISE},
		{"vehicle_type", IMPORT_TYPE},
		{"place_of_origin", IMPORT_ORIGIN},
		{"vehicle_department", IMPORT_DEPARTMENT},
		{"vehicle_name", IMPORT_NAME},
		{"vehicle_num", IMPORT_NUM},
		{"vehicle_model", IMPORT_MODEL},
		{"body_color", IMPORT_COLOR},
		{"fuel_type", IMPORT_FUEL},
		{"engine_num", IMPORT_ENGINE},
		{"motor_num", IMPORT_MOTOR},
		{"departure_time", IMPORT_DEPARTURE},
		{"sales_time", IMPORT_SALES},
		{"sales_update_time", IMPORT_SALES_UPDATE},
		{"channel_name", IMPORT_CHANNEL},
		{"channel_address", IMPORT_ADDRESS},
		{"owner_type", IMPORT_OWNER_TYPE},
},
  protected[] = {
	  {"license_plate", IMPORT_PLATE},       {"staff_name", IMPORT_STAFF},        {"owner_name", IMPORT_OWNER_NAME},
	  {"owner_number", IMPORT_OWNER_NUMBER}, {"owner_phone", IMPORT_OWNER_PHONE},
};

static void car_json(struct buffer *json, struct batch *b, const struct car *car)
{
	const struct import_row *row = car->row;
	const char *number = row->value[IMPORT_OWNER_NUMBER];

	begin_object(json);
	add_text(json, "id", car->id);
	add_text(json, "data_key_id", car->data_key_id);
	add_text(json, "automaker_id", row->automaker_id);
	add_text(json, "manufacturer_id", row->manufacturer_id);
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
		add_text(json, plain[i].name, row->value[plain[i].column]);
	/* a car that is sold since its sale, unless the file tells more; a change that nobody dated is of today */
	if (!row->value[IMPORT_STATUS_TIME] && import_status_changes(b, row))
		add_text(json, "status_updated_at", clock_utc(b->a, clock_now()));
	else
		add_text(json, "status_updated_at",
			 moment(b->a, row->value[row->value[IMPORT_STATUS_TIME] ? IMPORT_STATUS_TIME : IMPORT_SALES]));
	for (size_t i = 0; i < sizeof protected / sizeof *protected; i++)
		add_bytes(json, b->a, protected[i].name,
			  sealed_text(b->a, &car->key, "vehicle", protected[i].name, car->id, row->value[protected[i].column]));
	if (number)
		add_bytes(json, b->a, "owner_number_hash", crypt_lookup(b->a, keys_current(&b->s->c->keys->lookup), "owner", number));
	buffer_text(json, "}");
}

static char *cars_json(struct batch *b)
{
	struct buffer json;

	buffer_init(&json, b->a, BATCH_BYTES_MAX);
	buffer_text(&json, "[");
	for (int i = 0; i < b->car_count; i++)
		car_json(&json, b, &b->cars[i]);
	buffer_text(&json, "]");
	return json.data;
}

#define TAKE(column) #column " = excluded." #column ", "
/* Optional columns that the file does not have stay as they are. */
#define TAKE_GIVEN(column, name) #column " = CASE WHEN '" name "' = ANY($2::text[]) THEN excluded." #column " ELSE v." #column " END, "

static const char SAVE_CARS[] =
	"INSERT INTO vehicle AS v (id, automaker_id, manufacturer_id, vin, network_date, status, status_updated_at, "
	"name_vehicle_enterprise, vehicle_type, "
	"place_of_origin, vehicle_department, vehicle_name, vehicle_num, vehicle_model, body_color, fuel_type, engine_num, motor_num, "
	"departure_time, "
	"sales_time, sales_update_time, channel_name, channel_address, data_key_id, license_plate_sealed, staff_name_sealed, owner_type, "
	"owner_name_sealed, owner_number_sealed, owner_number_hash, owner_phone_sealed) "
	"SELECT id, automaker_id, manufacturer_id, vin, network_date, coalesce(status, 4), status_updated_at, name_vehicle_enterprise, "
	"vehicle_type, "
	"place_of_origin, vehicle_department, vehicle_name, vehicle_num, vehicle_model, body_color, fuel_type, engine_num, motor_num, "
	"departure_time, "
	"sales_time, sales_update_time, channel_name, channel_address, data_key_id, decode(license_plate, 'hex'), decode(staff_name, "
	"'hex'), owner_type, "
	"decode(owner_name, 'hex'), decode(owner_number, 'hex'), decode(owner_number_hash, 'hex'), decode(owner_phone, 'hex') "
	"FROM json_to_recordset($1::json) AS x (id uuid, automaker_id uuid, manufacturer_id uuid, vin text, network_date date, status "
	"smallint, "
	"status_updated_at timestamptz, name_vehicle_enterprise text, vehicle_type text, place_of_origin text, vehicle_department text, "
	"vehicle_name text, vehicle_num text, vehicle_model text, body_color text, fuel_type text, engine_num text, motor_num text, "
	"departure_time text, sales_time text, sales_update_time text, channel_name text, channel_address text, data_key_id uuid, "
	"license_plate text, "
	"staff_name text, owner_type text, owner_name text, owner_number text, owner_number_hash text, owner_phone text) ORDER BY vin "
	"ON CONFLICT (vin) DO UPDATE SET "
	/* clang-format off */
	TAKE(manufacturer_id) TAKE(network_date) TAKE(name_vehicle_enterprise) TAKE(vehicle_type)
	TAKE(place_of_origin) TAKE(vehicle_department) TAKE(vehicle_name) TAKE(vehicle_num)
	TAKE(vehicle_model) TAKE(body_color) TAKE(fuel_type) TAKE(departure_time)
	TAKE(sales_time)
	TAKE_GIVEN(status, "VehicleStatus")
	"status_updated_at = CASE WHEN 'StatusUpdateTime' = ANY($2::text[]) OR ('VehicleStatus' = ANY($2::text[]) AND v.status <> excluded.status) "
	"THEN excluded.status_updated_at ELSE v.status_updated_at END, "
	TAKE_GIVEN(engine_num, "EngineNum") TAKE_GIVEN(motor_num, "MotorNum")
	TAKE_GIVEN(sales_update_time, "VehicleSalesUpdateTime") TAKE_GIVEN(channel_name, "VehicleChannelName")
	TAKE_GIVEN(channel_address, "VehicleLogginAddress") TAKE_GIVEN(license_plate_sealed, "LicensePlateNumber")
	TAKE_GIVEN(staff_name_sealed, "VehicleStaffName")
	"owner_type = CASE WHEN 'OwnerType' = ANY($2::text[]) THEN coalesce(excluded.owner_type, " /* a car of a company becomes no person's, unless it is one's already */
	"(SELECT 'organisation' FROM company_vehicle o WHERE o.vehicle_id = v.id AND NOT " VEHICLE_OF_A_PERSON ")) ELSE v.owner_type END, "
	TAKE_GIVEN(owner_name_sealed, "OwnerName") TAKE_GIVEN(owner_number_sealed, "OwnerCertNumber")
	TAKE_GIVEN(owner_number_hash, "OwnerCertNumber") TAKE_GIVEN(owner_phone_sealed, "OwnerPhone")
	"imported_at = now()";
/* clang-format on */

static enum status save_cars(struct batch *b)
{
	struct command *c = b->s->c;
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < b->count; i++)
		if (!find_car(b, b->rows[i].value[IMPORT_VIN]))
			st = add_car(b, &b->rows[i]);
	if (st == ST_OK)
		st = db_query(c->db, b->a, NULL,
			      "INSERT INTO data_key (id, wrapped) SELECT id, decode(wrapped, 'hex') FROM json_to_recordset($1::json) AS x "
			      "(id uuid, wrapped text)",
			      DB_TEXT(keys_json(b)));
	if (st == ST_OK)
		st = db_query(c->db, b->a, NULL, SAVE_CARS, DB_TEXT(cars_json(b)), DB_TEXT(b->s->given));
	for (int i = 0; st == ST_OK && i < b->car_count; i++)
		b->s->counts.cars_new += !b->cars[i].known;
	return st;
}

/* The cards with the cars that they are in now. */
static char *cards_json(struct batch *b)
{
	struct buffer json;

	buffer_init(&json, b->a, BATCH_BYTES_MAX);
	buffer_text(&json, "[");
	for (int i = 0; i < b->count; i++) {
		const struct import_row *row = &b->rows[i];
		int known = import_find(b->cards, "iccid_key", row->value[IMPORT_ICCID], 19);

		begin_object(&json);
		add_text(&json, "id", known >= 0 ? db_text(b->cards, known, "id") : crypt_uuid(b->a));
		add_text(&json, "carrier_id", row->carrier_id);
		add_text(&json, "iccid",
			 known < 0 || import_number_changes(b, row, known).iccid ? row->value[IMPORT_ICCID] : db_text(b->cards, known, "iccid"));
		add_text(&json, "msisdn", row->value[IMPORT_MSISDN]);
		add_text(&json, "vehicle_id", find_car(b, row->value[IMPORT_VIN])->id);
		add_text(&json, "binding_id", crypt_uuid(b->a));
		buffer_text(&json, "}");
		b->s->counts.cards_new += known < 0;
	}
	buffer_text(&json, "]");
	return json.data;
}

static enum status audit_moved(struct batch *b, const struct db_result *moved)
{
	struct command *c = b->s->c;
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < db_rows(moved); i++)
		st = audit_write(c->db, b->a, &c->actor, "card.moved", NULL, arena_printf(b->a, "card:%s", db_text(moved, i, "card_id")),
				 "ok",
				 arena_printf(b->a, "{\"from\":\"%s\",\"to\":\"%s\"}", db_text(moved, i, "old_vehicle"),
					      db_text(moved, i, "new_vehicle")));
	b->s->counts.cards_moved += db_rows(moved);
	return st;
}

static enum status audit_numbers(struct batch *b)
{
	struct command *c = b->s->c;
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < b->count; i++) {
		int card = import_find(b->cards, "iccid_key", b->rows[i].value[IMPORT_ICCID], 19);
		struct import_number other = card >= 0 ? import_number_changes(b, &b->rows[i], card) : (struct import_number){0};

		if (!other.msisdn && !other.iccid)
			continue;
		st = audit_write(c->db, b->a, &c->actor, "card.number_changed", NULL,
				 arena_printf(b->a, "card:%s", db_text(b->cards, card, "id")), "ok",
				 arena_printf(b->a, "{\"msisdn\":%s,\"iccid\":%s}", other.msisdn ? "true" : "false", other.iccid ? "true" : "false"));
		b->s->counts.cards_renumbered++;
	}
	return st;
}

static enum status save_cards(struct batch *b)
{
	struct db *db = b->s->c->db;
	struct db_result *moved;
	const char *json = cards_json(b);
	enum status st =
		db_query(db, b->a, NULL,
			 "INSERT INTO card AS c (id, carrier_id, iccid, msisdn) SELECT id, carrier_id, iccid, msisdn "
			 "FROM json_to_recordset($1::json) AS x (id uuid, carrier_id uuid, iccid text, msisdn text) ORDER BY iccid "
			 "ON CONFLICT (iccid_key) DO UPDATE SET msisdn = excluded.msisdn, iccid = excluded.iccid "
			 "WHERE c.msisdn <> excluded.msisdn OR c.iccid <> excluded.iccid",
			 DB_TEXT(json));

	if (st == ST_OK)
		st = audit_numbers(b);
	if (st == ST_OK)
		st = db_query(
			db, b->a, &moved,
			"UPDATE card_binding o SET bound_until = now() FROM json_to_recordset($1::json) AS x (id uuid, vehicle_id uuid) "
			"WHERE o.card_id = x.id AND o.bound_until IS NULL AND o.vehicle_id <> x.vehicle_id "
			"RETURNING o.card_id, o.vehicle_id AS old_vehicle, x.vehicle_id AS new_vehicle",
			DB_TEXT(json));
	if (st == ST_OK)
		st = audit_moved(b, moved);
	if (st == ST_OK)
		st = db_query(db, b->a, NULL,
			      "INSERT INTO card_binding (id, card_id, vehicle_id) SELECT x.binding_id, x.id, x.vehicle_id "
			      "FROM json_to_recordset($1::json) AS x (id uuid, vehicle_id uuid, binding_id uuid) "
			      "WHERE NOT EXISTS (SELECT FROM card_binding o WHERE o.card_id = x.id AND o.bound_until IS NULL)",
			      DB_TEXT(json));
	return st;
}

/* The carriers of a car's registered cards are told of another status. */
static enum status tell_statuses(struct batch *b)
{
	struct command *c = b->s->c;
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < b->car_count; i++) {
		int told = 0;

		if (!import_status_changes(b, b->cars[i].row))
			continue;
		st = audit_write(
			c->db, b->a, &c->actor, "vehicle.status_changed", NULL, arena_printf(b->a, "vehicle:%s", b->cars[i].id), "ok",
			arena_printf(b->a, "{\"from\":%s,\"to\":%s}",
				     db_text(b->vehicles, import_find(b->vehicles, "vin", b->cars[i].row->value[IMPORT_VIN], 18), "status"),
				     b->cars[i].row->value[IMPORT_STATUS]));
		if (st == ST_OK)
			st = vehicle_status_tell(c->db, b->a, c->config, c->keys, &c->actor, b->cars[i].id, &told);
		b->s->counts.cards_told += told;
	}
	return st;
}

enum status import_save(struct batch *b)
{
	enum status st = save_cars(b);

	if (st == ST_OK)
		st = save_cards(b);
	if (st == ST_OK)
		st = tell_statuses(b);
	for (int i = 0; i < b->car_count; i++)
		crypt_wipe(&b->cars[i].key, sizeof b->cars[i].key);
	return st;
}
