/* Messages to carriers as an operator sees them, and what he decides about one. Showing one is in verb_t1_show.c. */
#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "domain/kind.h"
#include "operator/verbs.h"
#include "store/t1_decide.h"
#include "store/t1_result.h"

#define LIST_PRESET 50
#define LIST_MAX 10000
#define HOURS_MAX 8760
#define REASON_CHARACTERS_MAX 100

static const char *shown(struct command *c, const struct db_result *r, int row, const char *column)
{
	return command_shown(c->a, db_text(r, row, column));
}

static const char *at(struct command *c, const struct db_result *r, int row, const char *column)
{
	int64_t t = db_int(r, row, column);

	return t ? clock_page(c->a, t) : "-";
}

/* ---- looking ---- */

enum status verb_t1_status(struct command *c)
{
	struct db_result *r;
	/* refused: those whose card waits for staff; the number of all others is kept beside the table */
	enum status st = db_query(
		c->db, c->a, &r,
		"SELECT k.slug, m.slug AS automaker, n.suspended_at IS NOT NULL AS suspended, n.suspended_reason, n.next_password, l.state "
		"AS breaker, "
		"coalesce(s.waiting, 0) AS waiting, coalesce(s.sent, 0) AS sent, coalesce(s.accepted, 0) AS accepted, "
		"(SELECT count(*) FROM application_card ac JOIN t1_message x ON x.application_card_id = ac.id AND x.state = 'refused' "
		"WHERE ac.state = 'pushing' AND x.connection_id = n.id) AS refused, "
		"(SELECT count(*) FROM job j WHERE j.lane = 't1:' || n.id AND j.dead_at IS NOT NULL) AS dead, "
		"extract(epoch FROM (SELECT min(x.created_at) FROM t1_message x WHERE x.connection_id = n.id AND x.state IN ('waiting', "
		"'sent', 'accepted')))::bigint "
		"AS oldest FROM carrier_connection n JOIN carrier k ON k.id = n.carrier_id JOIN automaker m ON m.id = n.automaker_id "
		"LEFT JOIN lane l ON l.name = 't1:' || n.id LEFT JOIN (SELECT connection_id, sum(n) FILTER (WHERE state = 'waiting') AS "
		"waiting, "
		"sum(n) FILTER (WHERE state = 'sent') AS sent, sum(n) FILTER (WHERE state = 'accepted') AS accepted FROM t1_count GROUP BY "
		"connection_id) s "
		"ON s.connection_id = n.id ORDER BY k.slug, m.slug");

	if (st != ST_OK)
		return st;
	fprintf(c->out,
		"carrier\tautomaker\tstate\tbreaker\tpassword\twaiting\tsent\taccepted\trefused, for staff\tgiven up\toldest since\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%s\n",
			db_text(r, i, "slug"), db_text(r, i, "automaker"),
			db_bool(r, i, "suspended") ? arena_printf(c->a, "suspended (%s)", shown(c, r, i, "suspended_reason")) : "serving",
			db_is_null(r, i, "breaker") ? "closed" : db_text(r, i, "breaker"),
			db_bool(r, i, "next_password") ? "next" : "first", db_int(r, i, "waiting"), db_int(r, i, "sent"),
			db_int(r, i, "accepted"), db_int(r, i, "refused"), db_int(r, i, "dead"), at(c, r, i, "oldest"));
	return ST_OK;
}

static bool is_state(const char *state)
{
	static const char *const states[] = {"waiting", "sent", "accepted", "done", "refused", "superseded", "skipped"};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i], state) == 0)
			return true;
	return false;
}

/* Without --state: everything that has not come to its end. */
enum status verb_t1_list(struct command *c)
{
	const char *state = command_given(c, "--state"), *carrier = command_given(c, "--carrier");
	struct db_result *r;
	int64_t limit;
	enum status st;

