/* One request as the application sees it, and the answer it builds. FCGX is known only to request.c, response.c and
 * main_web.c. Everything lives in the request's arena. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/config.h"
#include "base/keys.h"
#include "base/text.h"
#include "db/db.h"
#include "tpl/tpl.h"

enum method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_PATCH, METHOD_DELETE, METHOD_OPTIONS, METHOD_OTHER };

struct request_io; /* the FCGX streams, or the memory streams of a test */
struct route;
struct form;
struct form_errors;

/* What lives as long as the worker. */
struct site {
	const struct config *config;
	const struct keys *keys;
	struct db *db;
	struct tpl *tpl;
};

struct request {
	struct arena *arena;
	const struct site *site;
	struct request_io *io;

	enum method method;        /* a POST with X-HTTP-Method-Override PATCH or DELETE counts as that */
	const char *path;          /* decoded once, valid UTF-8, begins with '/', without the query */
	const char *query;         /* raw, "" when none */
	const char *cookies;       /* the Cookie header, "" when none; read by request_cookie */
	const char *address;       /* of the client, as nginx says */
	const char *user_agent;    /* cut at 300 bytes, printable */
	const char *content_type;
	const char *signature;     /* the X-Signature header, "" when none: for machine endpoints */
	const char *client_issuer; /* of a client certificate that nginx verified, in the words of RFC 2253; "" when none */
	int64_t content_length;    /* -1 when absent */
	bool https, wants_json;    /* wants_json: Accept begins with application/json */
	const char *id;            /* request id from nginx, for log lines and case numbers */
	bool care;                 /* large-text mode: the cookie care=1 */
	bool monitor;              /* nginx let an address of the monitoring in (/metrics) */

	const struct route *route;
	const char *tail;          /* what the route's stars matched, "" otherwise */

	const char *visit;         /* the __Host-sid cookie: 43 characters base64url, or NULL; see session.h */
	struct form *form;         /* fields of a urlencoded POST body, read and bounded by the router; NULL otherwise */
	struct form *query_form;   /* fields of the query, parsed by the first request_query */
	struct form_errors *errors; /* of the page, kept by form.c */

	/* the answer */
	struct view *view;         /* dataset of the page, made on first use by request_view */
	int status;
	struct buffer headers;     /* whole lines, "Name: value\r\n" */
	struct buffer body;
	bool answered;
};

/* The query parameter or form field called name, decoded, NULL when absent. The first of several counts. */
const char *request_query(struct request *r, const char *name);
const char *request_field(struct request *r, const char *name);
/* Every value of a repeated field (tick boxes); returns how many, at most max. */
int request_fields(struct request *r, const char *name, const char **values, int max);
/* The cookie called name, NULL when absent. */
const char *request_cookie(struct request *r, const char *name);

/* The header called name ("Upload-Offset"), printable, cut at 2000 bytes, in the arena; NULL when absent. */
const char *request_header(struct request *r, const char *name);

/* Reads the next bytes of the body; 0 at the end. ST_INVALID when the body ended before Content-Length.
 * Never blocks on a slow client: nginx has buffered the body. */
enum status request_read(struct request *r, void *out, size_t size, size_t *got) MUST_CHECK;

/* Under /practice, where nothing is kept: every page there, those of errors too, says so (Page.practice). */
bool request_practice(const struct request *r);

/* The dataset of the page; Page.again is set when the query has again (a form that was too old was sent). Page.care: large text;
 * Page.mode: the link that switches it and comes back to this page. */
struct view *request_view(struct request *r);
/* Page.here, and where Page.mode comes back to, a path of ours, when it is not the path of this request: a page that needs its query, or
 * that is shown at an address where it cannot be read again. */
void request_here(struct request *r, const char *path);

#endif
