/* Calls to Tencent Cloud and the part of their answers that is the same everywhere. */
#include "providers/tencent_client.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/url.h"
#include "providers/tencent_sign.h"

#define TOKEN_MAX 100
#define FAILED "FailedOperation."

/* Codes that every product gives; a row counts for the code itself and for code.anything. */
static const struct {
	const char *prefix;
	enum provider_class class;
} common_codes[] = {
	{"ActionOffline", PROVIDER_OPERATOR},         {"AuthFailure", PROVIDER_OPERATOR},           {"InvalidAction", PROVIDER_OPERATOR},
	{"InvalidParameter", PROVIDER_OPERATOR},      {"InvalidParameterValue", PROVIDER_OPERATOR}, {"InvalidRequest", PROVIDER_OPERATOR},
	{"IpInBlacklist", PROVIDER_OPERATOR},         {"IpNotInWhitelist", PROVIDER_OPERATOR},      {"MissingParameter", PROVIDER_OPERATOR},
	{"NoSuchProduct", PROVIDER_OPERATOR},         {"NoSuchVersion", PROVIDER_OPERATOR},         {"OperationDenied", PROVIDER_OPERATOR},
	{"ResourcesSoldOut", PROVIDER_OPERATOR},      {"UnauthorizedOperation", PROVIDER_OPERATOR}, {"UnknownParameter", PROVIDER_OPERATOR},
	{"UnsupportedOperation", PROVIDER_OPERATOR},  {"InternalError", PROVIDER_TRANSIENT},        {"LimitExceeded", PROVIDER_TRANSIENT},
	{"RequestLimitExceeded", PROVIDER_TRANSIENT}, {"ResourceUnavailable", PROVIDER_TRANSIENT},
};

static const char *const class_names[] = {
	[PROVIDER_PASS] = "pass",     [PROVIDER_USER] = "user",           [PROVIDER_MISMATCH] = "mismatch",
	[PROVIDER_REVIEW] = "review", [PROVIDER_TRANSIENT] = "transient", [PROVIDER_OPERATOR] = "operator",
};

/* A code or an id that may be logged; NULL when it does not look like one. */
static char *token(struct arena *a, const char *text)
{
	size_t n = text ? strspn(text, "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ._-") : 0;
	return n > 0 && n <= TOKEN_MAX && !text[n] ? arena_strdup(a, text) : NULL;
}

static void set(struct provider_result *result, enum provider_class class, const char *cause, char *raw_code)
{
	result->class = class;
	result->cause = cause;
	result->raw_code = raw_code;
}

/* ---- the call ---- */

bool tencent_post(const struct config *c, struct arena *a, const struct tencent_call *call, struct http_answer *out,
		  struct provider_result *result)
{
	struct url url;
	*result = (struct provider_result){.score = -1};
	if (text_empty(call->secret_id) || text_empty(call->secret_key) || url_parse(&url, a, call->url) != ST_OK ||
	    strcmp(url.path, "/") != 0) {
		set(result, PROVIDER_OPERATOR, call->busy, arena_strdup(a, "config"));
		return false;
	}
	const struct tencent_request request = {
		.service = call->service,
		.version = call->version,
		.action = call->action,
		.region = call->region,
		.host = url.authority,
		.body = call->body,
		.secret_id = call->secret_id,
		.secret_key = call->secret_key,
		.time = clock_now(),
	};
	const struct http_call http = {
		.url = call->url,
		.headers = tencent_headers(a, &request),
		.body = call->body,
		.ca_file = c->outbound_ca_file,
		.connect_ms = c->outbound_connect_ms,
		.timeout_ms = c->outbound_timeout_ms,
		.answer_max = call->answer_max,
	};
	enum status st = http_post(a, &http, out);
	if (st == ST_OK)
		return true;
	bool ours = st == ST_INVALID || strcmp(out->error, "tls") == 0;
	set(result, ours ? PROVIDER_OPERATOR : PROVIDER_TRANSIENT, call->busy, arena_printf(a, "http.%s", out->error));
	return false;
}

void tencent_log(const char *action, const struct provider_result *result, int64_t started_ms)
{
	log_info("provider", "action=%s class=%s code=%s request=%s ms=%" PRId64, action, class_names[result->class], result->raw_code,
		 result->request_id ? result->request_id : "-", clock_monotonic_ms() - started_ms);
}

/* ---- the answer ---- */

void tencent_judge(struct arena *a, const char *code, const struct tencent_code *codes, const char *busy, struct provider_result *result)
{
	char *raw = token(a, code);
	if (!raw) {
		set(result, PROVIDER_TRANSIENT, busy, arena_strdup(a, "unreadable"));
		return;
	}
	const char *name = text_prefix(raw, FAILED) ? raw + strlen(FAILED) : raw;
	for (const struct tencent_code *row = codes; row->code; row++)
		if (strcmp(row->code, name) == 0) {
			set(result, row->class, row->cause, raw);
			return;
		}
	for (size_t i = 0; i < sizeof common_codes / sizeof common_codes[0]; i++) {
		size_t n = strlen(common_codes[i].prefix);
		if (text_prefix(name, common_codes[i].prefix) && (!name[n] || name[n] == '.')) {
			set(result, common_codes[i].class, busy, raw);
			return;
		}
	}
	log_warn("provider", "unknown code=%s", raw);
	set(result, PROVIDER_TRANSIENT, busy, raw);
}

/* A status that is not 200: an address, a proxy or a request of ours is wrong, or the provider is in trouble. */
static enum provider_class status_class(int status)
{
	return (status >= 300 && status <= 499 && status != 408 && status != 425 && status != 429) ? PROVIDER_OPERATOR : PROVIDER_TRANSIENT;
}

const cJSON *tencent_response(struct arena *a, int http_status, struct bytes body, const struct tencent_code *codes, const char *busy,
			      struct provider_result *result)
{
	*result = (struct provider_result){.score = -1};
	if (http_status != 200) {
		set(result, status_class(http_status), busy, arena_printf(a, "http.%d", http_status));
		return NULL;
	}
	set(result, PROVIDER_TRANSIENT, busy, arena_strdup(a, "unreadable"));
	const cJSON *response = cJSON_GetObjectItemCaseSensitive(json_read_object(a, body), "Response");
	if (!cJSON_IsObject(response))
		return NULL;
	result->request_id = token(a, json_string(response, "RequestId"));
	const cJSON *error = cJSON_GetObjectItemCaseSensitive(response, "Error");
	if (!error)
		return response;
	tencent_judge(a, json_string(error, "Code"), codes, busy, result);
	return NULL;
}
