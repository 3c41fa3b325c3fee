/* Finds the route, does what every route needs (database, body, CSRF token), calls the handler, and turns what went wrong
 * into a page. */
#include "http/router.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/url.h"
#include "http/form.h"
#include "http/response.h"
#include "http/session.h"

#define RETRY_WITHIN_MS 2000

static const char TOKEN_HEADER[] = "X-CSRF-Token";

/* Methods as routes name them; in the order of the header Allow. */
static const struct {
	unsigned bit;
	enum method method;
	const char *allowed;
} methods[] = {
	{ROUTE_GET, METHOD_GET, "GET, HEAD"}, {ROUTE_HEAD, METHOD_HEAD, "HEAD"},       {ROUTE_POST, METHOD_POST, "POST"},
	{ROUTE_PATCH, METHOD_PATCH, "PATCH"}, {ROUTE_DELETE, METHOD_DELETE, "DELETE"}, {ROUTE_OPTIONS, METHOD_OPTIONS, "OPTIONS"},
};
#define METHODS (sizeof(methods) / sizeof(*methods))
#define ROUTE_CHANGES (ROUTE_POST | ROUTE_PATCH | ROUTE_DELETE)

/* What the stars match, a segment each; the empty text behind an exact match; NULL when the pattern does not match. */
static const char *match(const char *pattern, const char *path)
{
	const char *stars = strstr(pattern, "/*"), *rest, *at;
	size_t length = stars ? (size_t)(stars - pattern) : strlen(pattern);

	if (strncmp(pattern, path, length) != 0)
		return NULL;
	at = rest = path + length;
	for (; stars && *stars; stars += 2) {
		size_t segment = *at == '/' ? strcspn(at + 1, "/") : 0;
		if (!segment)
			return NULL;
		at += segment + 1;
	}
	if (*at)
		return NULL;
	return *rest ? rest + 1 : rest;
}

/* The route for one method (a bit); exact patterns win. *others gets the methods of all routes of this path. */
static const struct route *find(const struct route *routes, const char *path, unsigned method, const char **tail, unsigned *others)
{
	const struct route *best = NULL;

	*others = 0;
	for (; routes->path; routes++) {
		const char *rest = match(routes->path, path);
		if (!rest)
			continue;
		*others |= routes->methods;
		if ((routes->methods & method) && (!best || !*rest)) {
			best = routes;
			*tail = rest;
		}
	}
	return best;
}

static unsigned method_bit(enum method method)
{
	for (size_t i = 0; i < METHODS; i++)
		if (methods[i].method == method)
			return methods[i].bit;
	return 0;
}

static void allow(struct request *r, unsigned bits)
{
	struct buffer b;

	if (bits & ROUTE_GET)
		bits &= ~(unsigned)ROUTE_HEAD;
	buffer_init(&b, r->arena, 100);
	for (size_t i = 0; i < METHODS; i++)
		if (bits & methods[i].bit)
			buffer_printf(&b, "%s%s", b.length ? ", " : "", methods[i].allowed);
	response_header(r, "Allow", b.data);
}

static bool is_urlencoded(const char *content_type)
{
	static const char type[] = "application/x-www-form-urlencoded";
	size_t length = sizeof(type) - 1;
	return strncasecmp(content_type, type, length) == 0 && strchr("; \t", content_type[length]);
}

/* Reads the body into r->form; the result is the HTTP status of the error page, 0 when all is well. */
static int read_form(struct request *r)
{
	char *body;
	size_t length = 0, got = 0;

	if (r->content_length > FORM_BODY_MAX)
		return 413;
	if (r->content_length > 0 && !is_urlencoded(r->content_type))
		return r->route->flags & ROUTE_NO_CSRF ? 0 : 400;
	body = arena_alloc(r->arena, FORM_BODY_MAX + 1);
	do {
		if (request_read(r, body + length, FORM_BODY_MAX - length, &got) != ST_OK)
			return 400;
		length += got;
	} while (got);
	r->form = arena_alloc(r->arena, sizeof(*r->form));
	switch (form_parse(r->arena, r->form, body, length)) {
	case ST_OK:
		return 0;
	case ST_LIMIT:
		return 413;
	default:
		return 400;
	}
}

/* Of a form without a cookie: a page of ours sent it. A page of another site may send one too, without the cookie that the browser has. */
static bool from_own_page(struct request *r)
{
	const char *site = request_header(r, "Sec-Fetch-Site"), *origin = request_header(r, "Origin"), *host = request_header(r, "Host");

	return site ? text_equal(site, "same-origin") : origin && host && text_equal(origin, arena_printf(r->arena, "https://%s", host));
}

