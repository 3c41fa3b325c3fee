/* Requests to correct what is registered: what waits, and the answer. The correction itself is an update of the registration. */
#include "base/clock.h"
#include "base/json.h"
#include "operator/verbs.h"
#include "store/datakey.h"

#define REASON_CHARACTERS_MAX 100
#define ANSWER_CHARACTERS_MAX 200

static enum status put_on_record(struct command *c, const struct db_result *l, const char *reason)
{
	struct buffer detail;
	enum status st = db_begin(c->db);

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	for (int i = 0; st == ST_OK && i < db_rows(l); i++)
		st = audit_write(c->db, c->a, &c->actor, "correction.revealed", db_text(l, i, "application_id"),
				 arena_printf(c->a, "correction:%s", db_text(l, i, "id")), "ok", detail.data);
	return command_end(c, st);
}

enum status verb_correction_list(struct command *c)
{
	const char *given = command_given(c, "--reason");
	bool reveal = command_given(c, "--reveal") != NULL;
	const char *reason = given ? text_clean(c->a, given) : NULL;
	struct db_result *l;
	enum status st;

	if (reveal ? text_empty(reason) || text_characters(reason) > REASON_CHARACTERS_MAX : reason != NULL)
		return command_usage(c, "--reveal goes with --reason of 1 to %d characters", REASON_CHARACTERS_MAX);
	st = db_query(c->db, c->a, &l,
		      "SELECT k.id, k.number, k.application_id, a.number AS application, a.data_key_id, k.field, k.wanted_sealed, "
		      "extract(epoch FROM k.created_at)::bigint AS at FROM correction k JOIN application a ON a.id = k.application_id "
		      "WHERE k.answered_at IS NULL AND k.wanted_sealed IS NOT NULL ORDER BY k.created_at LIMIT 500");
	if (st == ST_OK && reveal)
		st = put_on_record(c, l, reason);
	if (st != ST_OK)
		return st;
	fprintf(c->out, "number\tapplication\tfield\tasked%s\n", reveal ? "\twanted" : "");
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		struct crypt_key key = {0};
		char *wanted = NULL;

		if (reveal)
			st = datakey_load(c->db, c->a, c->keys, db_text(l, i, "data_key_id"), &key);
		if (st == ST_OK && reveal)
			st = opened_text(c->a, &key, "correction", "wanted", db_text(l, i, "id"), db_bytes(l, i, "wanted_sealed"), &wanted);
		crypt_wipe(&key, sizeof key);
		if (st != ST_OK)
			return st;
		fprintf(c->out, "%s\t%s\t%s\t%s%s%s\n", db_text(l, i, "number"), db_text(l, i, "application"), db_text(l, i, "field"),
			clock_page(c->a, db_int(l, i, "at")), reveal ? "\t" : "", reveal ? command_shown(c->a, wanted) : "");
	}
	return ST_OK;
}

enum status verb_correction_answer(struct command *c)
{
	const char *answer = text_clean(c->a, command_given(c, "TEXT")), *id;
	size_t length = text_characters(answer);
	struct crypt_key key = {0};
	struct db_result *l;
	enum status st;

	if (length < 2 || length > ANSWER_CHARACTERS_MAX)
		return command_usage(c, "TEXT has 2 to %d characters", ANSWER_CHARACTERS_MAX);
	st = db_begin(c->db);
	if (st == ST_OK)
		st = db_query(c->db, c->a, &l,
			      "SELECT k.id, k.application_id, a.data_key_id FROM correction k JOIN application a ON a.id = k.application_id "
			      "WHERE k.number = $1 AND k.answered_at IS NULL AND k.wanted_sealed IS NOT NULL FOR UPDATE OF k",
			      DB_TEXT(text_code(c->a, command_given(c, "NUMBER"))));
	if (st == ST_OK && db_rows(l) != 1)
		st = status_fail(ST_NOT_FOUND, "no request with this number waits for an answer");
	if (st == ST_OK)
		st = datakey_load(c->db, c->a, c->keys, db_text(l, 0, "data_key_id"), &key);
	if (st == ST_OK) {
		id = db_text(l, 0, "id");
		st = db_query(c->db, c->a, NULL, "UPDATE correction SET answer_sealed = $2, answered_by = $3, answered_at = now() WHERE id = $1",
			      DB_TEXT(id), DB_BYTES(sealed_text(c->a, &key, "correction", "answer", id, answer)), DB_TEXT(c->actor.name));
		if (st == ST_OK)
			st = audit_write(c->db, c->a, &c->actor, "correction.answered", db_text(l, 0, "application_id"),
					 arena_printf(c->a, "correction:%s", id), "ok", NULL);
	}
	crypt_wipe(&key, sizeof key);
	st = command_end(c, st);
	if (st == ST_OK)
		fprintf(c->out, "answered\n");
	return st;
}
