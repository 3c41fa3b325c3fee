/* From a typed field to a message key. The rules themselves are in identifiers.c and certificate.c. */
#include "domain/field_rules.h"

#include <string.h>

#include "base/text.h"
#include "domain/certificate.h"
#include "domain/identifiers.h"

#define LAST_SIX 6
#define NAME_LEAST 2
#define NAME_MOST 50
#define ADDRESS_LEAST 6
#define ADDRESS_MOST 200
#define COMPLAINT_LEAST 10
#define COMPLAINT_MOST 1000
#define TAIL 4

const char *rule_vin(struct arena *a, const char *clean, const char **argument)
{
	*argument = NULL;
	if (text_empty(clean))
		return "vin.empty";
	switch (vin_check(clean)) {
	case VIN_LENGTH:
		*argument = arena_printf(a, "%zu", text_characters(clean));
		return "vin.len";
	case VIN_LETTERS:
		*argument = vin_suggest(a, clean);
		return "vin.ioq";
	case VIN_CHARACTERS:
		return "vin.chars";
	default:
		return NULL;
	}
}

const char *rule_last_six(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "engine.empty";
	if (strlen(clean) != LAST_SIX || strspn(clean, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != LAST_SIX)
		return "engine.len";
	return NULL;
}

const char *rule_phone(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "phone.empty";
	return phone_check(clean) == NUMBER_OK ? NULL : "phone.bad";
}

const char *rule_sms_code(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "code.empty";
	return strlen(clean) == 6 && strspn(clean, "0123456789") == 6 ? NULL : "code.len";
}

const char *rule_person_name(struct arena *a, const char *clean, const char **argument)
{
	size_t characters;

	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "name.empty";
	characters = text_characters(clean);
	if (characters < NAME_LEAST || characters > NAME_MOST)
		return "name.len";
	/* Everything beyond ASCII is somebody's name; of ASCII, these are typing mistakes. */
	return strpbrk(clean, "0123456789<>@#$%^&*=+_{}[]|\\\"~!?;:") ? "name.bad" : NULL;
}

const char *rule_address(struct arena *a, const char *clean, const char **argument)
{
	size_t characters;

	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "address.empty";
	characters = text_characters(clean);
	if (characters < ADDRESS_LEAST)
		return "address.short";
	return characters > ADDRESS_MOST ? "address.long" : NULL;
}

const char *rule_date(struct arena *a, const char *clean, const char **argument)
{
	struct date d;

	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "date.empty";
	return date_parse(&d, clean) ? NULL : "date.bad";
}

const char *rule_id_number(struct arena *a, const char *clean, const char **argument)
{
	int position = 0;

	*argument = NULL;
	switch (certificate_number_check(certificate_get(CERTIFICATE_ID_CARD), clean, clock_today(), &position)) {
	case NUMBER_OK:
		return NULL;
	case NUMBER_EMPTY:
		return "id.empty";
	case NUMBER_LENGTH:
	case NUMBER_OLD:
		return "id.num18";
	case NUMBER_TYPE:
		return "id.type";
	default:
		*argument = arena_printf(a, "%d", position);
		return "id.num";
	}
}

const char *rule_uscc(struct arena *a, const char *clean, const char **argument)
{
	enum number_fault fault = uscc_check(clean);

	(void)a;
	*argument = NULL;
	if (fault == NUMBER_EMPTY)
		return "org.empty";
	return fault == NUMBER_OK || fault == NUMBER_CHECK ? NULL : "org.code";
}

const char *rule_organisation_name(struct arena *a, const char *clean, const char **argument)
{
	size_t characters = text_characters(clean);

	(void)a;
	*argument = NULL;
	return characters < 2 || characters > 100 ? "org.name" : NULL;
}

const char *rule_complaint_text(struct arena *a, const char *clean, const char **argument)
{
	size_t characters = text_characters(clean);

	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "complaint.empty";
	return characters < COMPLAINT_LEAST ? "complaint.short" : characters > COMPLAINT_MOST ? "complaint.long" : NULL;
}

/* A number as crypt_readable makes them. */
static bool is_readable(const char *clean, size_t length)
{
	return strlen(clean) == length && strspn(clean, "23456789ABCDEFGHJKMNPQRSTVWXYZ") == length;
}

const char *rule_complaint_number(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	if (text_empty(clean))
		return "complaint.number_empty";
	return is_readable(clean, COMPLAINT_NUMBER_LENGTH) ? NULL : "complaint.number";
}

const char *rule_application_number(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	return text_empty(clean) || is_readable(clean, APPLICATION_NUMBER_LENGTH) ? NULL : "complaint.application";
}

const char *rule_phone_tail(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	return text_empty(clean) || (strlen(clean) == TAIL && strspn(clean, "0123456789") == TAIL) ? NULL : "complaint.tail";
}
