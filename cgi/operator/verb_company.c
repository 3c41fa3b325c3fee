/* Companies as staff see them: who they are, who acts for them, and who is let in. Phones and names are shown only on record. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator/verbs.h"
#include "store/company_member.h"
#include "store/datakey.h"
#include "store/sms.h"

#define LIST_PRESET 50
#define LIST_MAX 10000
#define REASON_CHARACTERS_MAX 100

enum status verb_company_list(struct command *c)
{
	struct db_result *r;
	int64_t limit;
	bool waiting = command_given(c, "--waiting") != NULL;
	enum status st = command_number(c, "--limit", LIST_PRESET, LIST_MAX, &limit);

	if (st != ST_OK)
		return st;
	st = db_query(c->db, c->a, &r,
		      "SELECT c.code, c.name, c.opened_by, c.trusted_at IS NOT NULL AS trusted, c.closed_at IS NOT NULL AS closed,"
		      " extract(epoch FROM c.created_at)::bigint AS at, m.active, m.waiting,"
		      " (SELECT count(*) FROM company_vehicle v WHERE v.company_id = c.id) AS cars FROM company c"
		      " CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state = 'waiting') AS waiting"
		      " FROM company_member WHERE company_id = c.id) m WHERE NOT $1::boolean OR m.waiting > 0 ORDER BY c.created_at DESC LIMIT $2",
		      DB_BOOL(waiting), DB_INT(limit));
	if (st != ST_OK)
		return st;
	fprintf(c->out, "code\tname\tsince\topened by\ttrusted\tcars\tadmins\twaiting\n");
	for (int i = 0; i < db_rows(r); i++)
		fprintf(c->out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", db_text(r, i, "code"), command_shown(c->a, db_text(r, i, "name")),
			clock_page(c->a, db_int(r, i, "at")), db_text(r, i, "opened_by"),
			db_bool(r, i, "closed") ? "closed" : db_bool(r, i, "trusted") ? "yes" : "no", db_text(r, i, "cars"), db_text(r, i, "active"),
			db_text(r, i, "waiting"));
	return ST_OK;
}

static enum status read_reason(struct command *c, const char **out)
{
	*out = command_given(c, "--reason") ? text_clean(c->a, command_given(c, "--reason")) : NULL;
	if (text_empty(*out) || text_characters(*out) > REASON_CHARACTERS_MAX)
		return command_usage(c, "--reason wants 1 to %d characters", REASON_CHARACTERS_MAX);
	return ST_OK;
}

static enum status record(struct command *c, const char *action, const char *object, const char *reason)
{
	struct buffer detail;

	buffer_init(&detail, c->a, 4096);
	buffer_text(&detail, "{");
	if (reason)
		json_member(&detail, "reason", reason);
	buffer_text(&detail, "}");
	return audit_write(c->db, c->a, &c->actor, action, NULL, object, "ok", detail.data);
}

/* The company of the argument CODE. */
static enum status find(struct command *c, struct db_result **out)
{
	enum status st = db_query(c->db, c->a, out,
				  "SELECT k.id, k.code, k.name, k.opened_by, extract(epoch FROM k.created_at)::bigint AS at,"
				  " extract(epoch FROM k.trusted_at)::bigint AS trusted_at, extract(epoch FROM k.closed_at)::bigint AS closed_at,"
				  " (SELECT count(*) FROM company_vehicle v WHERE v.company_id = k.id) AS cars,"
				  " (SELECT count(*) FROM application p WHERE p.company_id = k.id AND p.submitted_at IS NOT NULL) AS batches"
				  " FROM company k JOIN automaker m ON m.id = k.automaker_id WHERE k.code = $1 AND m.slug = $2",
				  DB_TEXT(text_code(c->a, command_given(c, "CODE"))), DB_TEXT(c->config->automaker));

	return st == ST_OK && db_rows(*out) != 1 ? status_fail(ST_NOT_FOUND, "there is no company with this code") : st;
}

