/* Who may act for the company: its admins add and remove each other, never the last one. */
#include <string.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "flow/company_pages.h"
#include "flow/flow.h"
#include "store/company_member.h"
#include "store/datakey.h"
#include "store/limits.h"
#include "store/sms.h"

#define PLACE COMPANY_PLACE "/members"

/* A name may stay empty. */
static const char *rule_name(struct arena *a, const char *clean, const char **argument)
{
	return *clean ? rule_person_name(a, clean, argument) : NULL;
}

enum { FIELD_PHONE, FIELD_NAME };
static const struct field fields[] = {
	[FIELD_PHONE] = {"phone", text_phone, rule_phone},
	[FIELD_NAME] = {"name", text_name, rule_name},
	{0},
};

/* ---- the list ---- */

/* Phone and name of a row, masked; a removed one has none. */
static enum status masked(struct company_visit *c, const struct db_result *l, int row, char **phone, char **name)
{
	struct arena *a = c->r->arena;
	const struct keys *keys = c->r->site->keys;
	const char *id = db_text(l, row, "id");
	char *clear;
	enum status st = opened_by_master(a, keys, "company_member", "phone", id, db_bytes(l, row, "phone_sealed"), &clear);

	if (st == ST_OK) {
		*phone = mask_phone(a, clear);
		st = opened_by_master(a, keys, "company_member", "name", id, db_bytes(l, row, "name_sealed"), &clear);
	}
	if (st == ST_OK)
		*name = clear ? mask_name(a, clear) : NULL;
	return st;
}

static const char *origin_of(const char *added_by)
{
	static const struct {
		const char *begin, *text;
	} origins[] = {{"import", "汽车厂家登记"}, {"operator:", "工作人员添加"}, {"member:", "管理员添加"}, {"visitor", "自己申请"}};

	for (size_t i = 0; i < sizeof origins / sizeof *origins; i++)
		if (text_prefix(added_by, origins[i].begin))
			return origins[i].text;
	return "";
}

static enum status show_list(struct company_visit *c, int http_status)
{
	static const char *const notices[][2] = {{"added", "已添加，并用短信告诉了对方"}, {"removed", "已移除，对方从现在起不能再为本企业办理"}};
	struct request *r = c->r;
	struct view *v = request_view(r);
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l,
				  "SELECT id, phone_sealed, name_sealed, state, added_by, extract(epoch FROM added_at)::bigint AS at FROM company_member"
				  " WHERE company_id = $1 AND state <> 'removed' ORDER BY state, added_at, id",
				  DB_TEXT(c->company.id));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		bool self = text_equal(db_text(l, i, "id"), c->company.member_id);
		char *phone = NULL, *name = NULL;

		st = masked(c, l, i, &phone, &name);
		view_item(v, "Members", i, "id", db_text(l, i, "id"));
		view_item(v, "Members", i, "phone", phone);
		view_item(v, "Members", i, "name", name);
		view_item(v, "Members", i, "self", self ? "1" : NULL);
		view_item(v, "Members", i, "waits", text_equal(db_text(l, i, "state"), "waiting") ? "1" : NULL);
		view_item(v, "Members", i, "origin", origin_of(db_text(l, i, "added_by")));
		view_item(v, "Members", i, "time", clock_page(r->arena, db_int(l, i, "at")));
	}
	if (st != ST_OK)
		return st;
	for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
		if (r->method != METHOD_POST && text_equal(notices[i][0], request_query(r, "done")))
			view_set(v, "Page.notice", notices[i][1]);
	page_common(r, "管理员", NULL);
	view_set(v, "Page.back", COMPANY_PLACE);
	view_set(v, "Page.action", PLACE);
	return respond_page(r, http_status, "fleet/members");
}

/* ---- adding ---- */

/* Holds every admin of the company until the end of the transaction, so that two changes at once do not cross; active: how many may act.
 * Whoever asks may have been removed meanwhile: ST_CONFLICT. */
static enum status hold(struct company_visit *c, int *all, int *active)
{
	struct db_result *l;
	bool here = false;
	enum status st = db_query(c->r->site->db, c->r->arena, &l,
				  "SELECT id, state FROM company_member WHERE company_id = $1 AND state <> 'removed' ORDER BY id FOR UPDATE", DB_TEXT(c->company.id));

	*active = 0;
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		if (!text_equal(db_text(l, i, "state"), "active"))
			continue;
		(*active)++;
		here = here || text_equal(db_text(l, i, "id"), c->company.member_id);
	}
	*all = st == ST_OK ? db_rows(l) : 0;
	return st == ST_OK && !here ? status_fail(ST_CONFLICT, "the admin was removed meanwhile") : st;
}

static enum status tell(struct company_visit *c, const char *template_name, const char *phone)
{
	struct arena *a = c->r->arena;

	return sms_enqueue(c->r->site->db, a, c->r->site->keys, NULL, template_name, sms_parameter(a, c->company.name), phone, NULL);
}

/* Everything of one addition, in the caller's transaction. A refusal is a form error. */
static enum status add(struct company_visit *c, const char *phone, const char *name)
{
	struct request *r = c->r;
	struct db *db = r->site->db;
	const struct limit_key counted[] = {{"member.added", c->company.id}};
	struct limit_refusal refusal;
	struct company_member m;
	int all, active;
	bool added;
	enum status st = hold(c, &all, &active);

