/* 投诉举报: the form, following by number, and the page of one complaint. Anybody may write, without a phone and without a draft. */
#include <string.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "flow/flow.h"
#include "flow/pages.h"
#include "http/form.h"
#include "http/response.h"
#include "http/session.h"
#include "store/complaint.h"
#include "store/limits.h"

#define KEEP_MINUTES 30

static struct actor visitor(struct request *r)
{
	return (struct actor){.name = "visitor", .address = r->address};
}

/* ---- the form ---- */

static const char *rule_kind(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	for (int i = 0; complaint_kind_name(i); i++)
		if (strcmp(complaint_kind_name(i), clean) == 0)
			return NULL;
	return "complaint.kind";
}

static const char *rule_phone_if_any(struct arena *a, const char *clean, const char **argument)
{
	*argument = NULL;
	return text_empty(clean) ? NULL : rule_phone(a, clean, argument);
}

static const struct field complaint_fields[] = {
	{"kind", text_clean, rule_kind},
	{"text", text_lines, rule_complaint_text},
	{"phone", text_phone, rule_phone_if_any},
	{"application", text_code, rule_application_number},
	{0},
};

static enum status show_form(struct request *r, int http_status)
{
	struct view *v = request_view(r);
	const char *chosen = request_field(r, "kind"), *once = request_field(r, "once");

	for (int i = 0; complaint_kind_name(i); i++) {
		view_item(v, "Kinds", i, "name", complaint_kind_name(i));
		view_item(v, "Kinds", i, "label", complaint_kind_label(i));
		if (text_equal(chosen, complaint_kind_name(i)))
			view_item(v, "Kinds", i, "checked", "1");
	}
	page_common(r, "投诉举报", NULL);
	view_set(v, "Page.back", "/");
	view_set(v, "Page.action", "/complaint");
	view_set(v, "Complaint.once", text_empty(once) ? crypt_token(r->arena) : once);
	return respond_page(r, http_status, "complaint/form");
}

/* Writes it and lets this browser see it. Sent twice, the first one stays. *refused: this address has sent too many. */
static enum status take(struct request *r, const struct complaint_new *new, bool *refused)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	struct actor actor = visitor(r);
	const struct limit_key key = {"complaint.address", limit_network(a, r->address)};
	struct limit_refusal refusal = {0};
	char *id;
	enum status st = db_begin(db);

	*refused = false;
	if (st == ST_OK)
		st = complaint_create(db, a, r->site->config, r->site->keys, &actor, new, &id);
	if (st == ST_OK && id) {
		st = limits_check(db, a, r->site->config, r->site->keys, &key, 1, &refusal);
		if (st == ST_OK && refusal.kind) {
			*refused = true;
			db_rollback(db);
			return ST_OK;
		}
		if (st == ST_OK)
			st = limits_record(db, a, r->site->keys, &key, 1);
		if (st == ST_OK)
			st = complaint_keep(db, a, session_hash(r), id, KEEP_MINUTES);
	}
	return st == ST_OK ? db_commit(db) : st;
}

enum status complaint_serve(struct request *r)
{
	const char *value[4], *once = request_field(r, "once");
	struct complaint_new new;
	bool refused;
	enum status st;

	if (r->method != METHOD_POST)
		return show_form(r, 200);
	if (form_check(r, complaint_fields, value) > 0)
		return show_form(r, 422);
	new = (struct complaint_new){
		.kind = value[0],
		.text = value[1],
		.phone = text_empty(value[2]) ? NULL : value[2],
		.application_number = text_empty(value[3]) ? NULL : value[3],
		/* Of this visit: nobody else's form can be the same. */
		.once = arena_printf(r->arena, "%s|%s", session_csrf(r), text_empty(once) ? crypt_token(r->arena) : once),
	};
	st = take(r, &new, &refused);
	if (st != ST_OK)
		return st;
	if (refused) {
		form_error(r, NULL, "complaint.many", NULL);
		return show_form(r, 429);
	}
	return respond_redirect(r, "/complaint/state");
}

/* ---- following ---- */

static const struct field follow_fields[] = {{"number", text_code, rule_complaint_number}, {"tail", text_code, rule_phone_tail}, {0}};

