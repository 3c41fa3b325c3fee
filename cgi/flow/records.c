/* 实名登记记录: the sign-in. The list is in records_list.c. */
#include "flow/records.h"

#include "domain/field_rules.h"
#include "flow/codes.h"
#include "flow/keep.h"
#include "flow/records_list.h"
#include "flow/steps.h"
#include "store/company_member.h"
#include "store/datakey.h"
#include "store/handover.h"

static const struct field phone_fields[] = {{"phone", text_phone, rule_phone}, {0}};
static const struct field code_fields[] = {{"code", text_code, rule_sms_code}, {0}};

/* Where a sign-in leads: ?to=NAME of its pages; the first when nothing of the table is named. */
static const struct place {
	const char *name, *path, *heading;
	const char *back; /* from the code; NULL: to the page that asks for a phone */
} places[] = {
	{"records", "/records", "登记记录", NULL},
	{"mine", "/mine", "我的信息", NULL},
	{"draft", PAUSED_PLACE, "继续上次办理", PAUSED_PLACE},
	{"fleet", COMPANY_PLACE, "企业用户登录", NULL},
};

static const struct place *place_of(struct request *r)
{
	const char *to = request_query(r, "to");

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		if (text_equal(to, places[i].name))
			return &places[i];
	return &places[0];
}

/* A page of the sign-in that keeps where it leads. */
static const char *on_the_way(struct request *r, const char *path)
{
	const struct place *p = place_of(r);

	return p == places ? path : arena_printf(r->arena, "%s?to=%s", path, p->name);
}

struct actor records_actor(struct request *r)
{
	return (struct actor){.name = "visitor", .address = r->address};
}

enum status sign_in_load(struct request *r, struct sign_in *out)
{
	struct db_result *s;
	struct bytes hash = session_hash(r);
	enum status st;

	*out = (struct sign_in){0};
	if (!hash.data)
		return ST_OK;
	st = db_query(
		r->site->db, r->arena, &s,
		"SELECT phone_sealed, phone_hash, phone_hash_key, signed_in_until > now() AS signed_in, signed_in_at, signed_in_until,"
		" records_holders, records_search FROM session WHERE id_hash = $1 AND expires_at > now()",
		DB_BYTES(hash));
	if (st != ST_OK || db_rows(s) == 0)
		return st;
	out->phone_sealed = db_bytes(s, 0, "phone_sealed");
	out->phone_hash = db_bytes(s, 0, "phone_hash");
	out->phone_hash_key = db_text(s, 0, "phone_hash_key");
	out->at = db_text(s, 0, "signed_in_at");
	out->until = db_text(s, 0, "signed_in_until");
	out->holders = db_text(s, 0, "records_holders");
	out->search = db_text(s, 0, "records_search");
	out->valid = db_bool(s, 0, "signed_in") && out->phone_hash.data && out->phone_sealed.data;
	return opened_by_master(r->arena, r->site->keys, "session", "phone", "sign-in", out->phone_sealed, &out->phone);
}

enum status records_enter(struct request *r, struct sign_in *out)
{
	enum status st = sign_in_load(r, out);

	if (st == ST_OK && out->valid)
		return keep_show(r, LIFETIME_RECORDS);
	if (st == ST_OK)
		st = respond_redirect(r, "/records/phone");
	return st == ST_OK ? ST_DENIED : st;
}

static enum status show_phone(struct request *r, int http_status)
{
	page_common(r, place_of(r)->heading, NULL);
	view_set(request_view(r), "Page.back", "/");
	view_set(request_view(r), "Page.action", on_the_way(r, "/records/phone"));
	return respond_page(r, http_status, "records/phone");
}

enum status records_take_phone(struct request *r, const char *phone, enum code_budget budget, const char *field, bool *there)
{
	struct db *db = r->site->db;
	struct actor actor = records_actor(r);
	const struct code_request q = {.purpose = "records", .budget = budget, .phone = phone};
	struct bytes hash = crypt_lookup(r->arena, keys_current(&r->site->keys->lookup), "phone", phone);
	enum status st = db_begin(db);

	if (st == ST_OK)
		st = code_send(r, &actor, &q, field);
	*there = form_errors(r) == 0;
	if (st == ST_OK && !*there)
		st = code_there(r, "records", hash, there);
	if (st == ST_OK && !*there)
		return db_commit(db); /* keeps the audit row; nothing else was written */
	if (st == ST_OK)
		st = db_query(db, r->arena, NULL,
			      "INSERT INTO session (id_hash, phone_sealed, phone_hash, phone_hash_key, expires_at) VALUES ($1, $2, $3, $4, "
			      "now() + interval '24 hours')"
			      " ON CONFLICT (id_hash) DO UPDATE SET phone_sealed = excluded.phone_sealed, phone_hash = excluded.phone_hash,"
			      " phone_hash_key = excluded.phone_hash_key, signed_in_at = NULL, signed_in_until = NULL, company_member_id = NULL,"
			      " records_holders = '{}', records_search = NULL,"
			      /* a row that has run out and is not cleared away yet is a new session */
			      " application_id = CASE WHEN session.expires_at > now() THEN session.application_id END,"
			      " handover_id = CASE WHEN session.expires_at > now() THEN session.handover_id END,"
			      " expires_at = CASE WHEN session.expires_at > now() THEN session.expires_at ELSE excluded.expires_at END",
			      DB_BYTES(session_hash(r)),
			      DB_BYTES(sealed_by_master(r->arena, r->site->keys, "session", "phone", "sign-in", phone)), DB_BYTES(hash),
			      DB_TEXT(keys_current(&r->site->keys->lookup)->id));
	return st == ST_OK ? db_commit(db) : st;
}

