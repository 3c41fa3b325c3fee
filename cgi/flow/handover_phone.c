/* 扫码继续 on the phone, see handover.h: the link that it opens, and the page where it waits. */
#include "flow/handover.h"

#include "flow/keep.h"
#include "flow/steps.h"

static struct actor visitor(struct request *r)
{
	return (struct actor){.name = "visitor", .address = r->address};
}

/* What the phone is told that it is for: the car, or the company and how many cars. */
void handover_show_car(struct request *r, const struct handover *h)
{
	struct view *view = request_view(r);

	view_set(view, "Car.brand", h->brand);
	view_set(view, "Car.model", h->model);
	view_set(view, "Car.vin", h->vin ? mask_vin(r->arena, h->vin) : NULL);
	view_set(view, "Car.company", h->company);
	view_int(view, "Car.count", h->cars);
}

/* ---- the link ---- */

static enum status show_gone(struct request *r)
{
	page_common(r, "二维码已失效", NULL);
	view_set(request_view(r), "Handover.state", "gone");
	return respond_page(r, 404, "handover/phone");
}

/* A link that opens nothing: whoever has used it himself goes on. Who never got the answer still has the cookie of before; for a while
 * that is enough, together with the link. */
static enum status link_dead(struct request *r, const struct handover *h)
{
	struct handover own = {0};
	enum status st = ST_OK;

	if (h->id && r->visit) {
		st = handover_of_session(r->site->db, r->arena, session_hash(r), &own);
		if (st == ST_OK && text_equal(own.id, h->id))
			return respond_redirect(r, HANDOVER_PLACE);
		if (st == ST_OK)
			st = handover_of_session(r->site->db, r->arena, session_hash_after(r, h->id), &own);
	}
	if (st != ST_OK)
		return st;
	if (own.state != HANDOVER_OPEN || !own.just_opened)
		return show_gone(r);
	session_renew_after(r, h->id);
	return respond_redirect(r, HANDOVER_PLACE);
}

static enum status link_use(struct request *r, const struct handover *h, const struct flow *f)
{
	struct db *db = r->site->db;
	struct actor actor = visitor(r);
	const struct draft d = {.id = h->application_id};
	enum status st = draft_lock(db, r->arena, &d);

	if (st == ST_OK) /* a session of its own: what this browser had before keeps its row */
		st = handover_open(db, r->arena, &actor, h, session_hash_after(r, h->id));
	if (st == ST_OK)
		st = db_commit(db);
	if (db_in_transaction(db))
		db_rollback(db);
	if (st == ST_CONFLICT)
		return link_dead(r, h);
	if (st != ST_OK)
		return st;
	session_renew_after(r, h->id);
	return respond_redirect(r, arena_printf(r->arena, "/%s/%s", f->slug, h->step));
}

enum status handover_link_serve(struct request *r)
{
	struct handover h;
	const struct flow *f;
	struct draft own;
	enum status st = handover_of_token(r->site->db, r->arena, r->site->keys, r->tail, &h);

	if (st == ST_OK)
		st = draft_load(r->site->db, r->arena, session_hash(r), &own);
	if (st != ST_OK)
		return st;
	f = h.state == HANDOVER_SHOWN ? flow_of_draft(&(struct draft){.kind = h.kind, .company_id = h.company_id}) : NULL;
	if (!f)
		return link_dead(r, &h);
	/* The desk itself: it would lose its rights. */
	if (own.exists && text_equal(own.id, h.application_id) && !own.handover_id)
		return respond_redirect(r, flow_path(r->arena, f, &own));
	if (r->method == METHOD_POST)
		return link_use(r, &h, f);
	handover_show_car(r, &h);
	page_common(r, "用手机继续办理", NULL);
	view_set(request_view(r), "Page.action", arena_printf(r->arena, "/c/%s", r->tail));
	return respond_page(r, 200, "handover/open");
}

/* ---- the phone ---- */

enum status handover_was_here(struct request *r, bool *was)
{
	struct handover h;
	enum status st = handover_of_session(r->site->db, r->arena, session_hash(r), &h);

