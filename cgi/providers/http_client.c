/* POST by libcurl, one or many at once. Knows nothing of what is sent. */
#include "providers/http_client.h"

#include <curl/curl.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define ANSWER_MAX (1024 * 1024)
#define HEADERS_MAX (64 * 1024)
#define RETRY_AFTER_MAX_S 86400

/* One call and what it holds; released with the arena. */
struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	struct buffer body;
	size_t header_bytes;
	bool too_large;
	int64_t send_by;
	void *tag;
};

void http_client_start(void)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		log_error("http_client", "curl_global_init failed");
}

static void release(void *object)
{
	struct transfer *t = object;
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
}

static size_t take_body(char *bytes, size_t size, size_t count, void *object)
{
	struct transfer *t = object;
	buffer_add(&t->body, bytes, size * count);
	t->too_large |= t->body.overflow;
	return t->body.overflow ? 0 : size * count;
}

static size_t take_header(char *bytes, size_t size, size_t count, void *object)
{
	struct transfer *t = object;
	(void)bytes;
	t->header_bytes += size * count;
	t->too_large |= t->header_bytes > HEADERS_MAX;
	return t->header_bytes > HEADERS_MAX ? 0 : size * count;
}

/* The connection stands, the request is next. The time-outs are looked at before, not here. */
static int may_send(void *object, char *remote, char *local, int remote_port, int local_port)
{
	const struct transfer *t = object;
	(void)remote, (void)local, (void)remote_port, (void)local_port;
	return t->send_by && clock_monotonic_ms() > t->send_by ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* A line from a setting must not become two. */
static bool header_is_one_line(const char *line)
{
	for (const char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return strchr(line, ':') != NULL;
}

static bool add_header(struct transfer *t, const char *line)
{
	struct curl_slist *longer = header_is_one_line(line) ? curl_slist_append(t->headers, line) : NULL;
	if (longer)
		t->headers = longer;
	return longer != NULL;
}

static bool prepare(struct transfer *t, const struct http_call *call)
{
	CURL *e = t->easy;
	bool good = add_header(t, "Expect:");
	for (int i = 0; good && call->headers && call->headers[i]; i++)
		good = add_header(t, call->headers[i]);
	if (!good || call->timeout_ms <= 0 || call->connect_ms <= 0)
		return false;
#define SET(option, value) good = good && curl_easy_setopt(e, option, value) == CURLE_OK
	SET(CURLOPT_URL, call->url);
	SET(CURLOPT_PROTOCOLS_STR, "https");
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FRESH_CONNECT, 1L);
	SET(CURLOPT_FORBID_REUSE, 1L);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	if (!text_empty(call->ca_file)) {
		/* Without the second line the system's folder would be trusted beside the file. */
		SET(CURLOPT_CAINFO, call->ca_file);
		SET(CURLOPT_CAPATH, NULL);
	}
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_ms);
	SET(CURLOPT_TIMEOUT_MS, (long)call->timeout_ms);
	SET(CURLOPT_HTTPHEADER, t->headers);
	SET(CURLOPT_POST, 1L);
	SET(CURLOPT_POSTFIELDS, call->body.data ? (const char *)call->body.data : "");
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body.length);
	SET(CURLOPT_PREREQFUNCTION, may_send);
	SET(CURLOPT_PREREQDATA, (void *)t);
	SET(CURLOPT_WRITEFUNCTION, take_body);
	SET(CURLOPT_WRITEDATA, (void *)t);
	SET(CURLOPT_HEADERFUNCTION, take_header);
	SET(CURLOPT_HEADERDATA, (void *)t);
#undef SET
	return good;
}

static const struct {
	CURLcode code;
	const char *word;
} errors[] = {
	{CURLE_COULDNT_RESOLVE_HOST, "connect"},
	{CURLE_COULDNT_CONNECT, "connect"},
	{CURLE_SSL_CONNECT_ERROR, "connect"},
	{CURLE_ABORTED_BY_CALLBACK, "connect"},
	{CURLE_PEER_FAILED_VERIFICATION, "tls"},
	{CURLE_SSL_CACERT_BADFILE, "tls"},
	{CURLE_SSL_ISSUER_ERROR, "tls"},
	{CURLE_OPERATION_TIMEDOUT, "timeout"},
	{CURLE_SEND_ERROR, "cut"},
	{CURLE_RECV_ERROR, "cut"},
	{CURLE_GOT_NOTHING, "cut"},
	{CURLE_PARTIAL_FILE, "cut"},
};