enum status records_phone_serve(struct request *r)
{
	const char *value[1];
	bool there;
	enum status st;

	if (r->method != METHOD_POST)
		return show_phone(r, 200);
	if (form_check(r, phone_fields, value) > 0)
		return show_phone(r, 422);
	st = records_take_phone(r, value[0], CODE_OF_SIGN_IN, "phone", &there);
	if (st != ST_OK)
		return st;
	return there ? respond_redirect(r, on_the_way(r, "/records/code")) : show_phone(r, 429);
}

static enum status show_code(struct request *r, int http_status, const char *phone)
{
	const char *back = place_of(r)->back;
	bool waiting;
	enum status st = code_show(r, "records", &waiting);

	if (st != ST_OK)
		return st;
	if (r->wants_json && r->method != METHOD_POST)
		return respond_json(r, 200, waiting ? "{\"waiting\":true}" : "{\"waiting\":false}");
	page_common(r, "填写短信验证码", NULL);
	view_set(request_view(r), "Phone.masked", mask_phone(r->arena, phone));
	view_set(request_view(r), "Phone.change", back ? NULL : on_the_way(r, "/records/phone"));
	view_set(request_view(r), "Page.back", back ? back : on_the_way(r, "/records/phone"));
	view_set(request_view(r), "Page.action", on_the_way(r, "/records/code"));
	view_set(request_view(r), "Page.refresh", waiting && http_status == 200 ? "2" : NULL);
	return respond_page(r, http_status, "records/code");
}

static enum status sign_in(struct request *r, const char *typed, struct bytes phone_hash, const char **right)
{
	struct db *db = r->site->db;
	struct actor actor = records_actor(r);
	struct bytes old = session_hash(r);
	struct handover taken_over;
	struct db_result *held;
	enum status st = db_begin(db);

	/* Before the session, as by whoever ends a handover. */
	if (st == ST_OK)
		st = db_query(db, r->arena, NULL, "SELECT FROM handover h WHERE h.id = (SELECT s.handover_id FROM session s WHERE s.id_hash = $1) FOR UPDATE OF h",
			      DB_BYTES(old));
	if (st == ST_OK)
		st = handover_of_session(db, r->arena, old, &taken_over);
	/* Held until the end: the phone of the row that is signed in is the one whose code is checked. */
	if (st == ST_OK)
		st = db_query(db, r->arena, &held, "SELECT FROM session WHERE id_hash = $1 AND phone_hash = $2 FOR UPDATE", DB_BYTES(old), DB_BYTES(phone_hash));
	if (st == ST_OK && db_rows(held) != 1)
		st = status_fail(ST_CONFLICT, "another phone was typed, or the session has a new id");
	if (st == ST_OK)
		st = code_check(r, &actor, "records", NULL, phone_hash, typed, right);
	if (st == ST_OK && *right) {
		session_renew_after(r, *right); /* rights grow: a new session id */
		/* A phone that took over a step of a desk's draft is the phone of whoever signs in from now on: the desk waits no longer. */
		if (taken_over.state == HANDOVER_OPEN)
			st = handover_end(db, r->arena, &actor, taken_over.application_id, "phone");
		if (st == ST_OK)
			st = db_query(db, r->arena, NULL,
				      "UPDATE session SET id_hash = $2, signed_in_at = now(), signed_in_until = now() + make_interval(mins => "
				      "$3::integer), seen_at = now(), expires_at = now() + interval '24 hours',"
				      " application_id = CASE WHEN handover_id IS NULL THEN application_id END, handover_id = NULL,"
				      " company_member_id = NULL, records_holders = '{}', records_search = NULL WHERE id_hash = $1",
				      DB_BYTES(old), DB_BYTES(session_hash(r)), DB_INT(r->site->config->records_minutes));
		if (st == ST_OK && text_equal(place_of(r)->path, COMPANY_PLACE))
			st = company_enter_only(db, r->arena, &actor, session_hash(r));
		if (st == ST_OK)
			st = lifetime_resume(db, r->arena, r->site->config, session_hash(r));
		if (st == ST_OK)
			st = audit_write(db, r->arena, &actor, "records.signed_in", NULL, NULL, "ok", NULL);
	}
	if (st != ST_OK)
		db_rollback(db);
	return st == ST_OK ? db_commit(db) : st;
}

