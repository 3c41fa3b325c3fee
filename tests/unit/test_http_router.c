/* Targets, routes, bodies, CSRF and what the answers look like on the wire; without FCGX, database and templates. */
#include "test.h"

#include <stdlib.h>

#include "http/form.h"
#include "http/request_io.h"
#include "http/response.h"
#include "http/router.h"
#include "http/session.h"

#define VISIT "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-_9"
#define URLENCODED "application/x-www-form-urlencoded"

static struct arena *arena;
static struct keys keys;
static const struct site site = {.keys = &keys};

static enum status serve_text(struct request *r)
{
	return respond_text(r, 200, arena_printf(r->arena, "%s|%s", router_pattern(r), r->tail));
}

static enum status serve_file(struct request *r)
{
	return respond_attachment(r, "application/zip", "a\"b/../c\r\n.zip", (struct bytes){(const unsigned char *)"PK", 2});
}

static enum status serve_form(struct request *r)
{
	const char *values[3];
	int n = request_fields(r, "card", values, 3);
	return respond_text(r, 200, arena_printf(r->arena, "%s,%d,%s", request_field(r, "a"), n, n ? values[n - 1] : ""));
}

static enum status serve_upload(struct request *r)
{
	char body[100];
	size_t length = 0, got;
	do {
		enum status status = request_read(r, body + length, sizeof(body) - 1 - length, &got);
		if (status != ST_OK)
			return status;
		length += got;
	} while (got);
	body[length] = '\0';
	return respond_text(r, 200, body);
}

static enum status serve_status(struct request *r)
{
	session_renew(r);
	return (enum status)(r->tail[0] - '0');
}

static enum status serve_redirect(struct request *r)
{
	return respond_redirect(r, request_query(r, "to"));
}

static enum status serve_method(struct request *r)
{
	return respond_text(r, 200, arena_printf(r->arena, "%s|%s", request_method_name(r), r->tail));
}

/* The first busy_left calls end as busy, with half an answer. */
static int busy_left, busy_calls;

static enum status serve_busy(struct request *r)
{
	busy_calls++;
	session_renew(r);
	response_header(r, "X-Call", arena_printf(r->arena, "%d", busy_calls));
	if (busy_left-- > 0)
		return status_fail(ST_BUSY, "two at once");
	return r->route->flags & ROUTE_UPLOAD ? serve_upload(r) : respond_text(r, 200, r->form ? request_field(r, "a") : "");
}

static const struct route table[] = {
	{"/", ROUTE_GET, ROUTE_OPEN, serve_text},
	{"/file", ROUTE_GET, ROUTE_OPEN, serve_file},
	{"/a", ROUTE_GET, ROUTE_OPEN, serve_text},
	{"/a", ROUTE_POST, ROUTE_OPEN, serve_form},
	{"/a/*", ROUTE_GET, ROUTE_OPEN, serve_text},
	{"/a/b", ROUTE_GET, ROUTE_OPEN, serve_text},
	{"/post", ROUTE_POST, ROUTE_OPEN, serve_form},
	{"/hook", ROUTE_POST, ROUTE_OPEN | ROUTE_NO_CSRF, serve_upload},
	{"/upload", ROUTE_GET | ROUTE_POST, ROUTE_OPEN | ROUTE_UPLOAD, serve_upload},
	{"/status/*", ROUTE_GET, ROUTE_OPEN, serve_status},
	{"/busy", ROUTE_GET | ROUTE_POST, ROUTE_OPEN, serve_busy},
	{"/busy/upload", ROUTE_POST, ROUTE_OPEN | ROUTE_UPLOAD | ROUTE_NO_CSRF, serve_busy},
	{"/redirect", ROUTE_GET, ROUTE_OPEN, serve_redirect},
	{"/piece/*", ROUTE_POST, ROUTE_OPEN | ROUTE_HEADER, serve_upload},
	{"/piece/*/*", ROUTE_PATCH | ROUTE_DELETE, ROUTE_OPEN | ROUTE_HEADER, serve_upload},
	{"/piece/*/*", ROUTE_HEAD, ROUTE_OPEN, serve_method},
	{"/piece/*/*", ROUTE_OPTIONS, ROUTE_OPEN, serve_method},
	{"/data", ROUTE_GET, 0, serve_text},
	{NULL, 0, 0, NULL},
};

