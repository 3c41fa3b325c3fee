/* The rows that hang on an application: cards, checks, messages to the carrier, the audit trail. */
#include <inttypes.h>

#include "base/clock.h"
#include "operator/application.h"

#define CARDS_SHOWN 50 /* of a large batch only the counts */

/* A time as people here read it. */
static const char *at(struct command *c, const struct db_result *r, int row, const char *column)
{
	int64_t t = db_int(r, row, column);

	return t ? clock_page(c->a, t) : "-";
}

static const char *shown(struct command *c, const struct db_result *r, int row, const char *column)
{
	return command_shown(c->a, db_text(r, row, column));
}

/* How many cards are in which state. */
static enum status print_card_counts(struct command *c, const struct application *p, int *cards)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT state, count(*) AS n, sum(count(*)) OVER () AS cards, count(DISTINCT vehicle_id) AS cars FROM application_card "
				  "WHERE application_id = $1 GROUP BY state ORDER BY state",
				  DB_TEXT(p->id));

	*cards = st == ST_OK && db_rows(r) > 0 ? (int)db_int(r, 0, "cards") : 0;
	if (*cards <= CARDS_SHOWN)
		return st;
	fprintf(c->out, "cards\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "  %s: %s cards of %s cars\n", db_text(r, i, "state"), db_text(r, i, "n"), db_text(r, i, "cars"));
	return st;
}

/* What the carrier said may name a person; what people of ours gave as their reason does not. */
enum status application_print_cards(struct command *c, const struct application *p)
{
	struct db_result *r;
	int cards;
	enum status st = print_card_counts(c, p, &cards);

	if (st != ST_OK || cards > CARDS_SHOWN)
		return st;
	st = db_query(
		c->db, c->a, &r,
		"SELECT k.iccid, k.msisdn, o.slug, ac.state, extract(epoch FROM ac.state_at)::bigint AS at, ac.refusal_key, ac.refusal_raw, "
		"EXISTS (SELECT FROM t1_message m WHERE m.application_card_id = ac.id AND m.state = 'refused') AS by_carrier "
		"FROM application_card ac JOIN card k ON k.id = ac.card_id JOIN carrier o ON o.id = k.carrier_id "
		"WHERE ac.application_id = $1 ORDER BY k.iccid",
		DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "cards\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		fprintf(c->out, "  %s %s %s: %s since %s\n", db_text(r, i, "iccid"), db_text(r, i, "msisdn"), db_text(r, i, "slug"),
			db_text(r, i, "state"), at(c, r, i, "at"));
		if (!db_is_null(r, i, "refusal_key"))
			fprintf(c->out, "    told the user: %s; said: %s\n", db_text(r, i, "refusal_key"),
				db_bool(r, i, "by_carrier") && !p->reveal ? "(hidden)" : shown(c, r, i, "refusal_raw"));
	}
	return st;
}

static enum status print_verifications(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT kind, state, provider, request_id, cause, raw_code, score, extract(epoch FROM created_at)::bigint AS at "
			 "FROM verification WHERE application_id = $1 ORDER BY created_at",
			 DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "checks\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "  %s %s: %s, by %s, request %s, cause %s, said %s, score %s\n", at(c, r, i, "at"), db_text(r, i, "kind"),
			db_text(r, i, "state"), shown(c, r, i, "provider"), shown(c, r, i, "request_id"), shown(c, r, i, "cause"),
			shown(c, r, i, "raw_code"), shown(c, r, i, "score"));
	return st;
}

static enum status print_readings(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT side, state, provider, provider_request, cause, raw_code, extract(epoch FROM created_at)::bigint AS at "
			 "FROM reading WHERE application_id = $1 ORDER BY created_at",
			 DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "readings\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "  %s %s: %s, by %s, request %s, cause %s, said %s\n", at(c, r, i, "at"), db_text(r, i, "side"),
			db_text(r, i, "state"), shown(c, r, i, "provider"), shown(c, r, i, "provider_request"), shown(c, r, i, "cause"),
			shown(c, r, i, "raw_code"));
	return st;
}

static enum status print_evidence(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT purpose, media_type, size, sha256, extract(epoch FROM created_at)::bigint AS at, "
			 "extract(epoch FROM deleted_at)::bigint AS gone FROM evidence WHERE application_id = $1 ORDER BY created_at",
			 DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "evidence\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		struct bytes sha256 = db_bytes(r, i, "sha256");

		fprintf(c->out, "  %s %s: %s, %" PRId64 " bytes, SHA-256 %s%s\n", at(c, r, i, "at"), db_text(r, i, "purpose"),
			db_text(r, i, "media_type"), db_int(r, i, "size"), hex_encode(c->a, sha256.data, sha256.length),
			db_is_null(r, i, "gone") ? "" : ", deleted");
	}
	return st;
}

