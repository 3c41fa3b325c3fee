/* 开通企业: somebody who is signed in by phone shows the company's certificate. The flow's first and last page; the certificate is the step of
 * every company. */
#include "domain/certificate.h"
#include "flow/agreements.h"
#include "flow/company_pages.h"
#include "flow/records.h"
#include "flow/steps.h"
#include "store/company_member.h"
#include "store/company_open.h"
#include "store/limits.h"

/* ---- the first page ---- */

static bool notice_done(const struct draft *d)
{
	return d->exists;
}

static enum status notice_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct bytes old = session_hash(r), phone_hash;
	char *id, *phone;
	struct agreement privacy;
	bool signed_in;
	enum status st;

	if (v->draft.exists && !v->draft.submitted_at)
		return ST_OK; /* pressed twice, or came back */
	st = privacy_take(r, &privacy);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = records_visitor(r, &phone_hash, &phone, &signed_in);
	if (st == ST_OK && (!signed_in || !phone))
		return respond_redirect(r, COMPANY_PLACE);
	if (st == ST_OK)
		st = db_begin(db);
	if (st != ST_OK)
		return st;
	session_renew(r);
	st = draft_create_opening(db, r->arena, r->site->config, r->site->keys, &v->actor, old, session_hash(r), v->flow->kind, phone, &id);
	if (st == ST_OK) {
		v->draft = (struct draft){.exists = true, .id = id};
		st = consent_record(v, &privacy, "已阅读并同意，开始办理");
	}
	return st == ST_OK ? db_commit(db) : st;
}

const struct step step_open_notice = {
	.slug = "notice", .template_name = "fleet/open", .heading = "开通企业", .done = notice_done, .show = privacy_offer, .submit = notice_submit};

/* ---- the last page ---- */

static enum status check_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	const struct certificate *type;
	struct organisation o;
	char *phone;
	enum status st = organisation_load(r->site->db, r->arena, r->site->keys, &v->draft, &o);

	if (st == ST_OK)
		st = draft_phone(r->site->db, r->arena, r->site->keys, &v->draft, &phone);
	if (st != ST_OK)
		return st;
	type = o.certificate_type ? certificate_by_name(o.certificate_type) : NULL;
	view_set(view, "Company.name", o.name);
	view_set(view, "Company.code", o.code);
	view_set(view, "Company.address", o.address);
	view_set(view, "Company.certificate", type ? type->label : NULL);
	view_set(view, "Company.until", o.long_term ? "长期" : o.valid_until);
	view_set(view, "Phone.masked", mask_phone(r->arena, phone));
	return ST_OK;
}

/* In the caller's transaction; a refusal is a form error. */
static enum status open_it(struct flow_visit *v, struct company_opened *out)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct limit_refusal refusal;
	struct organisation o;
	char *phone;
	enum status st = organisation_load(db, r->arena, r->site->keys, &v->draft, &o);

	if (st == ST_OK)
		st = draft_phone(db, r->arena, r->site->keys, &v->draft, &phone);
	if (st == ST_OK && (!o.exists || !phone))
		return status_fail(ST_CONFLICT, "the organisation is not there any more");
	if (st != ST_OK)
		return st;
	const struct limit_key counted = {"company.open", phone};

	st = limits_check(db, r->arena, r->site->config, r->site->keys, &counted, 1, &refusal);
	if (st == ST_OK && refusal.kind)
		form_error(r, "submit", "company.many", NULL);
	if (st != ST_OK || refusal.kind)
		return st;
	st = limits_record(db, r->arena, r->site->keys, &counted, 1);
	return st == ST_OK ? company_open(db, r->arena, r->site->keys, &v->actor, &v->draft, &o, phone, out) : st;
}

static enum status check_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct bytes old = session_hash(r);
	struct company_opened opened = {0};
	bool may = false;
	enum status st = flow_lock(v);

	if (st == ST_OK)
		st = open_it(v, &opened);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	/* Still signed in with the phone of the draft: he is there at once. */
	st = company_may_enter(db, r->arena, old, opened.member_id, &may);
	if (st == ST_OK && may) {
		session_renew(r);
		st = company_enter(db, r->arena, &v->actor, old, session_hash(r), opened.member_id);
	}
	if (st == ST_OK)
		st = db_commit(db);
	return st == ST_OK ? respond_redirect(r, COMPANY_PLACE) : st;
}

const struct step step_open_check = {
	.slug = "check", .template_name = "fleet/open_check", .heading = "核对并开通", .show = check_show, .submit = check_submit};
