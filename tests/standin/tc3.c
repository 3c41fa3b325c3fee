/* Checks TC3-HMAC-SHA256 signatures. */
#include "tc3.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define SKEW_MAX 300 /* seconds */
#define CANONICAL_MAX 4096

struct authorization {
	char secret_id[128], date[16], service[32], signed_headers[512], signature[SHA256_HEX];
};

static void hmac(unsigned char out[SHA256_SIZE], const void *key, size_t key_size, const char *text)
{
	unsigned int n = SHA256_SIZE;

	if (!HMAC(EVP_sha256(), key, (int)key_size, (const unsigned char *)text, strlen(text), out, &n))
		abort();
}

static void date_of(char out[16], time_t timestamp)
{
	struct tm tm;

	gmtime_r(&timestamp, &tm);
	strftime(out, 16, "%Y-%m-%d", &tm);
}

void tc3_sign(char out[SHA256_HEX], const struct tc3_message *message, const char *secret_key, time_t timestamp, const char *signed_headers,
	      const char *canonical_headers)
{
	char date[16], payload[SHA256_HEX], digest[SHA256_HEX], canonical[2 * CANONICAL_MAX], text[512], first_key[512];
	unsigned char key[SHA256_SIZE], next[SHA256_SIZE];

	date_of(date, timestamp);
	encode_sha256_hex(payload, message->body, message->length);
	snprintf(canonical, sizeof(canonical), "POST\n/\n\n%s\n%s\n%s", canonical_headers, signed_headers, payload);
	encode_sha256_hex(digest, canonical, strlen(canonical));
	snprintf(text, sizeof(text), "TC3-HMAC-SHA256\n%lld\n%s/%s/tc3_request\n%s", (long long)timestamp, date, message->service, digest);
	snprintf(first_key, sizeof(first_key), "TC3%s", secret_key);
	hmac(key, first_key, strlen(first_key), date);
	hmac(next, key, sizeof(key), message->service);
	hmac(key, next, sizeof(next), "tc3_request");
	hmac(next, key, sizeof(key), text);
	encode_hex(out, next, sizeof(next));
}

static const char *header_of(const struct tc3_message *message, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItem(message->headers, name));
}

static bool parse_authorization(struct authorization *out, const char *text)
{
	int end = 0;

	return text &&
	       sscanf(text,
		      "TC3-HMAC-SHA256 Credential=%127[^/ ,]/%15[0-9-]/%31[a-z0-9]/tc3_request, SignedHeaders=%511[a-z0-9;-], "
		      "Signature=%64[0-9a-f]%n",
		      out->secret_id, out->date, out->service, out->signed_headers, out->signature, &end) == 5 &&
	       end && text[end] == '\0' && strlen(out->signature) == SHA256_HEX - 1;
}

/* Appends "name:value" and a line feed; the value is trimmed, and that of x-tc-action in lower case. */
static bool add_header(char *out, size_t size, const char *name, const char *value)
{
	size_t at = strlen(out), end;

	value += strspn(value, " \t");
	end = strlen(value);
	while (end && (value[end - 1] == ' ' || value[end - 1] == '\t'))
		end--;
	if (at + strlen(name) + end + 3 > size)
		return false;
	at += (size_t)sprintf(out + at, "%s:", name);
	for (size_t i = 0; i < end; i++)
		out[at++] = strcmp(name, "x-tc-action") == 0 ? (char)tolower((unsigned char)value[i]) : value[i];
	out[at++] = '\n';
	out[at] = '\0';
	return true;
}

/* The canonical headers of a list of names, which must be sorted and sent; host stands for the Host header. */
static bool canonicalize(char *out, size_t size, const struct tc3_message *message, const char *signed_headers, const char *host)
{
	char names[512], *rest = NULL, before[64] = "";

	snprintf(names, sizeof(names), "%s", signed_headers);
	out[0] = '\0';
	for (char *name = strtok_r(names, ";", &rest); name; name = strtok_r(NULL, ";", &rest)) {
		const char *value = strcmp(name, "host") == 0 ? host : header_of(message, name);

		if (!value || strcmp(before, name) >= 0 || !add_header(out, size, name, value))
			return false;
		snprintf(before, sizeof(before), "%s", name);
	}
	return true;
}

