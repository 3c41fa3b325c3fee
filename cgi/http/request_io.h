/* How a request begins: from FCGX, or from memory (unit tests, fuzz targets). Private to the http folder, main_web.c and tests. */
#ifndef HTTP_REQUEST_IO_H
#define HTTP_REQUEST_IO_H

#include "http/request.h"

#define REQUEST_PATH_MAX 1024
#define REQUEST_QUERY_MAX 8192
#define REQUEST_BODY_BUFFER_MAX (8 * 1024 * 1024) /* of a page that we send */

struct FCGX_Request;

struct request_io {
	struct FCGX_Request *fcgx; /* NULL: memory */
	const struct request_memory *memory; /* what a test gave; lives as long as the request */
	const char *body;          /* memory: what the client sent */
	size_t body_size;
	int64_t body_taken;        /* bytes given to the application */
	struct buffer sent;        /* memory: what response_send wrote */
	size_t bytes_sent;         /* of the body, for the log line */
};

/* What a test gives; NULL members count as absent headers. */
struct request_memory {
	const char *method, *target, *cookie, *content_type, *accept, *body;
	size_t body_size;
	const char *content_length; /* NULL: body_size, when there is a body */
	const char *const *headers; /* more of them: "HTTP_UPLOAD_OFFSET", value, ..., NULL */
	bool https;
};

/* Fills r from the parameters that nginx passed. ST_INVALID: the target or Content-Length is not acceptable; r can still
 * carry an error page (path is "/" then). */
enum status request_begin(struct request *r, struct arena *a, const struct site *site, struct FCGX_Request *fcgx) MUST_CHECK;
enum status request_begin_memory(struct request *r, struct arena *a, const struct site *site, const struct request_memory *m) MUST_CHECK;

/* Ends a request that came by FCGX and was answered. */
void request_finish(struct request *r);

/* The value of the first cookie called name in a Cookie header, in the arena; NULL when absent. */
char *cookie_find(struct arena *a, const char *header, const char *name);

/* "GET", ... for logs; "OTHER" for everything that we do not serve. */
const char *request_method_name(const struct request *r);

#endif