static enum status print_members(struct command *c, const char *company_id, bool reveal)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT m.id, m.state, m.phone_sealed, m.name_sealed, m.added_by, extract(epoch FROM m.added_at)::bigint AS at, a.number"
				  " FROM company_member m LEFT JOIN application a ON a.id = m.application_id WHERE m.company_id = $1 ORDER BY m.added_at, m.id",
				  DB_TEXT(company_id));

	if (st == ST_OK)
		fprintf(c->out, "admins\n");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++) {
		const char *id = db_text(r, i, "id");
		char *phone = NULL, *name = NULL;

		st = opened_by_master(c->a, c->keys, "company_member", "phone", id, db_bytes(r, i, "phone_sealed"), &phone);
		if (st == ST_OK)
			st = opened_by_master(c->a, c->keys, "company_member", "name", id, db_bytes(r, i, "name_sealed"), &name);
		if (st != ST_OK)
			return st;
		if (!reveal) {
			phone = phone ? mask_phone(c->a, phone) : NULL;
			name = name ? mask_name(c->a, name) : NULL;
		}
		fprintf(c->out, "  %s\t%s\t%s\t%s\t%s\t%s%s%s\n", id, db_text(r, i, "state"), command_shown(c->a, phone), command_shown(c->a, name),
			clock_page(c->a, db_int(r, i, "at")), db_text(r, i, "added_by"), db_text(r, i, "number") ? ", licence in application " : "",
			db_text(r, i, "number") ? db_text(r, i, "number") : "");
	}
	return st;
}

enum status verb_company_show(struct command *c)
{
	bool reveal = command_given(c, "--reveal") != NULL;
	const char *reason = NULL;
	struct db_result *r;
	enum status st = reveal ? read_reason(c, &reason) : ST_OK;

	if (st == ST_OK)
		st = find(c, &r);
	if (st == ST_OK && reveal)
		st = record(c, "company.revealed", arena_printf(c->a, "company:%s", db_text(r, 0, "id")), reason);
	if (st != ST_OK)
		return st;
	fprintf(c->out, "company %s\n  name: %s\n  opened by: %s, %s\n", db_text(r, 0, "code"), command_shown(c->a, db_text(r, 0, "name")),
		db_text(r, 0, "opened_by"), clock_page(c->a, db_int(r, 0, "at")));
	fprintf(c->out, "  trusted: %s\n", db_int(r, 0, "trusted_at") ? clock_page(c->a, db_int(r, 0, "trusted_at")) : "no, its first batch is looked at");
	if (db_int(r, 0, "closed_at"))
		fprintf(c->out, "  closed: %s\n", clock_page(c->a, db_int(r, 0, "closed_at")));
	fprintf(c->out, "  cars: %s\n  batches: %s\n", db_text(r, 0, "cars"), db_text(r, 0, "batches"));
	return print_members(c, db_text(r, 0, "id"), reveal);
}

/* The admin of the argument MEMBER, held, in one of the states wanted; his phone in clear. */
static enum status find_member(struct command *c, const char *wanted, struct db_result **out, char **phone)
{
	enum status st = db_query(c->db, c->a, out,
				  "SELECT m.id, m.state, m.phone_sealed, k.code, k.name, k.closed_at IS NOT NULL AS closed FROM company_member m JOIN company k ON k.id = m.company_id"
				  " WHERE m.id::text = $1 FOR UPDATE OF m",
				  DB_TEXT(command_given(c, "MEMBER")));

	if (st == ST_OK && db_rows(*out) != 1)
		return status_fail(ST_NOT_FOUND, "there is no such admin (company show CODE gives their ids)");
	if (st == ST_OK && !strstr(wanted, db_text(*out, 0, "state")))
		return status_fail(ST_CONFLICT, "this admin is %s", db_text(*out, 0, "state"));
	return st == ST_OK ? opened_by_master(c->a, c->keys, "company_member", "phone", db_text(*out, 0, "id"), db_bytes(*out, 0, "phone_sealed"), phone) : st;
}

static enum status tell(struct command *c, const struct db_result *m, const char *template_name, const char *phone)
{
	return phone ? sms_enqueue(c->db, c->a, c->keys, NULL, template_name, sms_parameter(c->a, db_text(m, 0, "name")), phone, NULL) : ST_OK;
}

enum status verb_company_admit(struct command *c)
{
	struct db_result *m;
	char *phone = NULL;
	enum status st = db_begin(c->db);