static enum status print_consents(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st = db_query(
		c->db, c->a, &r,
		"SELECT t.kind, t.version, extract(epoch FROM n.given_at)::bigint AS at, extract(epoch FROM n.withdrawn_at)::bigint AS gone, "
		"n.statement, n.sha256, n.address, n.browser "
		"FROM consent n JOIN agreement_text t ON t.id = n.agreement_text_id WHERE n.application_id = $1 ORDER BY n.given_at",
		DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "consents\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		struct bytes sha256 = db_bytes(r, i, "sha256");

		fprintf(c->out, "  %s %s version %s%s\n", at(c, r, i, "at"), db_text(r, i, "kind"), shown(c, r, i, "version"),
			db_is_null(r, i, "gone") ? "" : arena_printf(c->a, ", withdrawn %s", at(c, r, i, "gone")));
		fprintf(c->out, "    words: %s\n    SHA-256: %s\n", shown(c, r, i, "statement"), hex_encode(c->a, sha256.data, sha256.length));
		if (p->reveal)
			fprintf(c->out, "    from: %s, %s\n", shown(c, r, i, "address"), shown(c, r, i, "browser"));
	}
	return st;
}

enum status application_print_checks(struct command *c, const struct application *p)
{
	enum status st = print_readings(c, p);

	if (st == ST_OK)
		st = print_verifications(c, p);
	if (st == ST_OK)
		st = print_consents(c, p);
	return st == ST_OK ? print_evidence(c, p) : st;
}

static enum status print_attempts(struct command *c, const char *message_id, bool reveal)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT outcome, http_status, answer, extract(epoch FROM at)::bigint AS at FROM t1_attempt WHERE "
				  "message_id = $1 ORDER BY id",
				  DB_TEXT(message_id));

	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "    %s: %s, HTTP %s%s%s\n", at(c, r, i, "at"),
			db_is_null(r, i, "outcome") ? "no answer known" : db_text(r, i, "outcome"), shown(c, r, i, "http_status"),
			reveal ? ", " : "", reveal ? shown(c, r, i, "answer") : "");
	return st;
}

/* What the carrier said may name a person. */
enum status application_print_messages(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st =
		db_query(c->db, c->a, &r,
			 "SELECT m.id, m.kind, m.sequence, m.request_id, m.state, m.failure_cause, k.iccid, j.id AS job, j.last_error, "
			 "j.dead_at IS NOT NULL AS dead FROM t1_message m JOIN application_card ac ON ac.id = m.application_card_id "
			 "JOIN card k ON k.id = m.card_id LEFT JOIN job j ON j.kind = 't1_send' AND j.subject = m.id "
			 "WHERE ac.application_id = $1 ORDER BY k.iccid, m.sequence",
			 DB_TEXT(p->id));

	if (st == ST_OK && db_rows(r) > 0)
		fprintf(c->out, "messages to the carrier\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		fprintf(c->out, "  %s %s RequestID %s: %s%s%s\n", db_text(r, i, "iccid"), db_text(r, i, "kind"),
			db_text(r, i, "request_id"), db_text(r, i, "state"), db_is_null(r, i, "failure_cause") ? "" : ", ",
			db_is_null(r, i, "failure_cause") ? ""
			: p->reveal                       ? shown(c, r, i, "failure_cause")
							  : "(cause hidden)");
		if (!db_is_null(r, i, "job"))
			fprintf(c->out, "    job %s%s: %s\n", db_text(r, i, "job"), db_bool(r, i, "dead") ? ", given up" : "",
				shown(c, r, i, "last_error"));
		st = print_attempts(c, db_text(r, i, "id"), p->reveal);
	}
	return st;
}

enum status application_print_audit(struct command *c, const struct application *p)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT number, actor, action, object, result, detail, extract(epoch FROM at)::bigint AS at FROM audit "
				  "WHERE application_id = $1 ORDER BY number",
				  DB_TEXT(p->id));

	if (st == ST_OK)
		fprintf(c->out, "audit\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		fprintf(c->out, "  %" PRId64 " %s %s %s %s: %s %s\n", db_int(r, i, "number"), at(c, r, i, "at"), shown(c, r, i, "actor"),
			shown(c, r, i, "action"), shown(c, r, i, "object"), shown(c, r, i, "result"), shown(c, r, i, "detail"));
	return st;
}