	if (state && !is_state(state))
		return command_usage(c, "--state is one of waiting, sent, accepted, done, refused, superseded, skipped");
	if ((st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit)) != ST_OK)
		return st;
	st = db_query(
		c->db, c->a, &r,
		"SELECT m.request_id, k.slug, m.kind, m.oper_type, m.state, d.iccid, o.number, extract(epoch FROM m.created_at)::bigint AS "
		"created_at, "
		"extract(epoch FROM m.sent_at)::bigint AS sent_at, j.attempts, j.last_error, CASE WHEN j.dead_at IS NOT NULL THEN 'given "
		"up' "
		"WHEN j.behind THEN 'behind another' WHEN j.parked THEN 'waits for the result' WHEN j.id IS NOT NULL THEN 'due' END AS job "
		"FROM t1_message m JOIN carrier_connection n ON n.id = m.connection_id JOIN carrier k ON k.id = n.carrier_id JOIN card d "
		"ON d.id = m.card_id "
		"JOIN application_card ac ON ac.id = m.application_card_id JOIN application o ON o.id = ac.application_id "
		"LEFT JOIN job j ON j.kind = 't1_send' AND j.subject = m.id WHERE m.id IN ("
		"SELECT id FROM t1_message WHERE state IN ('waiting', 'sent', 'accepted') AND $1::text IS NULL "
		"UNION ALL SELECT x.id FROM application_card p JOIN t1_message x ON x.application_card_id = p.id AND x.state = 'refused' "
		"WHERE p.state = 'pushing' AND $1::text IS NULL "
		"UNION ALL SELECT id FROM t1_message WHERE state = $1 AND $1 IS NOT NULL) AND ($2::text IS NULL OR k.slug = $2) ORDER BY "
		"m.created_at, m.sequence LIMIT $3",
		DB_TEXT(state), DB_TEXT(carrier), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "RequestID\tcarrier\tkind\toperation\tstate\tICCID\tapplication\twritten\tfirst sent\tjob\tattempts\tlast error\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "request_id"), db_text(r, i, "slug"),
			db_text(r, i, "kind"), shown(c, r, i, "oper_type"), db_text(r, i, "state"), db_text(r, i, "iccid"),
			db_text(r, i, "number"), at(c, r, i, "created_at"), at(c, r, i, "sent_at"), shown(c, r, i, "job"),
			shown(c, r, i, "attempts"), shown(c, r, i, "last_error"));
	return ST_OK;
}

/* ---- deciding ---- */

static enum status begin(struct command *c, struct t1_choice *m)
{
	enum status st = db_begin(c->db);

	return st == ST_OK ? t1_choose(c->db, c->a, command_given(c, "MESSAGE"), m) : st;
}

static enum status read_words(struct command *c, const char **words)
{
	*words = text_clean(c->a, command_given(c, "--reason"));
	if (text_empty(*words) || text_characters(*words) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters, without personal data", REASON_CHARACTERS_MAX);
	return ST_OK;
}

enum status verb_t1_retry(struct command *c)
{
	struct t1_choice m;
	enum status st = begin(c, &m);

	if (st == ST_OK)
		st = t1_retry(c->db, c->a, &c->actor, &m);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "message %s is due now, with the same RequestID\n", m.request_id);
	return st;
}

/* What became of the card: with its last message it is done, which registers or cancels. */
static void print_skipped(struct command *c, const struct t1_choice *m)
{
	static const char *const done[2][2] = {
		{"its registration stays", "its registration is over"},
		{"it is registered", "another registration took the place of the one before"}, /* begins */
	};
	const struct card_business *b = card_business(m->application_kind, m->part);

	fprintf(c->out, "message %s is not sent any more; ", m->request_id);
	if (!text_equal(m->card_state, "done"))
		fprintf(c->out, "its card waits for its other messages\n");
	else
		fprintf(c->out, "it was the last of its card: %s\n", b ? done[b->begins][b->ends] : "done");
}

enum status verb_t1_skip(struct command *c)
{
	struct t1_choice m;
	const char *words;
	enum status st = read_words(c, &words);

	if (st == ST_OK)
		st = begin(c, &m);
	if (st == ST_OK)
		st = t1_skip(c->db, c->a, c->config, c->keys, &c->actor, &m, words);
	if (st == ST_OK)
		st = t1_choose(c->db, c->a, m.id, &m);
	if ((st = command_end(c, st)) == ST_OK)
		print_skipped(c, &m);
	return st;
}

enum status verb_t1_supersede(struct command *c)
{
	struct t1_choice m, by;
	const char *words, *id;
	enum status st = read_words(c, &words);

	if (st == ST_OK)
		st = begin(c, &m);
	if (st == ST_OK)
		st = t1_supersede(c->db, c->a, c->keys, &c->actor, &m, words, &id);
	if (st == ST_OK)
		st = t1_choose(c->db, c->a, id, &by);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "message %s takes the place of %s\n", by.request_id, m.request_id);
	return st;
}

/* What a result comes to, for who gave it. */
static const struct {
	const char *result, *printed;
	bool done; /* the other wants the carrier's words */
} results[] = {
	{"done", "the carrier has done it; the result is kept", true},
	{"refused", "the refusal is kept. Its card becomes refused, which is final; only when the carrier took an earlier message of it does it wait for staff", false},
};
enum { RESULTS = sizeof results / sizeof *results };

