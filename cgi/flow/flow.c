/* The engine: guard, resume, show, submit. See flow.h. */
#include "flow/flow.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "flow/handover.h"
#include "flow/keep.h"
#include "flow/records.h"
#include "store/company.h"

const struct step *flow_step(const struct flow *f, const char *slug)
{
	for (const struct step *const *s = f->steps; *s; s++)
		if (strcmp((*s)->slug, slug) == 0)
			return *s;
	return NULL;
}

static bool needed(const struct step *s, const struct draft *d)
{
	return !s->needed || s->needed(d);
}

static bool done(const struct step *s, const struct draft *d)
{
	return s->done && s->done(d);
}

/* Steps of other tasks do not wait for each other. */
static bool apart(const struct step *a, const struct step *b)
{
	return a->task && b->task && strcmp(a->task, b->task) != 0;
}

const struct step *flow_resume(const struct flow *f, const struct draft *d)
{
	const struct step *const *s = f->steps;

	while (s[1] && (!needed(*s, d) || done(*s, d)))
		s++;
	return f->tasks && (*s)->task ? f->tasks : *s;
}

bool flow_may_enter(const struct flow *f, const struct draft *d, const struct step *wanted)
{
	if (d->handover_id && !handover_offers(d, wanted->slug))
		return false;
	for (const struct step *const *s = f->steps; *s && *s != wanted; s++)
		if (needed(*s, d) && !done(*s, d) && !apart(*s, wanted) && *s != f->tasks)
			return false;
	return needed(wanted, d);
}

int flow_parts_done(const struct flow *f, const struct draft *d)
{
	int part = flow_resume(f, d)->part;

	return part > 0 ? part - 1 : 0;
}

static const struct flow *flow_of(const char *kind, bool company)
{
	for (const struct flow *const *f = flows; *f; f++)
		if ((*f)->company == company && strcmp((*f)->kind, kind) == 0)
			return *f;
	return NULL;
}

const struct flow *flow_of_kind(const char *kind)
{
	return flow_of(kind, false);
}

const struct flow *flow_of_company(const char *kind)
{
	return flow_of(kind, true);
}

const struct flow *flow_of_draft(const struct draft *d)
{
	return flow_of(d->kind, d->company_id != NULL);
}

const char *flow_path(struct arena *a, const struct flow *f, const struct draft *d)
{
	if (d->submitted_at)
		return arena_printf(a, "/%s/done", f->slug);
	return arena_printf(a, "/%s/%s", f->slug, flow_resume(f, d)->slug);
}

void page_common(struct request *r, const char *heading, const char *step_text)
{
	struct view *v = request_view(r);
	const char *place = step_text ? arena_printf(r->arena, " – %s", step_text) : "";

	session_visit(r);
	view_set(v, "Page.heading", heading);
	view_set(v, "Page.title",
	         arena_printf(r->arena, "%s%s%s%s – 车联网卡实名登记", form_errors(r) ? "错误：" : "", heading, place, request_practice(r) ? " – 模拟办理" : ""));
	view_set(v, "Page.step", step_text);
	view_flag(v, "Page.desk", strncmp(r->path, COMPANY_PLACE, strlen(COMPANY_PLACE)) == 0); /* what companies do, they do at a desk */
	view_flag(v, "Page.again", request_query(r, "again") != NULL);
}

/* The needed step before this one, NULL for the first. */
static const struct step *before(const struct flow *f, const struct draft *d, const struct step *s)
{
	const struct step *last = NULL;

	for (const struct step *const *i = f->steps; *i && *i != s; i++)
		if (needed(*i, d))
			last = *i;
	if (s->task && f->tasks && (!last || last->task == NULL || apart(last, s)))
		return f->tasks;
	return last;
}

/* Whether there is nothing to look at once the step is done: for a phone that took over, unless it does the step once more, and for a
 * waiting page without script, which comes back by itself. */
static bool passes(struct flow_visit *v)
{
	return v->draft.handover_id ? !request_query(v->r, "redo") : v->step->goes_on && request_query(v->r, "on");
}

/* What a step waits for may come between two looks at the database: the draft once more, if it was not done at the first. */
static enum status look_again(struct flow_visit *v)
{
	return done(v->step, &v->draft) ? ST_OK : draft_load(v->r->site->db, v->r->arena, session_hash(v->r), &v->draft);
}

