/* The table of routes, in flow/routes.c. The router tells 404 from 405, reads urlencoded bodies within the limit,
 * checks the CSRF token of every POST, calls the handler, and turns a status that is not ST_OK into its page. */
#ifndef HTTP_ROUTER_H
#define HTTP_ROUTER_H

#include "http/request.h"

enum { ROUTE_GET = 1, ROUTE_POST = 2 };
enum {
	ROUTE_UPLOAD = 1, /* multipart body, read by the handler itself with request_read; the router checks the CSRF token in the query parameter "csrf" */
	ROUTE_OPEN = 2,   /* no database needed: health, static pages */
	ROUTE_NO_CSRF = 4 /* machine endpoints with their own proof; a body that is not urlencoded is left to the handler */
};

struct route {
	const char *path;     /* exact, or ending in "/ *" (without the blank): one more segment, given as request.tail */
	unsigned methods, flags;
	enum status (*serve)(struct request *r); /* ST_OK: it has answered */
};

/* Serves one request with the table (ends with a NULL path). Always leaves an answer in r. */
void router_serve(struct request *r, const struct route *routes);
/* The path pattern for logs, "-" when none matched. */
const char *router_pattern(const struct request *r);

#endif
