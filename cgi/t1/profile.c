/* Reading a carrier profile: one table of members. Knows neither secrets nor the network. */
#include "t1/profile.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"
#include "base/url.h"

#define TEXT_MAX 255
#define PROFILE_BYTES_MAX (64 * 1024)
#define TIMEOUT_MS_MIN 1000
#define TIMEOUT_MS_MAX 120000

static const char *const operations[T1_OPERATION_MAX] = {
	[T1_REGISTER] = "register",
	[T1_SUPPLEMENT] = "supplement",
	[T1_TRANSFER] = "transfer",
	[T1_UPDATE] = "update",
	[T1_CANCEL] = "cancel",
	[T1_REPLACE_CARD] = "replace_card",
	[T1_VEHICLE_STATUS] = "vehicle_status",
};

struct choice {
	const char *name;
	int value;
};

static const struct choice sign_cases[] = {{"upper", true}, {"lower", false}, {NULL, 0}};
static const struct choice ciphers[] = {{"sm4-ecb", T1_SM4_ECB}, {"sm4-cbc", T1_SM4_CBC}, {"none", T1_NONE}, {NULL, 0}};
static const struct choice encodings[] = {{"base64", T1_BASE64}, {"hex-upper", T1_HEX_UPPER}, {"hex-lower", T1_HEX_LOWER}, {NULL, 0}};
static const struct choice dates[] = {{"range", false}, {"end", true}, {NULL, 0}};

struct member {
	const char *name;
	bool required;
	bool (*read)(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m);
	size_t offset;
	const struct choice *choices;
};

static void *place(struct t1_profile *p, const struct member *m)
{
	return (char *)p + m->offset;
}

static int choose(const struct choice *choices, const char *name)
{
	for (int i = 0; choices[i].name; i++)
		if (text_equal(choices[i].name, name))
			return i;
	return -1;
}

/* ---- kinds of members ---- */

static bool read_text(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	const char *text = cJSON_GetStringValue(value);
	if (text_empty(text) || strlen(text) > TEXT_MAX)
		return false;
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20)
			return false;
	*(char **)place(p, m) = arena_strdup(a, text);
	return true;
}

static bool read_url(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	struct url u;
	return url_parse(&u, a, cJSON_GetStringValue(value)) == ST_OK && read_text(p, a, value, m);
}

static bool read_path(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	return text_prefix(cJSON_GetStringValue(value), "/") && read_text(p, a, value, m);
}

/* The form that config_secret takes. */
static bool read_secret_name(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	const char *name = cJSON_GetStringValue(value);
	return name && name[0] != '.' && !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-")] && read_text(p, a, value, m);
}

static bool read_bool(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	(void)a;
	*(bool *)place(p, m) = cJSON_IsTrue(value);
	return cJSON_IsBool(value);
}

static bool read_case(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	int i = choose(m->choices, cJSON_GetStringValue(value));
	(void)a;
	if (i >= 0)
		*(bool *)place(p, m) = m->choices[i].value;
	return i >= 0;
}

static bool read_cipher(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	int i = choose(m->choices, cJSON_GetStringValue(value));
	(void)a;
	if (i >= 0)
		p->cipher = (enum t1_cipher)m->choices[i].value;
	return i >= 0;
}

static bool read_encoding(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	int i = choose(m->choices, cJSON_GetStringValue(value));
	(void)a;
	if (i >= 0)
		p->encoding = (enum t1_encoding)m->choices[i].value;
	return i >= 0;
}

/* Letters, digits and the ends of names, with {ICCID}, {RequestID} and {Code} as holes. */
static bool read_template(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	const char *text = cJSON_GetStringValue(value);
	if (text_empty(text) || *text == '.')
		return false;
	for (const char *c = text; *c;) {
		static const char *const holes[] = {"{ICCID}", "{RequestID}", "{Code}"};
		size_t n = strspn(c, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-.");
		for (size_t i = 0; n == 0 && i < sizeof holes / sizeof holes[0]; i++)
			if (text_prefix(c, holes[i]))
				n = strlen(holes[i]);
		if (n == 0)
			return false;
		c += n;
	}
	return read_text(p, a, value, m);
}

static bool read_timeout(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	(void)a, (void)m;
	if (!cJSON_IsNumber(value) || !(value->valuedouble >= TIMEOUT_MS_MIN && value->valuedouble <= TIMEOUT_MS_MAX))
		return false;
	p->timeout_ms = value->valueint;
	return p->timeout_ms == value->valuedouble;
}

static int operation_index(const char *name)
{
	for (int i = 0; i < T1_OPERATION_MAX; i++)
		if (text_equal(operations[i], name))
			return i;
	return -1;
}

static int certificate_index(const char *name)
{
	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++)
		if (text_equal(certificate_get((enum certificate_type)i)->name, name))
			return i;
	return -1;
}

