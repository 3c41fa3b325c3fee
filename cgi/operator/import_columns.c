/* The columns of an import: one table of names, cleaning and what is wanted. Knows neither the rows before nor the database. */
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "domain/identifiers.h"
#include "operator/import.h"
#include "t1/fields.h"

#define FAULTS_SHOWN 100

typedef char *clean(struct arena *a, const char *text);

/* 20201231, or what a spreadsheet makes of it; as it is when it is no day and no time. */
static char *clean_time(struct arena *a, const char *text)
{
	char *digits = text_clean(a, text), *to = digits;
	struct date d;

	if (date_parse(&d, digits))
		return date_compact(a, d);
	for (const char *from = digits; *from; from++)
		if (!strchr("-:/. T", *from))
			*to++ = *from;
	*to = '\0';
	return strspn(digits, "0123456789") == strlen(digits) ? digits : text_clean(a, text);
}

static char *clean_msisdn(struct arena *a, const char *text)
{
	return arena_strdup(a, msisdn_local(text_code(a, text)));
}

/* shared: a field of table 11, checked there. stand_in takes the place of a value that is bad, or that the profile gives, so that the
 * check can go on to the next field. */
static const struct {
	const char *name;
	bool required, shared;
	clean *clean;
	const char *wanted, *stand_in;
} columns[IMPORT_COLUMN_MAX] = {
	[IMPORT_MSISDN] = {"MSISDN", true, true, clean_msisdn, "a card number of 11 or 13 digits", "1440000000001"},
	[IMPORT_ICCID] = {"ICCID", true, true, text_code, "19 or 20 characters 0-9 A-F", "89860400000000000001"},
	[IMPORT_ENTERPRISE] = {"NameVehicleEnterprise", true, true, text_clean, "a text", "-"},
	[IMPORT_VIN] = {"VIN", true, true, text_code, "17 characters without I, O and Q", "11111111111111111"},
	[IMPORT_TYPE] = {"VehicleType", true, true, text_clean, "a number from 1 to 10", "1"},
	[IMPORT_ORIGIN] = {"PlaceOfOriginOfVehicle", true, true, text_clean, "1 (domestic) or 2 (imported)", "2"},
	[IMPORT_DEPARTMENT] = {"VehicleDepartment", true, true, text_clean, "a text", "-"},
	[IMPORT_NAME] = {"VehicleName", true, true, text_clean, "a text", "-"},
	[IMPORT_NUM] = {"VehicleNum", true, true, text_clean, "a text", "-"},
	[IMPORT_MODEL] = {"VehicleModel", true, true, text_clean, "a text", "-"},
	[IMPORT_COLOR] = {"BodyColor", true, true, text_clean, "a text", "-"},
	[IMPORT_FUEL] = {"FuelType", true, true, text_clean, "numbers from 1 to 11 joined by commas", "1"},
	[IMPORT_ENGINE] = {"EngineNum", false, true, text_clean, "a text: by FuelType the car has an engine", "-"},
	[IMPORT_MOTOR] = {"MotorNum", false, true, text_clean, "a text: by FuelType the car has an electric motor", "-"},
	[IMPORT_DEPARTURE] = {"VehicleDepartureTime", true, true, clean_time, "a day, YYYYMMDD", "20200101"},
	[IMPORT_SALES] = {"VehicleSalesTime", true, true, clean_time, "a time, YYYYMMDDHHMISS", "20200101000000"},
	[IMPORT_SALES_UPDATE] = {"VehicleSalesUpdateTime", false, true, clean_time, "a time, YYYYMMDDHHMISS", "20200101000000"},
	[IMPORT_PLATE] = {"LicensePlateNumber", false, true, text_code, "a text", "-"},
	[IMPORT_CHANNEL] = {"VehicleChannelName", false, true, text_clean, "a text", "-"},
	[IMPORT_STAFF] = {"VehicleStaffName", false, true, text_name, "a text", "-"},
	[IMPORT_ADDRESS] = {"VehicleLogginAddress", false, true, text_clean, "a text", "-"},
	[IMPORT_CODE] = {"Code", true, false, text_code, NULL, NULL},
	[IMPORT_CARRIER] = {"carrier", true, false, text_clean, NULL, NULL},
	[IMPORT_NETWORK_DATE] = {"NetworkDate", true, false, text_clean, NULL, NULL},
	[IMPORT_STATUS] = {"VehicleStatus", false, false, text_clean, NULL, NULL},
	[IMPORT_STATUS_TIME] = {"StatusUpdateTime", false, false, clean_time, NULL, NULL},
	[IMPORT_OWNER_TYPE] = {"OwnerType", false, false, text_clean, NULL, NULL},
	[IMPORT_OWNER_NAME] = {"OwnerName", false, false, text_name, NULL, NULL},
	[IMPORT_OWNER_NUMBER] = {"OwnerCertNumber", false, false, text_code, NULL, NULL},
	[IMPORT_OWNER_PHONE] = {"OwnerPhone", false, false, text_phone, NULL, NULL},
};

