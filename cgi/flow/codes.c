/* SMS codes: see codes.h. */
#include "flow/codes.h"

#include <string.h>

#include "base/clock.h"
#include "http/session.h"
#include "store/limits.h"
#include "store/sms.h"

/* Which message tells about a limit. */
static const struct {
	const char *kind, *key;
} refusals[] = {
	{"sms.vin", "sms.vin_max"}, {"draft.all", "sms.fail"}, {"signin.all", "sms.fail"}, /* all others: sms.wait */
};

static const struct budget {
	const char *phone, *address, *all;
} budgets[] = {
	[CODE_OF_APPLICATION] = {"draft.phone", "draft.address", "draft.all"},
	[CODE_OF_SIGN_IN] = {"signin.phone", "signin.address", "signin.all"},
};

static struct bytes code_hash(struct request *r, const char *code_id, const char *digits)
{
	return crypt_lookup(r->arena, keys_current(&r->site->keys->code), "sms_code", arena_printf(r->arena, "%s|%s", code_id, digits));
}

enum status code_send(struct request *r, const struct actor *actor, const struct code_request *q, const char *field)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	const struct budget *b = &budgets[q->budget];
	struct limit_key keys[] = {{"sms.phone", q->phone}, {b->phone, q->phone}, {b->address, limit_network(a, r->address)}, {b->all, ""}, {"sms.vin", q->vin}};
	int count = q->vin ? 5 : 4;
	struct limit_refusal refusal;
	unsigned char seed[16];
	char digits[7], *message, *id = crypt_uuid(a);
	enum status st = limits_check(db, a, r->site->config, r->site->keys, keys, count, &refusal);

	if (st != ST_OK)
		return st;
	if (refusal.kind) {
		bool today = refusal.until - clock_now() > 6 * 3600;
		const char *key = "sms.wait";

		for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
			if (strcmp(refusals[i].kind, refusal.kind) == 0)
				key = refusals[i].key;
		if (today && strcmp(key, "sms.wait") == 0)
			key = "sms.max";
		form_error(r, field, key, strcmp(key, "sms.wait") == 0 ? clock_page_hour(a, refusal.until + 59) : NULL);
		return audit_write(db, a, actor, "sms.limited", q->application_id, NULL, refusal.kind, NULL);
	}
	crypt_random(seed, sizeof seed);
	struct bytes seed_bytes = {seed, sizeof seed};
	sms_code_digits(digits, r->site->keys, id, seed_bytes);
	st = limits_record(db, a, r->site->keys, keys, count);
	if (st == ST_OK)
		st = sms_enqueue(db, a, r->site->keys, q->application_id, "code", NULL, q->phone, &message);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
		              "INSERT INTO sms_code (id, session_hash, purpose, phone_hash, phone_hash_key, seed, code_hash, message_id, counted, expires_at)"
		              " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + make_interval(mins => $10::integer))",
		              DB_TEXT(id), DB_BYTES(session_hash(r)), DB_TEXT(q->purpose),
		              DB_BYTES(crypt_lookup(a, keys_current(&r->site->keys->lookup), "phone", q->phone)), DB_TEXT(keys_current(&r->site->keys->lookup)->id),
		              DB_BYTES(seed_bytes), DB_BYTES(code_hash(r, id, digits)), DB_TEXT(message), DB_TEXT(b->address), DB_INT(r->site->config->sms_code_minutes));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "sms.code_asked", q->application_id, arena_printf(a, "sms_message:%s", message), "ok", NULL);
	crypt_wipe(digits, sizeof digits);
	return st;
}

static bool fits(struct request *r, const struct db_result *codes, int row, const char *typed)
{
	struct bytes stored = db_bytes(codes, row, "code_hash"), given = code_hash(r, db_text(codes, row, "id"), typed);

	return stored.length == given.length && crypt_equal(stored.data, given.data, given.length);
}

enum status code_check(struct request *r, const struct actor *actor, const char *purpose, const char *application_id, struct bytes phone_hash, const char *typed,
                       const char **right)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	struct db_result *codes;
	int maximum = r->site->config->sms_code_tries, left = 0;
	const char *used = NULL, *counted = NULL;
	enum status st;

	*right = NULL;
	st = db_query(db, a, &codes,
	              "SELECT id, code_hash, tries, counted FROM sms_code WHERE session_hash = $1 AND purpose = $2 AND phone_hash = $3 AND used_at IS NULL"
	              " AND expires_at > now() ORDER BY created_at DESC LIMIT 10 FOR UPDATE",
	              DB_BYTES(session_hash(r)), DB_TEXT(purpose), DB_BYTES(phone_hash));
	if (st != ST_OK)
		return st;
	if (db_rows(codes) == 0) {
		form_error(r, "code", "code.expired", NULL);
		return ST_OK;
	}
	for (int i = 0; i < db_rows(codes); i++) {
		int tries = (int)db_int(codes, i, "tries");

		if (tries >= maximum)
			continue;
		if (fits(r, codes, i, typed))
			used = db_text(codes, i, "id"), counted = db_text(codes, i, "counted");
		if (maximum - tries - 1 > left)
			left = maximum - tries - 1;
	}
	if (used) {
		/* Whole cells of phones share one address: only codes that nobody typed in count against it. One for one, so that it cannot be
		 * cheated, and a phone has few codes a day. */
		const struct limit_key shared = {counted, limit_network(a, r->address)};

		if (counted)
			st = limits_give_back(db, a, r->site->keys, &shared);
		if (st != ST_OK)
			return st;
		*right = used;
		/* Used once: the others of this phone and session go with it. */
		return db_query(db, a, NULL,
		                "UPDATE sms_code SET used_at = now() WHERE session_hash = $1 AND purpose = $2 AND phone_hash = $3 AND used_at IS NULL",
		                DB_BYTES(session_hash(r)), DB_TEXT(purpose), DB_BYTES(phone_hash));
	}
	st = db_query(db, a, NULL,
	              "UPDATE sms_code SET tries = tries + 1 WHERE session_hash = $1 AND purpose = $2 AND phone_hash = $3 AND used_at IS NULL"
	              " AND expires_at > now()",
	              DB_BYTES(session_hash(r)), DB_TEXT(purpose), DB_BYTES(phone_hash));
	if (st == ST_OK)
		st = audit_write(db, a, actor, "sms.code_wrong", application_id, NULL, "wrong", NULL);
	form_error(r, "code", left > 0 ? "code.wrong" : "code.used_up", left > 0 ? arena_printf(a, "%d", left) : NULL);
	return st;
}

