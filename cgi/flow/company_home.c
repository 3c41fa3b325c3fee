/* The front page of a company: what can be done, what was begun and not sent, the batches with their true counts, how the cars stand. */
#include <stdlib.h>

#include "base/clock.h"
#include "flow/company_pages.h"
#include "flow/flow.h"
#include "flow/records.h"

#define BATCHES_PAGE 10 /* of each, every card is counted */
#define PAGES_MAX 500
#define DRAFTS_MAX 10

/* What can be done: the flows of companies as they stand in the table. */
static void show_flows(struct view *v)
{
	int n = 0;

	for (const struct flow *const *f = flows; *f; f++) {
		if (!(*f)->company)
			continue;
		view_item(v, "Flows", n, "slug", (*f)->slug);
		view_item(v, "Flows", n, "first", (*f)->steps[0]->slug);
		view_item(v, "Flows", n, "kind", (*f)->kind);
		view_item(v, "Flows", n++, "title", (*f)->title);
	}
}

/* The drafts of this company that this admin began: another one's hold papers that he may still be putting together. */
static const char DRAFTS[] =
	"SELECT a.number, a.kind, extract(epoch FROM a.created_at)::bigint AS at, extract(epoch FROM a.expires_at)::bigint AS until,"
	" (SELECT count(*) FROM batch_vehicle b WHERE b.application_id = a.id) AS cars FROM application a JOIN session s ON s.id_hash = $1"
	" WHERE a.company_id = $2 AND a.phone_hash = s.phone_hash AND a.submitted_at IS NULL AND a.expired_at IS NULL AND a.expires_at > now()"
	" ORDER BY a.created_at DESC LIMIT $3::integer";

static enum status show_drafts(struct company_visit *c)
{
	struct request *r = c->r;
	struct view *v = request_view(r);
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l, DRAFTS, DB_BYTES(session_hash(r)), DB_TEXT(c->company.id), DB_INT(DRAFTS_MAX));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		const struct flow *f = flow_of_company(db_text(l, i, "kind"));

		view_item(v, "Drafts", i, "number", db_text(l, i, "number"));
		view_item(v, "Drafts", i, "title", f ? f->title : "");
		view_item(v, "Drafts", i, "time", clock_page(r->arena, db_int(l, i, "at")));
		view_item(v, "Drafts", i, "until", clock_page(r->arena, db_int(l, i, "until")));
		view_item(v, "Drafts", i, "cars", db_text(l, i, "cars"));
	}
	return st;
}

static const char BATCHES[] =
	"SELECT a.number, a.kind, extract(epoch FROM a.submitted_at)::bigint AS at, c.* FROM (SELECT id, number, kind, submitted_at FROM application"
	" WHERE company_id = $1 AND submitted_at IS NOT NULL ORDER BY created_at DESC LIMIT $2::integer OFFSET $3::integer) a"
	" CROSS JOIN LATERAL (SELECT count(*) AS cards, count(DISTINCT vehicle_id) AS cars, count(*) FILTER (WHERE state = 'done') AS done,"
	" count(*) FILTER (WHERE state = 'refused') AS failed, count(*) FILTER (WHERE state = 'withdrawn') AS withdrawn,"
	" count(*) FILTER (WHERE state = 'needs_more') AS asked, count(*) FILTER (WHERE state IN ('submitted', 'review', 'pushing')) AS open"
	" FROM application_card WHERE application_id = a.id) c ORDER BY a.submitted_at DESC";

static enum status show_batches(struct company_visit *c)
{
	struct request *r = c->r;
	struct view *v = request_view(r);
	const char *asked = request_query(r, "page");
	int page = asked ? atoi(asked) : 1;
	struct db_result *l;
	enum status st;

