/* Decisions about messages. Row locks in the order of the sender: the message, its application, its job. */
#include "store/t1_decide.h"

#include <string.h>

#include "base/json.h"
#include "store/push.h"
#include "store/queue.h"
#include "store/t1_result.h"

const char *t1_message_id(const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 0; i < length; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;
		if (dash ? name[i] != '-' : !strchr("0123456789abcdefABCDEF", name[i]))
			return NULL;
	}
	return length == 36 ? name : NULL;
}

enum status t1_choose(struct db *db, struct arena *a, const char *name, struct t1_choice *out)
{
	struct db_result *r;
	enum status st =
		db_query(db, a, &r,
			 "SELECT m.id, m.kind, m.state, m.request_id, m.oper_type, m.connection_id, m.card_id, m.application_card_id, "
			 "ac.application_id, ac.state AS card_state, ac.part, o.kind AS application_kind, "
			 "m.state IN ('sent', 'accepted') AND m.result IS NOT NULL AS known FROM t1_message m "
			 "JOIN application_card ac ON ac.id = m.application_card_id JOIN application o ON o.id = ac.application_id "
			 "WHERE m.request_id = $1 OR m.id = $2 "
			 "FOR NO KEY UPDATE OF m",
			 DB_TEXT(name), DB_TEXT(t1_message_id(name)));
	if (st != ST_OK)
		return st;
	if (db_rows(r) != 1)
		return status_fail(ST_NOT_FOUND, "there is no message with this id or RequestID");
	*out = (struct t1_choice){
		.id = db_text(r, 0, "id"),
		.kind = db_text(r, 0, "kind"),
		.state = db_text(r, 0, "state"),
		.request_id = db_text(r, 0, "request_id"),
		.oper_type = db_text(r, 0, "oper_type"),
		.connection_id = db_text(r, 0, "connection_id"),
		.card_id = db_text(r, 0, "card_id"),
		.application_card_id = db_text(r, 0, "application_card_id"),
		.application_id = db_text(r, 0, "application_id"),
		.card_state = db_text(r, 0, "card_state"),
		.part = db_text(r, 0, "part"),
		.application_kind = db_text(r, 0, "application_kind"),
		.known = db_bool(r, 0, "known"),
	};
	return ST_OK;
}

static bool is_one_of(const char *state, const char *const *states)
{
	for (; *states; states++)
		if (text_equal(state, *states))
			return true;
	return false;
}

/* Whether the message is in one of the states, and its card still on its way. */
static enum status check(const struct t1_choice *m, const char *const *states)
{
	if (!is_one_of(m->state, states))
		return status_fail(ST_CONFLICT, "the message is %s", m->state);
	return text_equal(m->card_state, "pushing") ? ST_OK : status_fail(ST_CONFLICT, "its card is %s: that is final", m->card_state);
}

static enum status put_on_record(struct db *db, struct arena *a, const struct actor *actor, const struct t1_choice *m, const char *action,
				 const char *words, const char *other)
{
	struct buffer detail;
	buffer_init(&detail, a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "kind", m->kind);
	json_member(&detail, "was", m->state);
	if (words)
		json_member(&detail, "reason", words);
	if (other)
		json_member(&detail, "by", other);
	buffer_text(&detail, "}");
	return audit_write(db, a, actor, action, m->application_id, arena_printf(a, "t1_message:%s", m->id), "ok", detail.data);
}

/* ---- the job of a message ---- */

/* *id 0: there is none. ST_BUSY when somebody holds it. */
static enum status find_job(struct db *db, struct arena *a, const char *message_id, int64_t *id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT id, claim IS NOT NULL AND run_at >= now() AS held FROM job WHERE kind = 't1_send' AND subject = "
				  "$1 FOR NO KEY UPDATE",
				  DB_TEXT(message_id));
	*id = st == ST_OK && db_rows(r) ? db_int(r, 0, "id") : 0;
	if (st == ST_OK && *id && db_bool(r, 0, "held"))
		return status_fail(ST_BUSY, "the message is being sent at this moment: look again in a minute");
	return st;
}

static enum status add_job(struct db *db, struct arena *a, const char *message_id, const char *connection_id, const char *card_id)
{
	const struct queue_job job = {.kind = "t1_send", .subject = message_id, .destination = connection_id, .order_key = card_id};
	return queue_add_job(db, a, &job);
}

/* ---- people ---- */

enum status t1_retry(struct db *db, struct arena *a, const struct actor *actor, const struct t1_choice *m)
{
	static const char *const states[] = {"waiting", "sent", "accepted", "refused", NULL};
	int64_t job;
	enum status st = check(m, states);
	if (st == ST_OK)
		st = find_job(db, a, m->id, &job);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE t1_message SET state = 'sent', failure_cause = NULL, result = NULL, result_cause = NULL, result_at = "
			      "NULL, answered_at = NULL "
			      "WHERE id = $1 AND state = 'refused'",
			      DB_TEXT(m->id));
	if (st == ST_OK)
		st = job ? db_query(db, a, NULL, "SELECT job_wake('t1_send', $1, true)", DB_TEXT(m->id))
			 : add_job(db, a, m->id, m->connection_id, m->card_id);
	return st == ST_OK ? put_on_record(db, a, actor, m, "t1.retried", NULL, NULL) : st;
}

static enum t1_part part_of(const struct t1_choice *m, const struct card_business *business)
{
	if (text_equal(m->kind, "vehicle"))
		return T1_PART_VEHICLE;
	return text_equal(m->oper_type, business->oper_type) ? T1_PART_ACCOUNT : T1_PART_FORMER_ACCOUNT;
}

