/* Builds struct request out of what nginx passes. Everything here comes from outside: judged once, bounded, then trusted
 * by the layers above. */
#include "http/request_io.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <strings.h>

#include <fcgiapp.h>

#include "base/url.h"
#include "http/form.h"
#include "http/router.h"
#include "http/session.h"

#define ADDRESS_MAX 45
#define AGENT_MAX 300
#define COOKIES_MAX 8192
#define TYPE_MAX 200
#define HEADER_MAX 2000
#define VISIT_LENGTH 43
#define ID_LENGTH 32
#define HERE_MAX 500

/* Where the parameters come from. */
struct source {
	const char *(*get)(const void *context, const char *name);
	const void *context;
};

static const char *get_fcgx(const void *context, const char *name)
{
	const FCGX_Request *f = context;
	return FCGX_GetParam(name, f->envp);
}

static const char *get_memory(const void *context, const char *name)
{
	const struct request_memory *m = context;
	const struct {
		const char *name, *value;
	} params[] = {
		{"REQUEST_METHOD", m->method},
		{"REQUEST_URI", m->target},
		{"HTTP_COOKIE", m->cookie},
		{"HTTP_ACCEPT", m->accept},
		{"CONTENT_TYPE", m->content_type},
		{"CONTENT_LENGTH", m->content_length},
		{"HTTPS", m->https ? "on" : NULL},
		{"REMOTE_ADDR", "192.0.2.1"},
	};
	for (size_t i = 0; i < sizeof(params) / sizeof(*params); i++)
		if (strcmp(params[i].name, name) == 0)
			return params[i].value;
	for (const char *const *h = m->headers; h && *h; h += 2)
		if (strcmp(h[0], name) == 0)
			return h[1];
	return NULL;
}

static const char *param(const struct source *s, const char *name)
{
	const char *value = s->get(s->context, name);
	return value ? value : "";
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool has_control(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f))
			return true;
	return false;
}

static bool has_dot_segment(const char *path)
{
	for (const char *p = path; (p = strchr(p, '/')); p++) {
		size_t length = strcspn(p + 1, "/");
		if ((length == 1 && p[1] == '.') || (length == 2 && p[1] == '.' && p[2] == '.'))
			return true;
	}
	return false;
}

/* Splits the raw target at the first '?', decodes the path once. */
static enum status read_target(struct request *r, const char *target)
{
	size_t raw = strcspn(target, "?");
	const char *query = target[raw] ? target + raw + 1 : "";
	char *path;
	size_t n = 0;

	if (target[0] != '/' || raw > REQUEST_PATH_MAX)
		return status_fail(ST_INVALID, "target is not a path or too long");
	if (strlen(query) > REQUEST_QUERY_MAX)
		return status_fail(ST_INVALID, "query is too long");
	path = arena_alloc(r->arena, raw + 1);
	for (size_t i = 0; i < raw; i++) {
		char c = target[i];
		if (c == '%') {
			int high = i + 2 < raw ? hex_digit(target[i + 1]) : -1;
			int low = i + 2 < raw ? hex_digit(target[i + 2]) : -1;
			if (high < 0 || low < 0)
				return status_fail(ST_INVALID, "bad escape in path");
			c = (char)(high * 16 + low);
			i += 2;
		}
		if (!c || c == '#')
			return status_fail(ST_INVALID, "NUL or fragment in path");
		path[n++] = c;
	}
	if (!text_is_utf8(path, n) || has_control(path) || has_dot_segment(path))
		return status_fail(ST_INVALID, "path is not UTF-8, has control characters or dot segments");
	r->path = path;
	r->query = arena_strdup(r->arena, query);
	return ST_OK;
}

static enum status read_content_length(struct request *r, const char *text)
{
	size_t digits = strspn(text, "0123456789");
	r->content_length = -1;
	if (!*text)
		return ST_OK;
	if (text[digits] || digits > 15)
		return status_fail(ST_INVALID, "bad Content-Length");
	r->content_length = 0;
	for (const char *p = text; *p; p++)
		r->content_length = r->content_length * 10 + (*p - '0');
	return ST_OK;
}

/* A copy of at most max bytes without control characters; bytes that are not UTF-8 become '?'. */
static char *printable(struct arena *a, const char *text, size_t max)
{
	size_t length = strnlen(text, max + 1);
	char *out;
	bool utf8;

	if (length > max) /* cut before the first byte of a character */
		for (length = max; length && ((unsigned char)text[length] & 0xc0) == 0x80;)
			length--;
	out = arena_strndup(a, text, length);
	utf8 = text_is_utf8(out, length);
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f || (!utf8 && (unsigned char)*p >= 0x80))
			*p = '?';
	return out;
}

static const char *read_id(struct arena *a, const char *given)
{
	unsigned char random[ID_LENGTH / 2];
	if (strlen(given) == ID_LENGTH && strspn(given, "0123456789abcdef") == ID_LENGTH)
		return arena_strdup(a, given);
	crypt_random(random, sizeof(random));
	return hex_encode(a, random, sizeof(random));
}

