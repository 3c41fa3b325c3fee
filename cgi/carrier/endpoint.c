/* One call: who, what, kept, answered. Nothing is answered with success before it is committed, and whatever goes wrong may be sent
 * again. Knows no SQL and no key but the directory's. */
#include "carrier/endpoint.h"

#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "http/response.h"
#include "store/instruction.h"

#define TRIES 2

/* Answers that no code of table 4 says. */
#define USED_OTHERWISE T1_BAD_REQUEST " 指令标识已用于内容不同的指令"
#define OTHER_RESULT T1_BAD_REQUEST " 此消息已有不同的结果"

struct path {
	const char *path, *methods;
	enum method method;
	void (*serve)(struct endpoint *e, struct call *c);
};

static void answer_status(struct call *c, int http_status, const char *cause)
{
	/* a text that cannot be too long: it is answered whatever happens */
	if (respond_json(c->r, http_status, t1_incoming_answer(c->r->arena, c->m.request_id, cause)) != ST_OK)
		log_error("answer", "message=\"%s\"", status_message());
}

static void answer(struct call *c, const char *cause)
{
	answer_status(c, 200, cause);
}

static void refuse(struct endpoint *e, struct call *c, const char *why)
{
	refusals_add(&e->refusals, c->r->address, why);
	answer_status(c, 401, T1_UNAUTHORIZED);
	response_header(c->r, "WWW-Authenticate", "SignNature");
}

static void fail(struct endpoint *e, struct call *c)
{
	if (tally_add(&e->failures) <= TALLY_LINES)
		log_error("failed", "message=\"%s\"", status_message());
	answer(c, T1_INTERNAL);
}

/* "application/json", with "charset=utf-8" or without. */
static bool is_json(const char *type)
{
	static const char json[] = "application/json", charset[] = "charset=";
	const char *rest = type + sizeof json - 1;

	if (strncasecmp(type, json, sizeof json - 1) != 0)
		return false;
	rest += strspn(rest, " \t");
	if (*rest == ';') {
		rest++;
		rest += strspn(rest, " \t");
		if (strncasecmp(rest, charset, sizeof charset - 1) != 0)
			return false;
		rest += sizeof charset - 1;
		return strcasecmp(rest, "utf-8") == 0 || strcasecmp(rest, "\"utf-8\"") == 0;
	}
	return !*rest;
}

static bool read_body(struct request *r, struct bytes *out)
{
	unsigned char *body;
	size_t length = 0, got = 1;

	if (r->content_length <= 0 || r->content_length > T1_INCOMING_BYTES_MAX || !is_json(r->content_type))
		return false;
	body = arena_alloc(r->arena, (size_t)r->content_length + 1);
	while (got > 0 && length < (size_t)r->content_length) {
		if (request_read(r, body + length, (size_t)r->content_length - length, &got) != ST_OK)
			return false;
		length += got;
	}
	*out = (struct bytes){body, length};
	return true;
}

/* Who calls; false: it is answered. */
static bool identify(struct endpoint *e, struct call *c)
{
	const struct directory_peer peer = {c->r->address, c->r->client_issuer};
	struct bytes body;

	if (!read_body(c->r, &body) || !t1_incoming_read(&c->m, c->r->arena, body)) {
		answer(c, T1_BAD_REQUEST);
		return false;
	}
	switch (directory_find(e->directory, &c->m, &peer, &c->caller)) {
	case DIRECTORY_KNOWN:
		return true;
	case DIRECTORY_UNKNOWN:
		refuse(e, c, "authentication");
		return false;
	case DIRECTORY_BROKEN:
		break;
	}
	status_fail(ST_UNAVAILABLE, "the caller cannot be judged: its password cannot be read, or two connections have the same");
	fail(e, c);
	return false;
}

/* Repeating is harmless, and mends a connection that was cut and a deadlock; also when it is not known whether it was committed. */
static bool once_more(struct db *db, enum status st, int try)
{
	return (st == ST_UNAVAILABLE || st == ST_BUSY) && try < TRIES && db_ready(db) == ST_OK;
}

/* The Code is one of ours. It has letters and digits only. */
static bool ours(struct call *c)
{
	return strstr(c->caller.codes, arena_printf(c->r->arena, " %s ", c->m.code)) != NULL;
}

