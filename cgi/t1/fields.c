/* Tables 8 and 11: names, order, presence and form. Does not know where the values come from. */
#include "t1/fields.h"

#include <assert.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "domain/identifiers.h"

#define TEXT_CHARACTERS_MAX 300
#define EXTEND_BYTES_MAX 8192
#define MESSAGE_BYTES_MAX (128 * 1024)

/* ---- forms ---- */

static bool only(const char *value, const char *letters, size_t min, size_t max)
{
	size_t n = strlen(value);
	return n >= min && n <= max && strspn(value, letters) == n;
}

#define DIGITS "0123456789"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define LOWER "abcdefghijklmnopqrstuvwxyz"

static bool is_text(const char *value)
{
	size_t n = strlen(value);
	if (n > TEXT_CHARACTERS_MAX * 4 || !text_is_utf8(value, n) || text_characters(value) > TEXT_CHARACTERS_MAX)
		return false;
	for (const char *c = value; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return value[strspn(value, " ")] != '\0';
}

static bool is_day(const char *value, size_t length)
{
	struct date d;
	char day[9];
	if (length != 8 || strspn(value, DIGITS) < 8)
		return false;
	memcpy(day, value, 8);
	day[8] = '\0';
	return date_parse(&d, day);
}

/* YYYYMMDDHHMISS */
static bool is_time(const char *value)
{
	return only(value, DIGITS, 14, 14) && is_day(value, 8) && strncmp(value + 8, "24", 2) < 0 && value[10] < '6' && value[12] < '6';
}

static bool is_day_or_time(const char *value)
{
	return is_day(value, strlen(value)) || is_time(value);
}

/* From-to or to alone; the end may be "for ever". */
static bool is_validity(const char *value)
{
	const char *end = strchr(value, '-');
	if (end && !is_day(value, (size_t)(end - value)))
		return false;
	end = end ? end + 1 : value;
	return strcmp(end, "长期") == 0 || is_day(end, strlen(end));
}

static bool is_msisdn(const char *value)
{
	return msisdn_check(value) == NUMBER_OK;
}

static bool is_iccid(const char *value)
{
	return iccid_check(value) == NUMBER_OK;
}

static bool is_vin(const char *value)
{
	return vin_check(value) == VIN_OK;
}

static bool is_code(const char *value)
{
	return only(value, DIGITS UPPER LOWER, 1, 16);
}

static bool is_phone(const char *value)
{
	return only(value, DIGITS "+-", 5, 20);
}

static bool is_file_name(const char *value)
{
	return only(value, DIGITS UPPER LOWER "_-.", 1, 128) && value[0] != '.';
}

/* A number from 1 to max without leading zero, length bytes long. */
static bool is_number_to(const char *value, size_t length, int max)
{
	int n = 0;
	if (length == 0 || length > 2 || value[0] == '0')
		return false;
	for (size_t i = 0; i < length; i++) {
		if (value[i] < '0' || value[i] > '9')
			return false;
		n = n * 10 + (value[i] - '0');
	}
	return n <= max;
}

static bool is_1_2(const char *value)
{
	return is_number_to(value, strlen(value), 2);
}

static bool is_1_6(const char *value)
{
	return is_number_to(value, strlen(value), 6);
}

static bool is_1_10(const char *value)
{
	return is_number_to(value, strlen(value), 10);
}

static bool is_fuels(const char *value)
{
	for (const char *c = value;; c++) {
		size_t n = strcspn(c, ",");
		if (!is_number_to(c, n, 11))
			return false;
		c += n;
		if (!*c)
			return true;
	}
}

static const cJSON *extension(struct arena *a, const char *value)
{
	size_t n = strlen(value);
	return n <= EXTEND_BYTES_MAX ? json_read_object(a, (struct bytes){(const unsigned char *)value, n}) : NULL;
}

static bool is_extension(const char *value)
{
	struct arena *a = arena_create();
	bool good = extension(a, value) != NULL;
	arena_destroy(a);
	return good;
}

/* ---- tables ---- */

/* When a field must be there. The rest of the C fields are required "when known": only the caller can tell. */
enum presence {
	ALWAYS,
	ORGANISATION, /* CustomerType 2 */
	AGENT,        /* any field of the agent is given */
	CHANGE,       /* VehicleStatus 5 or 6: the car was transferred or scrapped */
	ENGINE,       /* an engine is fitted */
	MOTOR,        /* an electric motor is fitted */
	FREE
};

struct field {
	const char *name;
	enum presence presence;
	bool (*form)(const char *value);
};

static const struct field account_fields[T1_FIELDS_MAX] = {
	{"MSISDN", ALWAYS, is_msisdn},
	{"ICCID", ALWAYS, is_iccid},
	{"VehicleStatus", ALWAYS, is_1_6},
	{"StatusUpdateTime", CHANGE, is_time},
	{"AcceptTime", ALWAYS, is_time},
	{"CustomerType", ALWAYS, is_1_2},
	{"CustomerName", ALWAYS, is_text},
	{"CustomerCertType", ALWAYS, is_code},
	{"CustomerCertNumber", ALWAYS, is_text},
	{"CustomerCertAddress", ALWAYS, is_text},
	{"CustomerCertDate", ALWAYS, is_validity},
	{"CustomerPosterAddress", FREE, is_text},
	{"CompanyName", ORGANISATION, is_text},
	{"CompanyCertType", ORGANISATION, is_code},
	{"CompanyCertNumber", ORGANISATION, is_text},
	{"CompanyCertAddress", ORGANISATION, is_text},
	{"CompanyPosterAddress", ORGANISATION, is_text},
	{"CorporationName", ORGANISATION, is_text},
	{"CorporationCertType", ORGANISATION, is_code},
	{"CorporationCertNumber", ORGANISATION, is_text},
	{"CorporationCertAddress", ORGANISATION, is_text},
	{"CorporationPosterAddress", FREE, is_text},
	{"CorporationTelephone", ORGANISATION, is_phone},
	{"OperatorName", AGENT, is_text},
	{"OperatorCertType", AGENT, is_code},
	{"OperatorCertNumber", AGENT, is_text},
	{"OperatorCertAddress", AGENT, is_text},
	{"OperatorPosterAddress", FREE, is_text},
	{"OperatorTelephone", AGENT, is_phone},
	{"PhoName", FREE, is_file_name},
	{"ExtendPara", FREE, is_extension},
};

static const struct field vehicle_fields[T1_FIELDS_MAX] = {
	{"MSISDN", ALWAYS, is_msisdn},
	{"ICCID", ALWAYS, is_iccid},
	{"NameVehicleEnterprise", ALWAYS, is_text},
	{"VIN", ALWAYS, is_vin},
	{"VehicleType", ALWAYS, is_1_10},
	{"PlaceOfOriginOfVehicle", ALWAYS, is_1_2},
	{"VehicleDepartment", ALWAYS, is_text},
	{"VehicleName", ALWAYS, is_text},
	{"VehicleNum", ALWAYS, is_text},
	{"VehicleModel", ALWAYS, is_text},
	{"BodyColor", ALWAYS, is_text},
	{"FuelType", ALWAYS, is_fuels},
	{"EngineNum", ENGINE, is_text},
	{"MotorNum", MOTOR, is_text},
	{"VehicleDepartureTime", ALWAYS, is_day_or_time},
	{"VehicleSalesTime", ALWAYS, is_time},
	{"VehicleSalesUpdateTime", FREE, is_time},
	{"LicensePlateNumber", FREE, is_text},
	{"VehicleChannelName", ALWAYS, is_text},
	{"VehicleStaffName", ALWAYS, is_text},
	{"VehicleLogginAddress", ALWAYS, is_text},
	{"ExtendPara", FREE, is_extension},
};

static const struct field *fields_of(enum t1_table table)
{
	return table == T1_ACCOUNT ? account_fields : vehicle_fields;
}

static int index_of(enum t1_table table, const char *name)
{
	const struct field *fields = fields_of(table);
	int i = 0;
	while (fields[i].name && strcmp(fields[i].name, name) != 0)
		i++;
	assert(fields[i].name);
	return i;
}

const char *t1_field_name(enum t1_table table, int index)
{
	return index >= 0 && index < T1_FIELDS_MAX ? fields_of(table)[index].name : NULL;
}

void t1_set(struct t1_values *v, const char *field, const char *value)
{
	v->value[index_of(v->table, field)] = text_empty(value) ? NULL : value;
}

const char *t1_get(const struct t1_values *v, const char *field)
{
	return v->value[index_of(v->table, field)];
}

/* ---- messages ---- */

static bool has_agent(const struct t1_values *v)
{
	for (int i = 0; account_fields[i].name; i++)
		if (text_prefix(account_fields[i].name, "Operator") && v->value[i])
			return true;
	return false;
}

const char *t1_drive_missing(const char *fuels, const char *engine, const char *motor)
{
	/* FuelType 1 to 11 as in table 11: what drives the car; solar and hydrogen do not tell */
	static const struct {
		bool engine, motor;
	} drives[12] = {[1] = {true, false}, [2] = {true, false}, [3] = {false, true}, [4] = {true, false}, [5] = {true, false},
			[6] = {true, false}, [7] = {true, false}, [8] = {true, false}, [11] = {true, true}};
	bool needs_engine = false, needs_motor = false;
	for (const char *c = fuels; c && *c; c += strcspn(c, ","), c += *c == ',') {
		if (!is_number_to(c, strcspn(c, ","), 11))
			continue; /* FuelType itself is at fault */
		int fuel = c[1] >= '0' && c[1] <= '9' ? 10 + c[1] - '0' : c[0] - '0';
		needs_engine |= drives[fuel].engine;
		needs_motor |= drives[fuel].motor;
	}
	if (text_empty(engine) && (needs_engine || (!needs_motor && text_empty(motor))))
		return "EngineNum";
	return needs_motor && text_empty(motor) ? "MotorNum" : NULL;
}

const char *t1_missing(const struct t1_values *v)
{
	const struct field *fields = fields_of(v->table);
	bool needed[FREE + 1] = {[ALWAYS] = true};
	if (v->table == T1_ACCOUNT) {
		needed[ORGANISATION] = text_equal(t1_get(v, "CustomerType"), "2");
		needed[AGENT] = v->agent || has_agent(v);
		needed[CHANGE] = text_equal(t1_get(v, "VehicleStatus"), "5") || text_equal(t1_get(v, "VehicleStatus"), "6");
	} else {
		const char *drive = t1_drive_missing(t1_get(v, "FuelType"), t1_get(v, "EngineNum"), t1_get(v, "MotorNum"));
		needed[ENGINE] = text_equal(drive, "EngineNum");
		needed[MOTOR] = text_equal(drive, "MotorNum");
	}
	for (int i = 0; fields[i].name; i++)
		if (v->value[i] ? !fields[i].form(v->value[i]) : needed[fields[i].presence])
			return fields[i].name;
	return NULL;
}

static void add_extension(struct buffer *b, const char *value)
{
	const cJSON *object = extension(b->arena, value);
	char *text = object ? cJSON_PrintUnformatted(object) : NULL;
	assert(text);
	buffer_text(b, b->length > 1 ? ",\"ExtendPara\":" : "\"ExtendPara\":");
	buffer_text(b, text);
	cJSON_free(text);
}

char *t1_json(struct arena *a, const struct t1_values *v)
{
	const struct field *fields = fields_of(v->table);
	struct buffer b;
	buffer_init(&b, a, MESSAGE_BYTES_MAX);
	buffer_add(&b, "{", 1);
	for (int i = 0; fields[i].name; i++) {
		if (!v->value[i])
			continue;
		if (fields[i].form == is_extension)
			add_extension(&b, v->value[i]);
		else
			json_member(&b, fields[i].name, v->value[i]);
	}
	buffer_add(&b, "}", 1);
	assert(!b.overflow);
	return b.data;
}