static bool names_header(const char *signed_headers, const char *name)
{
	size_t n = strlen(name);

	for (const char *at = signed_headers; (at = strstr(at, name)); at += n) {
		if ((at == signed_headers || at[-1] == ';') && (at[n] == ';' || at[n] == '\0'))
			return true;
	}
	return false;
}

static const char *refuse(char *why, size_t size, const char *code, const char *reason)
{
	snprintf(why, size, "%s", reason);
	return code;
}

/* A client signs its host name with or without the port, which real services never see: 443 is left out of Host. */
static bool signature_fits(const struct tc3_message *message, const struct authorization *given, const char *secret_key, time_t timestamp)
{
	const char *sent = header_of(message, "Host");
	char bare[256], canonical[CANONICAL_MAX], right[SHA256_HEX];
	const char *hosts[] = {sent, bare};

	snprintf(bare, sizeof(bare), "%.*s", (int)strcspn(sent, ":"), sent);
	for (size_t i = 0; i < 2; i++) {
		if (!canonicalize(canonical, sizeof(canonical), message, given->signed_headers, hosts[i]))
			return false;
		tc3_sign(right, message, secret_key, timestamp, given->signed_headers, canonical);
		if (CRYPTO_memcmp(right, given->signature, SHA256_HEX - 1) == 0)
			return true;
	}
	return false;
}

const char *tc3_check(const struct tc3_message *message, const struct tc3_account *account, time_t now, char *why, size_t size)
{
	static const char *const needed[] = {"content-type", "host", "x-tc-action"};
	const char *stamp = header_of(message, "X-TC-Timestamp");
	struct authorization given;
	char *end = NULL, date[16];
	long long timestamp;

	if (!parse_authorization(&given, header_of(message, "Authorization")))
		return refuse(why, size, "AuthFailure.InvalidAuthorization", "the Authorization header is missing or malformed");
	timestamp = stamp ? strtoll(stamp, &end, 10) : 0;
	if (!stamp || end == stamp || *end || !header_of(message, "Host"))
		return refuse(why, size, "MissingParameter", "X-TC-Timestamp or Host is missing or malformed");
	if (timestamp > now + SKEW_MAX || timestamp < now - SKEW_MAX)
		return refuse(why, size, "AuthFailure.SignatureExpire", "X-TC-Timestamp is more than five minutes off");
	if (strcmp(given.secret_id, account->secret_id) != 0)
		return refuse(why, size, "AuthFailure.SecretIdNotFound", "the SecretId is unknown");
	date_of(date, (time_t)timestamp);
	if (strcmp(given.date, date) != 0 || strcmp(given.service, message->service) != 0)
		return refuse(why, size, "AuthFailure.SignatureFailure", "the scope names another date (UTC) or service");
	for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
		if (!names_header(given.signed_headers, needed[i]))
			return refuse(why, size, "AuthFailure.SignatureFailure", "content-type, host and x-tc-action must be signed");
	}
	if (!signature_fits(message, &given, account->secret_key, (time_t)timestamp))
		return refuse(why, size, "AuthFailure.SignatureFailure", "the signature does not fit the message");
	return NULL;
}

struct vector {
	const char *name, *service, *key, *signed_headers, *canonical, *body, *signature;
	time_t timestamp;
};

#define CVM "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": \"instance-name\"}]}"
#define CVM_HEADERS "content-type:application/json; charset=utf-8\nhost:cvm.tencentcloudapi.com\n"
#define OWN_KEY "testSecretKey0000000000000000000"
#define THREE "content-type;host;x-tc-action"

