/* The front page, and the page after a submission. */
#include "flow/pages.h"

#include <string.h>

#include "base/clock.h"
#include "domain/kind.h"
#include "flow/handover.h"
#include "flow/keep.h"
#include "flow/steps.h"

enum status home_serve(struct request *r)
{
	struct view *v = request_view(r);
	struct draft d;
	const struct flow *f;
	bool paused = false;
	enum status st = draft_load(r->site->db, r->arena, session_hash(r), &d);

	if (st != ST_OK)
		return st;
	f = d.exists && !d.submitted_at ? flow_of_draft(&d) : NULL;
	if (!d.exists)
		st = paused_here(r, &paused);
	if (st != ST_OK)
		return st;
	view_flag(v, "Draft.paused", paused);
	if (f) {
		view_flag(v, f->company || f->opens ? "Draft.company" : "Draft.live", 1);
		view_set(v, "Draft.url", d.handover_id ? HANDOVER_PLACE : flow_path(r->arena, f, &d));
		view_set(v, "Draft.done", arena_printf(r->arena, "%d/%d", flow_parts_done(f, &d), f->parts));
	}
	page_common(r, "车联网卡实名登记", NULL);
	return respond_page(r, 200, "home");
}

enum status done_serve(struct request *r)
{
	struct view *v = request_view(r);
	struct draft d;
	struct db_result *cards;
	enum card_state state;
	char *phone;
	bool review = false, open = false;
	enum status st = draft_load(r->site->db, r->arena, session_hash(r), &d);

	if (st != ST_OK)
		return st;
	if (d.handover_id)
		return respond_redirect(r, HANDOVER_PLACE);
	if (!d.exists) {
		struct draft paused;

		st = draft_load_paused(r->site->db, r->arena, session_hash(r), &paused);
		if (st != ST_OK)
			return st;
		return respond_redirect(r, paused.exists && paused.submitted_at ? "/records" : "/");
	}
	if (!d.submitted_at) {
		const struct flow *f = flow_of_draft(&d);

		return respond_redirect(r, f ? flow_path(r->arena, f, &d) : "/");
	}
	if (d.company_id)
		return respond_redirect(r, arena_printf(r->arena, COMPANY_PLACE "/batch/%s", d.number));
	if (flow_of_draft(&d) && flow_of_draft(&d)->opens)
		return respond_redirect(r, COMPANY_PLACE); /* what was opened */
	st = draft_phone(r->site->db, r->arena, r->site->keys, &d, &phone);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &cards,
		              "SELECT c.iccid, ac.state FROM application_card ac JOIN card c ON c.id = ac.card_id WHERE ac.application_id = $1 ORDER BY c.iccid",
		              DB_TEXT(d.id));
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(cards); i++) {
		const char *iccid = db_text(cards, i, "iccid");

		if (!transition_by_name(&state, db_text(cards, i, "state")))
			return status_fail(ST_ERROR, "an application card has an unknown state");
		view_item(v, "Cards", i, "tail", iccid + strlen(iccid) - 4);
		view_item(v, "Cards", i, "state", application_state_label(d.kind, state));
		review = review || state == CARD_REVIEW;
		open = open || !transition_final(state);
	}
	view_set(v, "Flow.kind", d.kind);
	view_set(v, "Flow.slug", flow_of_draft(&d) ? flow_of_draft(&d)->slug : flows[0]->slug);
	view_set(v, "Application.number", d.number);
	view_set(v, "Application.time", clock_page(r->arena, d.submitted_at));
	view_flag(v, "Application.review", review);
	view_flag(v, "Application.open", open);
	view_flag(v, "Application.manual", d.manual);
	view_set(v, "Phone.masked", mask_phone(r->arena, phone));
	page_common(r, "已受理", NULL);
	return respond_page(r, 200, "done");
}
