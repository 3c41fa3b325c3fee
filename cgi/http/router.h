/* The table of routes, in flow/routes.c. The router tells 404 from 405, reads urlencoded bodies within the limit,
 * checks the CSRF token of every POST, PATCH and DELETE, calls the handler, and turns a status that is not ST_OK into its page. A handler
 * that ended with ST_BUSY and kept nothing is called once more: it must not remember anything outside the request and the database. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/request.h"

/* A route for GET answers HEAD as well, unless one of the same path is for HEAD. */
enum { ROUTE_GET = 1, ROUTE_POST = 2, ROUTE_PATCH = 4, ROUTE_DELETE = 8, ROUTE_HEAD = 16, ROUTE_OPTIONS = 32 };
enum {
	ROUTE_UPLOAD = 1, /* multipart body, read by the handler itself with request_read; the router checks the CSRF token in the query parameter "csrf" */
	ROUTE_OPEN = 2,   /* no database needed: health, static pages */
	ROUTE_HEADER = 8, /* any body, left to the handler; the CSRF token is in the header X-CSRF-Token */
	ROUTE_NO_CSRF = 4 /* machine endpoints with their own proof; a body that is not urlencoded is left to the handler */
};

struct route {
	const char *path;     /* exact, or ending in "/ *" (without the blank), also several: one more segment each, given as request.tail */
	unsigned methods, flags;
	enum status (*serve)(struct request *r); /* ST_OK: it has answered */
};

/* Serves one request with the table (ends with a NULL path). Always leaves an answer in r. */
void router_serve(struct request *r, const struct route *routes);
/* The path pattern for logs, "-" when none matched. */
const char *router_pattern(const struct request *r);

#endif