	*was = st == ST_OK && h.state != HANDOVER_NONE;
	return st;
}

/* What the phone is told: back (to the desk), next (one more step here), submitted, or why it has ended. */
static const char *phone_state(const struct handover *h, const struct draft *d, const struct step *next)
{
	if (h->state == HANDOVER_ENDED && !text_equal(h->ended_by, "phone"))
		return "desk_cancelled";
	if (h->state == HANDOVER_ENDED)
		return "phone_cancelled";
	if (h->state != HANDOVER_OPEN || !d->exists || !d->handover_id)
		return "gone";
	if (d->submitted_at)
		return "submitted";
	return handover_offers(d, next->slug) ? "next" : "back";
}

static void show_steps(struct request *r, const struct flow *f, const struct draft *d, const struct step *next)
{
	struct view *view = request_view(r);
	int n = 0;

	if (handover_offers(d, next->slug)) {
		view_set(view, "Next.url", arena_printf(r->arena, "/%s/%s", f->slug, next->slug));
		view_set(view, "Next.text", next->heading);
	}
	for (size_t i = 0; i < HANDOVER_OFFERS; i++) {
		const struct step *s;
		const char *again = handover_again(f, d, i, &s);

		if (!again || s == next)
			continue;
		view_item(view, "Again", n, "url", arena_printf(r->arena, "/%s/%s?redo=1", f->slug, s->slug));
		view_item(view, "Again", n++, "text", again);
	}
}

enum status handover_phone_serve(struct request *r)
{
	struct actor actor = visitor(r);
	struct handover h;
	struct draft d;
	const struct flow *f;
	const struct step *next = NULL;
	const char *state, *look;
	enum status st = handover_of_session(r->site->db, r->arena, session_hash(r), &h);

	if (st == ST_OK)
		st = draft_load(r->site->db, r->arena, session_hash(r), &d);
	if (st != ST_OK)
		return st;
	f = d.exists ? flow_of_draft(&d) : NULL;
	if (h.step && f && !d.submitted_at) /* whoever has a draft but came by no link: there is nothing for him here */
		next = flow_step(f, h.step) ? flow_resume_from(f, &d, flow_step(f, h.step)) : flow_resume(f, &d);
	state = phone_state(&h, &d, next);
	if (r->method == METHOD_POST && next && d.handover_id) {
		st = draft_lock(r->site->db, r->arena, &d);
		if (st == ST_OK)
			st = handover_end(r->site->db, r->arena, &actor, d.id, "phone");
		if (st == ST_OK)
			st = db_commit(r->site->db);
		return st == ST_OK || st == ST_CONFLICT ? respond_redirect(r, HANDOVER_PLACE) : st;
	}
	if (r->method == METHOD_POST)
		return respond_redirect(r, HANDOVER_PLACE);
	look = text_equal(state, "next") ? arena_printf(r->arena, "next-%s", next->slug) : state;
	if (r->wants_json)
		return text_equal(request_query(r, "at"), look)
		               ? respond_json(r, 200, "{\"waiting\":true}")
		               : respond_json(r, 200, arena_printf(r->arena, "{\"waiting\":false,\"location\":\"%s?at=%s\"}", HANDOVER_PLACE, look));
	view_set(request_view(r), "Handover.state", state);
	if (text_equal(state, "gone"))
		return show_gone(r);
	if (text_equal(state, "next") || text_equal(state, "back")) {
		/* The address says what the page shows, so that its script sees a change. */
		if (!text_equal(request_query(r, "at"), look))
			return respond_redirect(r, arena_printf(r->arena, "%s?at=%s", HANDOVER_PLACE, look));
		show_steps(r, f, &d, next);
		handover_show_car(r, &h);
		view_set(request_view(r), "Page.refresh", "3");
		view_set(request_view(r), "Page.action", HANDOVER_PLACE);
		st = keep_show(r, LIFETIME_HANDOVER);
		if (st != ST_OK)
			return st;
	}
	page_common(r, text_equal(state, "desk_cancelled") || text_equal(state, "phone_cancelled") ? "已取消" : "请回到电脑", NULL);
	return respond_page(r, 200, "handover/phone");
}
