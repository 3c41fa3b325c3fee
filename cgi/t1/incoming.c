/* Reads what carriers send: bounded, exact, nothing guessed. Knows neither who may send nor what is stored. */
#include "t1/incoming.h"

#include <string.h>

#include "base/json.h"
#include "t1/wire.h"

#define DIGITS "0123456789"
#define CAPITALS "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define PLATFORM_MAX 64
#define CODE_MAX 32

/* Between min and max bytes, all of them of the given ones. */
static bool made_of(const char *text, const char *bytes, size_t min, size_t max)
{
	size_t n = text ? strnlen(text, max + 1) : 0;

	return n >= min && n <= max && strspn(text, bytes) == n;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool read_signature(unsigned char out[T1_SIGNATURE_SIZE], const char *text)
{
	if (strlen(text) != 2 * T1_SIGNATURE_SIZE)
		return false;
	for (size_t i = 0; i < T1_SIGNATURE_SIZE; i++) {
		int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		out[i] = (unsigned char)(high * 16 + low);
	}
	return true;
}

bool t1_incoming_read(struct t1_incoming *m, struct arena *a, struct bytes body)
{
	const cJSON *object = body.length <= T1_INCOMING_BYTES_MAX ? json_read_object(a, body) : NULL, *auth;
	const char *request_id, *signature;

	*m = (struct t1_incoming){.request_id = "", .object = object};
	if (!object)
		return false;
	request_id = json_string(object, "RequestID");
	if (request_id && strnlen(request_id, T1_ECHO_MAX + 1) <= T1_ECHO_MAX)
		m->request_id = request_id;
	auth = cJSON_GetObjectItemCaseSensitive(object, "Auth");
	m->platform_id = json_string(auth, "PlatformID");
	signature = json_string(auth, "SignNature");
	if (!cJSON_IsObject(auth) || text_empty(m->platform_id) || strlen(m->platform_id) > PLATFORM_MAX || text_empty(signature))
		return false;
	m->signature_hex = read_signature(m->signature, signature);
	return true;
}

/* It becomes part of a file's name. */
static bool request_id_good(const struct t1_incoming *m)
{
	return made_of(m->request_id, DIGITS CAPITALS SMALL, 20, 32);
}

bool t1_incoming_instruction(struct t1_incoming *m, struct arena *a)
{
	const char *iccid = json_string(m->object, "ICCID");

	m->code = json_string(m->object, "Code");
	if (!request_id_good(m) || !made_of(m->code, DIGITS CAPITALS SMALL, 1, CODE_MAX) || !made_of(iccid, DIGITS "ABCDEFabcdef", 19, 20))
		return false;
	m->iccid = text_code(a, iccid);
	return true;
}

bool t1_incoming_result(struct t1_incoming *m, struct arena *a)
{
	int result = t1_result_of(m->object);

	m->done = result == 1;
	m->cause = result == 2 ? t1_cause_of(a, m->object) : NULL;
	return request_id_good(m) && (m->done || !text_empty(m->cause));
}

char *t1_incoming_answer(struct arena *a, const char *request_id, const char *cause)
{
	struct buffer b;

	buffer_init(&b, a, 1024);
	buffer_text(&b, "{");
	json_member(&b, "RequestID", request_id);
	json_member(&b, "OprRst", cause ? "2" : "1");
	if (cause)
		json_member(&b, "FailureCause", cause);
	buffer_text(&b, "}");
	return b.data;
}