/* What the client gets. */
static const char *ask(struct request *r, const struct request_memory *m)
{
	arena_reset(arena);
	if (request_begin_memory(r, arena, &site, m) == ST_OK)
		router_serve(r, table);
	else
		respond_error(r, 400);
	response_send(r);
	return r->io->sent.data;
}

static const char *get(struct request *r, const char *target)
{
	return ask(r, &(struct request_memory){.method = "GET", .target = target});
}

static const char *body_of(const char *sent)
{
	const char *end = strstr(sent, "\r\n\r\n");
	return end ? end + 4 : "(no body)";
}

static const char *post(struct request *r, const char *target, const char *body, bool with_token, const char *accept)
{
	const char *cookie = "__Host-sid=" VISIT;
	char text[600], to[300];
	struct request probe;
	const struct request_memory first = {.method = "GET", .target = "/", .cookie = cookie};

	CHECK(request_begin_memory(&probe, arena, &site, &first) == ST_OK);
	snprintf(text, sizeof(text), "%s%s%s", body, with_token ? "&csrf=" : "", with_token ? session_csrf(&probe) : "");
	snprintf(to, sizeof(to), "%s", target);
	return ask(r, &(struct request_memory){.method = "POST", .target = to, .cookie = cookie, .content_type = URLENCODED "; charset=utf-8",
	                                       .accept = accept, .body = text, .body_size = strlen(text)});
}

static void test_router__finds(void)
{
	static const struct {
		const char *target;
		int status;
		const char *body;
	} cases[] = {
		{"/", 200, "/|"},
		{"/a?x=1", 200, "/a|"},
		{"/a/b", 200, "/a/b|"},
		{"/a/c", 200, "/a/*|c"},
		{"/a/%E5%BC%A0", 200, "/a/*|张"},
		{"/%61", 200, "/a|"},
		{"/a/", 404, NULL},
		{"/a/c/d", 404, NULL},
		{"/a/c%2Fd", 404, NULL},
		{"/A", 404, NULL},
		{"/*", 404, NULL},
		{"/post", 405, NULL},
		{"/data", 503, NULL},
		{"", 400, NULL},
		{"a", 400, NULL},
		{"http://other/a", 400, NULL},
		{"/a/..", 400, NULL},
		{"/a/../b", 400, NULL},
		{"/a/%2e%2E/b", 400, NULL},
		{"/./a", 400, NULL},
		{"/a/%00", 400, NULL},
		{"/a/%0a", 400, NULL},
		{"/a/%7f", 400, NULL},
		{"/a/%C2%85", 400, NULL},
		{"/a/%ff", 400, NULL},
		{"/a/%", 400, NULL},
		{"/a/%4", 400, NULL},
		{"/a/%4?4", 400, NULL},
		{"/a/%zz", 400, NULL},
		{"/a/%252e", 200, "/a/*|%2e"},
		{"/a/..b", 200, "/a/*|..b"},
	};
	struct request r;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *sent = get(&r, cases[i].target);
		CHECK(r.status == cases[i].status);
		if (r.status != cases[i].status)
			printf("# %s: %d\n", cases[i].target, r.status);
		if (cases[i].body)
			CHECK_TEXT(body_of(sent), cases[i].body);
	}
}

/* Who was in another's way is tried once more, and leaves nothing of the first try in the answer. */
static void test_router__busy_is_tried_once_more(void)
{
	struct request r;
	const char *sent, *cookie;

	busy_left = 1, busy_calls = 0;
	sent = get(&r, "/busy");
	CHECK(r.status == 200 && busy_calls == 2);
	CHECK(strstr(sent, "X-Call: 2\r\n") && !strstr(sent, "X-Call: 1"));
	cookie = strstr(sent, "Set-Cookie: __Host-sid=");
	CHECK(cookie && strncmp(cookie + 23, r.visit, 43) == 0 && !strstr(cookie + 1, "Set-Cookie: __Host-sid="));
	busy_left = 1, busy_calls = 0;
	sent = post(&r, "/busy", "a=typed", true, NULL);
	CHECK(r.status == 200 && busy_calls == 2);
	CHECK_TEXT(body_of(sent), "typed");
	busy_left = 2, busy_calls = 0;
	get(&r, "/busy");
	CHECK(r.status == 503 && busy_calls == 2);
	/* A body that a handler reads comes once. */
	busy_left = 1, busy_calls = 0;
	ask(&r, &(struct request_memory){.method = "POST", .target = "/busy/upload", .content_type = "application/octet-stream", .body = "abc", .body_size = 3});
	CHECK(r.status == 503 && busy_calls == 1);
}

