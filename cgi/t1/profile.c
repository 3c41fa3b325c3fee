/* Reading a carrier profile: tables of members. Knows neither secrets nor the network. */
#include "t1/profile.h"

#include <string.h>

#include "base/url.h"
#include "t1/profile_member.h"

#define PROFILE_BYTES_MAX (64 * 1024)
#define TIMEOUT_MS_MIN 1000
#define TIMEOUT_MS_MAX 120000
#define RECONCILE_HOURS_MAX 720
#define SSH_PORT 22

static const char *const operations[T1_OPERATION_MAX] = {
	[T1_REGISTER] = "register",
	[T1_SUPPLEMENT] = "supplement",
	[T1_TRANSFER] = "transfer",
	[T1_UPDATE] = "update",
	[T1_CANCEL] = "cancel",
	[T1_REPLACE_CARD] = "replace_card",
	[T1_VEHICLE_STATUS] = "vehicle_status",
};

/* What a business needs unless the profile says otherwise. */
#define ACCOUNT                                                                                                                            \
	{                                                                                                                                  \
		1,                                                                                                                         \
		{                                                                                                                          \
			T1_PART_ACCOUNT                                                                                                    \
		}                                                                                                                          \
	}
#define BOTH                                                                                                                               \
	{                                                                                                                                  \
		2,                                                                                                                         \
		{                                                                                                                          \
			T1_PART_ACCOUNT, T1_PART_VEHICLE                                                                                   \
		}                                                                                                                          \
	}
static const struct {
	const char *name;
	struct t1_parts preset;
} businesses[T1_BUSINESS_MAX] = {
	[T1_BUSINESS_REGISTER] = {"register", BOTH},
	[T1_BUSINESS_CANCEL] = {"cancel", ACCOUNT},
	[T1_BUSINESS_TRANSFER] = {"transfer", BOTH},
	[T1_BUSINESS_UPDATE] = {"update", ACCOUNT},
	[T1_BUSINESS_REPLACE_CARD] = {"replace_card", BOTH},
	[T1_BUSINESS_REPLACE_CARD_OLD] = {"replace_card_old", ACCOUNT},
	[T1_BUSINESS_VEHICLE_STATUS] = {"vehicle_status", ACCOUNT},
};

static const char *const parts[T1_PART_MAX] = {
	[T1_PART_ACCOUNT] = "account",
	[T1_PART_VEHICLE] = "vehicle",
	[T1_PART_FORMER_ACCOUNT] = "former_account",
};

static const struct profile_choice sign_cases[] = {{"upper", true}, {"lower", false}, {NULL, 0}};
static const struct profile_choice ciphers[] = {{"sm4-ecb", T1_SM4_ECB}, {"sm4-cbc", T1_SM4_CBC}, {"none", T1_NONE}, {NULL, 0}};
static const struct profile_choice encodings[] = {
	{"base64", T1_BASE64}, {"hex-upper", T1_HEX_UPPER}, {"hex-lower", T1_HEX_LOWER}, {NULL, 0}};
static const struct profile_choice dates[] = {{"range", false}, {"end", true}, {NULL, 0}};
static const struct profile_choice completions[] = {{"answer", false}, {"callback", true}, {NULL, 0}};
static const struct profile_choice customers[] = {{"person", false}, {"organisation", true}, {NULL, 0}};
static const struct profile_choice file_ciphers[] = {{"sm4-cbc", T1_SM4_CBC}, {"sm4-ecb", T1_SM4_ECB}, {NULL, 0}};

static const char *const name_holes[] = {"{ICCID}", "{RequestID}", "{Code}", NULL};
static const char *const folder_holes[] = {"{PlatformID}", "{yyyyMMdd}", "{RequestID}", "{Code}", NULL};

/* ---- members of their own kind ---- */

static int index_of(const char *const *names, int count, const char *name)
{
	for (int i = 0; i < count; i++)
		if (text_equal(names[i], name))
			return i;
	return -1;
}

