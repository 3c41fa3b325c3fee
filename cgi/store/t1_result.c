/* What answers and results of a carrier do to messages and cards. Knows neither the network nor the queue: the caller settles the job. */
#include "store/t1_result.h"

#include <string.h>

#include "base/log.h"
#include "store/cards.h"

#define SUSPENDED_S 60

static enum status close_message(struct db *db, struct arena *a, const struct t1_sent *m, const char *state, const char *cause)
{
	return db_query(db, a, NULL, "UPDATE t1_message SET state = $2, failure_cause = $3, answered_at = now() WHERE id = $1",
			DB_TEXT(m->id), DB_TEXT(state), DB_TEXT(cause));
}

/* How the other messages of the same card and application stand. One that staff skipped counts as accepted: they do it when the carrier has
 * settled it by itself. */
static enum status others(struct db *db, struct arena *a, const struct t1_sent *m, bool *open, bool *accepted)
{
	struct db_result *r;
	enum status st =
		db_query(db, a, &r,
			 "SELECT coalesce(bool_or(state IN ('waiting', 'sent', 'accepted', 'refused')), false) AS open, "
			 "coalesce(bool_or(state IN ('done', 'skipped')), false) AS accepted FROM t1_message WHERE application_card_id = $1 AND id <> $2",
			 DB_TEXT(m->application_card_id), DB_TEXT(m->id));
	if (st != ST_OK)
		return st;
	*open = db_bool(r, 0, "open");
	*accepted = db_bool(r, 0, "accepted");
	return ST_OK;
}

/* With its last message the card is done. */
static enum status card_done(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			     const struct actor *actor, const struct t1_sent *m)
{
	const struct card_change change = {.application_card_id = m->application_card_id, .to = CARD_DONE};
	bool open, accepted;
	enum status st = others(db, a, m, &open, &accepted);
	return st == ST_OK && !open ? card_transition(db, a, config, keys, actor, &change) : st;
}

static enum status on_done(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			   const struct t1_sent *m, struct t1_effect *out)
{
	enum status st = close_message(db, a, m, "done", NULL);
	*out = (struct t1_effect){.job = T1_JOB_DONE, .why = ""};
	if (st == ST_OK && text_equal(m->kind, "account")) /* the pictures follow, if the carrier takes any */
		st = db_query(db, a, NULL, "SELECT t1_file_add_kh($1)", DB_TEXT(m->id));
	return st == ST_OK ? card_done(db, a, config, keys, actor, m) : st;
}

/* Nothing of the card was taken yet: the card is refused and the rest of its messages never goes out. Otherwise (the car's data after an
 * accepted or skipped account) the card stays where it is: staff decide, the user never does anything again for it. */
static enum status on_refused(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			      const struct actor *actor, const struct t1_sent *m, const char *cause, struct t1_effect *out)
{
	const struct card_change change = {.application_card_id = m->application_card_id,
					   .to = CARD_REFUSED,
					   .refusal_key = t1_refusal_key(cause),
					   .refusal_raw = cause};
	bool open, accepted;
	enum status st = close_message(db, a, m, "refused", cause);
	*out = (struct t1_effect){.job = T1_JOB_DONE, .why = ""};
	if (st == ST_OK)
		st = others(db, a, m, &open, &accepted);
	if (st != ST_OK)
		return st;
	if (accepted) {
		log_alarm("t1", "message=%s %s message refused after others were accepted or skipped: the card waits for staff", m->id, m->kind);
		*out = (struct t1_effect){.job = T1_JOB_DEAD, .why = "the carrier refused it"};
		return ST_OK;
	}
	st = db_query(db, a, NULL, "UPDATE t1_message SET state = 'superseded' WHERE application_card_id = $1 AND state = 'waiting'",
		      DB_TEXT(m->application_card_id));
	return st == ST_OK ? card_transition(db, a, config, keys, actor, &change) : st;
}

/* The first of two stages. */
static enum status on_accepted(struct db *db, struct arena *a, const struct t1_sent *m, struct t1_effect *out)
{
	*out = (struct t1_effect){.job = T1_JOB_PARK, .why = "accepted, the result has not come yet"};
	return db_query(db, a, NULL, "UPDATE t1_message SET state = 'accepted', accepted_at = coalesce(accepted_at, now()) WHERE id = $1",
			DB_TEXT(m->id));
}