	page = page < 1 ? 1 : page > PAGES_MAX ? PAGES_MAX : page;
	st = db_query(r->site->db, r->arena, &l, BATCHES, DB_TEXT(c->company.id), DB_INT(BATCHES_PAGE + 1), DB_INT((page - 1) * BATCHES_PAGE));
	for (int i = 0; st == ST_OK && i < db_rows(l) && i < BATCHES_PAGE; i++) {
		static const char *const counts[] = {"cards", "cars", "done", "failed", "withdrawn", "asked", "open"};
		const struct flow *f = flow_of_company(db_text(l, i, "kind"));

		view_item(v, "Batches", i, "number", db_text(l, i, "number"));
		view_item(v, "Batches", i, "title", f ? f->title : "");
		view_item(v, "Batches", i, "time", clock_page(r->arena, db_int(l, i, "at")));
		for (size_t k = 0; k < sizeof counts / sizeof *counts; k++)
			view_item(v, "Batches", i, counts[k], db_int(l, i, counts[k]) > 0 ? db_text(l, i, counts[k]) : NULL);
	}
	if (st != ST_OK)
		return st;
	view_int(v, "Batches.count", db_rows(l));
	if (page > 1) {
		view_set(v, "Batches.previous", page == 2 ? COMPANY_PLACE : arena_printf(r->arena, COMPANY_PLACE "?page=%d", page - 1));
		request_here(r, arena_printf(r->arena, COMPANY_PLACE "?page=%d", page));
	}
	if (db_rows(l) > BATCHES_PAGE)
		view_set(v, "Batches.next", arena_printf(r->arena, COMPANY_PLACE "?page=%d", page + 1));
	return ST_OK;
}

static enum status show_cars(struct company_visit *c)
{
	static const struct {
		const char *standing, *name;
	} names[] = {{"free", "Cars.free"}, {"busy", "Cars.busy"}, {"part", "Cars.part"}, {"registered", "Cars.registered"}};
	struct view *v = request_view(c->r);
	struct db_result *l;
	int64_t all = 0;
	enum status st = db_query(c->r->site->db, c->r->arena, &l, "SELECT standing, count(*) AS cars FROM company_vehicle WHERE company_id = $1 GROUP BY standing",
				  DB_TEXT(c->company.id));

	if (st != ST_OK)
		return st;
	for (size_t k = 0; k < sizeof names / sizeof *names; k++)
		view_set(v, names[k].name, "0");
	for (int i = 0; i < db_rows(l); i++) {
		for (size_t k = 0; k < sizeof names / sizeof *names; k++)
			if (text_equal(names[k].standing, db_text(l, i, "standing")))
				view_set(v, names[k].name, db_text(l, i, "cars"));
		all += db_int(l, i, "cars");
	}
	view_int(v, "Cars.all", (long)all);
	return ST_OK;
}

enum status company_home(struct company_visit *c)
{
	struct request *r = c->r;
	struct view *v = request_view(r);
	enum status st = show_drafts(c);

	if (st == ST_OK)
		st = show_batches(c);
	if (st == ST_OK)
		st = show_cars(c);
	if (st != ST_OK)
		return st;
	show_flows(v);
	view_flag(v, "Company.trusted", c->company.trusted);
	page_common(r, c->company.name, NULL);
	view_set(v, "Page.back", "/");
	return respond_page(r, 200, "fleet/home");
}

enum status fleet_continue_serve(struct request *r)
{
	const char *number = request_field(r, "number");
	struct db *db = r->site->db;
	struct company_visit v;
	struct db_result *found;
	enum status st = company_visit(&v, r);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = db_begin(db);
	if (st == ST_OK)
		st = db_query(db, r->arena, &found,
			      "SELECT a.id FROM application a JOIN session s ON s.id_hash = $1 WHERE a.number = $2 AND a.company_id = $3"
			      " AND a.phone_hash = s.phone_hash AND a.submitted_at IS NULL AND a.expired_at IS NULL AND a.expires_at > now()",
			      DB_BYTES(session_hash(r)), DB_TEXT(number ? number : ""), DB_TEXT(v.company.id));
	if (st == ST_OK && db_rows(found) != 1) { /* sent in another tab, run out, or never his */
		db_rollback(db);
		return respond_redirect(r, COMPANY_PLACE);
	}
	if (st == ST_OK)
		st = records_take(r, db_text(found, 0, "id"), "draft.resumed");
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	st = db_commit(db);
	return st == ST_OK ? records_go_on(r) : st;
}