static int operation_index(const char *name)
{
	return index_of(operations, T1_OPERATION_MAX, name);
}

static int certificate_index(const char *name)
{
	for (int i = 0; i < CERTIFICATE_TYPE_MAX; i++)
		if (text_equal(certificate_get((enum certificate_type)i)->name, name))
			return i;
	return -1;
}

static int business_index(const char *name)
{
	for (int i = 0; i < T1_BUSINESS_MAX; i++)
		if (text_equal(businesses[i].name, name))
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

static bool read_operations(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	(void)m;
	return read_map(place, a, value, operation_index);
}

static bool read_certificates(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	(void)m;
	return read_map(place, a, value, certificate_index);
}

/* A list of messages, each at most once. Only the carrier that is not told of changed states may have an empty one: all other
 * businesses end with an answer. */
static bool read_parts(struct t1_parts *out, const cJSON *value, int business)
{
	const cJSON *child;
	*out = (struct t1_parts){0};
	cJSON_ArrayForEach(child, value)
	{
		int part = index_of(parts, T1_PART_MAX, cJSON_GetStringValue(child));
		if (part < 0 || (part == T1_PART_FORMER_ACCOUNT && business != T1_BUSINESS_TRANSFER))
			return false;
		for (int i = 0; i < out->count; i++)
			if (out->part[i] == (enum t1_part)part)
				return false;
		out->part[out->count++] = (enum t1_part)part;
	}
	return cJSON_IsArray(value) && (out->count > 0 || business == T1_BUSINESS_VEHICLE_STATUS);
}

static bool read_messages(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	struct t1_parts *messages = place;
	const cJSON *child;
	(void)a, (void)m;
	cJSON_ArrayForEach(child, value)
	{
		int i = business_index(child->string);
		if (i < 0 || !read_parts(&messages[i], child, i))
			return false;
	}
	return cJSON_IsObject(value);
}

static bool read_networks(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	struct t1_profile *p = (struct t1_profile *)((char *)place - m->offset);
	const cJSON *child;
	(void)a;
	cJSON_ArrayForEach(child, value)
	{
		if (p->instruction_address_count == T1_ADDRESSES_MAX ||
		    !t1_network_read(&p->instruction_addresses[p->instruction_address_count++], cJSON_GetStringValue(child)))
			return false;
	}
	return cJSON_IsArray(value) && value->child;
}

/* SHA-256 of the server's key in base64, as ssh-keygen -l prints it behind "SHA256:". */
static bool read_host_key(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *text = cJSON_GetStringValue(value);
	struct bytes hash;
	size_t length = text ? strcspn(text, "=") : 0;
	if (length != 43 || strlen(text) > 44 || base64_decode(a, arena_printf(a, "%.43s=", text), &hash) != ST_OK || hash.length != 32)
		return false;
	return profile_read_text(place, a, value, m);
}

static bool read_user(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *text = cJSON_GetStringValue(value);
	return text && *text != '-' && !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-")] &&
	       profile_read_text(place, a, value, m);
}

static bool read_host(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	const char *text = cJSON_GetStringValue(value);
	struct url u;
	return text && !strpbrk(text, ":/?[]@") && url_parse(&u, a, arena_printf(a, "https://%s/", text)) == ST_OK &&
	       profile_read_text(place, a, value, m);
}

/* ---- tables ---- */

#define IN_SFTP(field) .offset = offsetof(struct t1_sftp, field)
static const struct profile_member sftp_members[] = {
	{"host", true, read_host, IN_SFTP(host)},
	{"port", false, profile_read_number, IN_SFTP(port), .min = 1, .max = 65535},
	{"user", true, read_user, IN_SFTP(user)},
	{"key_secret", true, profile_read_secret_name, IN_SFTP(key_secret)},
	{"key_passphrase_secret", false, profile_read_secret_name, IN_SFTP(key_passphrase_secret)},
	{"host_key_sha256", true, read_host_key, IN_SFTP(host_key_sha256)},
	{"folder", false, profile_read_template, IN_SFTP(folder), .holes = folder_holes, .letters = "/"},
	{"cipher", false, profile_read_choice, IN_SFTP(cipher), .choices = file_ciphers},
	{"bin_key_secret", false, profile_read_secret_name, IN_SFTP(bin_key_secret)},
	{"kh_name", false, profile_read_template, IN_SFTP(kh_name), .holes = name_holes},
	{"ht_name", false, profile_read_template, IN_SFTP(ht_name), .holes = name_holes},
};

/* Its members are read by themselves, so that what is wrong is named. */
static bool read_sftp(void *place, struct arena *a, const cJSON *value, const struct profile_member *m)
{
	(void)place, (void)a, (void)m;
	return cJSON_IsObject(value);
}

#define AT(field) .offset = offsetof(struct t1_profile, field)
static const struct profile_member members[] = {
	{"account_url", true, profile_read_url, AT(account_url)},
	{"vehicle_url", true, profile_read_url, AT(vehicle_url)},
	{"ca_file", false, profile_read_path, AT(ca_file)},
	{"annex_confirmed", false, profile_read_bool, AT(annex_confirmed)},
	{"sign_case", false, profile_read_flag, AT(sign_upper), .choices = sign_cases},
	{"password_secret", true, profile_read_secret_name, AT(password_secret)},
	{"password_secret_next", false, profile_read_secret_name, AT(password_secret_next)},
	{"cipher", false, profile_read_choice, AT(cipher), .choices = ciphers},
	{"cipher_key_secret", false, profile_read_secret_name, AT(cipher_key_secret)},
	{"encoding", false, profile_read_choice, AT(encoding), .choices = encodings},
	{"certificate_date", false, profile_read_flag, AT(cert_date_end_only), .choices = dates},
	{"pho_name", false, profile_read_template, AT(pho_name), .holes = name_holes},
	{"pho_name_always", false, profile_read_bool, AT(pho_name_always)},
	{"default_channel_name", true, profile_read_text, AT(default_channel_name)},
	{"default_staff_name", true, profile_read_text, AT(default_staff_name)},
	{"default_channel_address", true, profile_read_text, AT(default_channel_address)},
	{"timeout_ms", false, profile_read_number, AT(timeout_ms), .min = TIMEOUT_MS_MIN, .max = TIMEOUT_MS_MAX},
	{"oper_types", true, read_operations, AT(oper_types)},
	{"certificate_types", true, read_certificates, AT(certificate_types)},
	{"completion", false, profile_read_flag, AT(completion_callback), .choices = completions},
	{"reconcile_hours", false, profile_read_number, AT(reconcile_hours), .min = 1, .max = RECONCILE_HOURS_MAX},
	{"messages", false, read_messages, AT(messages)},
	{"organisation_customer", false, profile_read_flag, AT(customer_organisation), .choices = customers},
	{"sftp", false, read_sftp, AT(sftp)},
	{"instruction_password_secret", false, profile_read_secret_name, AT(instruction_password_secret)},
	{"instruction_password_secret_next", false, profile_read_secret_name, AT(instruction_password_secret_next)},
	{"instruction_addresses", false, read_networks, AT(instruction_addresses)},
	{"instruction_client_ca", false, profile_read_path, AT(instruction_client_ca)},
};

/* ---- the whole ---- */

static bool is_loopback(struct arena *a, const char *host)
{
	struct url u;
	return url_parse(&u, a, arena_printf(a, "https://%s/", host)) == ST_OK && url_is_loopback(&u);
}

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
	if (!p->annex_confirmed && (!loopback || (p->sftp.host && !is_loopback(a, p->sftp.host))))
		return status_fail(ST_INVALID, "carrier profile: annex_confirmed is false: loopback addresses only");
	if (p->sftp.host && !p->sftp.bin_key_secret)
		return status_fail(ST_INVALID, "carrier profile: sftp.bin_key_secret is missing");
	if (p->pho_name_always && !p->pho_name)
		return status_fail(ST_INVALID, "carrier profile: pho_name_always wants pho_name");
	return ST_OK;
}