/* The session that came of a right code; found: whether it is there. */
static enum status heard_of(struct request *r, const char *code, bool *found)
{
	struct db_result *s;
	enum status st = db_query(r->site->db, r->arena, &s, "SELECT 1 FROM session WHERE id_hash = $1", DB_BYTES(session_hash_after(r, code)));

	*found = st == ST_OK && db_rows(s) == 1;
	return st;
}

enum status code_again(struct request *r, const char *purpose, bool *again)
{
	static const char RECENT[] = "SELECT id, code_hash FROM sms_code WHERE session_hash = $1 AND purpose = $2 AND used_at > now() - interval '2 minutes'"
				     " AND tries < $3::integer ORDER BY used_at DESC LIMIT 10 FOR UPDATE";
	struct db *db = r->site->db;
	const char *typed = text_code(r->arena, request_field(r, "code") ? request_field(r, "code") : ""), *code = NULL;
	struct db_result *codes;
	enum status st;

	*again = false;
	if (!r->visit || text_empty(typed))
		return ST_OK;
	st = db_begin(db);
	if (st == ST_OK)
		st = db_query(db, r->arena, &codes, RECENT, DB_BYTES(session_hash(r)), DB_TEXT(purpose), DB_INT(r->site->config->sms_code_tries));
	for (int i = 0; st == ST_OK && !*again && i < db_rows(codes); i++)
		if (fits(r, codes, i, typed))
			st = heard_of(r, code = db_text(codes, i, "id"), again);
	if (st == ST_OK && !*again)
		st = db_query(db, r->arena, NULL, "UPDATE sms_code SET tries = tries + 1 WHERE session_hash = $1 AND purpose = $2 AND used_at > now() - interval '2 minutes'",
		              DB_BYTES(session_hash(r)), DB_TEXT(purpose));
	if (st == ST_OK)
		st = db_commit(db);
	else
		db_rollback(db);
	if (st == ST_OK && *again)
		session_renew_after(r, code);
	return st;
}

enum status code_there(struct request *r, const char *purpose, struct bytes phone_hash, bool *there)
{
	struct db_result *c;
	enum status st = db_query(r->site->db, r->arena, &c,
	                          "SELECT 1 FROM sms_code WHERE session_hash = $1 AND purpose = $2 AND phone_hash = $3 AND used_at IS NULL AND expires_at > now()"
	                          " AND tries < $4::integer LIMIT 1",
	                          DB_BYTES(session_hash(r)), DB_TEXT(purpose), DB_BYTES(phone_hash), DB_INT(r->site->config->sms_code_tries));

	*there = st == ST_OK && db_rows(c) > 0;
	return st;
}

enum status code_show(struct request *r, const char *purpose, bool *waiting)
{
	struct db_result *c;
	struct view *v = request_view(r);
	int64_t again;
	enum status st = db_query(r->site->db, r->arena, &c,
	                          "SELECT ceil(extract(epoch FROM c.created_at))::bigint AS at, m.state FROM sms_code c JOIN sms_message m ON m.id = c.message_id"
	                          " WHERE c.session_hash = $1 AND c.purpose = $2 ORDER BY c.created_at DESC LIMIT 1",
	                          DB_BYTES(session_hash(r)), DB_TEXT(purpose));

	*waiting = false;
	if (st != ST_OK || db_rows(c) == 0) {
		view_flag(v, "Sms.can_resend", 1);
		return st;
	}
	again = db_int(c, 0, "at") + r->site->config->sms_resend_s;
	view_int(v, "Sms.resend_at", (long)again);
	view_int(v, "Sms.resend_pause", r->site->config->sms_resend_s);
	view_set(v, "Sms.resend_clock", arena_printf(r->arena, "%s:%02d", clock_page_hour(r->arena, again), (int)(again % 60)));
	view_flag(v, "Sms.can_resend", again <= clock_now());
	view_flag(v, "Sms.failed", text_equal(db_text(c, 0, "state"), "failed"));
	*waiting = text_equal(db_text(c, 0, "state"), "waiting");
	view_flag(v, "Sms.sending", *waiting);
	return ST_OK;
}