enum status flow_show(struct flow_visit *v, int http_status)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	const struct step *back = before(v->flow, &v->draft, v->step);
	char *place = NULL;
	enum status st = v->step->show ? v->step->show(v) : ST_OK;

	if (st != ST_OK || r->answered)
		return st;
	if (r->method != METHOD_POST && v->step->waiting && !v->waits && passes(v)) {
		st = look_again(v);
		if (st != ST_OK || done(v->step, &v->draft))
			return st == ST_OK ? flow_go_on(v) : st;
	}
	/* tasks have no order, so no number */
	if (v->step->part && !(v->flow->tasks && v->step->task)) {
		place = arena_printf(r->arena, "第 %d 步，共 %d 步", v->step->part, v->flow->parts);
		view_int(view, "Page.step_number", v->step->part);
		view_int(view, "Page.step_count", v->flow->parts);
	}
	view_set(view, "Flow.kind", v->flow->kind);
	view_set(view, "Flow.slug", v->flow->slug);
	view_flag(view, "Flow.company", v->flow->company);
	page_common(r, v->heading ? v->heading : v->step->heading, place);
	view_set(view, "Page.back", v->draft.handover_id ? NULL : back ? arena_printf(r->arena, "/%s/%s", v->flow->slug, back->slug) : v->flow->company || v->flow->opens ? COMPANY_PLACE : "/");
	view_set(view, "Page.action", arena_printf(r->arena, "/%s/%s", v->flow->slug, v->step->slug));
	if (r->method == METHOD_POST) /* an upload answers with the page of its step */
		request_here(r, arena_printf(r->arena, "/%s/%s", v->flow->slug, v->step->slug));
	/* By what the page shows, not by another look: the job may have ended meanwhile. A page with errors stays until they are read. */
	if (v->waits && http_status == 200)
		view_set(view, "Page.refresh", "2");
	if (v->waits && v->step->goes_on)
		view_set(view, "Page.refresh_url", arena_printf(r->arena, "/%s/%s?on=1", v->flow->slug, v->step->slug));
	st = handover_show(v, http_status, done(v->step, &v->draft), v->waits);
	/* An answer may have lengthened it, or have been rolled back, since the draft was loaded. */
	if (st == ST_OK && !r->answered && v->draft.kept.left > 0 && r->method != METHOD_POST)
		keep_view(r, LIFETIME_DRAFT, &v->draft.kept);
	else if (st == ST_OK && !r->answered && v->draft.exists)
		st = keep_show(r, v->draft.handover_id ? LIFETIME_HANDOVER : v->flow->company ? LIFETIME_RECORDS : LIFETIME_DRAFT);
	if (v->flow->company && v->draft.exists && !v->draft.handover_id) /* a sign-in has several drafts */
		view_set(view, "Keep.draft", v->draft.number);
	if (st != ST_OK || r->answered)
		return st;
	return respond_page(r, http_status, v->step->template_name);
}

enum status flow_go(struct flow_visit *v, const char *slug)
{
	return respond_redirect(v->r, arena_printf(v->r->arena, "/%s/%s", v->flow->slug, slug));
}

const struct step *flow_resume_from(const struct flow *f, const struct draft *d, const struct step *from)
{
	for (const struct step *const *s = f->steps; f->tasks && from->task && *s; s++)
		if ((*s)->task && !apart(*s, from) && needed(*s, d) && !done(*s, d))
			return *s;
	return flow_resume(f, d);
}

const char *flow_path_from(struct arena *a, const struct flow *f, const struct draft *d, const struct step *from)
{
	return d->submitted_at ? flow_path(a, f, d) : arena_printf(a, "/%s/%s", f->slug, flow_resume_from(f, d, from)->slug);
}

/* Where the answers lead, for a phone that took over as far as it may go. */
static const char *onward(struct flow_visit *v)
{
	const struct step *next = flow_resume_from(v->flow, &v->draft, v->step);

	if (v->draft.handover_id && (v->draft.submitted_at || (next != v->step && !handover_goes_on(&v->draft, v->step->slug, next->slug))))
		return HANDOVER_PLACE;
	return flow_path_from(v->r->arena, v->flow, &v->draft, v->step);
}

enum status flow_go_on(struct flow_visit *v)
{
	enum status st = draft_load(v->r->site->db, v->r->arena, session_hash(v->r), &v->draft);

	if (st != ST_OK)
		return st;
	if (!v->draft.exists) /* another request may have changed the session id: the browser has the new one by then */
		return flow_go(v, v->step->slug);
	return respond_redirect(v->r, onward(v));
}

const struct flow *flow_of_path(const char *path)
{
	for (const struct flow *const *f = flows; *f; f++) {
		size_t n = strlen((*f)->slug);

		if (path[0] == '/' && strncmp(path + 1, (*f)->slug, n) == 0 && path[n + 1] == '/')
			return *f;
	}
	return NULL;
}

enum status flow_find(struct flow_visit *v, struct request *r, const char *slug)
{
	enum status st;

	*v = (struct flow_visit){.r = r, .flow = flow_of_path(r->path), .actor = {.name = "visitor", .address = r->address}};
	if (!v->flow)
		return ST_NOT_FOUND;
	v->step = flow_step(v->flow, slug);
	if (!v->step)
		return ST_NOT_FOUND;
	st = draft_load(r->site->db, r->arena, session_hash(r), &v->draft);
	if (st == ST_OK && v->draft.exists && flow_of_draft(&v->draft) != v->flow)
		v->draft = (struct draft){0};
	return st;
}

/* Whether the visitor may begin a draft of a company, or of one that is opened. */
static enum status signed_in(struct flow_visit *v, bool *allowed)
{
	struct company company;
	struct bytes phone_hash;
	char *phone;
	enum status st;