/* What follows from other members. */
static void set_presets(struct t1_profile *p)
{
	if (!p->instruction_password_secret) {
		p->instruction_password_secret = p->password_secret;
		if (!p->instruction_password_secret_next)
			p->instruction_password_secret_next = p->password_secret_next;
	}
	if (p->sftp.host && !p->sftp.bin_key_secret)
		p->sftp.bin_key_secret = p->cipher_key_secret;
}

enum status t1_profile_parse(struct t1_profile *out, struct arena *a, const char *json)
{
	struct t1_profile p = {
		.sign_upper = true,
		.cipher = T1_SM4_ECB,
		.encoding = T1_BASE64,
		.reconcile_hours = T1_RECONCILE_HOURS,
		.sftp = {.port = SSH_PORT, .cipher = T1_SM4_CBC},
	};
	size_t length = json ? strlen(json) : 0;
	const cJSON *object = NULL;
	p.sftp.folder = arena_strdup(a, "/{PlatformID}/{yyyyMMdd}/");
	p.sftp.kh_name = arena_strdup(a, "KH_{RequestID}_{Code}");
	p.sftp.ht_name = arena_strdup(a, "HT_{RequestID}_{Code}");
	for (int i = 0; i < T1_BUSINESS_MAX; i++)
		p.messages[i] = businesses[i].preset;
	if (length <= PROFILE_BYTES_MAX)
		object = json_read_object(a, (struct bytes){(const unsigned char *)json, length});
	if (!object)
		return status_fail(ST_INVALID, "carrier profile: not a JSON object");
	const cJSON *sftp = cJSON_GetObjectItemCaseSensitive(object, "sftp");
	enum status st = profile_read_object(&p, a, object, members, sizeof(members) / sizeof(members[0]), "");
	if (st == ST_OK && sftp)
		st = profile_read_object(&p.sftp, a, sftp, sftp_members, sizeof(sftp_members) / sizeof(sftp_members[0]), "sftp.");
	if (st != ST_OK)
		return st;
	set_presets(&p);
	st = check_whole(&p, a);
	if (st == ST_OK)
		*out = p;
	return st;
}

