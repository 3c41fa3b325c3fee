/* What can be done with a batch after its submission: the result to download, withdrawing what is not sent, and another try for what
 * failed. How it is found and shown is fleet_batch.c. */
#include <string.h>

#include "base/clock.h"
#include "domain/kind.h"
#include "domain/transition.h"
#include "flow/fleet_batch.h"
#include "flow/fleet_batch_part.h"
#include "flow/flow.h"
#include "flow/records.h"
#include "store/batch.h"
#include "store/papers.h"
#include "store/takeover.h"
#include "table/writer.h"

/* ---- the result as a file ---- */

static enum status serve_result(struct request *r)
{
	static const struct table_head columns[] = {{"车架号", 22}, {"车型", 16}, {"ICCID", 24}, {"状态", 12}, {"原因", 44}, {"时间", 20}};
	const char *name = strrchr(r->tail, '/');
	enum table_kind kind = name && strcmp(name, "/result.xlsx") == 0 ? TABLE_XLSX : TABLE_CSV;
	struct company_visit c;
	struct batch b;
	struct table_writer *w;
	struct db_result *l;
	struct bytes file;
	enum card_state state;
	enum status st = name && (kind == TABLE_XLSX || strcmp(name, "/result.csv") == 0) ? batch_visit(&c, r, false, &b) : ST_NOT_FOUND;

	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l, BATCH_CARDS, DB_TEXT(b.id), DB_TEXT("{}"));
	if (st == ST_OK)
		st = table_write_begin(&w, r->arena, kind, "结果", columns, sizeof columns / sizeof *columns);
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		const char *label = transition_by_name(&state, db_text(l, i, "state")) ? application_state_label(b.kind, state) : "";
		const char *cells[] = {db_text(l, i, "vin"),  db_text(l, i, "vehicle_model"),          db_text(l, i, "iccid"), label,
				       batch_reason(r, l, i), clock_page(r->arena, db_int(l, i, "at"))};

		st = table_write_row(w, cells, sizeof cells / sizeof *cells);
	}
	if (st == ST_OK)
		st = table_write_end(w, &file);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	return respond_attachment(r, table_media_type(kind), arena_printf(r->arena, "batch-%s%s", b.number, table_extension(kind)), file);
}

/* ---- withdrawing ---- */

static enum status serve_withdraw(struct request *r)
{
	struct company_visit c;
	struct batch b;
	bool post = r->method == METHOD_POST;
	int withdrawn;
	enum status st = batch_visit(&c, r, post, &b);

	if (st == ST_OK && post)
		st = batch_withdraw(r->site->db, r->arena, r->site->keys, &c.actor, b.id, &withdrawn);
	if (st == ST_OK && post)
		st = db_commit(r->site->db);
	if (st != ST_OK) {
		db_rollback(r->site->db);
		return st == ST_DENIED && r->answered ? ST_OK : st;
	}
	if (post || b.count[BATCH_WAITING] + b.count[BATCH_REVIEW] == 0) /* pressed twice, or too late: the page tells how it stands */
		return respond_redirect(r, post ? arena_printf(r->arena, "%s?said=withdrawn", batch_place(r, &b)) : batch_place(r, &b));
	batch_show(r, &b);
	page_common(r, "撤回没有送出的", NULL);
	view_set(request_view(r), "Page.back", batch_place(r, &b));
	view_set(request_view(r), "Page.action", arena_printf(r->arena, "%s/withdraw", batch_place(r, &b)));
	return respond_page(r, 200, "fleet/withdraw");
}

/* ---- another try ---- */

/* The draft that does it again, when there is one already. */
static enum status draft_there(struct request *r, const struct company_visit *c, const struct batch *b, const char **id)
{
	struct db_result *d;
	enum status st =
		db_query(r->site->db, r->arena, &d,
			 "SELECT a.id FROM application a JOIN session s ON s.id_hash = $1 WHERE a.retry_of = $2 AND a.company_id = $3"
			 " AND a.phone_hash = s.phone_hash AND a.submitted_at IS NULL AND a.expired_at IS NULL AND a.expires_at > now()"
			 " ORDER BY a.created_at DESC LIMIT 1",
			 DB_BYTES(session_hash(r)), DB_TEXT(b->id), DB_TEXT(c->company.id));

	*id = st == ST_OK && db_rows(d) == 1 ? db_text(d, 0, "id") : NULL;
	return st;
}

static enum status new_draft(struct request *r, struct company_visit *c, const struct batch *b)
{
	struct db *db = r->site->db;
	struct bytes old = session_hash(r);
	struct db_result *cars = NULL;
	struct batch_scope s;
	char *id = NULL;
	int added;
	enum status st = company_phone(db, r->arena, r->site->keys, old, &c->company);

	session_renew(r);
	if (st == ST_OK)
		st = draft_create_company(db, r->arena, r->site->config, r->site->keys, &c->actor, old, session_hash(r), b->kind,
					  &c->company, &id);
	if (st == ST_OK)
		st = takeover_company(db, r->arena, &c->actor, b->id, id);
	if (st == ST_OK)
		st = batch_scope_of(r->arena, r->site->config, r->site->keys, &c->company, b->kind, &s);
	if (st == ST_OK)
		st = db_query(db, r->arena, &cars,
			      "SELECT coalesce(array_agg(DISTINCT vehicle_id), '{}')::text AS cars FROM application_card WHERE "
			      "application_id = $1 AND state = 'refused'",
			      DB_TEXT(b->id));
	struct draft d = {.id = id, .company_id = c->company.id};
	if (st == ST_OK)
		st = batch_add(db, r->arena, &c->actor, &d, &s, db_text(cars, 0, "cars"), &added);
	if (st == ST_OK)
		st = draft_load(db, r->arena, session_hash(r), &d);
	return st == ST_OK ? papers_reuse(db, r->arena, r->site->config, r->site->keys, &c->actor, &d, b->id, true) : st;
}

static enum status serve_retry(struct request *r)
{
	struct company_visit c;
	struct batch b;
	const struct flow *f = NULL;
	const char *there = NULL;
	bool possible = true;
	enum status st = batch_visit(&c, r, true, &b);

	if (st == ST_OK)
		f = flow_of_company(b.kind);
	if (st == ST_OK && (!f || b.retry_cars == 0))
		st = status_fail(ST_NOT_FOUND, "nothing of the batch can be done again");
	if (st == ST_OK)
		st = draft_there(r, &c, &b, &there);
	if (st == ST_OK && !there)
		st = takeover_possible(r->site->db, r->arena, b.id, &possible);
	if (st == ST_OK && there)
		st = records_take(r, there, "draft.resumed");
	else if (st == ST_OK && possible)
		st = new_draft(r, &c, &b);
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

enum status fleet_batch_part_serve(struct request *r)
{
	static const struct {
		const char *name;
		bool get, post;
		enum status (*serve)(struct request *r);
	} parts[] = {
		{"result.csv", true, false, serve_result},
		{"result.xlsx", true, false, serve_result},
		{"withdraw", true, true, serve_withdraw},
		{"retry", false, true, serve_retry},
	};
	const char *name = strchr(r->tail, '/');
	bool post = r->method == METHOD_POST;

	for (size_t i = 0; name && i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, name + 1) == 0 && (post ? parts[i].post : parts[i].get))
			return parts[i].serve(r);
	return ST_NOT_FOUND;
}