static void test_router__methods(void)
{
	struct request r;
	const char *sent = ask(&r, &(struct request_memory){.method = "HEAD", .target = "/a"});

	CHECK(r.status == 200 && strstr(sent, "Content-Length: 3\r\n"));
	CHECK_TEXT(body_of(sent), "");
	sent = ask(&r, &(struct request_memory){.method = "DELETE", .target = "/a"});
	CHECK(r.status == 405 && strstr(sent, "Allow: GET, HEAD, POST\r\n"));
	sent = get(&r, "/post");
	CHECK(r.status == 405 && strstr(sent, "Allow: POST\r\n"));
}

static void test_router__form(void)
{
	struct request r;
	const char *sent;
	char *big;

	CHECK_TEXT(body_of(post(&r, "/a", "a=1&card=x&card=y", true, NULL)), "1,2,y");
	sent = post(&r, "/a", "a=1", false, NULL);
	CHECK(r.status == 303 && strstr(sent, "Location: /a?again=1\r\n"));
	CHECK(strstr(post(&r, "/a?item=3&to=x", "a=1", false, NULL), "Location: /a?item=3&to=x&again=1\r\n")); /* what the page is about */
	CHECK(strstr(post(&r, "/a?again=1", "a=1", false, NULL), "Location: /a?again=1\r\n"));
	CHECK(strstr(post(&r, "/a?\\x", "a=1", false, NULL), "Location: /a?again=1\r\n")); /* no query of ours */
	post(&r, "/post", "a=1", false, NULL);
	CHECK(r.status == 403);
	sent = post(&r, "/a", "a=1", false, "application/json");
	CHECK(r.status == 403);
	CHECK_TEXT(body_of(sent), "{\"error\":\"csrf\"}");
	post(&r, "/a", "a=%ff", true, NULL);
	CHECK(r.status == 400);
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = "text/plain", .body = "a=1", .body_size = 3});
	CHECK(r.status == 400);
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = URLENCODED "x", .body = "a=1", .body_size = 3});
	CHECK(r.status == 400);
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = URLENCODED, .content_length = "65537", .body = "a", .body_size = 1});
	CHECK(r.status == 413);
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = URLENCODED, .content_length = "10", .body = "a=1", .body_size = 3});
	CHECK(r.status == 400); /* the client went away in the middle */
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = URLENCODED, .content_length = "-1"});
	CHECK(r.status == 400);
	big = arena_alloc(arena, FORM_VALUE_MAX + 10);
	memset(big, 'x', FORM_VALUE_MAX + 9);
	memcpy(big, "a=", 2);
	big = strndup(big, FORM_VALUE_MAX + 9);
	ask(&r, &(struct request_memory){.method = "POST", .target = "/a", .content_type = URLENCODED, .body = big, .body_size = strlen(big)});
	CHECK(r.status == 413);
	free(big);
}

static void test_router__upload(void)
{
	struct request r;
	char target[200];
	const struct request_memory first = {.method = "GET", .target = "/", .cookie = "__Host-sid=" VISIT};
	struct request_memory m = {.method = "POST", .target = target, .cookie = "__Host-sid=" VISIT, .content_type = "multipart/form-data",
	                           .body = "bytes", .body_size = 5};

	CHECK(request_begin_memory(&r, arena, &site, &first) == ST_OK);
	snprintf(target, sizeof(target), "/upload?csrf=%s", session_csrf(&r));
	CHECK_TEXT(body_of(ask(&r, &m)), "bytes");
	m.content_length = "3"; /* never more than was announced */
	CHECK_TEXT(body_of(ask(&r, &m)), "byt");
	m.content_length = "9";
	ask(&r, &m);
	CHECK(r.status == 400);
	m.content_length = NULL;
	m.target = "/upload";
	CHECK(strstr(ask(&r, &m), "Location: /upload?again=1\r\n"));
	m.target = "/upload?csrf=old";
	CHECK(strstr(ask(&r, &m), "Location: /upload?again=1\r\n"));
	m.cookie = NULL;
	m.target = target;
	ask(&r, &m);
	CHECK(r.status == 303);
	m.target = "/hook";
	m.content_type = "application/json";
	CHECK_TEXT(body_of(ask(&r, &m)), "bytes");
}