/* ---- asking it ---- */

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

const struct t1_parts *t1_profile_messages(const struct t1_profile *p, const char *business)
{
	int i = business_index(business);
	return i < 0 ? NULL : &p->messages[i];
}

bool t1_profile_address_allowed(const struct t1_profile *p, const char *address)
{
	for (int i = 0; i < p->instruction_address_count; i++)
		if (t1_network_holds(&p->instruction_addresses[i], address))
			return true;
	return p->instruction_address_count == 0;
}

char *t1_template(struct arena *a, const char *text, const struct t1_hole *holes)
{
	struct buffer b;
	buffer_init(&b, a, 4096);
	for (const char *c = text; *c;) {
		size_t n = 0;
		for (size_t i = 0; n == 0 && holes[i].name; i++)
			if (text_prefix(c, holes[i].name)) {
				buffer_text(&b, holes[i].value);
				n = strlen(holes[i].name);
			}
		if (n == 0)
			buffer_add(&b, c, n = 1);
		c += n;
	}
	return b.data;
}

char *t1_profile_pho_name(struct arena *a, const struct t1_profile *p, const char *iccid, const char *request_id, const char *code)
{
	const struct t1_hole holes[] = {{"{ICCID}", iccid}, {"{RequestID}", request_id}, {"{Code}", code}, {NULL, NULL}};
	return p->pho_name ? t1_template(a, p->pho_name, holes) : NULL;
}

enum status t1_profile_cipher_key(struct arena *a, const char *secret, struct bytes *out)
{
	struct bytes key;
	if (text_empty(secret) || strlen(secret) != 32 || hex_decode(a, secret, &key) != ST_OK)
		return status_fail(ST_INVALID, "cipher key: 32 hex digits are wanted");
	*out = key;
	return ST_OK;
}
