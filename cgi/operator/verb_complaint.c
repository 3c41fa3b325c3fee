/* Complaints: the list, one of them, the answer. What was written is shown only on record. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator/verbs.h"
#include "store/datakey.h"
#include "store/sms.h"

#define LIST_PRESET 50
#define LIST_MAX 10000
#define REASON_CHARACTERS_MAX 100
#define ANSWER_CHARACTERS_MAX 500

enum status verb_complaint_list(struct command *c)
{
	const char *state = command_given(c, "--state");
	struct db_result *r;
	int64_t limit;
	enum status st;

	if (state && strcmp(state, "received") != 0 && strcmp(state, "working") != 0 && strcmp(state, "answered") != 0)
		return command_usage(c, "--state is one of received, working, answered");
	if ((st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit)) != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
	              "SELECT number, kind, state, application_number, phone_sealed IS NOT NULL AS phone, extract(epoch FROM created_at)::bigint AS at"
	              " FROM complaint WHERE $1::text IS NULL OR state = $1 ORDER BY complaint.created_at LIMIT $2",
	              DB_TEXT(state), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "number\tkind\tstate\treceived\tphone\tapplication\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "number"), db_text(r, i, "kind"), db_text(r, i, "state"),
		        clock_page(c->a, db_int(r, i, "at")), db_bool(r, i, "phone") ? "yes" : "no", command_shown(c->a, db_text(r, i, "application_number")));
	return ST_OK;
}

/* ---- one of them ---- */

/* The row of NUMBER, locked, in the caller's transaction; its key, unless it was erased. */
static enum status lock_complaint(struct command *c, struct db_result **r, struct crypt_key *key)
{
	enum status st = db_query(c->db, c->a, r,
	                          "SELECT id, number, kind, state, application_number, data_key_id, text_sealed, phone_sealed, answer_sealed,"
	                          " extract(epoch FROM created_at)::bigint AS created_at, extract(epoch FROM answered_at)::bigint AS answered_at,"
	                          " extract(epoch FROM cleared_at)::bigint AS cleared_at FROM complaint WHERE number = $1 FOR UPDATE",
	                          DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))));

	*key = (struct crypt_key){0};
	if (st == ST_OK && db_rows(*r) != 1)
		st = status_fail(ST_NOT_FOUND, "there is no complaint with this number");
	if (st != ST_OK || db_int(*r, 0, "cleared_at"))
		return st;
	return datakey_load(c->db, c->a, c->keys, db_text(*r, 0, "data_key_id"), key);
}

static enum status open_column(struct command *c, const struct db_result *r, const struct crypt_key *key, const char *column, char **out)
{
	return opened_text(c->a, key, "complaint", column, db_text(r, 0, "id"), db_bytes(r, 0, column), out);
}

static enum status put_on_record(struct command *c, const char *id, const char *action, const char *reason)
{
	struct buffer detail;

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	if (reason)
		json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	return audit_write(c->db, c->a, &c->actor, action, NULL, arena_printf(c->a, "complaint:%s", id), "ok", detail.data);
}

static enum status read_reason(struct command *c, bool reveal, const char **reason)
{
	*reason = command_given(c, "--reason");
	if (!reveal)
		return *reason ? command_usage(c, "--reason goes with --reveal") : ST_OK;
	*reason = *reason ? text_clean(c->a, *reason) : NULL;
	if (text_empty(*reason) || text_characters(*reason) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reveal wants --reason with 1 to %d characters", REASON_CHARACTERS_MAX);
	return ST_OK;
}

/* Who reads what was written works on it. */
static enum status begin_work(struct command *c, const char *id, const char *reason)
{
	enum status st = put_on_record(c, id, "complaint.revealed", reason);

	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "UPDATE complaint SET state = 'working', working_at = now() WHERE id = $1 AND state = 'received'", DB_TEXT(id));
	return st;
}