static bool visit_valid(const char *cookie)
{
	size_t n = 0;
	for (; cookie[n]; n++)
		if (n >= VISIT_LENGTH || !(isascii(cookie[n]) && (isalnum((unsigned char)cookie[n]) || cookie[n] == '-' || cookie[n] == '_')))
			return false;
	return n == VISIT_LENGTH;
}

static enum method read_method(const char *name)
{
	static const struct {
		const char *name;
		enum method method;
	} methods[] = {{"GET", METHOD_GET}, {"HEAD", METHOD_HEAD}, {"POST", METHOD_POST}, {"PATCH", METHOD_PATCH}, {"DELETE", METHOD_DELETE}, {"OPTIONS", METHOD_OPTIONS}};
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++)
		if (strcmp(methods[i].name, name) == 0)
			return methods[i].method;
	return METHOD_OTHER;
}

/* Shells and proxies that know neither PATCH nor DELETE send POST and say what they mean. Nothing weaker can be meant: every such
 * request has to bring the CSRF token as a POST has. */
static enum method overridden(enum method given, const char *name)
{
	enum method meant = read_method(name);

	return given == METHOD_POST && (meant == METHOD_PATCH || meant == METHOD_DELETE) ? meant : given;
}

const char *request_method_name(const struct request *r)
{
	static const char *const names[] = {
		[METHOD_GET] = "GET",       [METHOD_HEAD] = "HEAD",     [METHOD_POST] = "POST", [METHOD_PATCH] = "PATCH",
		[METHOD_DELETE] = "DELETE", [METHOD_OPTIONS] = "OPTIONS", [METHOD_OTHER] = "OTHER",
	};
	return names[r->method];
}

static enum status begin(struct request *r, struct arena *a, const struct site *site, const struct source *s)
{
	const char *cookies = param(s, "HTTP_COOKIE"), *visit;
	enum status target, length;

	*r = (struct request){.arena = a, .site = site, .path = "/", .query = "", .tail = "", .status = 200};
	r->io = arena_alloc(a, sizeof(*r->io));
	buffer_init(&r->headers, a, 16384);
	buffer_init(&r->body, a, REQUEST_BODY_BUFFER_MAX);
	r->method = overridden(read_method(param(s, "REQUEST_METHOD")), param(s, "HTTP_X_HTTP_METHOD_OVERRIDE"));
	r->id = read_id(a, param(s, "REQUEST_ID"));
	r->monitor = text_equal(param(s, "MONITOR"), "1"); /* headers of a client begin with HTTP_ */
	r->address = printable(a, param(s, "REMOTE_ADDR"), ADDRESS_MAX);
	r->signature = arena_strdup(a, param(s, "HTTP_X_SIGNATURE"));
	r->client_issuer = strcmp(param(s, "SSL_CLIENT_VERIFY"), "SUCCESS") == 0 ? arena_strdup(a, param(s, "SSL_CLIENT_I_DN")) : "";
	r->user_agent = printable(a, param(s, "HTTP_USER_AGENT"), AGENT_MAX);
	r->content_type = printable(a, param(s, "CONTENT_TYPE"), TYPE_MAX);
	r->https = strcmp(param(s, "HTTPS"), "on") == 0;
	r->wants_json = strncasecmp(param(s, "HTTP_ACCEPT"), "application/json", 16) == 0;
	r->cookies = strlen(cookies) <= COOKIES_MAX ? arena_strdup(a, cookies) : "";
	visit = request_cookie(r, SESSION_COOKIE);
	r->visit = visit && visit_valid(visit) ? visit : NULL;
	r->care = text_equal(request_cookie(r, "care"), "1");
	target = read_target(r, param(s, "REQUEST_URI"));
	length = read_content_length(r, param(s, "CONTENT_LENGTH"));
	return target == ST_OK ? length : target;
}

enum status request_begin(struct request *r, struct arena *a, const struct site *site, struct FCGX_Request *fcgx)
{
	struct source s = {get_fcgx, fcgx};
	enum status status = begin(r, a, site, &s);
	r->io->fcgx = fcgx;
	return status;
}

enum status request_begin_memory(struct request *r, struct arena *a, const struct site *site, const struct request_memory *m)
{
	struct request_memory copy = *m;
	struct source s = {get_memory, &copy};
	enum status status;

	if (!copy.content_length && copy.body)
		copy.content_length = arena_printf(a, "%zu", copy.body_size);
	status = begin(r, a, site, &s);
	r->io->memory = m;
	r->io->body = m->body;
	r->io->body_size = m->body ? m->body_size : 0;
	buffer_init(&r->io->sent, a, 2 * REQUEST_BODY_BUFFER_MAX);
	return status;
}