static const char *error_word(const struct transfer *t, CURLcode code)
{
	const char *word = "other";
	curl_off_t sent_after_us = 0;
	for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++)
		if (errors[i].code == code)
			word = errors[i].word;
	if (t->too_large)
		return "too_large";
	/* Time-out or reset before the first byte of the request went out: as if there had been no connection. */
	curl_easy_getinfo(t->easy, CURLINFO_PRETRANSFER_TIME_T, &sent_after_us);
	if (sent_after_us == 0 && (strcmp(word, "timeout") == 0 || strcmp(word, "cut") == 0))
		return "connect";
	return word;
}

static struct transfer *make(struct arena *a, const struct http_call *call)
{
	struct transfer *t = arena_alloc(a, sizeof *t);
	buffer_init(&t->body, a, call->answer_max ? call->answer_max : ANSWER_MAX);
	t->send_by = call->send_by;
	arena_cleanup(a, release, t);
	t->easy = curl_easy_init();
	return t->easy && prepare(t, call) ? t : NULL;
}

/* What came of it. */
static void read_answer(const struct transfer *t, CURLcode code, struct http_answer *out)
{
	long status = 0;
	curl_off_t retry_after = 0;
	*out = (struct http_answer){.error = "other", .retry_after_s = -1};
	if (code == CURLE_OK)
		curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	if (status < 100 || status > 999) {
		out->error = error_word(t, code);
		return;
	}
	curl_easy_getinfo(t->easy, CURLINFO_RETRY_AFTER, &retry_after);
	out->status = (int)status;
	out->error = NULL;
	out->body = (struct bytes){(const unsigned char *)t->body.data, t->body.length};
	if (retry_after > 0)
		out->retry_after_s = retry_after < RETRY_AFTER_MAX_S ? (int)retry_after : RETRY_AFTER_MAX_S;
}

enum status http_post(struct arena *a, const struct http_call *call, struct http_answer *out)
{
	struct transfer *t = make(a, call);
	*out = (struct http_answer){.error = "other", .retry_after_s = -1};
	if (!t)
		return status_fail(ST_INVALID, "http: a call that cannot be made");
	CURLcode code = curl_easy_perform(t->easy);
	read_answer(t, code, out);
	return out->status ? ST_OK : status_fail(ST_UNAVAILABLE, "http: %s (%s)", out->error, curl_easy_strerror(code));
}

/* ---- many at once ---- */

struct http_flights {
	CURLM *multi;
};

static void release_flights(void *object)
{
	struct http_flights *f = object;
	curl_multi_cleanup(f->multi);
}

struct http_flights *http_flights_create(struct arena *a)
{
	struct http_flights *f = arena_alloc(a, sizeof *f);
	f->multi = curl_multi_init();
	arena_cleanup(a, release_flights, f);
	return f;
}

enum status http_begin(struct http_flights *f, struct arena *a, const struct http_call *call, void *tag)
{
	struct transfer *t = make(a, call);
	if (!t || !f->multi)
		return status_fail(ST_INVALID, "http: a call that cannot be made");
	t->tag = tag;
	if (curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t) != CURLE_OK || curl_multi_add_handle(f->multi, t->easy) != CURLM_OK)
		return status_fail(ST_INVALID, "http: a call that cannot be made");
	int running;
	(void)curl_multi_perform(f->multi, &running); /* the first bytes go out now */
	return ST_OK;
}

void http_wait(struct http_flights *f, int extra_fd, int timeout_ms)
{
	struct curl_waitfd extra = {.fd = extra_fd, .events = CURL_WAIT_POLLIN};
	int running;
	(void)curl_multi_poll(f->multi, &extra, extra_fd >= 0, timeout_ms, NULL);
	(void)curl_multi_perform(f->multi, &running);
}

bool http_landed(struct http_flights *f, void **tag, struct http_answer *out)
{
	int left;
	for (CURLMsg *m; (m = curl_multi_info_read(f->multi, &left));) {
		struct transfer *t;
		CURLcode code = m->data.result;
		CURL *easy = m->easy_handle;
		if (m->msg != CURLMSG_DONE || curl_easy_getinfo(easy, CURLINFO_PRIVATE, &t) != CURLE_OK)
			continue;
		read_answer(t, code, out);
		*tag = t->tag;
		curl_multi_remove_handle(f->multi, easy);
		return true;
	}
	return false;
}