/* The token in a header; what a POST may say that it is; HEAD, OPTIONS and several stars. */
static void test_router__pieces(void)
{
	static const struct {
		const char *method, *override, *target;
		bool token;
		int status;
		const char *allow;
	} cases[] = {
		{"PATCH", NULL, "/piece/a/b", true, 200, NULL},    {"PATCH", NULL, "/piece/a/b", false, 403, NULL}, {"DELETE", NULL, "/piece/a/b", true, 200, NULL},
		{"DELETE", NULL, "/piece/a/b", false, 403, NULL},  {"POST", NULL, "/piece/a", true, 200, NULL},     {"POST", NULL, "/piece/a", false, 403, NULL},
		{"POST", "PATCH", "/piece/a/b", true, 200, NULL},  {"POST", "PATCH", "/piece/a/b", false, 403, NULL},
		{"POST", "DELETE", "/piece/a/b", true, 200, NULL}, {"POST", "HEAD", "/piece/a/b", true, 405, "HEAD, PATCH, DELETE, OPTIONS"},
		{"POST", "GET", "/a", true, 403, NULL},            {"GET", "PATCH", "/piece/a/b", true, 405, "HEAD, PATCH, DELETE, OPTIONS"},
		{"POST", "PATCH", "/piece/a", true, 405, "POST"},  {"PATCH", NULL, "/a", true, 405, "GET, HEAD, POST"},
		{"HEAD", NULL, "/piece/a/b", false, 200, NULL},    {"OPTIONS", NULL, "/piece/a/b", false, 200, NULL},
		{"OPTIONS", NULL, "/a", false, 405, "GET, HEAD, POST"}, {"PATCH", NULL, "/piece/a/b/c", true, 404, NULL}, {"PATCH", NULL, "/piece/a/", true, 404, NULL},
		{"PATCH", NULL, "/piece//b", true, 404, NULL},     {"PUT", NULL, "/piece/a/b", true, 405, "HEAD, PATCH, DELETE, OPTIONS"},
	};
	const struct request_memory first = {.method = "GET", .target = "/", .cookie = "__Host-sid=" VISIT};
	struct request r;
	char token[100];

	CHECK(request_begin_memory(&r, arena, &site, &first) == ST_OK);
	snprintf(token, sizeof(token), "%s", session_csrf(&r));
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		const char *headers[] = {"HTTP_X_CSRF_TOKEN", cases[i].token ? token : "other", "HTTP_X_HTTP_METHOD_OVERRIDE", cases[i].override, NULL};
		struct request_memory m = {.method = cases[i].method, .target = cases[i].target, .cookie = "__Host-sid=" VISIT, .accept = "application/json", .headers = headers};
		const char *sent;
		if (strcmp(cases[i].method, "HEAD") && strcmp(cases[i].method, "OPTIONS") && strcmp(cases[i].target, "/a")) {
			m.body = "bytes";
			m.body_size = 5;
		}
		sent = ask(&r, &m);
		CHECK(r.status == cases[i].status);
		if (r.status != cases[i].status)
			printf("# %s (%s) %s: %d\n", cases[i].method, cases[i].override ? cases[i].override : "-", cases[i].target, r.status);
		if (cases[i].status == 200 && m.body)
			CHECK_TEXT(body_of(sent), "bytes");
		if (cases[i].allow)
			CHECK(strstr(sent, arena_printf(arena, "\r\nAllow: %s\r\n", cases[i].allow)));
	}
	CHECK_TEXT(body_of(ask(&r, &(struct request_memory){.method = "OPTIONS", .target = "/piece/a/b"})), "OPTIONS|a/b");
}

