/* Builds the answer in memory and sends it once. Security headers are added at sending, so no answer can lack them. */
#include "http/response.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include <fcgiapp.h>

#include "base/json.h"
#include "base/log.h"
#include "base/url.h"
#include "http/messages.h"
#include "http/request_io.h"
#include "http/session.h"

#define CASE_LENGTH 12 /* of the request id: what a person reads out on the phone */

static const char fixed_headers[] =
	"Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
	"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'\r\n"
	"X-Content-Type-Options: nosniff\r\n"
	"Referrer-Policy: same-origin\r\n"
	"Permissions-Policy: camera=(self), microphone=(self), geolocation=(), payment=(), usb=()\r\n"
	"Cross-Origin-Opener-Policy: same-origin\r\n"
	"Cross-Origin-Resource-Policy: same-origin\r\n"
	"Cache-Control: no-store\r\n";

/* Error pages by status; texts are message keys. The first is the one for a status that has no line. */
static const struct problem {
	int status;
	const char *reason, *code, *title, *text;
} problems[] = {
	{500, "Internal Server Error", "error", "error.500.title", "error.500"},
	{400, "Bad Request", "invalid", "error.400.title", "error.400"},
	{403, "Forbidden", "denied", "error.403.title", "error.403"},
	{404, "Not Found", "not_found", "error.404.title", "error.404"},
	{405, "Method Not Allowed", "method", "error.405.title", "error.405"},
	{409, "Conflict", "conflict", "error.409.title", "error.409"},
	{413, "Content Too Large", "too_large", "error.413.title", "error.413"},
	{429, "Too Many Requests", "limit", "error.429.title", "error.429"},
	{503, "Service Unavailable", "unavailable", "error.503.title", "error.503"},
};

static const struct problem *problem_find(int status)
{
	for (size_t i = 0; i < sizeof(problems) / sizeof(*problems); i++)
		if (problems[i].status == status)
			return &problems[i];
	return NULL;
}

static const char *reason(int status)
{
	static const struct {
		int status;
		const char *reason;
	} others[] = {
		{200, "OK"},   {201, "Created"},             {202, "Accepted"},               {204, "No Content"},            {303, "See Other"},
		{401, "Unauthorized"}, {410, "Gone"}, {412, "Precondition Failed"}, {415, "Unsupported Media Type"}, {422, "Unprocessable Content"}, {423, "Locked"},
		{460, "Checksum Mismatch"},
	};
	const struct problem *p = problem_find(status);

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (others[i].status == status)
			return others[i].reason;
	return p ? p->reason : "Other";
}

static bool header_safe(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f)
			return false;
	return true;
}

void response_header(struct request *r, const char *name, const char *value)
{
	bool safe = header_safe(name) && header_safe(value);
	assert(safe);
	if (safe)
		buffer_printf(&r->headers, "%s: %s\r\n", name, value);
}

/* Takes the line that begins with prefix out of the headers: the last one set counts. */
static void drop_line(struct request *r, const char *prefix)
{
	char *line = r->headers.data, *end;

	if (!r->headers.length)
		return;
	while ((end = strstr(line, "\r\n"))) {
		end += 2;
		if (text_prefix(line, prefix)) {
			r->headers.length -= (size_t)(end - line);
			memmove(line, end, strlen(end) + 1);
			return;
		}
		line = end;
	}
}