static void take_instruction(struct endpoint *e, struct call *c)
{
	if (!identify(e, c))
		return;
	if (!t1_incoming_instruction(&c->m, c->r->arena) || !ours(c)) {
		answer(c, T1_BAD_REQUEST);
		return;
	}
	c->instruction = (struct instruction){c->caller.connection_id, c->m.request_id, c->m.code, c->m.iccid, c->r->address, NULL, false};
	c->waiting = true;
}

static void serve_result(struct endpoint *e, struct call *c)
{
	static const struct {
		const char *answer, *cause;
	} answers[] = {{"kept", NULL}, {"other", OTHER_RESULT}, {"unknown", T1_NO_RECORD}};
	struct request *r = c->r;
	const char *kept = NULL;
	enum status st;

	if (!identify(e, c))
		return;
	if (!t1_incoming_result(&c->m, r->arena)) {
		answer(c, T1_BAD_REQUEST);
		return;
	}
	st = db_ready(r->site->db);
	for (int try = 1; st == ST_OK; try++) {
		st = instruction_result(r->site->db, r->arena, c->caller.connection_id, c->m.request_id, c->m.done, c->m.cause, &kept);
		if (st == ST_OK)
			break;
		st = once_more(r->site->db, st, try) ? ST_OK : st;
	}
	for (size_t i = 0; st == ST_OK && i < sizeof answers / sizeof *answers; i++)
		if (text_equal(kept, answers[i].answer)) {
			answer(c, answers[i].cause);
			return;
		}
	fail(e, c);
}

static void serve_ready(struct endpoint *e, struct call *c)
{
	struct request *r = c->r;
	bool database = db_ready(r->site->db) == ST_OK;
	int connections = directory_size(e->directory);
	bool ready = database && connections > 0;
	const char *json = arena_printf(r->arena, "{\"database\":%s,\"connections\":%d,\"ready\":%s}", database ? "true" : "false",
					connections < 0 ? 0 : connections, ready ? "true" : "false");

	if (respond_json(r, ready ? 200 : 503, json) != ST_OK)
		log_error("answer", "message=\"%s\"", status_message());
}

static const struct path paths[] = {
	{"/t1/instruction", "POST", METHOD_POST, take_instruction},
	{"/t1/result", "POST", METHOD_POST, serve_result},
	{"/readyz", "GET", METHOD_GET, serve_ready},
};

void endpoint_take(struct endpoint *e, struct call *c, struct request *r)
{
	const struct path *path = NULL;

	*c = (struct call){.r = r, .m = {.request_id = ""}};
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		if (strcmp(paths[i].path, r->path) == 0)
			path = &paths[i];
	if (!path) {
		answer_status(c, 404, T1_BAD_REQUEST);
	} else if (r->method != path->method) {
		answer_status(c, 405, T1_METHOD);
		response_header(r, "Allow", path->methods);
	} else {
		path->serve(e, c);
	}
}

static enum status accept_all(struct db *db, struct arena *a, struct instruction *const *list, int count)
{
	enum status st = db_ready(db);

	for (int try = 1; st == ST_OK; try++) {
		st = instruction_accept(db, a, list, count);
		if (st == ST_OK)
			break;
		st = once_more(db, st, try) ? ST_OK : st;
	}
	return st;
}

static void tell(struct endpoint *e, struct call *c, enum status st)
{
	if (st == ST_OK)
		answer(c, c->instruction.other ? USED_OTHERWISE : c->instruction.cause);
	else
		fail(e, c);
}

void endpoint_settle(struct endpoint *e, const struct site *site, struct call *calls, int count)
{
	struct instruction *list[INSTRUCTIONS_MAX];
	struct call *waiting[INSTRUCTIONS_MAX];
	int n = 0;
	enum status st;

	for (int i = 0; i < count; i++)
		if (calls[i].waiting) {
			waiting[n] = &calls[i];
			list[n++] = &calls[i].instruction;
		}
	if (n == 0)
		return;
	st = accept_all(site->db, waiting[0]->r->arena, list, n);
	for (int i = 0; i < n; i++) {
		/* One that the database refuses must not keep the others from being accepted. */
		if (st != ST_OK && st != ST_UNAVAILABLE && n > 1)
			tell(e, waiting[i], accept_all(site->db, waiting[i]->r->arena, &list[i], 1));
		else
			tell(e, waiting[i], st);
	}
}