/* Our credential or configuration was refused: the other password once, if there is one; then the connection waits for people. The
 * password that was accepted last stays in use. */
static enum status on_credential(struct db *db, struct arena *a, const struct t1_sent *m, const char *cause, struct t1_effect *out)
{
	struct db_result *r;
	bool other = !m->next_password && m->profile->password_secret_next;
	enum status st =
		db_query(db, a, &r,
			 "UPDATE carrier_connection SET next_password = $2, suspended_at = CASE WHEN NOT $2 THEN now() END, "
			 "suspended_reason = CASE WHEN NOT $2 THEN $3 END WHERE id = $1 AND suspended_at IS NULL AND next_password = $4",
			 DB_TEXT(m->connection_id), DB_BOOL(other), DB_TEXT(cause), DB_BOOL(m->next_password));
	if (st != ST_OK)
		return st;
	*out = (struct t1_effect){.job = T1_JOB_LATER, .later_s = other ? 0 : SUSPENDED_S, .why = "credential refused"};
	if (db_affected(r) == 1 && other)
		log_warn("t1", "connection=%s refuses password_secret: password_secret_next is tried", m->connection_id);
	else if (db_affected(r) == 1)
		log_alarm("t1", "connection=%s suspended: our credential or configuration was refused", m->connection_id);
	return ST_OK;
}

/* The row, locked; result is 0 when the carrier has given none. */
static enum status lock_message(struct db *db, struct arena *a, const struct t1_sent *m, int *result, const char **cause)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"SELECT state IN ('sent', 'accepted') AS open, result, result_cause FROM t1_message WHERE id = $1 FOR NO KEY UPDATE",
		DB_TEXT(m->id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) != 1 || !db_bool(r, 0, "open"))
		return status_fail(ST_BUSY, "message %s was changed meanwhile", m->id);
	*result = (int)db_int(r, 0, "result");
	*cause = db_text(r, 0, "result_cause");
	return ST_OK;
}

enum status t1_result(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		      const struct t1_sent *m, const struct t1_answer *answer, struct t1_effect *out)
{
	int result = 0;
	const char *cause = NULL;
	enum status st = lock_message(db, a, m, &result, &cause);
	if (st != ST_OK)
		return st;
	if (result) /* it came before its first stage, or while it was asked for again */
		return result == 1 ? on_done(db, a, config, keys, actor, m, out) : on_refused(db, a, config, keys, actor, m, cause, out);
	switch (answer->outcome) {
	case T1_DONE:
		return m->profile->completion_callback ? on_accepted(db, a, m, out) : on_done(db, a, config, keys, actor, m, out);
	case T1_REFUSED:
		return on_refused(db, a, config, keys, actor, m, answer->cause, out);
	case T1_CREDENTIAL:
		return on_credential(db, a, m, answer->cause, out);
	case T1_UNKNOWN:
		break;
	}
	*out = (struct t1_effect){.job = T1_JOB_RETRY, .why = "no usable answer"};
	return ST_OK;
}

enum status t1_result_known(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			    const struct t1_sent *m, struct t1_effect *out)
{
	const struct t1_answer none = {.outcome = T1_UNKNOWN};
	return t1_result(db, a, config, keys, actor, m, &none, out);
}

enum status t1_result_skipped(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			      const struct actor *actor, const struct t1_sent *m, const char *words)
{
	enum status st = db_query(db, a, NULL, "UPDATE t1_message SET state = 'skipped', decision = $2 WHERE id = $1", DB_TEXT(m->id),
				  DB_TEXT(words));
	return st == ST_OK ? card_done(db, a, config, keys, actor, m) : st;
}

enum status t1_complete(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done, const char *cause,
			enum t1_completion *out)
{
	static const char *const names[] = {
		[T1_COMPLETION_KEPT] = "kept", [T1_COMPLETION_OTHER] = "other", [T1_COMPLETION_UNKNOWN] = "unknown"};
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT t1_complete($1, $2, $3, $4) AS what", DB_TEXT(connection_id), DB_TEXT(request_id),
				  DB_INT(done ? 1 : 2), DB_TEXT(cause));
	for (size_t i = 0; st == ST_OK && i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal(db_text(r, 0, "what"), names[i]))
			*out = (enum t1_completion)i;
	return st;
}