	if (v->flow->opens)
		return records_visitor(v->r, &phone_hash, &phone, allowed);
	st = company_of_session(v->r->site->db, v->r->arena, session_hash(v->r), &company);
	*allowed = st == ST_OK && company.exists;
	return st;
}

/* True when the visitor may be here; otherwise it has answered with the place to go. */
static bool guarded(struct flow_visit *v, enum status *st)
{
	bool first = v->step == v->flow->steps[0];

	if (!v->draft.exists) {
		bool was_here = false, paused = false, again = false;

		if (v->flow->company || v->flow->opens) {
			bool allowed = false;

			*st = signed_in(v, &allowed);
			if (*st == ST_OK && allowed && first)
				return true;
			if (*st == ST_OK)
				*st = respond_redirect(v->r, COMPANY_PLACE);
			return false;
		}
		if (first)
			return true;
		if (v->r->method == METHOD_POST && v->step->unheard) {
			*st = v->step->unheard(v, &again);
			if (*st == ST_OK && again)
				*st = flow_go_on(v);
			if (*st != ST_OK || again)
				return false;
		}
		*st = handover_was_here(v->r, &was_here);
		if (*st == ST_OK)
			*st = paused_here(v->r, &paused);
		if (*st == ST_OK)
			*st = was_here ? respond_redirect(v->r, HANDOVER_PLACE)
			      : paused ? respond_redirect(v->r, PAUSED_PLACE)
				       : flow_go(v, v->flow->steps[0]->slug);
		return false;
	}
	if (v->draft.handover_id && (v->draft.submitted_at || !flow_may_enter(v->flow, &v->draft, v->step))) {
		*st = respond_redirect(v->r, HANDOVER_PLACE);
		return false;
	}
	if (v->draft.submitted_at) {
		if (first)
			return true; /* a new one */
		*st = flow_go(v, "done");
		return false;
	}
	if (flow_may_enter(v->flow, &v->draft, v->step))
		return true;
	*st = respond_redirect(v->r, flow_path(v->r->arena, v->flow, &v->draft));
	return false;
}

enum status flow_enter(struct flow_visit *v, struct request *r, const char *slug)
{
	enum status st = flow_find(v, r, slug);

	if (st != ST_OK)
		return st;
	return guarded(v, &st) ? ST_OK : st == ST_OK ? ST_DENIED : st;
}

enum status flow_lock(struct flow_visit *v)
{
	struct db *db = v->r->site->db;
	const char *id = v->draft.id;
	enum status st = draft_lock(db, v->r->arena, &v->draft);

	if (st != ST_OK)
		return st;
	st = draft_load(db, v->r->arena, session_hash(v->r), &v->draft);
	if (st == ST_OK && (!v->draft.exists || !text_equal(v->draft.id, id) || !flow_may_enter(v->flow, &v->draft, v->step)))
		st = status_fail(ST_CONFLICT, "the draft was changed by another request");
	if (st == ST_OK && v->r->method != METHOD_GET && v->r->method != METHOD_HEAD) /* looking lengthens nothing */
		st = lifetime_answered(db, v->r->arena, v->r->site->config, session_hash(v->r));
	if (st != ST_OK)
		db_rollback(db);
	return st;
}

/* The answer to the script of a waiting page: whether to wait on, and where to go when the page goes on by itself. */
static enum status answer_waiting(struct flow_visit *v)
{
	bool waiting = false;
	enum status st = v->step->waiting ? v->step->waiting(v, &waiting) : ST_OK;

	if (st != ST_OK)
		return st;
	if (!waiting && v->step->goes_on)
		st = look_again(v);
	if (st != ST_OK)
		return st;
	if (!waiting && v->step->goes_on && done(v->step, &v->draft))
		return respond_json(v->r, 200, arena_printf(v->r->arena, "{\"waiting\":false,\"location\":\"%s\"}", onward(v)));
	return respond_json(v->r, 200, waiting ? "{\"waiting\":true}" : "{\"waiting\":false}");
}

enum status flow_serve(struct request *r)
{
	struct flow_visit v;
	enum status st = flow_enter(&v, r, r->tail);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st != ST_OK)
		return st;
	if (r->method != METHOD_POST) {
		st = handover_look(&v, done(v.step, &v.draft));
		if (st != ST_OK || r->answered)
			return st;
		if (r->wants_json)
			return answer_waiting(&v);
		if (done(v.step, &v.draft) && passes(&v))
			return flow_go_on(&v);
		st = flow_show(&v, 200);
		if (db_in_transaction(r->site->db))
			db_rollback(r->site->db);
		return st == ST_CONFLICT ? flow_go_on(&v) : st;
	}
	if (!v.step->submit)
		return flow_show(&v, 200);
	st = v.step->submit(&v);
	if (db_in_transaction(r->site->db)) /* a step that gave up half-way */
		db_rollback(r->site->db);
	if (st == ST_CONFLICT)
		return flow_go_on(&v);
	if (st != ST_OK || r->answered)
		return st;
	if (form_errors(r) > 0)
		return flow_show(&v, 422);
	return flow_go_on(&v);
}