/* The page that a form was on, with the query that says what it is about. An upload's query holds the token. again: "2" with a new cookie. */
static const char *page_again(struct request *r, const char *again)
{
	const char *path = url_escape(r->arena, r->path);
	const char *whole = arena_printf(r->arena, "%s?%s%s%s", path, r->query, request_query(r, "again") ? "" : "&again=", request_query(r, "again") ? "" : again);

	return *r->query && !(r->route->flags & ROUTE_UPLOAD) && url_path_is_own(whole) ? whole : arena_printf(r->arena, "%s?again=%s", path, again);
}

/* A form that was too old (another visit cookie, other keys): the page is shown afresh and says so. */
static void refuse_form(struct request *r, bool has_page)
{
	log_info("csrf", "route=%s", router_pattern(r));
	if (r->wants_json) {
		if (respond_json(r, 403, "{\"error\":\"csrf\"}") == ST_OK)
			return;
	} else if (has_page) {
		bool gives = !r->visit && from_own_page(r);

		if (gives) /* whoever comes without it once more refuses cookies */
			session_visit(r);
		if (respond_redirect(r, page_again(r, gives ? "2" : "1")) == ST_OK)
			return;
	}
	respond_error(r, 403);
}

static const char *token_of(struct request *r, unsigned flags)
{
	return flags & ROUTE_HEADER ? request_header(r, TOKEN_HEADER) : flags & ROUTE_UPLOAD ? request_query(r, "csrf") : request_field(r, "csrf");
}

/* Body and CSRF token of a request that changes something; false: it has answered. */
static bool accept_change(struct request *r, bool has_page)
{
	unsigned flags = r->route->flags;

	if (!(flags & (ROUTE_UPLOAD | ROUTE_HEADER))) {
		int problem = read_form(r);
		if (problem) {
			respond_error(r, problem);
			return false;
		}
	}
	if (flags & ROUTE_NO_CSRF || session_csrf_valid(r, token_of(r, flags)))
		return true;
	refuse_form(r, has_page);
	return false;
}

static void fail(struct request *r, enum status why)
{
	switch (why) {
	case ST_NOT_FOUND:
	case ST_INVALID:
	case ST_DENIED:
	case ST_LIMIT:
		log_info("refused", "route=%s status=%s message=\"%s\"", router_pattern(r), status_name(why), status_message());
		break;
	case ST_CONFLICT:
	case ST_BUSY:
	case ST_UNAVAILABLE:
		log_warn("failed", "route=%s status=%s message=\"%s\"", router_pattern(r), status_name(why), status_message());
		break;
	default:
		log_error("failed", "route=%s status=%s message=\"%s\"", router_pattern(r), status_name(why), status_message());
	}
	respond_failure(r, why);
}

static enum status serve_once(struct request *r)
{
	enum status status = r->route->serve(r);
	bool open = r->site->db && db_in_transaction(r->site->db);

	if (open)
		db_rollback(r->site->db);
	if (status == ST_OK && open) /* what it told the user was not kept */
		status = status_fail(ST_ERROR, "handler left a transaction open");
	if (status == ST_OK && !r->answered)
		status = status_fail(ST_ERROR, "handler gave no answer");
	return status;
}

/* Two that locked each other out, or a change that came between: whoever tries again gets through. Only when nothing was kept, the body
 * is still there, and not after a long wait: that would keep the worker from others. */
static void serve_route(struct request *r)
{
	const struct request before = *r;
	const struct db *db = r->site->db;
	unsigned long changes = db ? db_changes(db) : 0;
	int64_t began = clock_monotonic_ms();
	bool repeatable = (r->content_length <= 0 || r->form) && !r->headers.length;
	enum status status = serve_once(r);

	if (status == ST_BUSY && repeatable && (!db || db_changes(db) == changes) && clock_monotonic_ms() - began < RETRY_WITHIN_MS) {
		log_info("retry", "route=%s message=\"%s\"", router_pattern(r), status_message());
		*r = before;
		status = serve_once(r);
	}
	if (status != ST_OK)
		fail(r, status);
}

void router_serve(struct request *r, const struct route *routes)
{
	unsigned method = method_bit(r->method), others;
	enum status status;

	r->route = find(routes, r->path, method, &r->tail, &others);
	if (!r->route && method == ROUTE_HEAD)
		r->route = find(routes, r->path, ROUTE_GET, &r->tail, &others);
	if (!r->route) {
		respond_error(r, others ? 405 : 404);
		if (others)
			allow(r, others);
		return;
	}
	if (!(r->route->flags & ROUTE_OPEN)) {
		status = r->site->db ? db_ready(r->site->db) : status_fail(ST_UNAVAILABLE, "no database connection yet");
		if (status != ST_OK) {
			fail(r, status);
			return;
		}
	}
	if ((method & ROUTE_CHANGES) && !accept_change(r, others & ROUTE_GET))
		return;
	serve_route(r);
}

const char *router_pattern(const struct request *r)
{
	return r->route ? r->route->path : "-";
}