static enum status show_follow(struct request *r, int http_status)
{
	page_common(r, "查询投诉进度", NULL);
	view_set(request_view(r), "Page.back", "/complaint");
	view_set(request_view(r), "Page.action", "/complaint/follow");
	return respond_page(r, http_status, "complaint/follow");
}

/* Looks the number up; a wrong one is counted for the address and for the number. Gives an error on the page, or the id. */
static enum status look_up(struct request *r, const char *number, const char *tail, char **id)
{
	struct db *db = r->site->db;
	struct arena *a = r->arena;
	struct actor actor = visitor(r);
	const struct limit_key keys[] = {{"complaint.follow", limit_network(a, r->address)}, {"complaint.number", number}};
	struct limit_refusal refusal;
	enum status st = db_begin(db);

	*id = NULL;
	if (st == ST_OK)
		st = limits_check(db, a, r->site->config, r->site->keys, keys, 2, &refusal);
	if (st == ST_OK && refusal.kind) {
		form_error(r, NULL, "complaint.wait", clock_page_hour(a, refusal.until + 59));
		return db_commit(db);
	}
	if (st == ST_OK)
		st = complaint_find(db, a, r->site->keys, number, tail, id);
	if (st == ST_OK && *id) {
		st = complaint_keep(db, a, session_hash(r), *id, KEEP_MINUTES);
		if (st == ST_OK)
			st = audit_write(db, a, &actor, "complaint.followed", NULL, arena_printf(a, "complaint:%s", *id), "ok", NULL);
	} else if (st == ST_OK) {
		st = limits_record(db, a, r->site->keys, keys, 2);
		form_error(r, "number", "complaint.unknown", NULL);
	}
	return st == ST_OK ? db_commit(db) : st;
}

enum status complaint_follow_serve(struct request *r)
{
	const char *value[2];
	char *id;
	enum status st;

	if (r->method != METHOD_POST)
		return show_follow(r, 200);
	if (form_check(r, follow_fields, value) > 0)
		return show_follow(r, 422);
	st = look_up(r, value[0], value[1], &id);
	if (st != ST_OK)
		return st;
	return id ? respond_redirect(r, "/complaint/state") : show_follow(r, 422);
}

static const struct {
	const char *state, *label, *tone, *next;
} states[] = {
	{"received", "已收到", "wait", "我们会尽快处理，一般 2 个工作日内有结果。"},
	{"working", "处理中", "wait", "工作人员正在处理，请稍后再来看。"},
	{"answered", "已答复", "good", "对答复不满意，可以再写一条，或拨打客服电话。"},
};

enum status complaint_state_serve(struct request *r)
{
	struct view *v = request_view(r);
	struct complaint c;
	enum status st = complaint_kept(r->site->db, r->arena, r->site->keys, session_hash(r), &c);

	if (st == ST_NOT_FOUND) /* of another visit, or too long ago: by its number again */
		return respond_redirect(r, "/complaint/follow");
	if (st != ST_OK)
		return st;
	for (int i = 0; complaint_kind_name(i); i++)
		if (strcmp(complaint_kind_name(i), c.kind) == 0)
			view_set(v, "Complaint.kind", complaint_kind_label(i));
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (strcmp(states[i].state, c.state) == 0) {
			view_set(v, "Complaint.state", states[i].label);
			view_set(v, "Complaint.tone", states[i].tone);
			view_set(v, "Complaint.next", states[i].next);
		}
	view_set(v, "Complaint.number", c.number);
	view_set(v, "Complaint.time", clock_page(r->arena, c.created_at));
	view_set(v, "Complaint.answer", c.answer);
	view_set(v, "Complaint.answered", c.answered_at ? clock_page(r->arena, c.answered_at) : NULL);
	view_flag(v, "Complaint.phone", c.has_phone);
	view_flag(v, "Complaint.cleared", c.cleared);
	page_common(r, "投诉处理进度", NULL);
	view_set(v, "Page.back", "/complaint");
	return respond_page(r, 200, "complaint/state");
}

enum status help_serve(struct request *r)
{
	page_common(r, "常见问题", NULL);
	view_set(request_view(r), "Page.back", "/");
	return respond_page(r, 200, "help");
}