	if (st == ST_OK)
		st = find_member(c, "waiting", &m, &phone);
	if (st == ST_OK && db_bool(m, 0, "closed"))
		st = status_fail(ST_CONFLICT, "the company is closed: nobody acts for it");
	if (st == ST_OK)
		st = db_query(c->db, c->a, NULL, "UPDATE company_member SET state = 'active' WHERE id = $1", DB_TEXT(db_text(m, 0, "id")));
	if (st == ST_OK)
		st = record(c, "company.member_admitted", arena_printf(c->a, "company_member:%s", db_text(m, 0, "id")), NULL);
	if (st == ST_OK)
		st = tell(c, m, "member_added", phone);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "may act for %s now; told by SMS\n", db_text(m, 0, "code"));
	return st;
}

enum status verb_company_remove(struct command *c)
{
	const char *reason;
	struct db_result *m;
	char *phone = NULL;
	enum status st = read_reason(c, &reason);

	if (st == ST_OK)
		st = db_begin(c->db);
	if (st == ST_OK)
		st = find_member(c, "waiting active", &m, &phone);
	if (st == ST_OK)
		st = company_member_remove(c->db, c->a, &c->actor, db_text(m, 0, "id"));
	if (st == ST_OK)
		st = record(c, "company.member_removed_because", arena_printf(c->a, "company_member:%s", db_text(m, 0, "id")), reason);
	if (st == ST_OK)
		st = tell(c, m, "member_removed", phone);
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "may not act for %s; told by SMS\n", db_text(m, 0, "code"));
	return st;
}

/* What waits since it was closed goes on. */
static enum status wake_batches(struct command *c, const char *company_id)
{
	return db_query(c->db, c->a, NULL,
			"SELECT job_wake('batch_push', a.id, false) FROM application a WHERE a.company_id = $1 AND a.push_decided_at IS NOT NULL"
			" AND EXISTS (SELECT FROM application_card c WHERE c.application_id = a.id AND c.state IN ('submitted', 'review'))",
			DB_TEXT(company_id));
}

/* Batches that are approved, of which cards are not sent yet. */
static enum status waiting_batches(struct command *c, const char *company_id, const char **batches)
{
	struct db_result *r;
	enum status st = db_query(c->db, c->a, &r,
				  "SELECT string_agg(DISTINCT a.number, ', ') AS numbers FROM application a JOIN application_card c ON c.application_id = a.id"
				  " AND c.state IN ('submitted', 'review') WHERE a.company_id = $1 AND a.push_decided_at IS NOT NULL",
				  DB_TEXT(company_id));

	*batches = st == ST_OK ? db_text(r, 0, "numbers") : NULL;
	return st;
}

static enum status set_closed(struct command *c, bool closed)
{
	const char *reason, *waiting = NULL;
	struct db_result *r, *changed;
	enum status st = read_reason(c, &reason);

	if (st == ST_OK)
		st = db_begin(c->db);
	if (st == ST_OK)
		st = find(c, &r);
	if (st == ST_OK)
		st = db_query(c->db, c->a, &changed,
			      "UPDATE company SET closed_at = CASE WHEN $2::boolean THEN now() END WHERE id = $1 AND (closed_at IS NULL) = $2::boolean",
			      DB_TEXT(db_text(r, 0, "id")), DB_BOOL(closed));
	if (st == ST_OK && db_affected(changed) == 0)
		st = status_fail(ST_CONFLICT, closed ? "it is closed already" : "it is not closed");
	if (st == ST_OK)
		st = record(c, closed ? "company.closed" : "company.reopened", arena_printf(c->a, "company:%s", db_text(r, 0, "id")), reason);
	if (st == ST_OK)
		st = closed ? waiting_batches(c, db_text(r, 0, "id"), &waiting) : wake_batches(c, db_text(r, 0, "id"));
	if ((st = command_end(c, st)) == ST_OK)
		fprintf(c->out, "%s is %s\n", db_text(r, 0, "code"), closed ? "closed: nobody acts for it" : "open again");
	if (st == ST_OK && waiting)
		fprintf(c->out, "not sent any more until it is reopened, or ended by review refuse: the rest of %s\n", waiting);
	return st;
}

enum status verb_company_close(struct command *c)
{
	return set_closed(c, true);
}

enum status verb_company_reopen(struct command *c)
{
	return set_closed(c, false);
}
