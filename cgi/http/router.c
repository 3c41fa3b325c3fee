/* Finds the route, does what every route needs (database, body, CSRF token), calls the handler, and turns what went wrong
 * into a page. */
#include "http/router.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/url.h"
#include "http/form.h"
#include "http/response.h"
#include "http/session.h"

/* What the '*' matches, the empty text behind an exact match; NULL when the pattern does not match. */
static const char *match(const char *pattern, const char *path)
{
	size_t length = strlen(pattern);

	if (length < 2 || strcmp(pattern + length - 2, "/*") != 0)
		return strcmp(pattern, path) == 0 ? path + strlen(path) : NULL;
	if (strncmp(pattern, path, length - 1) != 0 || !path[length - 1] || strchr(path + length - 1, '/'))
		return NULL;
	return path + length - 1;
}

/* The route for one method (ROUTE_GET or ROUTE_POST); exact patterns win. *others gets the methods of all routes of this path. */
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

/* A form that was too old (another visit cookie, other keys): the page is shown afresh and says so. */
static void refuse_form(struct request *r, bool has_page)
{
	log_info("csrf", "route=%s", router_pattern(r));
	if (r->wants_json) {
		if (respond_json(r, 403, "{\"error\":\"csrf\"}") == ST_OK)
			return;
	} else if (has_page && respond_redirect(r, arena_printf(r->arena, "%s?again=1", url_escape(r->arena, r->path))) == ST_OK) {
		return;
	}
	respond_error(r, 403);
}

/* Body and CSRF token of a POST; false: it has answered. */
static bool accept_post(struct request *r, bool has_page)
{
	unsigned flags = r->route->flags;

	if (!(flags & ROUTE_UPLOAD)) {
		int problem = read_form(r);
		if (problem) {
			respond_error(r, problem);
			return false;
		}
	}
	if (flags & ROUTE_NO_CSRF)
		return true;
	if (session_csrf_valid(r, flags & ROUTE_UPLOAD ? request_query(r, "csrf") : request_field(r, "csrf")))
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

static void serve_route(struct request *r)
{
	enum status status = r->route->serve(r);
	bool open = r->site->db && db_in_transaction(r->site->db);

	if (open)
		db_rollback(r->site->db);
	if (status == ST_OK && open) /* what it told the user was not kept */
		status = status_fail(ST_ERROR, "handler left a transaction open");
	if (status == ST_OK && !r->answered)
		status = status_fail(ST_ERROR, "handler gave no answer");
	if (status != ST_OK)
		fail(r, status);
}

void router_serve(struct request *r, const struct route *routes)
{
	unsigned method = r->method == METHOD_POST ? ROUTE_POST : r->method == METHOD_OTHER ? 0 : ROUTE_GET, others;
	enum status status;

	r->route = find(routes, r->path, method, &r->tail, &others);
	if (!r->route) {
		respond_error(r, others ? 405 : 404);
		if (others)
			response_header(r, "Allow", others == (ROUTE_GET | ROUTE_POST) ? "GET, HEAD, POST" : others == ROUTE_POST ? "POST" : "GET, HEAD");
		return;
	}
	if (!(r->route->flags & ROUTE_OPEN)) {
		status = r->site->db ? db_ready(r->site->db) : status_fail(ST_UNAVAILABLE, "no database connection yet");
		if (status != ST_OK) {
			fail(r, status);
			return;
		}
	}
	if (method == ROUTE_POST && !accept_post(r, others & ROUTE_GET))
		return;
	serve_route(r);
}

const char *router_pattern(const struct request *r)
{
	return r->route ? r->route->path : "-";
}
