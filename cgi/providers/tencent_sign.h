/* TC3-HMAC-SHA256: the signature of requests to Tencent Cloud. Pure. */
#ifndef PROVIDERS_TENCENT_SIGN_H
#define PROVIDERS_TENCENT_SIGN_H

#include <stdint.h>

#include "base/text.h"

#define TENCENT_CONTENT_TYPE "application/json; charset=utf-8"

struct tencent_request {
	const char *service; /* "faceid", "ocr", "sms" */
	const char *version; /* of the interface: "2018-03-01" */
	const char *action;
	const char *region; /* NULL: not sent */
	const char *host;   /* as the Host header says it, with a port that is not 443 */
	struct bytes body;  /* the exact bytes */
	const char *secret_id, *secret_key;
	int64_t time; /* seconds, UTC */
};

struct tencent_signature {
	char *payload_hash, *request_hash, *signature; /* lower-case hex */
	char *scope;                                   /* 2019-02-25/cvm/tc3_request */
};

/* Arena. Does not look at version, region and secret_id. */
void tencent_sign(struct arena *a, const struct tencent_request *r, struct tencent_signature *out);
/* All header lines of the signed request, Host among them, ended by NULL. Arena. */
const char *const *tencent_headers(struct arena *a, const struct tencent_request *r);

#endif
