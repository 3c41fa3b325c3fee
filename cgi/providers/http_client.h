/* HTTP by libcurl: POST with hard limits. https only, certificate and host verified, no redirects, a new connection
 * each time, answer bounded, total and connect time-outs, no cookies, no proxy from the environment. */
#ifndef PROVIDERS_HTTP_CLIENT_H
#define PROVIDERS_HTTP_CLIENT_H

#include <stdint.h>

#include "base/arena.h"
#include "base/text.h"

struct http_call {
	const char *url;
	const char *const *headers; /* "Name: value", ends with NULL */
	struct bytes body;
	const char *ca_file; /* NULL: the system's */
	int connect_ms, timeout_ms;
	size_t answer_max; /* 0: 1 MiB */
	int64_t send_by;   /* clock_monotonic_ms: no byte of the request goes out after it, however long the process slept; 0: no such time */
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

/* Many at once, from one thread. */
struct http_flights;
struct http_flights *http_flights_create(struct arena *a);
/* Begins a call; its texts and body are borrowed until it has landed, and a must live as long. tag comes back with the answer.
 * ST_INVALID when the call is malformed: it does not fly. */
enum status http_begin(struct http_flights *f, struct arena *a, const struct http_call *call, void *tag) MUST_CHECK;
/* Lets them fly until one has landed, extra_fd (or -1) is readable, or the time is over. */
void http_wait(struct http_flights *f, int extra_fd, int timeout_ms);
/* The next one that has landed: false when there is none. out as of http_post (status 0 and error: no HTTP answer). */
bool http_landed(struct http_flights *f, void **tag, struct http_answer *out);

#endif
