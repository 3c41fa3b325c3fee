/* Files for carriers as an operator sees them, and sending one again. Nothing in them is personal. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator/verbs.h"

#define LIST_PRESET 50
#define LIST_MAX 10000
#define REASON_CHARACTERS_MAX 100

static bool is_state(const char *state)
{
	static const char *const states[] = {"waiting", "prepared", "uploaded", "done", "failed"};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

/* Without --state: everything that is not delivered, what is due first. */
enum status verb_file_list(struct command *c)
{
	const char *state = command_given(c, "--state"), *carrier = command_given(c, "--carrier");
	struct db_result *r;
	int64_t limit;
	enum status st;

	if (state && !is_state(state))
		return command_usage(c, "--state is one of waiting, prepared, uploaded, done, failed");
	if ((st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit)) != ST_OK)
		return st;
	st = db_query(
		c->db, c->a, &r,
		"SELECT f.source, f.request_id, f.code, k.slug, f.state, f.cause, d.iccid, o.number, f.size, f.folder || f.name || '.bin' "
		"AS path, "
		"extract(epoch FROM f.created_at)::bigint AS created_at, extract(epoch FROM f.due_at)::bigint AS due_at, "
		"extract(epoch FROM f.done_at)::bigint AS done_at, j.attempts, j.last_error FROM t1_file f "
		"JOIN carrier_connection n ON n.id = f.connection_id JOIN carrier k ON k.id = n.carrier_id JOIN card d ON d.id = f.card_id "
		"JOIN application o ON o.id = f.application_id LEFT JOIN job j ON j.kind = 'file_deliver' AND j.subject = f.id "
		"WHERE (f.state = $1 OR $1::text IS NULL AND f.state <> 'done') AND ($2::text IS NULL OR k.slug = $2) "
		"ORDER BY f.due_at, f.request_id LIMIT $3",
		DB_TEXT(state), DB_TEXT(carrier), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "source\tRequestID\tcode\tcarrier\tstate\tcause\tICCID\tapplication\tordered\tdue\tdelivered\tattempts\tlast "
			"error\tsize\tpath\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "source"),
			db_text(r, i, "request_id"), db_text(r, i, "code"), db_text(r, i, "slug"), db_text(r, i, "state"),
			command_shown(c->a, db_text(r, i, "cause")), db_text(r, i, "iccid"), db_text(r, i, "number"),
			clock_page(c->a, db_int(r, i, "created_at")), clock_page(c->a, db_int(r, i, "due_at")),
			db_is_null(r, i, "done_at") ? "-" : clock_page(c->a, db_int(r, i, "done_at")),
			command_shown(c->a, db_text(r, i, "attempts")), command_shown(c->a, db_text(r, i, "last_error")),
			command_shown(c->a, db_text(r, i, "size")), command_shown(c->a, db_text(r, i, "path")));
	return ST_OK;
}

static enum status find(struct command *c, const char *request_id, const char **id, const char **application_id)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r, "SELECT id, application_id FROM t1_file WHERE request_id = $1 ORDER BY id", DB_TEXT(request_id));

	if (st != ST_OK)
		return st;
	if (db_rows(r) != 1)
		return status_fail(ST_NOT_FOUND, "%d files have this RequestID", db_rows(r));
	*id = db_text(r, 0, "id");
	*application_id = db_text(r, 0, "application_id");
	return ST_OK;
}

static enum status send_again(struct command *c, const char *id, const char *application_id, const char *reason)
{
	struct db_result *r;
	struct buffer detail;
	const char *answer;
	enum status st = db_query(c->db, c->a, &r, "SELECT t1_file_again($1) AS answer", DB_TEXT(id));

	if (st != ST_OK)
		return st;
	answer = db_text(r, 0, "answer");
	if (strcmp(answer, "again") != 0)
		return status_fail(ST_CONFLICT, "it cannot be sent again: %s", answer);
	buffer_init(&detail, c->a, 2000);
	buffer_text(&detail, "{");
	json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	return audit_write(c->db, c->a, &c->actor, "file.again", application_id, arena_printf(c->a, "t1_file:%s", id), "ok", detail.data);
}

enum status verb_file_again(struct command *c)
{
	const char *reason = text_clean(c->a, command_given(c, "--reason")), *id, *application_id;
	enum status st;

	if (text_empty(reason) || text_characters(reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters, without personal data", REASON_CHARACTERS_MAX);
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = find(c, command_given(c, "REQUESTID"), &id, &application_id);
	if (st == ST_OK)
		st = send_again(c, id, application_id, reason);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "it is delivered again, unless it is still there\n");
	return st;
}
