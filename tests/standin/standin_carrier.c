/* Stands in for the carrier's T1 platform: account messages at /t1/account, vehicle messages at /t1/vehicle. What it accepted is
 * in DIR/accepted.jsonl and is read back at the start, so that a restart forgets nothing. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "encode.h"
#include "map.h"
#include "record.h"
#include "script.h"
#include "server.h"
#include "t1_check.h"
#include "t1_crypt.h"

#define ID_MIN 20
#define ID_MAX 32
#define CODE_MALFORMED "400"
#define CODE_AUTHENTICATION "401"
#define CODE_METHOD "405"
#define CODE_NO_RECORD "501"
#define CODE_TRY_LATER "604"

struct message_kind {
	const char *path, *name, *field; /* field: the enciphered one */
	const char *const *names;        /* of the outer message */
	bool (*check)(const cJSON *object, char *why, size_t size);
};

static const char *const ACCOUNT_NAMES[] = {"OperType", "{Auth", "RequestID", "Code", "EncryptUserInfo", NULL};
static const char *const VEHICLE_NAMES[] = {"{Auth", "RequestID", "Code", "EncryptCarInfo", NULL};
static const char *const AUTH_NAMES[] = {"PlatformID", "SignNature", NULL};
static const struct message_kind KINDS[] = {
	{"/t1/account", "account", "EncryptUserInfo", ACCOUNT_NAMES, t1_check_user},
	{"/t1/vehicle", "vehicle", "EncryptCarInfo", VEHICLE_NAMES, t1_check_vehicle},
};

static struct {
	const char *platform_id, *code;
	const char *prefix;          /* stands before every code of its lists (OperType, certificate types) */
	char signatures[2][SM3_HEX]; /* two passwords while one follows the other */
	struct t1_crypt crypt;
	struct record *accepted;
	pthread_mutex_t lock;
	struct map answers; /* RequestID to digest of path and body, a blank, and the failure code ("1" = done) */
	struct map cards;   /* ICCID of an accepted account message to its MSISDN */
} carrier = {.lock = PTHREAD_MUTEX_INITIALIZER, .prefix = ""};

static const struct message_kind *kind_of(const struct request *request)
{
	for (size_t i = 0; i < sizeof(KINDS) / sizeof(*KINDS); i++) {
		if (strcmp(KINDS[i].path, request->path) == 0)
			return &KINDS[i];
	}
	return NULL;
}

static const char *text_of(const cJSON *object, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void open_message(struct request *request)
{
	const struct message_kind *kind = kind_of(request);
	const cJSON *field = kind ? cJSON_GetObjectItemCaseSensitive(request->json, kind->field) : NULL;

	snprintf(request->action, sizeof(request->action), "%s", kind ? kind->name : "");
	if (carrier.crypt.cipher == T1_PLAIN && cJSON_IsObject(field)) {
		request->decrypted_text = cJSON_PrintUnformatted(field);
		request->decrypted = cJSON_Duplicate(field, 1);
	} else if (cJSON_IsString(field)) {
		request->decrypted_text = t1_decrypt(&carrier.crypt, field->valuestring);
		request->decrypted = request->decrypted_text ? cJSON_ParseWithOpts(request->decrypted_text, NULL, 1) : NULL;
	}
}

static bool id_is_good(const char *id)
{
	size_t n = id ? strlen(id) : 0;

	return n >= ID_MIN && n <= ID_MAX && strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == n;
}

static bool auth_is_good(const cJSON *auth)
{
	const char *platform = text_of(auth, "PlatformID"), *signature = text_of(auth, "SignNature");
	bool good = false;

	if (!platform || !signature || strcmp(platform, carrier.platform_id) != 0)
		return false;
	for (size_t i = 0; i < 2; i++)
		good |= carrier.signatures[i][0] && t1_sign_equals(carrier.signatures[i], signature);
	return good;
}

static bool type_is_json(const struct request *request)
{
	const char *type = request_header(request, "Content-Type");

	return type && strncasecmp(type, "application/json", 16) == 0 && (type[16] == '\0' || type[16] == ';' || type[16] == ' ');
}

/* The names of the outer message, with a plain object in place of the enciphered string where the profile has no cipher. */
static bool check_outer(const struct request *request, const struct message_kind *kind, char *why, size_t size)
{
	const char *names[6];
	char object[32];
	size_t n = 0;

	for (; kind->names[n]; n++)
		names[n] = kind->names[n];
	names[n] = NULL;
	if (carrier.crypt.cipher == T1_PLAIN && cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(request->json, kind->field))) {
		snprintf(object, sizeof(object), "{%s", kind->field);
		names[n - 1] = object;
	}
	return t1_check_names(request->json, names, why, size);
}