void response_cookie(struct request *r, const char *name, const char *value, int max_age_s)
{
	drop_line(r, arena_printf(r->arena, "Set-Cookie: %s=", name));
	response_header(r, "Set-Cookie",
	                arena_printf(r->arena, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=%d", name, value, max_age_s));
}

static void mark_answered(struct request *r, int status, const char *media_type)
{
	drop_line(r, "Content-Type: ");
	response_header(r, "Content-Type", media_type);
	r->status = status;
	r->answered = true;
}

static void set_answer(struct request *r, int status, const char *media_type, const void *body, size_t length)
{
	buffer_init(&r->body, r->arena, length + 1);
	buffer_add(&r->body, body, length);
	mark_answered(r, status, media_type);
}

enum status respond_page(struct request *r, int status, const char *name)
{
	struct buffer page;
	enum status result;

	buffer_init(&page, r->arena, REQUEST_BODY_BUFFER_MAX);
	result = tpl_render(r->site->tpl, request_view(r), name, &page);
	if (result != ST_OK)
		return result;
	r->body = page;
	mark_answered(r, status, "text/html; charset=utf-8");
	return ST_OK;
}

/* text as a JSON string with its quotes. */
static char *quoted(struct arena *a, const char *text)
{
	struct buffer b;

	buffer_init(&b, a, 6 * strlen(text) + 3);
	json_quote(&b, text);
	return b.data;
}

enum status respond_redirect(struct request *r, const char *path)
{
	if (!url_path_is_own(path))
		return status_fail(ST_ERROR, "redirect to something that is not a path of ours");
	if (r->wants_json)
		return respond_json(r, 200, arena_printf(r->arena, "{\"location\":%s}", quoted(r->arena, path)));
	set_answer(r, 303, "text/plain; charset=utf-8", "", 0);
	response_header(r, "Location", path);
	return ST_OK;
}

enum status respond_json(struct request *r, int status, const char *json)
{
	set_answer(r, status, "application/json", json, strlen(json));
	return ST_OK;
}

enum status respond_text(struct request *r, int status, const char *text)
{
	set_answer(r, status, "text/plain; charset=utf-8", text, strlen(text));
	return ST_OK;
}

enum status respond_bytes(struct request *r, const char *media_type, struct bytes body)
{
	set_answer(r, 200, media_type, body.data ? (const char *)body.data : "", body.length);
	response_header(r, "Content-Disposition", "inline");
	return ST_OK;
}

enum status respond_attachment(struct request *r, const char *media_type, const char *name, struct bytes body)
{
	static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
	char *safe = arena_strdup(r->arena, name);

	for (char *p = safe + strspn(safe, good); *p; p += strspn(p, good))
		*p = '_';
	set_answer(r, 200, media_type, body.data ? (const char *)body.data : "", body.length);
	response_header(r, "Content-Disposition", arena_printf(r->arena, "attachment; filename=\"%s\"", safe));
	return ST_OK;
}

static void respond_builtin(struct request *r, const struct problem *p, const char *number)
{
	const char *title = message_text(r->arena, p->title, NULL), *text = message_text(r->arena, p->text, NULL);
	const char *page = arena_printf(r->arena,
	                                "<!DOCTYPE html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>%s</title>"
	                                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"></head>"
	                                "<body><main><h1>%s</h1><p>%s</p><p>编号：%s</p></main></body></html>\n",
	                                title, title, text, number);
	set_answer(r, p->status, "text/html; charset=utf-8", page, strlen(page));
}

void respond_error(struct request *r, int http_status)
{
	const struct problem *p = problem_find(http_status);
	const char *number = arena_strndup(r->arena, r->id, CASE_LENGTH);
	struct view *v;
	enum status status;

	if (!p)
		p = &problems[0];
	/* Nothing of a half-built answer stays: neither its headers (a new session id has no row now) nor its dataset. */
	buffer_init(&r->headers, r->arena, 16384);
	r->view = NULL;
	if (p->status == 503)
		response_header(r, "Retry-After", "10");
	if (r->wants_json) {
		const char *text = quoted(r->arena, message_text(r->arena, p->text, NULL));
		const char *json = arena_printf(r->arena, "{\"error\":\"%s\",\"text\":%s,\"case\":\"%s\"}", p->code, text, number);
		set_answer(r, p->status, "application/json", json, strlen(json));
		return;
	}
	if (r->site && r->site->tpl) {
		v = request_view(r);
		view_int(v, "Error.code", p->status);
		view_set(v, "Error.case", number);
		view_set(v, "Error.text", message_text(r->arena, p->text, NULL));
		view_set(v, "Page.title", message_text(r->arena, p->title, NULL));
		view_flag(v, "Error.saved", r->visit && request_cookie(r, SESSION_COOKIE) != NULL);
		status = respond_page(r, p->status, arena_printf(r->arena, "error/%d", p->status));
		if (status == ST_OK)
			return;
		if (status != ST_NOT_FOUND)
			log_error("error_page", "page=%d status=%s message=\"%s\"", p->status, status_name(status), status_message());
	}
	respond_builtin(r, p, number);
}

void respond_failure(struct request *r, enum status why)
{
	static const int by_status[ST_MAX] = {
		[ST_OK] = 500,       [ST_NOT_FOUND] = 404, [ST_INVALID] = 400, [ST_CONFLICT] = 409,    [ST_DENIED] = 403,
		[ST_LIMIT] = 429,    [ST_BUSY] = 503,      [ST_ERROR] = 500,   [ST_UNAVAILABLE] = 503,
	};
	respond_error(r, by_status[why < ST_MAX ? why : ST_ERROR]);
}

static bool put(struct request *r, const char *bytes, size_t length)
{
	if (!r->io->fcgx) {
		buffer_add(&r->io->sent, bytes, length);
		return true;
	}
	while (length) {
		int n = length > (1 << 20) ? 1 << 20 : (int)length;
		if (FCGX_PutStr(bytes, n, r->io->fcgx->out) != n)
			return false;
		bytes += n;
		length -= (size_t)n;
	}
	return true;
}

void response_send(struct request *r)
{
	struct buffer head;
	bool body = r->method != METHOD_HEAD && r->status != 204;

	if (!r->answered || r->headers.overflow || r->body.overflow) {
		log_error("response", "no answer, or one that is too large");
		respond_error(r, 500);
	}
	buffer_init(&head, r->arena, 32768);
	buffer_printf(&head, "Status: %d %s\r\n", r->status, reason(r->status));
	buffer_add(&head, r->headers.data, r->headers.length);
	buffer_add(&head, fixed_headers, sizeof(fixed_headers) - 1);
	if (r->https)
		buffer_text(&head, "Strict-Transport-Security: max-age=31536000\r\n");
	buffer_printf(&head, "Content-Length: %zu\r\n\r\n", r->body.length);
	if (!put(r, head.data, head.length) || (body && !put(r, r->body.data, r->body.length)))
		log_info("client_gone", "status=%d", r->status);
	else if (body)
		r->io->bytes_sent = r->body.length;
}