static void test_request__header(void)
{
	const char *headers[] = {"HTTP_UPLOAD_OFFSET", "12", "HTTP_X_LINE", "a\nb", NULL};
	struct request_memory m = {.method = "GET", .target = "/a", .headers = headers};
	struct request r;

	ask(&r, &m);
	CHECK_TEXT(request_header(&r, "Upload-Offset"), "12");
	CHECK_TEXT(request_header(&r, "X-Line"), "a?b");
	CHECK(request_header(&r, "Upload-Length") == NULL);
}

static void test_router__failures(void)
{
	static const int wanted[ST_MAX] = {500, 404, 400, 409, 403, 429, 503, 503, 500};
	struct request r;
	const char *sent;
	char target[20];

	for (int i = 0; i < ST_MAX; i++) {
		snprintf(target, sizeof(target), "/status/%d", i);
		sent = get(&r, target);
		CHECK(r.status == wanted[i]);
		CHECK(!strstr(sent, "Set-Cookie")); /* the row of the new id was rolled back */
		CHECK(strstr(sent, "Content-Type: text/html"));
	}
	sent = ask(&r, &(struct request_memory){.method = "GET", .target = "/status/1", .accept = "application/json, */*"});
	CHECK(strstr(sent, "Content-Type: application/json\r\n"));
	CHECK(strstr(sent, "{\"error\":\"not_found\",\"text\":\""));
}

static void test_router__attachment(void)
{
	struct request r;
	const char *sent = get(&r, "/file");
	CHECK(r.status == 200 && strstr(sent, "Content-Type: application/zip\r\n"));
	CHECK(strstr(sent, "Content-Disposition: attachment; filename=\"a_b_.._c__.zip\"\r\n"));
	CHECK_TEXT(body_of(sent), "PK");
}

static void test_router__redirect(void)
{
	static const char *const wrong[] = {"//other", "https://other/", "/a%0d%0aX:%201", "/a%5cb", "", "/%E5%BC%A0"};
	struct request r;
	char target[100];

	CHECK(strstr(get(&r, "/redirect?to=/a%3fb=1"), "Status: 303 See Other\r\n"));
	CHECK(strstr(r.io->sent.data, "Location: /a?b=1\r\n"));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		snprintf(target, sizeof(target), "/redirect?to=%s", wrong[i]);
		get(&r, target);
		CHECK(r.status == 500);
	}
	CHECK_TEXT(body_of(ask(&r, &(struct request_memory){.method = "GET", .target = "/redirect?to=/a", .accept = "application/json"})),
	           "{\"location\":\"/a\"}");
}

static void test_router__security_headers(void)
{
	static const char *const lines[] = {
		"\r\nContent-Security-Policy: default-src 'none'; script-src 'self'; ",
		"\r\nX-Content-Type-Options: nosniff\r\n",
		"\r\nCache-Control: no-store\r\n",
		"\r\nReferrer-Policy: same-origin\r\n",
		"\r\nCross-Origin-Opener-Policy: same-origin\r\n",
		"\r\nCross-Origin-Resource-Policy: same-origin\r\n",
		"\r\nPermissions-Policy: camera=(self), microphone=(self)",
	};
	struct request r;
	const char *sent;

	for (int i = 0; i < 2; i++) {
		sent = get(&r, i ? "/missing" : "/a");
		for (size_t j = 0; j < sizeof(lines) / sizeof(*lines); j++)
			CHECK(strstr(sent, lines[j]));
		CHECK(!strstr(sent, "Strict-Transport-Security"));
	}
	sent = ask(&r, &(struct request_memory){.method = "GET", .target = "/a", .https = true});
	CHECK(strstr(sent, "\r\nStrict-Transport-Security: max-age=31536000\r\n"));
}

int main(void)
{
	arena = arena_create();
	keys.code.count = keys.lookup.count = 1;
	RUN(test_router__finds);
	RUN(test_router__busy_is_tried_once_more);
	RUN(test_router__methods);
	RUN(test_router__form);
	RUN(test_router__upload);
	RUN(test_router__pieces);
	RUN(test_request__header);
	RUN(test_router__failures);
	RUN(test_router__attachment);
	RUN(test_router__redirect);
	RUN(test_router__security_headers);
	arena_destroy(arena);
	return test_failures;
}