/* The code as the placeholder lists have it; NULL when it is none of this carrier's. */
static const char *own_code(const char *code)
{
	size_t n = strlen(carrier.prefix);

	return strncmp(code, carrier.prefix, n) == 0 ? code + n : NULL;
}

/* Takes the prefix from all certificate types; false, with why, when one has another. */
static bool own_types(cJSON *object, char *why, size_t size)
{
	cJSON *item;

	cJSON_ArrayForEach(item, object)
	{
		const char *end = strstr(item->string, "CertType"), *code = cJSON_GetStringValue(item);

		if (!end || end[8] || !code)
			continue;
		if (!own_code(code)) {
			snprintf(why, size, "%.60s: not a code of this carrier", item->string);
			return false;
		}
		memmove(item->valuestring, own_code(code), strlen(own_code(code)) + 1);
	}
	return true;
}

static const char *refuse(struct request *request, const char *code, const char *why)
{
	request_refuse(request, "%s", why);
	return code;
}

/* NULL when the message is whole and right, else the failure code. */
static const char *check_message(struct request *request, const struct message_kind *kind)
{
	const cJSON *auth = cJSON_GetObjectItemCaseSensitive(request->json, "Auth");
	const char *operation = text_of(request->json, "OperType"), *code = text_of(request->json, "Code");
	char why[128];

	if (strcmp(request->method, "POST") != 0)
		return refuse(request, CODE_METHOD, "not a POST");
	if (!type_is_json(request))
		return refuse(request, CODE_MALFORMED, "Content-Type: not application/json");
	if (!cJSON_IsObject(request->json))
		return refuse(request, CODE_MALFORMED, "the body is not a JSON object in UTF-8");
	if (!cJSON_IsObject(auth) || !t1_check_names(auth, AUTH_NAMES, why, sizeof(why)))
		return refuse(request, CODE_MALFORMED, "Auth: not PlatformID and SignNature");
	if (!auth_is_good(auth))
		return refuse(request, CODE_AUTHENTICATION, "Auth: wrong");
	if (!check_outer(request, kind, why, sizeof(why)))
		return refuse(request, CODE_MALFORMED, why);
	if (!id_is_good(text_of(request->json, "RequestID")))
		return refuse(request, CODE_MALFORMED, "RequestID: wrong form");
	if (strcmp(code, carrier.code) != 0)
		return refuse(request, CODE_MALFORMED, "Code: not the manufacturer's");
	if (operation)
		operation = own_code(operation) ? own_code(operation) : "";
	if (operation && (strlen(operation) != 1 || !strchr("12345", *operation)))
		return refuse(request, CODE_MALFORMED, "OperType: no such value");
	if (!request->decrypted)
		return refuse(request, CODE_MALFORMED, request->decrypted_text ? "clear text: not JSON" : "cannot be deciphered");
	if (!own_types(request->decrypted, why, sizeof(why)) || !kind->check(request->decrypted, why, sizeof(why)))
		return refuse(request, CODE_MALFORMED, why);
	return NULL;
}