static const struct vector VECTORS[] = {
	{"A published", "cvm", "Gu5t9xGARNpq86cd98joQYCN3*******", THREE, CVM_HEADERS "x-tc-action:describeinstances\n", CVM,
	 "be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3", 1551113065},
	{"A published, key of asterisks", "cvm", "********************************", THREE, CVM_HEADERS "x-tc-action:describeinstances\n",
	 CVM, "10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f", 1551113065},
	{"A published, two headers", "cvm", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE", "content-type;host", CVM_HEADERS, CVM,
	 "72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168", 1551113065},
	{"B GetLiveCode", "faceid", OWN_KEY, THREE,
	 "content-type:application/json; charset=utf-8\nhost:faceid.tencentcloudapi.com\nx-tc-action:getlivecode\n", "{}",
	 "2d1159ee48d9dad4e25200bfd9198b200a297a862475915b1d9262bc196c826d", 1700000000},
	{"C SendSms", "sms", OWN_KEY, THREE,
	 "content-type:application/json; charset=utf-8\nhost:sms.tencentcloudapi.com\nx-tc-action:sendsms\n",
	 "{\"PhoneNumberSet\":[\"+8613800138000\"],\"SmsSdkAppId\":\"1400006666\",\"TemplateId\":\"1110\",\"SignName\":\"测试\","
	 "\"TemplateParamSet\":[\"4903\"]}",
	 "5881abcb93cb09000317ffc0ad21b50ad9a4fb1b58698328a99cdb2ae16e396a", 1700000000},
};

static bool report(bool good, const char *name)
{
	printf("%s tc3 %s\n", good ? "ok" : "FAILED", name);
	return good;
}

/* The whole check of vector C, with one header changed when name is not NULL. */
static const char *check_case(const char *name, const char *value, time_t now)
{
	const struct vector *c = &VECTORS[4];
	const struct tc3_account account = {"AKIDtest", c->key};
	cJSON *headers = cJSON_CreateObject();
	char authorization[512], why[128];
	const char *code;

	snprintf(authorization, sizeof(authorization),
		 "TC3-HMAC-SHA256 Credential=AKIDtest/2023-11-14/sms/tc3_request, SignedHeaders=%s, Signature=%s", c->signed_headers,
		 c->signature);
	cJSON_AddStringToObject(headers, "Authorization", authorization);
	cJSON_AddStringToObject(headers, "content-type", "application/json; charset=utf-8");
	cJSON_AddStringToObject(headers, "Host", "sms.tencentcloudapi.com:8443");
	cJSON_AddStringToObject(headers, "X-TC-Action", "SendSms");
	cJSON_AddStringToObject(headers, "X-TC-Timestamp", "1700000000");
	if (name)
		cJSON_ReplaceItemInObject(headers, name, cJSON_CreateString(value));
	code = tc3_check(&(struct tc3_message){headers, c->body, strlen(c->body), "sms"}, &account, now, why, sizeof(why));
	cJSON_Delete(headers);
	return code;
}

static bool code_is(const char *code, const char *expected)
{
	return code && strcmp(code, expected) == 0;
}

bool tc3_self_test(void)
{
	bool good = true;

	for (size_t i = 0; i < sizeof(VECTORS) / sizeof(*VECTORS); i++) {
		const struct vector *v = &VECTORS[i];
		char signature[SHA256_HEX];

		tc3_sign(signature, &(struct tc3_message){NULL, v->body, strlen(v->body), v->service}, v->key, v->timestamp,
			 v->signed_headers, v->canonical);
		good &= report(strcmp(signature, v->signature) == 0, v->name);
	}
	good &= report(!check_case(NULL, NULL, 1700000300), "accepts a message five minutes old");
	good &= report(code_is(check_case(NULL, NULL, 1700000301), "AuthFailure.SignatureExpire"), "refuses an older one");
	good &= report(code_is(check_case("X-TC-Action", "PullSmsSendStatus", 1700000000), "AuthFailure.SignatureFailure"),
		       "refuses another action");
	good &= report(code_is(check_case("Host", "faceid.tencentcloudapi.com", 1700000000), "AuthFailure.SignatureFailure"),
		       "refuses another host");
	good &= report(code_is(check_case("Authorization", "TC3-HMAC-SHA256 Credential=a", 1700000000), "AuthFailure.InvalidAuthorization"),
		       "refuses a malformed header");
	return good;
}
