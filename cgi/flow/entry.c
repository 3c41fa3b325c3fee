/* /e/TOKEN: who comes by a link has the car already. A link that is forged, old or used gets a page with the ordinary way in; which of
 * these it is stays unsaid. */
#include "flow/entry.h"

#include <string.h>

#include "domain/kind.h"
#include "flow/agreements.h"
#include "flow/handover.h"
#include "flow/keep.h"
#include "flow/steps.h"

static const char *car_status(const struct entry_car *c)
{
	if (c->open > 0)
		return "核验中";
	return c->cards > 0 && c->registered == c->cards ? "已登记" : "未登记";
}

void entry_show_cars(struct request *r, const struct entry_car *cars, int count, const char *chosen)
{
	struct view *view = request_view(r);

	for (int i = 0; i < count; i++) {
		view_item(view, "Owned", i, "id", cars[i].vehicle_id);
		view_item(view, "Owned", i, "name", arena_printf(r->arena, "%s %s", cars[i].brand, cars[i].model));
		view_item(view, "Owned", i, "color", cars[i].color);
		view_item(view, "Owned", i, "vin", mask_vin(r->arena, cars[i].vin));
		view_item(view, "Owned", i, "status", car_status(&cars[i]));
		if (text_equal(cars[i].vehicle_id, chosen))
			view_item(view, "Owned", i, "checked", "1");
	}
}

static enum status show_dead(struct request *r)
{
	page_common(r, "链接已失效", NULL);
	return respond_page(r, 404, "link/dead");
}

/* The draft of the link, if it is of the session with this hash. */
static enum status draft_of_link(struct request *r, const struct entry_link *link, struct bytes session, struct draft *out, bool *paused)
{
	bool mine = false;
	enum status st = draft_load(r->site->db, r->arena, session, out);

	*paused = st == ST_OK && !out->exists;
	if (*paused)
		st = draft_load_paused(r->site->db, r->arena, session, out);
	if (st == ST_OK && out->exists && !out->handover_id && flow_of_draft(out))
		st = entry_of_draft(r->site->db, r->arena, link->id, out->id, &mine);
	if (!mine)
		out->exists = false;
	return st;
}

/* Opened once more by whoever has used it: on with the draft. Who never got the answer still has the cookie of before; for a while that is
 * enough, together with the link. */
static enum status used_before(struct request *r, const struct entry_link *link)
{
	struct draft d = {0};
	bool paused = false;
	enum status st = ST_OK;

	if (link->id && r->visit) {
		st = draft_of_link(r, link, session_hash(r), &d, &paused);
		if (st == ST_OK && !d.exists && link->just_used) {
			st = draft_of_link(r, link, session_hash_after(r, link->id), &d, &paused);
			if (st == ST_OK && d.exists)
				session_renew_after(r, link->id);
		}
	}
	if (st != ST_OK)
		return st;
	if (!d.exists)
		return show_dead(r);
	return respond_redirect(r, paused ? PAUSED_PLACE : flow_path(r->arena, flow_of_draft(&d), &d));
}

static enum status show_link(struct request *r, int status, const struct entry_link *link, const struct draft *own, const struct entry_car *cars, int count)
{
	struct view *view = request_view(r);
	const struct flow *f = own->exists && !own->submitted_at ? flow_of_draft(own) : NULL;
	enum status st = privacy_offer(&(struct flow_visit){.r = r});

	if (st != ST_OK)
		return st;
	entry_show_cars(r, cars, count, NULL);
	view_int(view, "Owned.count", count);
	view_set(view, "Link.kind", link->kind);
	view_set(view, "Draft.url", !f ? NULL : own->handover_id ? HANDOVER_PLACE : flow_path(r->arena, f, own));
	view_set(view, "Page.action", arena_printf(r->arena, "/e/%s", r->tail));
	page_common(r, link->kind && flow_of_kind(link->kind) ? flow_of_kind(link->kind)->title : flows[0]->title, NULL);
	return respond_page(r, status, "link/open");
}

/* The draft of the link, its consent and its car, in one transaction. */
static enum status begin(struct request *r, const struct flow *f, const struct entry_link *link, const struct agreement *privacy, const struct entry_car *cars,
                         int count)
{
	struct db *db = r->site->db;
	struct bytes next = session_hash_after(r, link->id);
	struct flow_visit v = {.r = r, .flow = f, .step = f->steps[0], .actor = {.name = "visitor", .address = r->address}};
	char *id;
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = entry_use(db, r->arena, link);
	if (st == ST_OK)
		st = draft_create(db, r->arena, r->site->config, r->site->keys, &v.actor, session_hash(r), next, f->kind, &id);
	if (st == ST_OK)
		st = entry_used(db, r->arena, &v.actor, link, id);
	if (st == ST_OK) {
		v.draft = (struct draft){.exists = true, .id = id};
		st = consent_record(&v, privacy, "已阅读并同意，开始办理");
	}
	if (st == ST_OK && count == 1)
		st = entry_prove(db, r->arena, &v.actor, &v.draft, cars[0].vehicle_id);
	if (st == ST_OK)
		st = db_commit(db);
	if (db_in_transaction(db))
		db_rollback(db);
	if (st == ST_CONFLICT) { /* used a moment ago, perhaps by this press's twin */
		struct entry_link used = *link;

		used.just_used = true;
		return used_before(r, &used);
	}
	if (st != ST_OK)
		return st;
	session_renew_after(r, link->id);
	return flow_go_on(&v);
}

enum status entry_serve(struct request *r)
{
	struct entry_car cars[ENTRY_CARS_MAX];
	struct entry_link link;
	struct agreement privacy;
	struct draft own;
	const struct flow *f;
	const char *asked;
	int count;
	enum status st = entry_find(r->site->db, r->arena, r->site->config, r->site->keys, r->tail, &link);

	if (st == ST_OK)
		st = draft_load(r->site->db, r->arena, session_hash(r), &own);
	if (st != ST_OK)
		return st;
	if (!link.good)
		return used_before(r, &link);
	st = entry_cars(r->site->db, r->arena, link.id, cars, &count);
	if (st != ST_OK)
		return st;
	if (r->method != METHOD_POST)
		return show_link(r, 200, &link, &own, cars, count);
	asked = request_field(r, "flow");
	f = flow_of_kind(link.kind ? link.kind : asked ? asked : "");
	if (!f)
		return ST_NOT_FOUND;
	st = privacy_take(r, &privacy);
	if (st != ST_OK)
		return st;
	return form_errors(r) > 0 ? show_link(r, 422, &link, &own, cars, count) : begin(r, f, &link, &privacy, cars, count);
}