/* Only these words: a mistyped "done" would otherwise refuse, for good, a card that is registered. */
static enum status read_result(struct command *c, size_t *which, const char **cause)
{
	const char *result = command_given(c, "RESULT"), *given = command_given(c, "--words");

	*cause = NULL;
	for (*which = 0; *which < RESULTS && strcmp(results[*which].result, result) != 0;)
		*which += 1;
	if (*which == RESULTS)
		return command_usage(c, "RESULT is done or refused");
	if (results[*which].done)
		return given ? command_usage(c, "--words is for refused only") : ST_OK;
	*cause = text_clean(c->a, given ? given : "");
	if (text_empty(*cause) || text_characters(*cause) > T1_CAUSE_CHARACTERS_MAX)
		return command_usage(c, "refused wants --words: 1 to %d characters, as the carrier said them", T1_CAUSE_CHARACTERS_MAX);
	return ST_OK;
}

/* The same way as the carrier's own result message takes; the job then acts on it. */
static enum status give_result(struct command *c, const struct t1_choice *m, size_t which, const char *cause, const char *words)
{
	enum t1_completion what = T1_COMPLETION_OTHER;
	struct buffer detail;
	enum status st = t1_complete(c->db, c->a, m->connection_id, m->request_id, results[which].done, cause, &what);

	if (st == ST_OK && what != T1_COMPLETION_KEPT)
		return status_fail(ST_CONFLICT, "the message is %s: it has another result, or was never sent", m->state);
	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	json_member(&detail, "result", results[which].result);
	json_member(&detail, "reason", words);
	buffer_text(&detail, "}");
	return st == ST_OK ? audit_write(c->db, c->a, &c->actor, "t1.result_given", m->application_id, arena_printf(c->a, "t1_message:%s", m->id), "ok",
					 detail.data)
			   : st;
}

enum status verb_t1_result(struct command *c)
{
	struct t1_choice m;
	const char *words, *cause;
	size_t which;
	enum status st = read_words(c, &words);

	if (st == ST_OK)
		st = read_result(c, &which, &cause);
	if (st == ST_OK)
		st = begin(c, &m);
	if (st == ST_OK)
		st = give_result(c, &m, which, cause, words);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "message %s: %s\n", m.request_id, results[which].printed);
	return st;
}

/* ---- asking again ---- */

static enum status find_connections(struct command *c, struct db_result **r)
{
	const char *carrier = command_given(c, "--carrier");
	enum status st = db_query(
		c->db, c->a, r,
		"SELECT n.id, k.slug FROM carrier_connection n JOIN carrier k ON k.id = n.carrier_id WHERE $1::text IS NULL OR k.slug = $1 "
		"ORDER BY k.slug, n.id",
		DB_TEXT(carrier));

	return st == ST_OK && db_rows(*r) == 0
		       ? status_fail(ST_NOT_FOUND, "there is no connection to a carrier %.40s", carrier ? carrier : "yet")
		       : st;
}

static enum status reconcile(struct command *c, const char *connection, const char *slug, int hours)
{
	struct t1_reconciled all = {0}, some = {.asked = T1_RECONCILE_MAX};
	enum status st = ST_OK;

	while (st == ST_OK && some.asked + some.mended >= T1_RECONCILE_MAX) {
		if ((st = db_begin(c->db)) != ST_OK)
			return st;
		st = t1_reconcile(c->db, c->a, connection, hours, &some);
		if (st == ST_OK && some.asked + some.mended > 0)
			st = audit_write(c->db, c->a, &c->actor, "t1.reconciled", NULL,
					 arena_printf(c->a, "carrier_connection:%s", connection), "ok",
					 arena_printf(c->a, "{\"asked\":%d,\"mended\":%d}", some.asked, some.mended));
		st = command_end(c, st);
		all.asked += some.asked;
		all.mended += some.mended;
		if (!all.oldest)
			all.oldest = some.oldest;
	}
	if (st == ST_OK)
		fprintf(c->out, "%s\t%d\t%d\t%s\n", slug, all.asked, all.mended, all.oldest ? clock_page(c->a, all.oldest) : "-");
	return st;
}

enum status verb_t1_reconcile(struct command *c)
{
	struct db_result *r;
	int64_t hours;
	enum status st = command_number(c, "--hours", 0, HOURS_MAX, &hours);

	if (st == ST_OK)
		st = find_connections(c, &r);
	if (st != ST_OK)
		return st;
	fprintf(c->out, "carrier\tasked again\tjobs mended\toldest since\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		st = reconcile(c, db_text(r, i, "id"), db_text(r, i, "slug"), (int)hours);
	return st;
}
