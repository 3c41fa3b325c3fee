/* What the database knows of the rows of an import, and what it gets: a few statements a batch, each with all its rows as JSON. */
#include <string.h>

#include "base/json.h"
#include "operator/import.h"
#include "store/datakey.h"

#define BATCH_BYTES_MAX ((size_t)32 * 1024 * 1024)
#define LOCK 7303 /* advisory lock of whoever imports */

struct import_store {
	struct command *c;
	struct db_result *manufacturers, *connections;
	const char *given; /* names of the optional columns that the file has, as an array */
	struct import_counts counts;
};

/* A car of the batch. */
struct car {
	const char *id, *data_key_id;
	const struct import_row *row;
	struct crypt_key key;
	struct bytes wrapped; /* of a new key */
	bool known;
};

struct batch {
	struct import_store *s;
	struct arena *a;
	struct import_row *rows;
	int count;
	struct db_result *vehicles, *cards;
	struct car cars[IMPORT_BATCH];
	int car_count;
};

const struct import_counts *import_store_counts(const struct import_store *s)
{
	return &s->counts;
}

static char *given_columns(struct arena *a, const struct import_header *h)
{
	struct buffer b;

	buffer_init(&b, a, 4096);
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		if (h->at[i] >= 0)
			buffer_printf(&b, "%s%s", b.length ? "," : "{", import_column_name((enum import_column)i));
	buffer_text(&b, "}");
	return b.data;
}

enum status import_store_start(struct import_store **out, struct command *c, const struct import_header *h)
{
	struct import_store *s = arena_alloc(c->a, sizeof *s);
	enum status st = db_script(c->db, "SET LOCAL lock_timeout = '60s'; SET LOCAL statement_timeout = '120s'");

	s->c = c;
	s->given = given_columns(c->a, h);
	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "SELECT pg_advisory_xact_lock($1)", DB_INT(LOCK));
	if (st == ST_BUSY)
		return status_fail(ST_BUSY, "another import has been running for a minute");
	if (st == ST_OK)
		st = db_query(c->db, c->a, &s->manufacturers, "SELECT id, code, automaker_id FROM manufacturer");
	if (st == ST_OK)
		st = db_query(c->db, c->a, &s->connections,
			      "SELECT k.id, k.slug, n.automaker_id FROM carrier k LEFT JOIN carrier_connection n ON n.carrier_id = k.id");
	*out = s;
	return st;
}

/* ---- what the database knows ---- */

/* The first length characters of a column of all rows as an array; they are letters and digits. */
static char *array_of(struct batch *b, enum import_column column, int length)
{
	struct buffer text;

	buffer_init(&text, b->a, BATCH_BYTES_MAX);
	buffer_text(&text, "{");
	for (int i = 0; i < b->count; i++)
		buffer_printf(&text, "%s%.*s", i ? "," : "", length, b->rows[i].value[column]);
	buffer_text(&text, "}");
	return text.data;
}

static enum status look_up(struct batch *b)
{
	struct db *db = b->s->c->db;
	enum status st = db_query(
		db, b->a, &b->vehicles,
		"SELECT v.id, v.vin, v.automaker_id, v.data_key_id, k.wrapped FROM vehicle v JOIN data_key k ON k.id = v.data_key_id "
		"WHERE v.vin = ANY($1::text[])",
		DB_TEXT(array_of(b, IMPORT_VIN, 17)));

	if (st != ST_OK)
		return st;
	return db_query(db, b->a, &b->cards,
			"SELECT c.id, c.iccid_key, c.msisdn, c.carrier_id, v.vin FROM card c "
			"LEFT JOIN card_binding b ON b.card_id = c.id AND b.bound_until IS NULL LEFT JOIN vehicle v ON v.id = b.vehicle_id "
			"WHERE c.iccid_key = ANY($1::text[]) OR c.msisdn = ANY($2::text[])",
			DB_TEXT(array_of(b, IMPORT_ICCID, 19)), DB_TEXT(array_of(b, IMPORT_MSISDN, 13)));
}

/* The row of a result whose column begins with value; -1. */
static int find(const struct db_result *r, const char *column, const char *value, size_t length)
{
	for (int i = 0; i < db_rows(r); i++)
		if (strncmp(db_text(r, i, column), value, length) == 0)
			return i;
	return -1;
}

static bool find_catalogue(const struct import_store *s, struct import_row *row, struct import_faults *faults)
{
	int m = find(s->manufacturers, "code", row->value[IMPORT_CODE], 5);
	bool carrier = false;

	if (m < 0) {
		import_fault(faults, row->line, "Code", "there is no manufacturer with this code");
		return false;
	}
	row->manufacturer_id = db_text(s->manufacturers, m, "id");
	row->automaker_id = db_text(s->manufacturers, m, "automaker_id");
	for (int i = 0; i < db_rows(s->connections); i++) {
		if (strcmp(db_text(s->connections, i, "slug"), row->value[IMPORT_CARRIER]) != 0)
			continue;
		carrier = true;
		if (text_equal(db_text(s->connections, i, "automaker_id"), row->automaker_id))
			row->carrier_id = db_text(s->connections, i, "id");
	}
	if (!row->carrier_id)
		import_fault(faults, row->line, "carrier",
			     carrier ? "this automaker has no connection to the carrier" : "there is no such carrier");
	return row->carrier_id != NULL;
}