	if (st == ST_OK)
		st = company_member_of_phone(db, r->arena, r->site->keys, c->company.id, phone, &m);
	if (st == ST_OK && m.active)
		form_error(r, "phone", "member.there", NULL);
	else if (st == ST_OK && all >= COMPANY_MEMBERS_MAX && !m.id)
		form_error(r, "phone", "member.many", NULL);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = limits_check(db, r->arena, r->site->config, r->site->keys, counted, 1, &refusal);
	if (st == ST_OK && refusal.kind)
		form_error(r, "phone", "member.wait", NULL);
	if (st != ST_OK || refusal.kind)
		return st;
	st = limits_record(db, r->arena, r->site->keys, counted, 1);
	if (st == ST_OK)
		st = company_member_add(db, r->arena, r->site->keys, &c->actor, c->company.id, phone, *name ? name : NULL, c->actor.name, &m, &added);
	return st == ST_OK ? tell(c, "member_added", phone) : st;
}

enum status fleet_members_serve(struct request *r)
{
	const char *value[2];
	struct company_visit c;
	enum status st = company_visit(&c, r);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (r->method != METHOD_POST)
		return show_list(&c, 200);
	if (form_check(r, fields, value) > 0)
		return show_list(&c, 422);
	st = db_begin(r->site->db);
	if (st == ST_OK)
		st = add(&c, value[FIELD_PHONE], value[FIELD_NAME]);
	if (st == ST_OK && form_errors(r) == 0)
		st = db_commit(r->site->db);
	else
		db_rollback(r->site->db);
	if (st == ST_CONFLICT) /* pressed twice, or removed meanwhile: as it is now */
		return respond_redirect(r, PLACE);
	if (st != ST_OK)
		return st;
	return form_errors(r) > 0 ? show_list(&c, 422) : respond_redirect(r, PLACE "?done=added");
}

/* ---- removing ---- */

/* The admin of this id, of this company. ST_DENIED: no longer one. Who waits is staff's to let in or to remove: whoever claimed the company
 * first could throw out the one whose company it is, before anybody has looked. */
static enum status load_one(struct company_visit *c, const char *id, char **phone, char **shown, char **name)
{
	struct db_result *l;
	enum status st = db_query(c->r->site->db, c->r->arena, &l,
				  "SELECT id, phone_sealed, name_sealed, state FROM company_member WHERE id::text = $1 AND company_id = $2", DB_TEXT(id),
				  DB_TEXT(c->company.id));

	if (st == ST_OK && (db_rows(l) != 1 || text_equal(db_text(l, 0, "state"), "waiting")))
		return status_fail(ST_NOT_FOUND, "not an admin of this company");
	if (st == ST_OK && text_equal(db_text(l, 0, "state"), "removed"))
		return status_fail(ST_DENIED, "removed already");
	if (st == ST_OK)
		st = opened_by_master(c->r->arena, c->r->site->keys, "company_member", "phone", db_text(l, 0, "id"), db_bytes(l, 0, "phone_sealed"), phone);
	return st == ST_OK ? masked(c, l, 0, shown, name) : st;
}

static enum status show_one(struct company_visit *c, const char *id, const char *phone, const char *name, bool last, int http_status)
{
	struct request *r = c->r;
	struct view *v = request_view(r);

	view_set(v, "Member.phone", phone);
	view_set(v, "Member.name", name);
	view_flag(v, "Member.self", text_equal(id, c->company.member_id));
	view_flag(v, "Member.last", last);
	page_common(r, "移除管理员", NULL);
	view_set(v, "Page.back", PLACE);
	view_set(v, "Page.action", arena_printf(r->arena, PLACE "/%s", id));
	return respond_page(r, http_status, "fleet/remove");
}

enum status fleet_remove_serve(struct request *r)
{
	struct db *db = r->site->db;
	struct company_visit c;
	char *phone = NULL, *shown = NULL, *name = NULL;
	const char *id = r->tail;
	bool self, last = false;
	int all, active;
	enum status st = company_visit(&c, r);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	self = text_equal(id, c.company.member_id);
	st = db_begin(db);
	if (st == ST_OK)
		st = hold(&c, &all, &active);
	if (st == ST_OK)
		st = load_one(&c, id, &phone, &shown, &name);
	if (st == ST_OK) {
		last = self && active == 1;
		if (r->method == METHOD_POST && !last) {
			st = company_member_remove(db, r->arena, &c.actor, id);
			if (st == ST_OK && phone)
				st = tell(&c, "member_removed", phone);
			if (st == ST_OK)
				st = db_commit(db);
			if (st == ST_OK)
				return respond_redirect(r, self ? COMPANY_PLACE : PLACE "?done=removed");
		}
	}
	db_rollback(db);
	if (st == ST_CONFLICT)
		return respond_redirect(r, COMPANY_PLACE);
	if (st == ST_DENIED) /* pressed twice, or another admin was faster: it is done */
		return respond_redirect(r, r->method == METHOD_POST ? PLACE "?done=removed" : PLACE);
	return st == ST_OK ? show_one(&c, id, shown, name, last, r->method == METHOD_POST ? 422 : 200) : st;
}
