/* The field tables of T1. Certificate types and vehicle values follow the placeholder code lists, until the annex is known. */
#include "t1_check.h"

#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "ident.h"
#include "t1_fields.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

static regex_t forms[T1_FORMS];

void t1_check_start(void)
{
	for (size_t i = 0; i < T1_FORMS; i++) {
		if (t1_forms[i] && regcomp(&forms[i], t1_forms[i], REG_EXTENDED | REG_NOSUB))
			abort();
	}
}

void t1_check_stop(void)
{
	for (size_t i = 0; i < T1_FORMS; i++) {
		if (t1_forms[i])
			regfree(&forms[i]);
	}
}

static bool fault(char *why, size_t size, const char *name, const char *text)
{
	snprintf(why, size, "%.60s: %s", name, text);
	return false;
}

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static bool is_given(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name) != NULL;
}

static bool is_organisation(const cJSON *object)
{
	const char *type = text_of(object, "CustomerType");

	return type && strcmp(type, "2") == 0;
}

static bool has_group(const cJSON *object, const struct t1_field *table, enum t1_presence one, enum t1_presence other)
{
	for (; table->name; table++) {
		if ((table->presence == one || table->presence == other) && is_given(object, table->name))
			return true;
	}
	return false;
}

/* A certificate's validity: begin and end, 长期 for the end, or the end alone. */
static bool validity_is_real(const char *text)
{
	const char *end = strlen(text) > 9 && text[8] == '-' ? text + 9 : text;

	if (end != text && !ident_time_is_real(text, 8))
		return false;
	if (strcmp(end, "长期") == 0)
		return true;
	return strlen(end) == 8 && ident_time_is_real(end, 8) && (end == text || strncmp(text, end, 8) <= 0);
}

static bool list_is_distinct(const char *text)
{
	bool seen[100] = {false};

	for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		int value = atoi(at);

		if (value < 0 || value >= 100 || seen[value])
			return false;
		seen[value] = true;
	}
	return true;
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static bool value_is_good(const struct t1_field *field, const char *text)
{
	if (t1_forms[field->form] && regexec(&forms[field->form], text, 0, NULL, 0) != 0)
		return false;
	switch (field->form) {
	case T1_TIME:
		return ident_time_is_real(text, 14);
	case T1_DAY_OR_TIME:
		return ident_time_is_real(text, strlen(text));
	case T1_VALIDITY:
		return validity_is_real(text);
	case T1_FUELS:
		return list_is_distinct(text);
	default:
		return true;
	}
}

static bool check_value(const struct t1_field *field, const cJSON *item, char *why, size_t size)
{
	const char *text = cJSON_GetStringValue(item);

	if (field->form == T1_OBJECT)
		return cJSON_IsObject(item) || fault(why, size, field->name, "not an object");
	if (!text)
		return fault(why, size, field->name, "not a string");
	if (strspn(text, " ") == strlen(text))
		return fault(why, size, field->name, "empty");
	if (has_control(text))
		return fault(why, size, field->name, "control character");
	return value_is_good(field, text) || fault(why, size, field->name, "wrong form");
}

static bool is_needed(const struct t1_field *field, bool organisation, bool agent)
{
	switch (field->presence) {
	case T1_ALWAYS:
		return true;
	case T1_ORGANISATION:
		return organisation;
	case T1_AGENT:
		return agent;
	default:
		return false;
	}
}

/* Fields that the table does not know, or that come twice. */
static bool check_known(const cJSON *object, const struct t1_field *table, char *why, size_t size)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		const struct t1_field *field = table;

		while (field->name && strcmp(field->name, item->string) != 0)
			field++;
		if (!field->name)
			return fault(why, size, item->string, "no such field");
		if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item)
			return fault(why, size, item->string, "given twice");
	}
	return true;
}

static bool check_table(const cJSON *object, const struct t1_field *table, char *why, size_t size)
{
	bool organisation = is_organisation(object), agent = has_group(object, table, T1_AGENT, T1_AGENT_KNOWN);

	if (!cJSON_IsObject(object))
		return fault(why, size, "clear text", "not a JSON object");
	if (!check_known(object, table, why, size))
		return false;
	for (; table->name; table++) {
		const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, table->name);

		if (!item && is_needed(table, organisation, agent))
			return fault(why, size, table->name, "missing");
		if (item && !organisation && (table->presence == T1_ORGANISATION || table->presence == T1_ORGANISATION_KNOWN))
			return fault(why, size, table->name, "not for an individual");
		if (item && !check_value(table, item, why, size))
			return false;
	}
	return true;
}

