/* What a company does with a batch after its submission: withdraws what is not sent, and tries again what failed. See fleet_batch.h. */
#include "flow/fleet_batch.h"

#include "flow/flow.h"
#include "flow/records.h"
#include "store/batch.h"
#include "store/papers.h"
#include "store/takeover.h"

/* ---- withdrawing ---- */

/* The page of the batch, with what became of it: pressed once more, the first time is told again; too late, that nothing was left. */
static enum status tell_withdrawn(struct request *r, const struct batch_page *b, bool any)
{
	return respond_redirect(r, arena_printf(r->arena, "%s?said=%s", fleet_batch_place(r, b), any ? "withdrawn" : "late"));
}

enum status fleet_batch_withdraw_serve(struct request *r)
{
	struct company_visit c;
	struct batch_page b;
	bool post = r->method == METHOD_POST;
	int withdrawn = 0;
	enum status st = fleet_batch_begin(&c, r, post, &b);

	if (st == ST_OK && post)
		st = batch_withdraw(r->site->db, r->arena, r->site->keys, &c.actor, b.id, &withdrawn);
	if (st == ST_OK && post)
		st = db_commit(r->site->db);
	if (st != ST_OK) {
		db_rollback(r->site->db);
		return st == ST_DENIED && r->answered ? ST_OK : st;
	}
	if (post || b.count[BATCH_GROUP_WAITING] + b.count[BATCH_GROUP_REVIEW] == 0)
		return tell_withdrawn(r, &b, withdrawn + b.count[BATCH_GROUP_WITHDRAWN] > 0);
	fleet_batch_show(r, &b);
	page_common(r, "撤回没有送出的", NULL);
	view_set(request_view(r), "Page.back", fleet_batch_place(r, &b));
	view_set(request_view(r), "Page.action", arena_printf(r->arena, "%s/withdraw", fleet_batch_place(r, &b)));
	return respond_page(r, 200, "fleet/withdraw");
}

/* ---- another try ---- */

enum status fleet_batch_again_cars(struct company_visit *c, const struct batch_page *b, struct batch_again *out)
{
	struct request *r = c->r;
	struct db_result *l;
	struct batch_scope s;
	enum status st;

	*out = (struct batch_again){.cars = "{}"};
	if (fleet_batch_open(b) || b->count[BATCH_GROUP_REFUSED] == 0 || !flow_of_company(b->kind))
		return ST_OK;
	st = batch_scope_of(r->arena, r->site->config, r->site->keys, &c->company, b->kind, &s);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l,
			      "SELECT coalesce(array_agg(vehicle_id), '{}')::text AS cars, count(*) AS count FROM batch_cars($2, ARRAY (SELECT DISTINCT"
			      " vehicle_id FROM application_card WHERE application_id = $1 AND state = 'refused'), $3, $4::bytea[], $5::date) WHERE reason IS NULL",
			      DB_TEXT(b->id), DB_TEXT(s.company_id), DB_BOOL(s.ends), DB_TEXT(s.own), DB_TEXT(s.last_day));
	if (st != ST_OK)
		return st;
	out->cars = db_text(l, 0, "cars");
	out->count = (int)db_int(l, 0, "count");
	return ST_OK;
}

/* The draft that does it again, when there is one already. */
static enum status draft_there(struct request *r, const struct company_visit *c, const struct batch_page *b, const char **id)
{
	struct db_result *d;
	enum status st = db_query(r->site->db, r->arena, &d,
				  "SELECT a.id FROM application a JOIN session s ON s.id_hash = $1 WHERE a.retry_of = $2 AND a.company_id = $3"
				  " AND a.phone_hash = s.phone_hash AND a.submitted_at IS NULL AND a.expired_at IS NULL AND a.expires_at > now()"
				  " ORDER BY a.created_at DESC LIMIT 1",
				  DB_BYTES(session_hash(r)), DB_TEXT(b->id), DB_TEXT(c->company.id));

	*id = st == ST_OK && db_rows(d) == 1 ? db_text(d, 0, "id") : NULL;
	return st;
}

static enum status new_draft(struct request *r, struct company_visit *c, const struct batch_page *b, const char *cars)
{
	struct db *db = r->site->db;
	struct bytes old = session_hash(r);
	struct batch_scope s;
	char *id = NULL;
	int added;
	enum status st = company_phone(db, r->arena, r->site->keys, old, &c->company);

	session_renew(r);
	if (st == ST_OK)
		st = draft_create_company(db, r->arena, r->site->config, r->site->keys, &c->actor, old, session_hash(r), b->kind, &c->company, &id);
	if (st == ST_OK)
		st = takeover_company(db, r->arena, &c->actor, b->id, id);
	if (st == ST_OK)
		st = batch_scope_of(r->arena, r->site->config, r->site->keys, &c->company, b->kind, &s);
	struct draft d = {.id = id, .company_id = c->company.id};
	if (st == ST_OK)
		st = batch_add(db, r->arena, &c->actor, &d, &s, cars, &added);
	if (st == ST_OK)
		st = draft_load(db, r->arena, session_hash(r), &d);
	return st == ST_OK ? papers_reuse(db, r->arena, r->site->config, r->site->keys, &c->actor, &d, b->id, true) : st;
}

enum status fleet_batch_retry_serve(struct request *r)
{
	struct company_visit c;
	struct batch_page b;
	const struct flow *f = NULL;
	const char *there = NULL;
	bool possible = true;
	struct batch_again again = {0};
	enum status st = fleet_batch_begin(&c, r, true, &b);

	if (st == ST_OK)
		f = flow_of_company(b.kind);
	if (st == ST_OK && !f)
		st = status_fail(ST_NOT_FOUND, "a batch of this kind is not done again");
	if (st == ST_OK)
		st = draft_there(r, &c, &b, &there);
	if (st == ST_OK && !there)
		st = fleet_batch_again_cars(&c, &b, &again);
	if (st == ST_OK && !there && again.count == 0) { /* pressed once more, or too late: the page tells how it stands */
		db_rollback(r->site->db);
		return respond_redirect(r, fleet_batch_place(r, &b));
	}
	if (st == ST_OK && !there)
		st = takeover_possible(r->site->db, r->arena, b.id, &possible);
	if (st == ST_OK && there)
		st = records_take(r, there, "draft.resumed");
	else if (st == ST_OK && possible)
		st = new_draft(r, &c, &b, again.cars);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st != ST_OK) {
		db_rollback(r->site->db);
		return st == ST_DENIED && r->answered ? ST_OK : st;
	}
	if (!possible) /* the notice is read again, and everything begins there */
		return respond_redirect(r, arena_printf(r->arena, "/%s/%s", f->slug, f->steps[0]->slug));
	return records_go_on(r);
}
