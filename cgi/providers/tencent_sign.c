/* TC3-HMAC-SHA256. The names follow the published steps: canonical request, scope, text to sign, chain of keys. */
#include "providers/tencent_sign.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/crypt.h"

static char *sha256_hex(struct arena *a, const void *bytes, size_t length)
{
	unsigned char hash[CRYPT_HASH_SIZE];
	crypt_sha256(hash, bytes, length);
	return hex_encode(a, hash, sizeof hash);
}

/* The day of the scope is UTC, not the local one. */
static char *utc_day(struct arena *a, int64_t t)
{
	time_t seconds = (time_t)t;
	struct tm tm = {0};
	gmtime_r(&seconds, &tm);
	return arena_printf(a, "%04d-%02d-%02d", tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday);
}

static char *lower(struct arena *a, const char *text)
{
	char *copy = arena_strdup(a, text);
	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

static void sign_text(unsigned char out[CRYPT_HASH_SIZE], struct arena *a, const struct tencent_request *r, const char *day,
		      const char *text)
{
	unsigned char day_key[CRYPT_HASH_SIZE], service_key[CRYPT_HASH_SIZE], key[CRYPT_HASH_SIZE];
	char *first = arena_printf(a, "TC3%s", r->secret_key);
	crypt_hmac_sha256(day_key, first, strlen(first), day, strlen(day));
	crypt_hmac_sha256(service_key, day_key, sizeof day_key, r->service, strlen(r->service));
	crypt_hmac_sha256(key, service_key, sizeof service_key, "tc3_request", strlen("tc3_request"));
	crypt_hmac_sha256(out, key, sizeof key, text, strlen(text));
	crypt_wipe(first, strlen(first));
	crypt_wipe(day_key, sizeof day_key);
	crypt_wipe(service_key, sizeof service_key);
	crypt_wipe(key, sizeof key);
}

void tencent_sign(struct arena *a, const struct tencent_request *r, struct tencent_signature *out)
{
	unsigned char mac[CRYPT_HASH_SIZE];
	const char *day = utc_day(a, r->time);
	out->payload_hash = sha256_hex(a, r->body.data, r->body.length);
	char *request = arena_printf(a,
				     "POST\n/\n\ncontent-type:" TENCENT_CONTENT_TYPE "\nhost:%s\nx-tc-action:%s\n\n"
				     "content-type;host;x-tc-action\n%s",
				     lower(a, r->host), lower(a, r->action), out->payload_hash);
	out->request_hash = sha256_hex(a, request, strlen(request));
	out->scope = arena_printf(a, "%s/%s/tc3_request", day, r->service);
	sign_text(mac, a, r, day, arena_printf(a, "TC3-HMAC-SHA256\n%" PRId64 "\n%s\n%s", r->time, out->scope, out->request_hash));
	out->signature = hex_encode(a, mac, sizeof mac);
}

const char *const *tencent_headers(struct arena *a, const struct tencent_request *r)
{
	struct tencent_signature s;
	const char **lines = arena_alloc(a, 8 * sizeof *lines);
	int n = 0;
	tencent_sign(a, r, &s);
	lines[n++] = "Content-Type: " TENCENT_CONTENT_TYPE;
	lines[n++] = arena_printf(a, "Host: %s", lower(a, r->host));
	lines[n++] = arena_printf(a, "X-TC-Action: %s", r->action);
	lines[n++] = arena_printf(a, "X-TC-Version: %s", r->version);
	lines[n++] = arena_printf(a, "X-TC-Timestamp: %" PRId64, r->time);
	if (!text_empty(r->region))
		lines[n++] = arena_printf(a, "X-TC-Region: %s", r->region);
	lines[n++] = arena_printf(
		a, "Authorization: TC3-HMAC-SHA256 Credential=%s/%s, SignedHeaders=content-type;host;x-tc-action, Signature=%s",
		r->secret_id, s.scope, s.signature);
	lines[n] = NULL;
	return lines;
}