enum status records_code_serve(struct request *r)
{
	const char *value[1];
	struct sign_in s;
	const char *right;
	bool again = false;
	enum status st = sign_in_load(r, &s);

	if (st != ST_OK)
		return st;
	if (!s.phone || !s.phone_hash.data) {
		st = r->method == METHOD_POST ? code_again(r, "records", &again) : ST_OK;
		return st != ST_OK ? st : respond_redirect(r, again ? place_of(r)->path : on_the_way(r, "/records/phone"));
	}
	if (r->method != METHOD_POST)
		return show_code(r, 200, s.phone);
	if (text_equal(request_field(r, "action"), "resend")) {
		struct actor actor = records_actor(r);
		const struct code_request q = {.purpose = "records", .budget = CODE_OF_SIGN_IN, .phone = s.phone};

		st = db_begin(r->site->db);
		if (st == ST_OK)
			st = code_send(r, &actor, &q, "code");
		if (st == ST_OK)
			st = db_commit(r->site->db);
		if (st != ST_OK)
			return st;
		return form_errors(r) > 0 ? show_code(r, 429, s.phone) : respond_redirect(r, on_the_way(r, "/records/code"));
	}
	if (form_check(r, code_fields, value) > 0)
		return show_code(r, 422, s.phone);
	st = sign_in(r, value[0], s.phone_hash, &right);
	if (st == ST_CONFLICT)
		return respond_redirect(r, place_of(r)->path); /* the list when the other request signed in, else the phone again */
	if (st != ST_OK)
		return st;
	return right ? respond_redirect(r, place_of(r)->path) : show_code(r, 422, s.phone);
}

enum status records_visitor(struct request *r, struct bytes *phone_hash, char **phone, bool *signed_in)
{
	struct sign_in s;
	enum status st = sign_in_load(r, &s);

	*phone_hash = s.phone_hash;
	*phone = s.phone;
	*signed_in = s.valid;
	return st == ST_OK && s.valid ? keep_show(r, LIFETIME_RECORDS) : st;
}

enum status records_serve(struct request *r)
{
	struct sign_in s;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	return records_list(r, &s, 200);
}

enum status records_take(struct request *r, const char *application_id, const char *action)
{
	struct actor actor = records_actor(r);
	struct bytes old = session_hash(r);
	enum status st;

	session_renew(r);
	st = db_query(r->site->db, r->arena, NULL,
		      "UPDATE session SET id_hash = $2, application_id = $3, handover_id = NULL, seen_at = now(), expires_at = now() + "
		      "interval '24 hours',"
		      " pauses_at = now() + make_interval(mins => $4::integer) WHERE id_hash = $1",
		      DB_BYTES(old), DB_BYTES(session_hash(r)), DB_TEXT(application_id), DB_INT(r->site->config->draft_idle_minutes));
	return st == ST_OK ? audit_write(r->site->db, r->arena, &actor, action, application_id, NULL, "ok", NULL) : st;
}

enum status records_go_on(struct request *r)
{
	struct draft d;
	const struct flow *f;
	enum status st = draft_load(r->site->db, r->arena, session_hash(r), &d);

	if (st != ST_OK)
		return st;
	f = d.exists ? flow_of_draft(&d) : NULL;
	return respond_redirect(r, f ? flow_path(r->arena, f, &d) : "/");
}

/* The draft of this number, if it is of the phone that is signed in, becomes the draft of this browser. */
enum status records_continue_serve(struct request *r)
{
	const char *number = request_field(r, "number");
	struct db_result *found;
	struct sign_in s;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = db_begin(r->site->db);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &found,
		              "SELECT id FROM application WHERE number = $1 AND phone_hash = $2 AND company_id IS NULL AND phone_proved_at IS NOT NULL AND submitted_at IS NULL"
		              " AND expired_at IS NULL AND expires_at > now()",
		              DB_TEXT(number ? number : ""), DB_BYTES(s.phone_hash));
	if (st == ST_OK && db_rows(found) != 1) {
		db_rollback(r->site->db);
		return respond_redirect(r, "/records");
	}
	if (st == ST_OK)
		st = records_take(r, db_text(found, 0, "id"), "draft.resumed");
	if (st == ST_OK)
		st = db_commit(r->site->db);
	return st == ST_OK ? records_go_on(r) : st;
}

enum status records_leave_serve(struct request *r)
{
	/* At a desk that many use, the next person must not see the draft either: it pauses, and waits for its phone. */
	enum status st = db_query(r->site->db, r->arena, NULL,
				  "UPDATE session SET pauses_at = CASE WHEN application_id IS NOT NULL AND handover_id IS NULL THEN now() ELSE pauses_at END,"
				  " signed_in_at = NULL, signed_in_until = NULL, phone_sealed = NULL, phone_hash = NULL, "
				  "records_holders = '{}', records_search = NULL, company_member_id = NULL"
				  " WHERE id_hash = $1",
				  DB_BYTES(session_hash(r)));

	return st == ST_OK ? respond_redirect(r, "/") : st;
}