/* Numbers whose form follows from the type of the certificate. */
static bool check_number(const cJSON *object, const char *type_name, const char *number_name, char *why, size_t size)
{
	const char *type = text_of(object, type_name), *number = text_of(object, number_name);

	if (!type || !number)
		return true;
	if ((strcmp(type, "01") == 0 || strcmp(type, "09") == 0) && !ident_number_is_valid(number))
		return fault(why, size, number_name, "no valid number of this certificate type");
	if (strcmp(type, "20") == 0 && regexec(&forms[T1_CREDIT_CODE], number, 0, NULL, 0) != 0)
		return fault(why, size, number_name, "no unified social credit code");
	return true;
}

static bool same(const cJSON *object, const char *one, const char *other)
{
	const char *a = text_of(object, one), *b = text_of(object, other);

	return a && b && strcmp(a, b) == 0;
}

/* The customer of an organisation is its responsible person, or the organisation itself. */
static bool check_customer(const cJSON *object, char *why, size_t size)
{
	bool person = same(object, "CustomerName", "CorporationName") && same(object, "CustomerCertNumber", "CorporationCertNumber") &&
		      same(object, "CustomerCertType", "CorporationCertType");
	bool company = same(object, "CustomerName", "CompanyName") && same(object, "CustomerCertNumber", "CompanyCertNumber") &&
		       same(object, "CustomerCertType", "CompanyCertType");

	return !is_organisation(object) || person || company ||
	       fault(why, size, "CustomerName", "neither the organisation nor its responsible person");
}

bool t1_check_user(const cJSON *object, char *why, size_t size)
{
	const char *status, *type, *archive;

	if (!check_table(object, t1_user_fields, why, size) || !check_number(object, "CustomerCertType", "CustomerCertNumber", why, size) ||
	    !check_number(object, "CompanyCertType", "CompanyCertNumber", why, size) ||
	    !check_number(object, "CorporationCertType", "CorporationCertNumber", why, size) ||
	    !check_number(object, "OperatorCertType", "OperatorCertNumber", why, size) || !check_customer(object, why, size))
		return false;
	status = text_of(object, "VehicleStatus");
	if (status[0] >= '5' && !is_given(object, "StatusUpdateTime"))
		return fault(why, size, "StatusUpdateTime", "missing although the status changed");
	type = text_of(object, "CustomerCertType");
	if (type[0] == '2' && !is_organisation(object))
		return fault(why, size, "CustomerCertType", "an organisation's certificate for an individual");
	archive = text_of(object, "PhoName");
	if (archive && !strstr(archive, text_of(object, "ICCID")) && strncmp(archive, "KH_", 3) != 0)
		return fault(why, size, "PhoName", "names another card");
	return true;
}

/* What FuelType says is fitted has its number: 3 and 11 (hybrid) an electric motor; all but 3, 9 (solar) and 10 (hydrogen) an engine. */
static bool check_drive(const cJSON *object, char *why, size_t size)
{
	for (const char *at = text_of(object, "FuelType"); at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
		int fuel = atoi(at);

		if ((fuel == 3 || fuel == 11) && !is_given(object, "MotorNum"))
			return fault(why, size, "MotorNum", "missing although a motor is fitted");
		if (fuel != 3 && fuel != 9 && fuel != 10 && !is_given(object, "EngineNum"))
			return fault(why, size, "EngineNum", "missing although an engine is fitted");
	}
	return true;
}

bool t1_check_vehicle(const cJSON *object, char *why, size_t size)
{
	if (!check_table(object, t1_vehicle_fields, why, size) || !check_drive(object, why, size))
		return false;
	if (!is_given(object, "EngineNum") && !is_given(object, "MotorNum"))
		return fault(why, size, "EngineNum", "neither engine nor motor");
	return true;
}

bool t1_check_names(const cJSON *object, const char *const *names, char *why, size_t size)
{
	const cJSON *item;

	for (const char *const *name = names; *name; name++) {
		bool is_object = **name == '{';

		item = cJSON_GetObjectItemCaseSensitive(object, *name + is_object);
		if (!item)
			return fault(why, size, *name + is_object, "missing");
		if (is_object ? !cJSON_IsObject(item) : !cJSON_IsString(item))
			return fault(why, size, *name + is_object, "wrong type");
		if (!is_object && !*item->valuestring)
			return fault(why, size, *name, "empty");
	}
	cJSON_ArrayForEach(item, object)
	{
		const char *const *name = names;

		while (*name && strcmp(*name + (**name == '{'), item->string) != 0)
			name++;
		if (!*name)
			return fault(why, size, item->string, "no such field");
		if (cJSON_GetObjectItemCaseSensitive(object, item->string) != item)
			return fault(why, size, item->string, "given twice");
	}
	return true;
}
