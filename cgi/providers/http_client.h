/* The only user of libcurl: one POST with hard limits. https only, certificate and host verified, no redirects, a new connection
 * each time, answer bounded, total and connect time-outs, no cookies, no proxy from the environment. */
#ifndef PROVIDERS_HTTP_CLIENT_H
#define PROVIDERS_HTTP_CLIENT_H

#include "base/arena.h"
#include "base/text.h"

struct http_call {
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL */
	struct bytes body;
	const char *ca_file; /* NULL: the system's */
	int connect_ms, timeout_ms;
	size_t answer_max; /* 0: 1 MiB */
};
struct http_answer {
	int status; /* 0: no answer */
	struct bytes body;
	const char *error; /* short word when status is 0: "connect" (nothing was sent), "tls" (its certificate is not good, nothing was
			    * sent), "timeout", "cut" (it may have been done), "too_large", "other" */
	int retry_after_s; /* -1 when not given */
};
void http_client_start(void); /* once per process, before it has threads or children */
/* ST_UNAVAILABLE when there was no HTTP answer (out->error says why); ST_INVALID when the call itself is malformed (error "other");
 * else ST_OK whatever the status. out is always set. */
enum status http_post(struct arena *a, const struct http_call *call, struct http_answer *out) MUST_CHECK;

#endif