const char *import_column_name(enum import_column column)
{
	return columns[column].name;
}

void import_fault(struct import_faults *f, int line, const char *column, const char *format, ...)
{
	va_list args;

	if (line != f->last_line)
		f->rows++;
	f->last_line = line;
	if (++f->shown > FAULTS_SHOWN) {
		if (f->shown == FAULTS_SHOWN + 1)
			fprintf(stderr, "(more than %d faults: the rest is not shown)\n", FAULTS_SHOWN);
		return;
	}
	fprintf(stderr, "line %d: %s%s", line, column ? column : "", column ? ": " : "");
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
}

/* ---- header ---- */

bool import_read_header(struct arena *a, const struct csv_row *row, struct import_header *out, struct import_faults *faults)
{
	int before = faults->shown;

	if (row->fault) {
		import_fault(faults, row->line, NULL, "%s", csv_fault_text(row->fault));
		return false;
	}
	out->count = row->count;
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		out->at[i] = -1;
	for (int k = 0; k < row->count; k++) {
		const char *name = text_clean(a, row->field[k]);
		int i = 0;

		while (i < IMPORT_COLUMN_MAX && strcasecmp(columns[i].name, name) != 0)
			i++;
		if (i == IMPORT_COLUMN_MAX)
			import_fault(faults, row->line, NULL, "there is no column %.60s", command_shown(a, name));
		else if (out->at[i] >= 0)
			import_fault(faults, row->line, columns[i].name, "the column is there twice");
		else
			out->at[i] = k;
	}
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		if (columns[i].required && out->at[i] < 0)
			import_fault(faults, row->line, columns[i].name, "the column is missing");
	if (out->at[IMPORT_ENGINE] < 0 && out->at[IMPORT_MOTOR] < 0)
		import_fault(faults, row->line, columns[IMPORT_ENGINE].name, "the column is missing, and so is MotorNum");
	return faults->shown == before;
}

/* ---- one row ---- */

/* 8.98604E+19 */
static bool is_scientific(const char *text)
{
	size_t n = strspn(text, "0123456789.");

	return n > 0 && (text[n] == 'E' || text[n] == 'e') && (text[n + 1] == '+' || text[n + 1] == '-');
}

static void check_table_11(struct arena *a, const struct import_row *row, struct import_faults *faults)
{
	struct t1_values v = {.table = T1_VEHICLE};
	const char *bad;

	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		if (columns[i].shared)
			t1_set(&v, columns[i].name, row->value[i]);
	/* what the carrier's profile gives where the car has none */
	for (int i = IMPORT_CHANNEL; i <= IMPORT_ADDRESS; i++)
		if (!row->value[i])
			t1_set(&v, columns[i].name, columns[i].stand_in);
	while ((bad = t1_missing(&v))) {
		int i = 0;

		while (strcmp(columns[i].name, bad) != 0)
			i++;
		if (!row->value[i])
			import_fault(faults, row->line, bad, "is missing; wants %s", columns[i].wanted);
		else if (is_scientific(row->value[i]))
			import_fault(faults, row->line, bad,
				     "a spreadsheet changed the number: format the column as text and fill it in again");
		else if (i == IMPORT_VIN && vin_check(row->value[i]) == VIN_LETTERS)
			import_fault(faults, row->line, bad, "has no letters I, O and Q; perhaps %s", vin_suggest(a, row->value[i]));
		else
			import_fault(faults, row->line, bad, "wants %s", columns[i].wanted);
		t1_set(&v, bad, columns[i].stand_in);
	}
	if (text_equal(row->value[IMPORT_ORIGIN], "1") && vin_check(row->value[IMPORT_VIN]) == VIN_OK &&
	    !vin_check_digit_ok(row->value[IMPORT_VIN]))
		import_fault(faults, row->line, "VIN", "the check digit (character 9) is wrong for a domestic car: it should be %c",
			     vin_check_digit(row->value[IMPORT_VIN]));
}

