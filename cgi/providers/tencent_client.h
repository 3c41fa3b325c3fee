/* What all Tencent Cloud interfaces share: one signed call, the envelope of an answer, the judgement of a code. */
#ifndef PROVIDERS_TENCENT_CLIENT_H
#define PROVIDERS_TENCENT_CLIENT_H

#include <cjson/cJSON.h>

#include "providers/provider.h"

/* One code and what it means. "FailedOperation." in front is left out; other codes stand whole. Ends with a NULL code.
 * PROVIDER_PASS is never in such a table: no error code is a success. */
struct tencent_code {
	const char *code;
	enum provider_class class;
	const char *cause;
};

struct tencent_call {
	const char *service, *version, *action, *region;
	const char *url, *secret_id, *secret_key;
	const char *busy; /* message key for trouble that is not the user's */
	struct bytes body;
	size_t answer_max;
};

/* False when there was no answer; then *result is set. */
bool tencent_post(const struct config *c, struct arena *a, const struct tencent_call *call, struct http_answer *out,
		  struct provider_result *result);
/* The Response object of an answer that carries no error; *result gets its request id and is otherwise PROVIDER_TRANSIENT
 * "unreadable" until the caller judges it. NULL when there is an error or no readable answer; then *result is final. */
const cJSON *tencent_response(struct arena *a, int http_status, struct bytes body, const struct tencent_code *codes, const char *busy,
			      struct provider_result *result);
/* Sets class, cause and raw_code from a code that is not success: the product's table, then the common one; an unknown code is
 * PROVIDER_TRANSIENT and logged. */
void tencent_judge(struct arena *a, const char *code, const struct tencent_code *codes, const char *busy, struct provider_result *result);
/* One log line: action, code, request id, class and duration; nothing of the answer's texts. */
void tencent_log(const char *action, const struct provider_result *result, int64_t started_ms);

#endif
