/* Which company: the way from a sign-in by phone to a session that belongs to one company. */
#include "flow/company_pages.h"

#include "flow/flow.h"
#include "flow/records.h"
#include "store/company_member.h"

#define SIGN_IN "/records/phone?to=fleet"
#define CHOOSE COMPANY_PLACE "/choose"

enum status company_visit(struct company_visit *v, struct request *r)
{
	struct bytes phone_hash;
	char *phone;
	bool signed_in;
	enum status st = company_of_session(r->site->db, r->arena, session_hash(r), &v->company);

	v->r = r;
	v->actor = (struct actor){.name = "visitor", .address = r->address};
	if (st == ST_OK && v->company.exists) {
		v->actor.name = arena_printf(r->arena, "member:%s", v->company.member_id);
		st = records_visitor(r, &phone_hash, &phone, &signed_in);
		v->company.phone = phone;
		view_set(request_view(r), "Company.name", v->company.name);
		view_set(request_view(r), "Company.code", v->company.code);
		view_set(request_view(r), "Phone.masked", mask_phone(r->arena, phone));
		return st;
	}
	if (st == ST_OK)
		st = respond_redirect(r, COMPANY_PLACE);
	return st == ST_OK ? ST_DENIED : st;
}

/* The companies of the phone that is signed in, or the way to have one. */
static enum status show_choice(struct request *r, int http_status)
{
	struct view *v = request_view(r);
	struct company now;
	struct bytes phone_hash;
	struct db_result *l;
	char *phone;
	bool signed_in;
	enum status st = records_visitor(r, &phone_hash, &phone, &signed_in);

	if (st == ST_OK && !signed_in)
		return respond_redirect(r, SIGN_IN);
	if (st == ST_OK)
		st = company_of_session(r->site->db, r->arena, session_hash(r), &now);
	if (st == ST_OK)
		st = company_choices(r->site->db, r->arena, phone_hash, &l);
	if (st != ST_OK)
		return st;
	for (int i = 0; i < db_rows(l); i++) {
		view_item(v, "Companies", i, "name", db_text(l, i, "name"));
		view_item(v, "Companies", i, "code", db_text(l, i, "code"));
		view_item(v, "Companies", i, "member", db_text(l, i, "member_id"));
		view_item(v, "Companies", i, "active", db_bool(l, i, "active") ? "1" : NULL);
		view_item(v, "Companies", i, "here", text_equal(now.member_id, db_text(l, i, "member_id")) ? "1" : NULL);
	}
	view_int(v, "Companies.count", db_rows(l));
	view_set(v, "Phone.masked", mask_phone(r->arena, phone));
	page_common(r, db_rows(l) > 0 ? "选择企业" : "还没有您的企业", NULL);
	view_set(v, "Page.back", now.exists ? COMPANY_PLACE : "/");
	view_set(v, "Page.action", CHOOSE);
	return respond_page(r, http_status, "fleet/choose");
}

enum status fleet_serve(struct request *r)
{
	struct company_visit v;
	struct company company;
	enum status st = company_of_session(r->site->db, r->arena, session_hash(r), &company);

	if (st != ST_OK)
		return st;
	if (!company.exists)
		return show_choice(r, 200);
	st = company_visit(&v, r);
	return st == ST_OK ? company_home(&v) : st == ST_DENIED && r->answered ? ST_OK : st;
}

/* Not chosen: pressed twice, when the session has another id by now, or not (or no longer) a company of this phone, which reads the same. */
static enum status choose_again(struct request *r)
{
	struct bytes phone_hash;
	char *phone;
	bool signed_in;
	enum status st = records_visitor(r, &phone_hash, &phone, &signed_in);

	return st == ST_OK ? respond_redirect(r, signed_in ? CHOOSE : COMPANY_PLACE) : st;
}

enum status fleet_choose_serve(struct request *r)
{
	struct db *db = r->site->db;
	struct actor actor = records_actor(r);
	struct bytes old = session_hash(r);
	const char *member = request_field(r, "member");
	bool may;
	enum status st;

	if (r->method != METHOD_POST)
		return show_choice(r, 200);
	if (!member || !old.data)
		return respond_redirect(r, CHOOSE);
	st = db_begin(db);
	if (st == ST_OK)
		st = company_may_enter(db, r->arena, old, member, &may);
	if (st == ST_OK && !may) {
		db_rollback(db);
		return choose_again(r);
	}
	if (st == ST_OK) {
		session_renew(r); /* rights grow: a new session id */
		st = company_enter(db, r->arena, &actor, old, session_hash(r), member);
	}
	if (st != ST_OK) {
		db_rollback(db);
		return st;
	}
	st = db_commit(db);
	return st == ST_OK ? respond_redirect(r, COMPANY_PLACE) : st;
}
