/* 核对并提交 of companies: the cars counted as they stand at this moment, the papers, and one press for all of them. What was shown is what
 * is sent: the hidden token holds the draft's version and how many cars and cards were shown. */
#include "base/clock.h"
#include "domain/certificate.h"
#include "flow/fleet_cars.h"
#include "flow/steps.h"
#include "http/messages.h"
#include "store/papers.h"

static char *token_of(struct flow_visit *v, const struct batch_look *look)
{
	return arena_printf(v->r->arena, "%d-%d-%d", v->draft.version, look->cars, look->cards);
}

static enum status check_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct company company;
	struct batch_scope s;
	struct batch_look look;
	int rows = 0, pictures = 0, unfit = 0;
	enum status st = fleet_scope(v, &company, &s);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK)
		st = batch_look(r->site->db, r->arena, &v->draft, &s, &look);
	if (st == ST_OK)
		st = papers_check_fill(v, &rows, &pictures);
	if (st != ST_OK)
		return st;
	view_int(view, "Batch.cars", look.cars);
	view_int(view, "Batch.cards", look.cards);
	view_int(view, "Batch.unfit", look.unfit_cars);
	for (int i = BATCH_FITS + 1; i < BATCH_REASON_MAX; i++) {
		if (look.unfit[i] == 0)
			continue;
		view_item(view, "Unfit", unfit, "cars", arena_printf(r->arena, "%d", look.unfit[i]));
		view_item(view, "Unfit", unfit++, "text",
			  message_text(r->arena, arena_printf(r->arena, "fleet.%s", batch_reason_name((enum batch_reason)i)), NULL));
	}
	view_set(view, "Page.token", token_of(v, &look));
	return ST_OK;
}

static bool expired(const char *until)
{
	struct validity validity = {0};

	return until && date_parse(&validity.to, until) && certificate_expired(&validity, clock_today());
}

/* The certificates may have run out since they were confirmed. */
static enum status papers_refusal(struct flow_visit *v, const char **slug)
{
	struct organisation o;
	struct holder h;
	enum status st = organisation_load(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, &o);

	if (st == ST_OK)
		st = holder_load(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, &h);
	*slug = st == ST_OK && ((!o.long_term && expired(o.valid_until)) || (!h.long_term && expired(h.valid_until))) ? "certificate-expired" : NULL;
	return st;
}

static enum status show_again(struct flow_visit *v)
{
	struct request *r = v->r;
	enum status st;

	db_rollback(r->site->db);
	st = draft_load(r->site->db, r->arena, session_hash(r), &v->draft);
	if (st != ST_OK || !v->draft.exists || v->draft.submitted_at)
		return st == ST_OK ? ST_CONFLICT : st;
	view_set(request_view(r), "Page.notice", "有车刚刚有变化，请再核对一遍后提交");
	return flow_show(v, 409);
}

static enum status check_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct company company;
	struct batch_scope s;
	struct batch_look look;
	const char *slug;
	unsigned reasons;
	enum status st = fleet_scope(v, &company, &s);

	if (st == ST_OK)
		st = flow_lock(v);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (flow_resume(v->flow, &v->draft) != v->step)
		return ST_CONFLICT;
	st = batch_look(db, r->arena, &v->draft, &s, &look);
	if (st == ST_OK && (look.cards == 0 || !text_equal(request_field(r, "token"), token_of(v, &look))))
		return show_again(v);
	if (st == ST_OK)
		st = papers_refusal(v, &slug);
	if (st == ST_OK && slug) {
		db_rollback(db);
		return refuse(v, slug);
	}
	if (st == ST_OK)
		st = papers_reasons(v, &reasons);
	if (st == ST_OK)
		st = batch_submit(db, r->arena, r->site->keys, &v->actor, &v->draft, &s, reasons, &look);
	if (st == ST_CONFLICT) /* another batch was a moment faster with some of the cars */
		return show_again(v);
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_fleet_check = {
	.slug = "check", .template_name = "fleet/check", .heading = "核对并提交", .part = 6, .show = check_show, .submit = check_submit};
