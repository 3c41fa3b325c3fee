/* 办理须知: what is needed and the privacy notice; going on begins a draft. */
#include "flow/agreements.h"
#include "flow/steps.h"

static bool notice_done(const struct draft *d)
{
	return d->exists;
}

enum status privacy_offer(struct flow_visit *v)
{
	struct agreement t;

	return agreement_offer(v->r, "privacy_notice", &t);
}

enum status privacy_take(struct request *r, struct agreement *out)
{
	return agreement_take(r, "privacy", "privacy_notice", out);
}

static enum status notice_show(struct flow_visit *v)
{
	struct view *view = request_view(v->r);

	if (v->draft.exists && !v->draft.submitted_at) {
		view_flag(view, "Draft.live", 1);
		view_set(view, "Draft.url", flow_path(v->r->arena, v->flow, &v->draft));
	}
	return privacy_offer(v);
}

static enum status notice_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct bytes old = session_hash(r);
	struct company company = {0};
	struct agreement privacy;
	char *id;
	enum status st;

	if (v->draft.exists && !v->draft.submitted_at)
		return ST_OK; /* pressed twice, or came back: go on with what is there */
	st = privacy_take(r, &privacy);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	if (v->flow->company)
		st = company_of_session(db, r->arena, old, &company);
	if (st == ST_OK && v->flow->company && (!company.exists || (st = company_phone(db, r->arena, r->site->keys, old, &company)) != ST_OK))
		return st == ST_OK ? respond_redirect(r, COMPANY_PLACE) : st;
	session_renew(r);
	if (st == ST_OK)
		st = db_begin(db);
	if (st == ST_OK)
		st = company.exists ? draft_create_company(db, r->arena, r->site->config, r->site->keys, &v->actor, old, session_hash(r), v->flow->kind, &company, &id)
				    : draft_create(db, r->arena, r->site->config, r->site->keys, &v->actor, old, session_hash(r), v->flow->kind, &id);
	if (st == ST_OK) {
		v->draft = (struct draft){.exists = true, .id = id};
		st = consent_record(v, &privacy, "已阅读并同意，开始办理");
	}
	if (st == ST_OK)
		st = db_commit(db);
	return st;
}

const struct step step_notice = {
	.slug = "notice", .template_name = "step/notice", .heading = "办理须知", .done = notice_done, .show = notice_show, .submit = notice_submit};
