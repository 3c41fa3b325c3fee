/* The answer: built in memory, sent once. Security headers (strict CSP, nosniff, no-store, frame-ancestors 'none', HSTS
 * over TLS, Referrer-Policy same-origin, Permissions-Policy camera and microphone self) are on every answer. */
#ifndef HTTP_RESPONSE_H
#define HTTP_RESPONSE_H

#include "http/request.h"

/* Renders template name with r->view. */
enum status respond_page(struct request *r, int status, const char *name) MUST_CHECK;
/* 303 to a path of ours (must begin with one '/'); as JSON {"location": path} for a request that wants JSON. */
enum status respond_redirect(struct request *r, const char *path) MUST_CHECK;
enum status respond_json(struct request *r, int status, const char *json) MUST_CHECK;
enum status respond_text(struct request *r, int status, const char *text) MUST_CHECK;
/* Bytes with their media type, inline, not cached: evidence views. */
enum status respond_bytes(struct request *r, const char *media_type, struct bytes body) MUST_CHECK;
/* A file to keep: body is borrowed from the arena, name is made of letters, digits, '.', '-' and '_' (others become '_'). */
enum status respond_attachment(struct request *r, const char *media_type, const char *name, struct bytes body) MUST_CHECK;
/* The styled page for a status that ended the request: ST_NOT_FOUND 404, ST_DENIED 403, ST_INVALID 400, ST_LIMIT 429,
 * ST_BUSY and ST_UNAVAILABLE 503, ST_ERROR 500; template "error/404" ...; JSON {"error":code,"text":…} when wanted. */
void respond_failure(struct request *r, enum status why);
/* The same by HTTP status (405, 413, ...). */
void respond_error(struct request *r, int http_status);

/* Adds a header line; a value with control characters is refused (assert in debug, dropped otherwise). */
void response_header(struct request *r, const char *name, const char *value);
/* Sets a cookie "name=value; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=…". max_age 0 deletes. */
void response_cookie(struct request *r, const char *name, const char *value, int max_age_s);

/* Writes status line, headers and body to the client. */
void response_send(struct request *r);

#endif
