/* 扫码继续 at the desk, see handover.h: which steps offer it, the block on their pages, and going on by itself. Steps know nothing of it.
 * What the phone sees is in handover_phone.c. */
#include "flow/handover.h"

#include <string.h>

#include "base/clock.h"
#include "flow/keep.h"
#include "flow/qr.h"
#include "flow/steps.h"
#include "store/limits.h"
#include "store/sms.h"

/* The steps that offer it, and what the phone calls doing them once more. */
static const struct offer {
	const char *slug, *again; /* again NULL: not once it is done */
	bool company;             /* of companies only: there the one who consents is not the one at the desk. Then straight on to the next step */
} offers[] = {
	{"front", "重新拍第一面", false},
	{"back", "重新拍第二面", false},
	{"consent", NULL, true},
	{"liveness", NULL, false},
	{"papers", NULL, false},
};
_Static_assert(sizeof offers / sizeof *offers == HANDOVER_OFFERS, "an offer more or less");

static const struct offer *offer_of(const char *slug)
{
	for (size_t i = 0; i < HANDOVER_OFFERS; i++)
		if (strcmp(offers[i].slug, slug) == 0)
			return &offers[i];
	return NULL;
}

bool handover_offers(const struct draft *d, const char *slug)
{
	const struct offer *o = offer_of(slug);

	return o && (d->company_id || !o->company);
}

const char *handover_again(const struct flow *f, const struct draft *d, size_t i, const struct step **step)
{
	const struct step *s = flow_step(f, offers[i].slug);

	*step = s;
	return s && offers[i].again && s->done && s->done(d) && flow_may_enter(f, d, s) ? offers[i].again : NULL;
}

bool handover_goes_on(const struct draft *d, const char *slug, const char *next)
{
	const struct offer *o = offer_of(slug);

	return o && o->company && handover_offers(d, next);
}

static bool live(const struct handover *h)
{
	return h->state == HANDOVER_SHOWN || h->state == HANDOVER_OPEN;
}

/* ---- the desk ---- */

/* Whether this page is one that offers it, seen by somebody with all rights. */
static bool concerned(const struct flow_visit *v)
{
	return v->draft.exists && !v->draft.submitted_at && !v->draft.handover_id && handover_offers(&v->draft, v->step->slug);
}

static enum status load(struct flow_visit *v)
{
	struct handover *h = arena_alloc(v->r->arena, sizeof *h);
	enum status st = handover_of_draft(v->r->site->db, v->r->arena, v->draft.id, h);

	if (st == ST_OK)
		v->handover = h;
	return st;
}

/* What the page shows, as far as the other device can change it: state, version of the answers, whether a job runs, and last whether
 * the step is done. */
static const char *look_of(struct flow_visit *v, bool done, bool waiting)
{
	return arena_printf(v->r->arena, "%s-%d-%d%d", v->handover->state == HANDOVER_OPEN ? "open" : "shown", v->draft.version, waiting, done);
}

static const char *own_path(struct flow_visit *v, const char *look)
{
	return look ? arena_printf(v->r->arena, "/%s/%s?hand=%s", v->flow->slug, v->step->slug, look)
	            : arena_printf(v->r->arena, "/%s/%s", v->flow->slug, v->step->slug);
}

/* To another address: for the page a redirect, for its script the address. */
static enum status send_on(struct flow_visit *v, const char *path)
{
	struct request *r = v->r;

	return r->wants_json ? respond_json(r, 200, arena_printf(r->arena, "{\"waiting\":false,\"location\":\"%s\"}", path)) : respond_redirect(r, path);
}