static bool is_moment(const char *text)
{
	struct t1_values v = {.table = T1_VEHICLE};
	const char *bad;

	/* the form of a time is known to table 11 alone; every other field is missing here */
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++)
		if (columns[i].shared)
			t1_set(&v, columns[i].name, columns[i].stand_in);
	t1_set(&v, "VehicleSalesTime", text);
	bad = t1_missing(&v);
	return !bad;
}

static void check_owner(struct arena *a, const struct import_row *row, struct import_faults *faults)
{
	const char *type = row->value[IMPORT_OWNER_TYPE], *name = row->value[IMPORT_OWNER_NAME], *number = row->value[IMPORT_OWNER_NUMBER];
	const char *phone = row->value[IMPORT_OWNER_PHONE], *argument;

	if (type && strcmp(type, "person") != 0 && strcmp(type, "organisation") != 0)
		import_fault(faults, row->line, "OwnerType", "wants person or organisation");
	if (!type && (name || number))
		import_fault(faults, row->line, "OwnerType", "is missing; wants person or organisation");
	if (text_equal(type, "person") && name && rule_person_name(a, name, &argument))
		import_fault(faults, row->line, "OwnerName", "is not a person's name");
	if (name && text_characters(name) > 100)
		import_fault(faults, row->line, "OwnerName", "is longer than 100 characters");
	if (number && (free_number_check(number) != NUMBER_OK || is_scientific(number)))
		import_fault(faults, row->line, "OwnerCertNumber", "wants the number of a certificate, 4 to 20 characters");
	if (phone && phone_check(phone) != NUMBER_OK)
		import_fault(faults, row->line, "OwnerPhone", "wants a mobile phone of 11 digits");
}

static void check_own_columns(struct arena *a, struct import_row *row, struct import_faults *faults)
{
	const char *status = row->value[IMPORT_STATUS];
	struct date day;

	if (!row->value[IMPORT_CODE])
		import_fault(faults, row->line, "Code", "is missing; wants the code of the manufacturer");
	if (!row->value[IMPORT_CARRIER])
		import_fault(faults, row->line, "carrier", "is missing; wants the short name of a carrier");
	if (!row->value[IMPORT_NETWORK_DATE] || !date_parse(&day, row->value[IMPORT_NETWORK_DATE]))
		import_fault(faults, row->line, "NetworkDate", "wants a day, for example 2020-12-31");
	else
		row->value[IMPORT_NETWORK_DATE] = date_iso(a, day);
	if (status && (strlen(status) != 1 || !strchr("123456", status[0])))
		import_fault(faults, row->line, "VehicleStatus", "wants a number from 1 to 6");
	if (row->value[IMPORT_STATUS_TIME] && !is_moment(row->value[IMPORT_STATUS_TIME]))
		import_fault(faults, row->line, "StatusUpdateTime", "wants a time, YYYYMMDDHHMISS");
}

bool import_read_row(struct arena *a, const struct import_header *h, const struct csv_row *row, struct import_row *out,
		     struct import_faults *faults)
{
	int rows = faults->rows;

	*out = (struct import_row){.line = row->line};
	if (row->fault) {
		import_fault(faults, row->line, NULL, "%s", csv_fault_text(row->fault));
		return false;
	}
	if (row->count != h->count) {
		import_fault(faults, row->line, NULL, "has %d columns, the first line has %d", row->count, h->count);
		return false;
	}
	for (int i = 0; i < IMPORT_COLUMN_MAX; i++) {
		const char *value = h->at[i] < 0 ? NULL : columns[i].clean(a, row->field[h->at[i]]);

		out->value[i] = text_empty(value) ? NULL : value;
	}
	check_table_11(a, out, faults);
	check_own_columns(a, out, faults);
	check_owner(a, out, faults);
	return faults->rows == rows;
}