static bool read_map(char **codes, struct arena *a, const cJSON *value, int (*index)(const char *name))
{
	const cJSON *child;
	cJSON_ArrayForEach(child, value)
	{
		int i = index(child->string);
		const char *code = cJSON_GetStringValue(child);
		if (i < 0 || text_empty(code) || strlen(code) > 16 ||
		    code[strspn(code, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")])
			return false;
		codes[i] = arena_strdup(a, code);
	}
	return cJSON_IsObject(value) && value->child;
}

static bool read_operations(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	(void)m;
	return read_map(p->oper_types, a, value, operation_index);
}

static bool read_certificates(struct t1_profile *p, struct arena *a, const cJSON *value, const struct member *m)
{
	(void)m;
	return read_map(p->certificate_types, a, value, certificate_index);
}

#define AT(field) offsetof(struct t1_profile, field)
static const struct member members[] = {
	{"account_url", true, read_url, AT(account_url), NULL},
	{"vehicle_url", true, read_url, AT(vehicle_url), NULL},
	{"ca_file", false, read_path, AT(ca_file), NULL},
	{"annex_confirmed", false, read_bool, AT(annex_confirmed), NULL},
	{"sign_case", false, read_case, AT(sign_upper), sign_cases},
	{"password_secret", true, read_secret_name, AT(password_secret), NULL},
	{"cipher", false, read_cipher, 0, ciphers},
	{"cipher_key_secret", false, read_secret_name, AT(cipher_key_secret), NULL},
	{"encoding", false, read_encoding, 0, encodings},
	{"certificate_date", false, read_case, AT(cert_date_end_only), dates},
	{"pho_name", false, read_template, AT(pho_name), NULL},
	{"default_channel_name", true, read_text, AT(default_channel_name), NULL},
	{"default_staff_name", true, read_text, AT(default_staff_name), NULL},
	{"default_channel_address", true, read_text, AT(default_channel_address), NULL},
	{"timeout_ms", false, read_timeout, 0, NULL},
	{"oper_types", true, read_operations, 0, NULL},
	{"certificate_types", true, read_certificates, 0, NULL},
};
#define MEMBERS (sizeof members / sizeof members[0])

/* ---- the whole ---- */

static enum status check_whole(const struct t1_profile *p, struct arena *a)
{
	struct url account, vehicle;
	enum status st = url_parse(&account, a, p->account_url);
	if (st == ST_OK)
		st = url_parse(&vehicle, a, p->vehicle_url);
	if (st != ST_OK)
		return st;
	bool loopback = url_is_loopback(&account) && url_is_loopback(&vehicle);
	if (p->cipher != T1_NONE && !p->cipher_key_secret)
		return status_fail(ST_INVALID, "carrier profile: cipher_key_secret is missing");
	if (p->cipher == T1_NONE && !loopback)
		return status_fail(ST_INVALID, "carrier profile: cipher none is for loopback addresses only");
	if (!p->annex_confirmed && !loopback)
		return status_fail(ST_INVALID, "carrier profile: annex_confirmed is false: loopback addresses only");
	return ST_OK;
}

enum status t1_profile_parse(struct t1_profile *out, struct arena *a, const char *json)
{
	struct t1_profile p = {.sign_upper = true, .cipher = T1_SM4_ECB, .encoding = T1_BASE64};
	size_t length = json ? strlen(json) : 0;
	const cJSON *child, *object = NULL;
	if (length <= PROFILE_BYTES_MAX)
		object = json_read_object(a, (struct bytes){(const unsigned char *)json, length});
	if (!object)
		return status_fail(ST_INVALID, "carrier profile: not a JSON object");
	cJSON_ArrayForEach(child, object)
	{
		size_t i = 0;
		while (i < MEMBERS && strcmp(members[i].name, child->string) != 0)
			i++;
		if (i == MEMBERS)
			return status_fail(ST_INVALID, "carrier profile: unknown member %.40s", child->string);
		if (!members[i].read(&p, a, child, &members[i]))
			return status_fail(ST_INVALID, "carrier profile: %s has a wrong value", members[i].name);
	}
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].required && !cJSON_GetObjectItemCaseSensitive(object, members[i].name))
			return status_fail(ST_INVALID, "carrier profile: %s is missing", members[i].name);
	enum status st = check_whole(&p, a);
	if (st == ST_OK)
		*out = p;
	return st;
}

const char *t1_profile_oper_type(const struct t1_profile *p, const char *kind)
{
	int i = operation_index(kind);
	return i < 0 ? NULL : p->oper_types[i];
}

const char *t1_profile_certificate(const struct t1_profile *p, const char *certificate)
{
	int i = certificate_index(certificate);
	return i < 0 ? NULL : p->certificate_types[i];
}

char *t1_profile_pho_name(struct arena *a, const struct t1_profile *p, const char *iccid, const char *request_id, const char *code)
{
	const struct {
		const char *hole, *value;
	} holes[] = {{"{ICCID}", iccid}, {"{RequestID}", request_id}, {"{Code}", code}};
	if (!p->pho_name)
		return NULL;
	struct buffer b;
	buffer_init(&b, a, 1024);
	for (const char *c = p->pho_name; *c;) {
		size_t n = 0;
		for (size_t i = 0; n == 0 && i < sizeof holes / sizeof holes[0]; i++)
			if (text_prefix(c, holes[i].hole)) {
				buffer_text(&b, holes[i].value);
				n = strlen(holes[i].hole);
			}
		if (n == 0)
			buffer_add(&b, c, n = 1);
		c += n;
	}
	return b.data;
}

enum status t1_profile_cipher_key(struct arena *a, const char *secret, struct bytes *out)
{
	struct bytes key;
	if (text_empty(secret) || strlen(secret) != 32 || hex_decode(a, secret, &key) != ST_OK)
		return status_fail(ST_INVALID, "cipher key: 32 hex digits are wanted");
	*out = key;
	return ST_OK;
}