static enum status build_anew(struct db *db, struct arena *a, const struct keys *keys, const struct push_source *s, const struct t1_choice *m,
			      const char **id)
{
	struct db_result *r;
	struct push p = {.count = 1};
	enum status st = db_query(db, a, &r, PUSH_CARDS "WHERE ac.id = $1 FOR NO KEY UPDATE OF ac", DB_TEXT(m->application_card_id),
				  DB_TEXT(s->automaker_id));
	if (st == ST_OK && db_rows(r) != 1)
		return status_fail(ST_NOT_FOUND, "the card of the message does not exist");
	if (st == ST_OK)
		st = push_card_read(a, keys, s, r, 0, NULL, &p.card);
	if (st == ST_OK)
		st = push_make(a, s, &p.card, part_of(m, p.card.business), &p.messages[0]);
	*id = p.messages[0].id;
	return st == ST_OK ? push_write(db, a, s, &p, 1) : st;
}

enum status t1_supersede(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct t1_choice *m,
			 const char *words, const char **id)
{
	static const char *const states[] = {"waiting", "refused", NULL}, *const unknown[] = {"sent", "accepted", NULL};
	struct push_source s = {0};
	int64_t job;
	if (is_one_of(m->state, unknown))
		return status_fail(ST_CONFLICT, "its outcome is not known: another RequestID might register the card twice; retry it, or, "
						"when the carrier says that it has done it: t1 result MESSAGE done");
	enum status st = check(m, states);
	if (st == ST_OK)
		st = push_source_load(db, a, keys, m->application_id, &s);
	if (st == ST_OK)
		st = find_job(db, a, m->id, &job);
	if (st == ST_OK)
		st = build_anew(db, a, keys, &s, m, id);
	push_source_close(&s);
	if (st == ST_OK)
		st = db_query(db, a, NULL, "UPDATE t1_message SET state = 'superseded', superseded_by = $2, decision = $3 WHERE id = $1",
			      DB_TEXT(m->id), DB_TEXT(*id), DB_TEXT(words));
	if (st == ST_OK)
		st = job ? db_query(db, a, NULL, "SELECT job_take_over('t1_send', $1, $2)", DB_TEXT(m->id), DB_TEXT(*id))
			 : add_job(db, a, *id, m->connection_id, m->card_id);
	return st == ST_OK ? put_on_record(db, a, actor, m, "t1.superseded", words, *id) : st;
}

enum status t1_skip(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		    const struct t1_choice *m, const char *words)
{
	static const char *const states[] = {"waiting", "sent", "accepted", "refused", NULL};
	const struct t1_sent sent = {
		.id = m->id, .kind = m->kind, .application_card_id = m->application_card_id, .connection_id = m->connection_id};
	int64_t job;
	enum status st = check(m, states);
	if (st == ST_OK && m->known)
		st = status_fail(ST_CONFLICT, "the carrier's result is here: it is acted on by itself, once the connection is served");
	if (st == ST_OK)
		st = find_job(db, a, m->id, &job);
	if (st == ST_OK)
		st = t1_result_skipped(db, a, config, keys, actor, &sent, words);
	if (st == ST_OK && job)
		st = queue_skip(db, a, job, "skipped by staff");
	return st == ST_OK ? put_on_record(db, a, actor, m, "t1.skipped", words, NULL) : st;
}

/* ---- the clock ---- */

enum status t1_reconcile(struct db *db, struct arena *a, const char *connection_id, int hours, struct t1_reconciled *out)
{
	struct db_result *r;
	*out = (struct t1_reconciled){0};
	/* what waits for its next try, or behind another, needs nobody */
	enum status st = db_query(
		db, a, &r,
		"SELECT m.id, m.connection_id, m.card_id, j.id IS NULL AS lost, j.id IS NOT NULL AND job_wake('t1_send', m.id, false) AS "
		"woken, "
		"extract(epoch FROM m.created_at)::bigint AS created_at FROM (SELECT m.* FROM carrier_connection n "
		"CROSS JOIN LATERAL (SELECT now() - make_interval(hours => CASE WHEN $2 > 0 THEN $2 "
		"ELSE coalesce((n.profile->>'reconcile_hours')::integer, $3) END) AS before) t JOIN t1_message m ON m.connection_id = n.id "
		"AND m.state IN ('waiting', 'sent', 'accepted') AND m.created_at < t.before "
		"LEFT JOIN job w ON w.kind = 't1_send' AND w.subject = m.id "
		"WHERE ($1::uuid IS NULL OR n.id = $1) AND n.suspended_at IS NULL AND (w.id IS NULL OR w.parked) "
		"AND NOT EXISTS (SELECT FROM t1_attempt x WHERE x.message_id = m.id AND x.at > t.before) "
		"ORDER BY m.created_at LIMIT 1000) m LEFT JOIN job j ON j.kind = 't1_send' AND j.subject = m.id ORDER BY m.created_at",
		DB_TEXT(connection_id), DB_INT(hours), DB_INT(T1_RECONCILE_HOURS));
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		bool lost = db_bool(r, i, "lost");
		out->mended += lost;
		out->asked += db_bool(r, i, "woken");
		if (!out->oldest)
			out->oldest = db_int(r, i, "created_at");
		if (lost)
			st = add_job(db, a, db_text(r, i, "id"), db_text(r, i, "connection_id"), db_text(r, i, "card_id"));
	}
	return st;
}