/* The query "hand" when it may be one of ours, else NULL. */
static const char *hand_of(struct flow_visit *v)
{
	const char *hand = request_query(v->r, "hand");

	return hand && strspn(hand, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(hand) ? hand : NULL;
}

enum status handover_look(struct flow_visit *v, bool done)
{
	const char *hand = hand_of(v), *look;
	size_t n = hand ? strlen(hand) : 0;
	bool was_done = n > 0 && hand[n - 1] == '1', waiting = false, goes_on;
	enum status st;

	if (!concerned(v) || request_query(v->r, "again"))
		return ST_OK;
	st = load(v);
	if (st != ST_OK)
		return st;
	goes_on = hand && done && !was_done; /* somebody who came back to a step that is done stays there */
	if (!live(v->handover)) {
		if (!hand)
			return ST_OK;
		return send_on(v, goes_on ? flow_path_from(v->r->arena, v->flow, &v->draft, v->step) : own_path(v, NULL));
	}
	st = v->step->waiting ? v->step->waiting(v, &waiting) : ST_OK;
	if (st != ST_OK)
		return st;
	look = look_of(v, done, waiting);
	/* A page with errors has no such address: it stays. */
	if (v->r->wants_json && (!hand || text_equal(hand, look)))
		return respond_json(v->r, 200, "{\"waiting\":true}");
	if (text_equal(hand, look))
		return ST_OK;
	return send_on(v, goes_on ? flow_path_from(v->r->arena, v->flow, &v->draft, v->step) : own_path(v, look));
}

/* Where a link may be sent: the telephone of the responsible person, once it is confirmed. NULL: nowhere. */
static enum status telephone_of(struct flow_visit *v, const char **out)
{
	struct holder person;
	enum status st = ST_OK;

	*out = NULL;
	if (!v->draft.company_id || !v->draft.certificate_confirmed)
		return ST_OK;
	st = holder_load(v->r->site->db, v->r->arena, v->r->site->keys, &v->draft, &person);
	if (st == ST_OK && person.exists)
		*out = person.telephone;
	return st;
}

static void show_link(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	char *token = handover_token(r->arena, r->site->keys, v->handover), *url, *path;
	int size;

	if (!token)
		return;
	url = arena_printf(r->arena, "%s/c/%s", r->site->config->public_origin, token);
	path = qr_path(r->arena, url, &size);
	view_set(view, "Handover.url", url);
	view_set(view, "Handover.until", clock_page_hour(r->arena, v->handover->expires_at));
	if (!path)
		return;
	view_set(view, "Handover.path", path);
	view_int(view, "Handover.size", size);
}

enum status handover_show(struct flow_visit *v, int http_status, bool done, bool waiting)
{
	struct view *view = request_view(v->r);
	const char *hand = hand_of(v), *look, *telephone = NULL;
	size_t n = hand ? strlen(hand) : 0;
	enum status st = ST_OK;

	if (v->draft.handover_id) {
		if (!v->handover)
			st = load(v);
		if (st != ST_OK)
			return st;
		handover_show_car(v->r, v->handover);
		view_set(view, "Handover.state", "phone");
		return ST_OK;
	}
	if (!concerned(v))
		return ST_OK;
	if (!v->handover)
		st = load(v);
	if (st == ST_OK)
		st = telephone_of(v, &telephone);
	if (st != ST_OK)
		return st;
	view_set(view, "Handover.telephone", telephone ? mask_phone(v->r->arena, telephone) : NULL);
	view_flag(view, "Handover.company", v->draft.company_id != NULL);
	view_flag(view, "Handover.sent", v->handover->message);
	view_set(view, "Handover.action", arena_printf(v->r->arena, "/%s/handover/%s", v->flow->slug, v->step->slug));
	if (!live(v->handover)) {
		view_set(view, "Handover.state", done ? NULL : "none");
		view_flag(view, "Handover.phone_cancelled", v->handover->recent && text_equal(v->handover->ended_by, "phone"));
		view_flag(view, "Handover.expired", v->handover->recent && v->handover->state == HANDOVER_EXPIRED);
		return ST_OK;
	}
	view_set(view, "Handover.state", v->handover->state == HANDOVER_OPEN ? "open" : "shown");
	if (v->handover->state == HANDOVER_SHOWN)
		show_link(v);
	if (http_status != 200)
		return ST_OK;
	look = look_of(v, done, waiting);
	/* A job began while the page was made (digits were asked for): a page that does not know would not see its end. */
	if (waiting && n > 1 && hand[n - 2] == '0' && v->r->method != METHOD_POST)
		return respond_redirect(v->r, own_path(v, look));
	view_set(view, "Page.refresh", "3");
	view_set(view, "Page.refresh_url", own_path(v, hand ? hand : look));
	return ST_OK;
}

/* A new link, within the limit of the draft; by_sms: also as a short message to the responsible person, within those of messages. */
static enum status show_new(struct flow_visit *v, bool by_sms)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct limit_refusal refusal;
	const char *telephone = NULL;
	char *message = NULL;
	enum status st = flow_lock(v);

	if (st == ST_OK && by_sms)
		st = telephone_of(v, &telephone);
	if (st != ST_OK)
		return st;
	const struct limit_key limits[] = {{"handover", v->draft.id}, {"sms.phone", telephone}, {"draft.phone", telephone},
	                                   {"draft.address", limit_network(r->arena, r->address)}, {"draft.all", ""}};
	int count = telephone ? (int)(sizeof limits / sizeof *limits) : 1;

	st = limits_check(db, r->arena, r->site->config, r->site->keys, limits, count, &refusal);
	if (st != ST_OK)
		return st;
	if (refusal.kind) {
		form_error(r, "handover", strcmp(refusal.kind, "handover") == 0 ? "handover.limit" : "handover.wait", clock_page_hour(r->arena, refusal.until + 59));
		return db_commit(db);
	}
	if (telephone)
		st = sms_enqueue(db, r->arena, r->site->keys, v->draft.id, "handover", NULL, telephone, &message);
	if (st == ST_OK)
		st = handover_create(db, r->arena, r->site->keys, &v->actor, v->draft.id, v->step->slug, message);
	if (st == ST_OK)
		st = limits_record(db, r->arena, r->site->keys, limits, count);
	return st == ST_OK ? db_commit(db) : st;
}

static enum status cancel_at_desk(struct flow_visit *v)
{
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = handover_end(v->r->site->db, v->r->arena, &v->actor, v->draft.id, "desk");
	return st == ST_OK ? db_commit(v->r->site->db) : st;
}

enum status handover_serve(struct request *r)
{
	const char *action = request_field(r, "action");
	struct flow_visit v;
	enum status st;

	st = offer_of(r->tail) ? flow_enter(&v, r, r->tail) : ST_NOT_FOUND;
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (!handover_offers(&v.draft, r->tail))
		return ST_NOT_FOUND;
	if (v.draft.handover_id)
		return respond_redirect(r, HANDOVER_PLACE);
	if (text_equal(action, "show") || text_equal(action, "sms"))
		st = show_new(&v, text_equal(action, "sms"));
	else if (text_equal(action, "cancel"))
		st = cancel_at_desk(&v);
	if (db_in_transaction(r->site->db))
		db_rollback(r->site->db);
	if (st == ST_CONFLICT)
		return flow_go_on(&v);
	if (st != ST_OK)
		return st;
	return form_errors(r) > 0 ? flow_show(&v, 429) : flow_go(&v, r->tail);
}