static void record_accepted(const struct request *request, const struct message_kind *kind, const char *digest)
{
	static const char *const inner[] = {"ICCID", "MSISDN", "VehicleStatus", "VIN"};
	const char *operation = text_of(request->json, "OperType");
	cJSON *line = cJSON_CreateObject();

	cJSON_AddNumberToObject(line, "time", request->time);
	cJSON_AddStringToObject(line, "RequestID", text_of(request->json, "RequestID"));
	cJSON_AddStringToObject(line, "kind", kind->name);
	if (operation)
		cJSON_AddStringToObject(line, "OperType", operation);
	for (size_t i = 0; i < sizeof(inner) / sizeof(*inner); i++) {
		if (text_of(request->decrypted, inner[i]))
			cJSON_AddStringToObject(line, inner[i], text_of(request->decrypted, inner[i]));
	}
	cJSON_AddStringToObject(line, "sha256", digest);
	record_json(carrier.accepted, line);
	cJSON_Delete(line);
}

/* Decides on a good message: NULL = done. Called with the lock held. */
static const char *register_message(struct request *request, const struct message_kind *kind, const char *digest)
{
	const char *iccid = text_of(request->decrypted, "ICCID"), *msisdn = text_of(request->decrypted, "MSISDN");
	const char *known = map_find(&carrier.cards, iccid);

	if (kind == &KINDS[1] && !known)
		return refuse(request, CODE_NO_RECORD, "ICCID: no account message was accepted before");
	if (kind == &KINDS[1] && strcmp(known, msisdn) != 0)
		return refuse(request, CODE_MALFORMED, "MSISDN: another one than in the account message");
	if (kind == &KINDS[0])
		map_put(&carrier.cards, iccid, msisdn);
	record_accepted(request, kind, digest);
	return NULL;
}

/* What is done stays done: a scripted refusal may not take it back. Codes about the moment may still come. */
static bool may_answer(const char *scripted, const char *before)
{
	static const char *const of_the_moment[] = {CODE_AUTHENTICATION, CODE_METHOD, CODE_TRY_LATER};
	bool done = before && strcmp(before + SHA256_HEX, "1") == 0;

	for (size_t i = 0; i < sizeof(of_the_moment) / sizeof(*of_the_moment); i++) {
		if (scripted && strcmp(scripted, of_the_moment[i]) == 0)
			return true;
	}
	return scripted && !done;
}

/* The same RequestID with the same bytes has the same answer, and with others none. */
static const char *decide(struct request *request, const struct message_kind *kind, const char *scripted)
{
	const char *id = text_of(request->json, "RequestID"), *before, *code;
	char digest[SHA256_HEX], entry[SHA256_HEX + 8];

	encode_sha256_hex(digest, request->body, request->length);
	pthread_mutex_lock(&carrier.lock);
	before = map_find(&carrier.answers, id);
	if (before && strncmp(before, digest, SHA256_HEX - 1) != 0) {
		code = refuse(request, CODE_MALFORMED, "RequestID: used before with another body");
	} else if (may_answer(scripted, before)) {
		code = scripted;
	} else if (before) {
		request_refuse(request, "repeated: the same answer as before");
		code = strcmp(before + SHA256_HEX, "1") == 0 ? NULL : CODE_NO_RECORD;
	} else {
		code = register_message(request, kind, digest);
		if (!code || strcmp(code, CODE_NO_RECORD) == 0) {
			snprintf(entry, sizeof(entry), "%s %s", digest, code ? code : "1");
			map_put(&carrier.answers, id, entry);
		}
	}
	pthread_mutex_unlock(&carrier.lock);
	return code;
}

static struct answer handle(struct request *request, const cJSON *then)
{
	const struct message_kind *kind = kind_of(request);
	const char *id = text_of(request->json, "RequestID"), *code;
	const char *scripted = script_text(then, "error") ? script_text(then, "error") : script_text(then, "result");
	cJSON *json;
	unsigned int status = 200;

	if (!kind) {
		request_refuse(request, "no such path");
		return answer_text(404, "text/plain", "not found\n");
	}
	code = check_message(request, kind);
	if (!code)
		code = decide(request, kind, scripted);
	if (code && (strcmp(code, CODE_METHOD) == 0 || strcmp(code, CODE_AUTHENTICATION) == 0))
		status = (unsigned int)atoi(code);
	json = cJSON_CreateObject();
	cJSON_AddStringToObject(json, "RequestID", id ? id : "");
	cJSON_AddStringToObject(json, "OprRst", code ? "2" : "1");
	if (code)
		cJSON_AddStringToObject(json, "FailureCause", code);
	if (!code || code == scripted)
		answer_merge_fields(json, then);
	return answer_json(status, json);
}