/* Each line of the text indented, without control characters. */
static void print_text(struct command *c, const char *name, const char *text)
{
	char *rest = text ? arena_strdup(c->a, text) : NULL;

	fprintf(c->out, "%s\n", name);
	for (char *line; (line = strsep(&rest, "\n"));)
		fprintf(c->out, "  %s\n", command_shown(c->a, line));
}

enum status verb_complaint_show(struct command *c)
{
	bool reveal = command_given(c, "--reveal") != NULL;
	const char *reason;
	char *text = NULL, *phone = NULL, *answer = NULL;
	struct crypt_key key = {0};
	struct db_result *r;
	enum status st = read_reason(c, reveal, &reason);

	if (st == ST_OK)
		st = db_begin(c->db);
	if (st != ST_OK)
		return st;
	st = lock_complaint(c, &r, &key);
	if (st == ST_OK)
		st = open_column(c, r, &key, "text_sealed", &text);
	if (st == ST_OK)
		st = open_column(c, r, &key, "phone_sealed", &phone);
	if (st == ST_OK)
		st = open_column(c, r, &key, "answer_sealed", &answer);
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK && reveal)
		st = begin_work(c, db_text(r, 0, "id"), reason);
	if ((st = command_end(c, st)) != ST_OK)
		return st;
	fprintf(c->out, "complaint %s\n  kind: %s\n  state: %s\n  received: %s\n  application: %s\n", db_text(r, 0, "number"), db_text(r, 0, "kind"),
	        db_text(r, 0, "state"), clock_page(c->a, db_int(r, 0, "created_at")), command_shown(c->a, db_text(r, 0, "application_number")));
	if (db_int(r, 0, "answered_at"))
		fprintf(c->out, "  answered: %s\n", clock_page(c->a, db_int(r, 0, "answered_at")));
	if (db_int(r, 0, "cleared_at")) {
		fprintf(c->out, "  cleared: %s\n", clock_page(c->a, db_int(r, 0, "cleared_at")));
		return ST_OK;
	}
	fprintf(c->out, "  phone: %s\n", !phone ? "none was given" : reveal ? phone : mask_phone(c->a, phone));
	if (!reveal) {
		fprintf(c->out, "  words: %zu characters, shown with --reveal\n", text_characters(text));
		return ST_OK;
	}
	print_text(c, "what was written", text);
	if (answer)
		print_text(c, "the answer", answer);
	return ST_OK;
}

enum status verb_complaint_answer(struct command *c)
{
	const char *answer = text_lines(c->a, command_given(c, "TEXT")), *id;
	char *phone = NULL;
	struct crypt_key key = {0};
	struct db_result *r;
	enum status st;

	if (text_empty(answer) || text_characters(answer) > ANSWER_CHARACTERS_MAX)
		return command_usage(c, "TEXT wants 1 to %d characters", ANSWER_CHARACTERS_MAX);
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = lock_complaint(c, &r, &key);
	if (st == ST_OK && strcmp(db_text(r, 0, "state"), "answered") == 0)
		st = status_fail(ST_CONFLICT, "complaint %s is answered already", db_text(r, 0, "number"));
	if (st == ST_OK)
		st = open_column(c, r, &key, "phone_sealed", &phone);
	id = st == ST_OK ? db_text(r, 0, "id") : NULL;
	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "UPDATE complaint SET state = 'answered', answered_at = now(), answer_sealed = $2 WHERE id = $1", DB_TEXT(id),
		              DB_BYTES(sealed_text(c->a, &key, "complaint", "answer", id, answer)));
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK && phone)
		st = sms_enqueue(c->db, c->a, c->keys, NULL, "complaint", arena_printf(c->a, "{%s}", db_text(r, 0, "number")), phone, NULL);
	if (st == ST_OK)
		st = put_on_record(c, id, "complaint.answered", NULL);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "complaint %s is answered; %s\n", db_text(r, 0, "number"),
		        phone ? "its writer is told by SMS" : "no phone was given: it can be read with the number only");
	return st;
}