const char *request_header(struct request *r, const char *name)
{
	char *parameter = arena_printf(r->arena, "HTTP_%s", name);
	const char *value;

	for (char *p = parameter; *p; p++)
		*p = *p == '-' ? '_' : (char)toupper((unsigned char)*p);
	value = r->io->fcgx ? get_fcgx(r->io->fcgx, parameter) : r->io->memory ? get_memory(r->io->memory, parameter) : NULL;
	return value ? printable(r->arena, value, HEADER_MAX) : NULL;
}

/* The next bytes of either stream; 0 at its end. */
static size_t take(struct request_io *io, void *out, size_t size)
{
	size_t left;
	if (io->fcgx) {
		int n = FCGX_GetStr(out, size > INT_MAX ? INT_MAX : (int)size, io->fcgx->in);
		return n > 0 ? (size_t)n : 0;
	}
	left = io->body_size - (size_t)io->body_taken;
	if (size > left)
		size = left;
	if (size)
		memcpy(out, io->body + io->body_taken, size);
	return size;
}

enum status request_read(struct request *r, void *out, size_t size, size_t *got)
{
	struct request_io *io = r->io;
	int64_t expected = r->content_length < 0 ? 0 : r->content_length, left = expected - io->body_taken;
	size_t n;

	if (left <= 0 || !size) {
		*got = 0;
		return ST_OK;
	}
	n = take(io, out, (uint64_t)left < size ? (size_t)left : size);
	/* A client that went away and an aborted request look like the end of the data: only the count tells. */
	if (!n || (io->fcgx && FCGX_GetError(io->fcgx->in) != 0))
		return status_fail(ST_INVALID, "body ended %lld bytes early", (long long)(left - (int64_t)n));
	io->body_taken += (int64_t)n;
	*got = n;
	return ST_OK;
}

/* libfcgi closes a connection with shutdown and a wait for nginx to close as well, because a close with unread bytes would lose the
 * answer. When everything was read there is nothing to wait for, and the worker is free that much earlier. */
void request_finish(struct request *r)
{
	struct FCGX_Request *fcgx = r->io->fcgx;
	char byte;

	if (r->io->body_taken >= r->content_length && FCGX_GetStr(&byte, 1, fcgx->in) == 0 && FCGX_GetError(fcgx->in) == 0)
		FCGX_Detach(fcgx);
	FCGX_Finish_r(fcgx);
}

char *cookie_find(struct arena *a, const char *header, const char *name)
{
	size_t length = strlen(name);
	const char *p = header;

	while (*p) {
		size_t pair;
		p += strspn(p, "; \t");
		pair = strcspn(p, ";");
		if (pair > length && p[length] == '=' && memcmp(p, name, length) == 0) {
			const char *value = p + length + 1;
			size_t n = pair - length - 1;
			while (n && (value[n - 1] == ' ' || value[n - 1] == '\t'))
				n--;
			return arena_strndup(a, value, n);
		}
		p += pair;
	}
	return NULL;
}

const char *request_cookie(struct request *r, const char *name)
{
	return cookie_find(r->arena, r->cookies, name);
}

const char *request_query(struct request *r, const char *name)
{
	if (!r->query_form) {
		struct form *f = arena_alloc(r->arena, sizeof(*f));
		/* A query that cannot be read counts as empty: links from elsewhere get strange parameters added. */
		if (form_parse(r->arena, f, r->query, strlen(r->query)) != ST_OK)
			f->count = 0;
		r->query_form = f;
	}
	return form_get(r->query_form, name);
}

const char *request_field(struct request *r, const char *name)
{
	return r->form ? form_get(r->form, name) : NULL;
}

int request_fields(struct request *r, const char *name, const char **values, int max)
{
	int n = 0;
	for (int i = 0; r->form && i < r->form->count && n < max; i++)
		if (strcmp(r->form->fields[i].name, name) == 0)
			values[n++] = r->form->fields[i].value;
	return n;
}

/* Where a browser comes to this page again: the address without its query, which may be a stranger's. A page that answered a POST has
 * that form's address, unless nothing can be read there. */
static const char *own_address(struct request *r)
{
	const char *path = url_escape(r->arena, r->path);
	bool read = r->method == METHOD_GET || r->method == METHOD_HEAD;

	return strlen(path) > HERE_MAX || (!read && !(r->route && r->route->methods & ROUTE_GET)) ? "/" : path;
}

void request_here(struct request *r, const char *path)
{
	view_set(request_view(r), "Page.here", path);
	view_set(request_view(r), "Page.mode",
		 arena_printf(r->arena, "/care/%s?to=%s", r->care ? "off" : "on", url_escape(r->arena, path)));
}

bool request_practice(const struct request *r)
{
	return text_prefix(r->path, "/practice/");
}

struct view *request_view(struct request *r)
{
	if (!r->view) {
		r->view = view_create(r->arena, r->site->tpl);
		view_flag(r->view, "Page.again", request_query(r, "again") != NULL);
		view_flag(r->view, "Page.care", r->care);
		request_here(r, own_address(r));
		view_flag(r->view, "Page.practice", request_practice(r));
	}
	return r->view;
}
