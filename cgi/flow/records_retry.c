/* 重新办理: a refused application is done again as a new draft that takes over what is still valid (store/takeover.h), so that only
 * the failed step is left. Pressed twice, or from another device: the draft that is there already. */
#include "domain/kind.h"
#include "flow/agreements.h"
#include "flow/flow.h"
#include "flow/records.h"
#include "store/limits.h"
#include "store/takeover.h"

/* The most that the refused cards ask for; false when none is refused. */
static bool what_failed(const struct record *rec, enum redo_part *out)
{
	bool refused = false;

	*out = REDO_CHECK;
	for (int i = 0; i < db_rows(rec->cards); i++) {
		enum redo_part part = redo_part(db_text(rec->cards, i, "refusal_key"));

		if (!text_equal(db_text(rec->cards, i, "state"), "refused"))
			continue;
		refused = true;
		if (part > *out)
			*out = part;
	}
	return refused;
}

/* The draft that does this application again already; NULL: none. */
static enum status draft_of(struct request *r, const struct record *rec, const struct sign_in *s, const char **id)
{
	struct db_result *found;
	enum status st = db_query(r->site->db, r->arena, &found,
	                          "SELECT id FROM application WHERE retry_of = $1 AND phone_hash = $2 AND company_id IS NULL AND phone_proved_at IS NOT NULL AND submitted_at IS NULL"
	                          " AND expired_at IS NULL AND expires_at > now() ORDER BY created_at DESC LIMIT 1",
	                          DB_TEXT(rec->id), DB_BYTES(s->phone_hash));

	*id = st == ST_OK && db_rows(found) > 0 ? db_text(found, 0, "id") : NULL;
	return st;
}

/* The new draft, in this browser's session, which stays signed in to the records until the same moment. */
static enum status begin_draft(struct request *r, const struct record *rec, const struct sign_in *s, enum redo_part part)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	struct actor actor = records_actor(r);
	struct bytes old = session_hash(r);
	struct takeover t = {.from = rec->id, .phone = s->phone, .part = part, .agreements = agreements_asked(a, rec->kind)};
	char *id;
	enum status st;

	session_renew(r);
	st = draft_create(db, a, r->site->config, r->site->keys, &actor, old, session_hash(r), rec->kind, &id);
	if (st == ST_OK)
		st = db_query(db, a, NULL,
			      "UPDATE session SET phone_sealed = $2, phone_hash = $3, phone_hash_key = $4, signed_in_at = $5::timestamptz,"
			      " signed_in_until = $6::timestamptz, records_holders = $7::bytea[] WHERE id_hash = $1",
			      DB_BYTES(session_hash(r)), DB_BYTES(s->phone_sealed), DB_BYTES(s->phone_hash), DB_TEXT(s->phone_hash_key),
			      DB_TEXT(s->at), DB_TEXT(s->until), DB_TEXT(s->holders));
	t.to = id;
	return st == ST_OK ? takeover_run(db, a, r->site->config, r->site->keys, &actor, &t) : st;
}

/* In the transaction: the application is held, so that two presses make one draft. *possible is false, and nothing is written, when
 * the privacy notice is another one by now. */
static enum status retry(struct request *r, const struct sign_in *s, const struct record *rec, bool *possible)
{
	const struct limit_key counted = {"records.action", s->phone};
	struct limit_refusal refusal;
	enum redo_part part;
	const char *there;
	enum status st;

	*possible = true;
	if (!what_failed(rec, &part))
		return status_fail(ST_CONFLICT, "no card of the application is refused");
	st = draft_of(r, rec, s, &there);
	if (st == ST_OK && there)
		return records_take(r, there, "draft.resumed");
	if (st == ST_OK)
		st = takeover_possible(r->site->db, r->arena, rec->id, possible);
	if (st != ST_OK || !*possible)
		return st;
	/* Files are copied: not without end. */
	st = limits_check(r->site->db, r->arena, r->site->config, r->site->keys, &counted, 1, &refusal);
	if (st == ST_OK && refusal.kind)
		return status_fail(ST_LIMIT, "too many applications of one phone are done again");
	if (st == ST_OK)
		st = limits_record(r->site->db, r->arena, r->site->keys, &counted, 1);
	return st == ST_OK ? begin_draft(r, rec, s, part) : st;
}

enum status records_retry_serve(struct request *r)
{
	struct sign_in s;
	struct record rec;
	const struct flow *flow = NULL;
	bool possible = true;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = db_begin(r->site->db);
	if (st == ST_OK)
		st = record_load(r, &s, request_field(r, "number"), true, &rec);
	if (st == ST_OK)
		flow = rec.exists ? flow_of_kind(rec.kind) : NULL;
	if (st == ST_OK && !flow)
		st = ST_NOT_FOUND;
	if (st == ST_OK)
		st = retry(r, &s, &rec, &possible);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st != ST_OK)
		db_rollback(r->site->db);
	if (st == ST_OK && !possible) /* the notice is read again, and everything begins there */
		return respond_redirect(r, arena_printf(r->arena, "/%s/%s", flow->slug, flow->steps[0]->slug));
	if (st == ST_CONFLICT)
		return respond_redirect(r, "/records");
	return st == ST_OK ? records_go_on(r) : st;
}