/* What an earlier run accepted: lines of DIR/accepted.jsonl, of which a kill may have left a part. */
static void remember(const char *dir)
{
	char path[4096], *line = NULL, entry[SHA256_HEX + 8];
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/accepted.jsonl", dir);
	file = fopen(path, "r");
	while (file && getline(&line, &room, file) > 0) {
		cJSON *json = cJSON_Parse(line);
		const char *id = text_of(json, "RequestID"), *kind = text_of(json, "kind"), *digest = text_of(json, "sha256");
		const char *iccid = text_of(json, "ICCID"), *msisdn = text_of(json, "MSISDN");

		if (id && kind && iccid && msisdn && digest && strlen(digest) == SHA256_HEX - 1) {
			snprintf(entry, sizeof(entry), "%s 1", digest);
			map_put(&carrier.answers, id, entry);
			if (strcmp(kind, KINDS[0].name) == 0)
				map_put(&carrier.cards, iccid, msisdn);
		}
		cJSON_Delete(json);
	}
	free(line);
	if (file)
		fclose(file);
}

static bool read_password(size_t i, const char *path)
{
	char *password = path ? encode_read_secret(path) : NULL;

	if (path && !password) {
		perror(path);
		return false;
	}
	if (password)
		t1_sign(carrier.signatures[i], carrier.platform_id, password);
	free(password);
	return true;
}

static bool read_cipher(const char *path, const char *cipher, const char *encoding)
{
	static const char *const names[] = {[T1_ECB] = "ecb", [T1_CBC] = "cbc", [T1_PLAIN] = "none"};
	size_t i = 0;
	char *key;
	bool good;

	while (i < 3 && strcmp(names[i], cipher) != 0)
		i++;
	if (i == 3 || (strcmp(encoding, "base64") != 0 && strcmp(encoding, "hex") != 0)) {
		fprintf(stderr, "--cipher is ecb, cbc or none; --encoding is base64 or hex\n");
		return false;
	}
	carrier.crypt.cipher = (enum t1_cipher)i;
	carrier.crypt.hex = strcmp(encoding, "hex") == 0;
	key = encode_read_secret(path);
	good = key && encode_unhex(carrier.crypt.key, SM4_KEY, key);
	if (!good)
		fprintf(stderr, "%s: 32 hex digits are needed\n", path);
	free(key);
	return good;
}

int main(int argc, char **argv)
{
	struct server_options options = {0};
	const char *passwords[2] = {NULL, NULL}, *key_file = NULL, *cipher = "ecb", *encoding = "base64";
	const struct option_spec specs[] = {SERVER_OPTION_SPECS(options),
					    {"--platform-id", true, 1, &carrier.platform_id},
					    {"--password-file", true, 2, passwords},
					    {"--cipher-key-file", true, 1, &key_file},
					    {"--code", true, 1, &carrier.code},
					    {"--code-prefix", false, 1, &carrier.prefix},
					    {"--cipher", false, 1, &cipher},
					    {"--encoding", false, 1, &encoding}};
	static const struct standin standin = {"standin_carrier", open_message, handle};
	int result = 1;

	t1_check_start();
	if (argc == 2 && strcmp(argv[1], "--self-test") == 0) {
		result = t1_crypt_self_test() & t1_check_self_test() ? 0 : 1;
	} else if (!options_parse(specs, sizeof(specs) / sizeof(*specs), argc, argv)) {
		result = 2;
	} else if (read_password(0, passwords[0]) && read_password(1, passwords[1]) && read_cipher(key_file, cipher, encoding)) {
		remember(options.dir);
		carrier.accepted = record_open(options.dir, "accepted.jsonl");
		if (carrier.accepted)
			result = server_run(&standin, &options);
	}
	record_close(carrier.accepted);
	map_free(&carrier.answers);
	map_free(&carrier.cards);
	t1_check_stop();
	return result;
}