static bool fits_database(const struct batch *b, const struct import_row *row, struct import_faults *faults)
{
	int v = find(b->vehicles, "vin", row->value[IMPORT_VIN], 18), card = find(b->cards, "iccid_key", row->value[IMPORT_ICCID], 19);
	int number = find(b->cards, "msisdn", row->value[IMPORT_MSISDN], 14), before = faults->shown;

	if (v >= 0 && strcmp(db_text(b->vehicles, v, "automaker_id"), row->automaker_id) != 0)
		import_fault(faults, row->line, "VIN", "is a car of another automaker");
	if (v >= 0 && db_is_null(b->vehicles, v, "wrapped"))
		import_fault(faults, row->line, "VIN", "the data key of this car was erased");
	if (card >= 0 && strcmp(db_text(b->cards, card, "carrier_id"), row->carrier_id) != 0)
		import_fault(faults, row->line, "carrier", "the card is known with another carrier");
	if (number >= 0 && number != card)
		import_fault(faults, row->line, "MSISDN", "belongs to another card: ICCID ending in %s",
			     db_text(b->cards, number, "iccid_key") + 15);
	return faults->shown == before;
}

static void take_out_bad(struct batch *b, struct import_faults *faults)
{
	int kept = 0;

	for (int i = 0; i < b->count; i++)
		if (find_catalogue(b->s, &b->rows[i], faults) && fits_database(b, &b->rows[i], faults))
			b->rows[kept++] = b->rows[i];
	b->count = kept;
}

/* ---- what it gets ---- */

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
	int v = find(b->vehicles, "vin", row->value[IMPORT_VIN], 18);

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
	/* a car that is sold since its sale, unless the file tells more */
	add_text(json, "status_updated_at", moment(b->a, row->value[row->value[IMPORT_STATUS_TIME] ? IMPORT_STATUS_TIME : IMPORT_SALES]));
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
	"ON CONFLICT (vin) DO UPDATE SET " TAKE(manufacturer_id) TAKE(network_date) TAKE_GIVEN(status, "VehicleStatus") TAKE_GIVEN(
		status_updated_at, "StatusUpdateTime") TAKE(name_vehicle_enterprise) TAKE(vehicle_type) TAKE(place_of_origin)
		TAKE(vehicle_department) TAKE(vehicle_name) TAKE(vehicle_num) TAKE(vehicle_model) TAKE(body_color) TAKE(fuel_type)
			TAKE_GIVEN(engine_num, "EngineNum") TAKE_GIVEN(motor_num, "MotorNum") TAKE(departure_time) TAKE(sales_time)
				TAKE_GIVEN(sales_update_time, "VehicleSalesUpdateTime") TAKE_GIVEN(channel_name, "VehicleChannelName")
					TAKE_GIVEN(channel_address, "VehicleLogginAddress") TAKE_GIVEN(license_plate_sealed,
												       "LicensePlateNumber")
						TAKE_GIVEN(staff_name_sealed, "VehicleStaffName") TAKE_GIVEN(owner_type, "OwnerType")
							TAKE_GIVEN(owner_name_sealed, "OwnerName") TAKE_GIVEN(owner_number_sealed,
													      "OwnerCertNumber")
								TAKE_GIVEN(owner_number_hash, "OwnerCertNumber")
									TAKE_GIVEN(owner_phone_sealed, "OwnerPhone") "imported_at = now()";

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
		int known = find(b->cards, "iccid_key", row->value[IMPORT_ICCID], 19);

		begin_object(&json);
		add_text(&json, "id", known >= 0 ? db_text(b->cards, known, "id") : crypt_uuid(b->a));
		add_text(&json, "carrier_id", row->carrier_id);
		add_text(&json, "iccid", row->value[IMPORT_ICCID]);
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

static enum status save_cards(struct batch *b)
{
	struct db *db = b->s->c->db;
	struct db_result *moved;
	const char *json = cards_json(b);
	/* the printed form with more characters says more */
	enum status st =
		db_query(db, b->a, NULL,
			 "INSERT INTO card AS c (id, carrier_id, iccid, msisdn) SELECT id, carrier_id, iccid, msisdn "
			 "FROM json_to_recordset($1::json) AS x (id uuid, carrier_id uuid, iccid text, msisdn text) ORDER BY iccid "
			 "ON CONFLICT (iccid_key) DO UPDATE SET msisdn = excluded.msisdn, "
			 "iccid = CASE WHEN length(excluded.iccid) < length(c.iccid) THEN c.iccid ELSE excluded.iccid END "
			 "WHERE c.msisdn <> excluded.msisdn OR c.iccid <> excluded.iccid",
			 DB_TEXT(json));

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

enum status import_store_batch(struct import_store *s, struct arena *a, struct import_row *rows, int *count, bool write,
			       struct import_faults *faults)
{
	struct batch *b = arena_alloc(a, sizeof *b);
	enum status st;

	*b = (struct batch){.s = s, .a = a, .rows = rows, .count = *count};
	if ((st = look_up(b)) != ST_OK)
		return st;
	take_out_bad(b, faults);
	*count = b->count;
	if (!write || b->count == 0)
		return ST_OK;
	st = save_cars(b);
	if (st == ST_OK)
		st = save_cards(b);
	for (int i = 0; i < b->car_count; i++)
		crypt_wipe(&b->cars[i].key, sizeof b->cars[i].key);
	return st;
}
