/* 我的信息: the list, the proof by the last 4 of the certificate, and what changes something. One application is shown by mine_item.c,
 * the copy is made by mine_copy.c. */
#include "flow/mine.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/flow.h"
#include "flow/mine_own.h"
#include "store/datakey.h"
#include "store/erasure.h"
#include "store/limits.h"

static enum status denied(struct request *r, enum status st)
{
	return st == ST_DENIED && r->answered ? ST_OK : st;
}

enum status mine_serve(struct request *r)
{
	struct view *view = request_view(r);
	const char *asked = request_query(r, "page");
	int page = asked ? atoi(asked) : 1, count;
	struct own_visit v;
	struct own *all;
	bool open = false;
	enum status st = own_enter(&v, r);

	page = page < 1 ? 1 : page > 500 ? 500 : page;
	if (st == ST_OK)
		st = own_load(&v, NULL, OWN_PAGE + 1, (page - 1) * OWN_PAGE, &all, &count);
	if (st != ST_OK)
		return denied(r, st);
	for (int i = 0; i < count && i < OWN_PAGE; i++) {
		view_item(view, "Items", i, "id", all[i].id);
		view_item(view, "Items", i, "kind", own_kind_text(&all[i]));
		view_item(view, "Items", i, "draft", text_equal(all[i].reason, "draft") ? "1" : NULL);
		view_item(view, "Items", i, "number", all[i].number);
		view_item(view, "Items", i, "vin", mask_vin(r->arena, all[i].vin));
		view_item(view, "Items", i, "time", clock_page(r->arena, all[i].at));
		view_item(view, "Items", i, "until", all[i].until ? clock_page(r->arena, all[i].until) : "停止服务满两年为止");
		open = open || all[i].open;
	}
	view_int(view, "Items.count", count);
	view_int(view, "Copies.day", r->site->config->own_copies_day);
	view_flag(view, "Items.open", open);
	if (count > OWN_PAGE)
		view_set(view, "Mine.next", arena_printf(r->arena, "/mine?page=%d", page + 1));
	if (page > 1)
		view_set(view, "Mine.previous", arena_printf(r->arena, "/mine?page=%d", page - 1));
	view_set(view, "Phone.masked", mask_phone(r->arena, v.phone));
	own_tell(r);
	page_common(r, "我的信息", NULL);
	view_set(view, "Page.back", "/");
	return respond_page(r, 200, "mine/list");
}

/* ---- the proof ---- */

static const char *rule_last4(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	return strlen(clean) == 4 && strspn(clean, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 4 ? NULL : "own.last4";
}

static const struct field proof_fields[] = {{"last4", text_code, rule_last4}, {0}};

static const char *with_item(struct request *r, const char *path)
{
	const char *id = request_query(r, "item");

	return text_uuid(id) ? arena_printf(r->arena, "%s?item=%s", path, id) : path;
}

static enum status show_proof(struct request *r, int http_status)
{
	page_common(r, "核对证件号码", NULL);
	view_set(request_view(r), "Page.back", "/mine");
	view_set(request_view(r), "Page.action", with_item(r, "/mine/proof"));
	return respond_page(r, http_status, "mine/proof");
}

/* Whether a certificate of this phone's applications ends like this. */
static enum status matches(struct own_visit *v, const char *last4, bool *right)
{
	struct own *all;
	int count;
	enum status st = own_load(v, NULL, 100, 0, &all, &count);

	*right = false;
	for (int i = 0; st == ST_OK && i < count; i++)
		*right = *right || (all[i].number_clear && text_equal(own_last4(v->r->arena, all[i].number_clear), last4));
	return st;
}

/* In the caller's transaction; the limit's lock lets one try after another through. */
static enum status prove(struct own_visit *v, const char *last4, bool *right)
{
	struct request *r = v->r;
	const struct limit_key key = {"own.proof", v->phone};
	struct limit_refusal refusal;
	struct bytes old = session_hash(r);
	enum status st = limits_check(r->site->db, r->arena, r->site->config, r->site->keys, &key, 1, &refusal);

	*right = false;
	if (st != ST_OK)
		return st;
	if (refusal.kind) {
		form_error(r, "last4", "own.tries", clock_page(r->arena, refusal.until + 59));
		return audit_write(r->site->db, r->arena, &v->actor, "own.limited", NULL, NULL, refusal.kind, NULL);
	}
	st = matches(v, last4, right);
	if (st == ST_OK && !*right) {
		form_error(r, "last4", refusal.left > 1 ? "own.wrong" : "own.tries",
		           refusal.left > 1 ? arena_printf(r->arena, "%d", refusal.left - 1) : clock_page(r->arena, clock_now() + 86400));
		st = limits_record(r->site->db, r->arena, r->site->keys, &key, 1);
		return st == ST_OK ? audit_write(r->site->db, r->arena, &v->actor, "own.proof_wrong", NULL, NULL, "wrong", NULL) : st;
	}
	if (st != ST_OK)
		return st;
	session_renew(r); /* rights grow: a new session id */
	st = db_query(r->site->db, r->arena, NULL, "UPDATE session SET id_hash = $2, own_proof_hash = $3, own_proved_at = now(), seen_at = now() WHERE id_hash = $1",
	              DB_BYTES(old), DB_BYTES(session_hash(r)), DB_BYTES(own_proof(v, last4)));
	return st == ST_OK ? audit_write(r->site->db, r->arena, &v->actor, "own.proved", NULL, NULL, "ok", NULL) : st;
}

enum status mine_proof_serve(struct request *r)
{
	const char *value[1], *id = request_query(r, "item");
	struct own_visit v;
	bool right;
	enum status st = own_enter(&v, r);

	if (st != ST_OK)
		return denied(r, st);
	if (r->method != METHOD_POST)
		return show_proof(r, 200);
	if (form_check(r, proof_fields, value) > 0)
		return show_proof(r, 422);
	st = db_begin(r->site->db);
	if (st == ST_OK)
		st = prove(&v, value[0], &right);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st != ST_OK)
		return st;
	if (!right)
		return show_proof(r, 422);
	return respond_redirect(r, text_uuid(id) ? arena_printf(r->arena, "/mine/item/%s", id) : "/mine");
}

/* ---- changes: asked for once more on a page of their own ---- */

struct confirmation {
	const char *path, *heading, *text, *more, *button;
};

static enum status confirm(struct own_visit *v, const struct own *o, const struct confirmation *c)
{
	struct request *r = v->r;
	struct view *view = request_view(r);

	view_set(view, "Confirm.id", o->id);
	view_set(view, "Confirm.number", o->number);
	view_set(view, "Confirm.text", c->text);
	view_set(view, "Confirm.more", c->more);
	view_set(view, "Confirm.button", c->button);
	page_common(r, c->heading, NULL);
	view_set(view, "Page.action", c->path);
	view_set(view, "Page.back", arena_printf(r->arena, "/mine/item/%s", o->id));
	return respond_page(r, 200, "mine/confirm");
}

enum status mine_delete_serve(struct request *r)
{
	static const struct confirmation draft = {"/mine/delete", "删除未提交的内容", "填过的内容、照片和录像会立刻删除，不能恢复。", "要办理时请重新填写。", "确认删除"};
	static const struct confirmation refused = {"/mine/delete", "删除这次办理的资料", "填过的内容、照片和记录会立刻删除，不能恢复。",
	                                            "删除后登记记录里不再显示这次办理，也不能再据此查询或申诉。", "确认删除"};
	struct own_visit v;
	struct own *o;
	enum status st = own_enter(&v, r);

	if (st == ST_OK)
		st = own_opened(&v, request_field(r, "id"), &o);
	if (st != ST_OK)
		return denied(r, st);
	if (!text_equal(o->reason, "draft") && !text_equal(o->reason, "refused"))
		return respond_redirect(r, arena_printf(r->arena, "/mine/item/%s?done=kept", o->id));
	if (!text_equal(request_field(r, "confirm"), "1"))
		return confirm(&v, o, text_equal(o->reason, "draft") ? &draft : &refused);
	st = erasure_run(r->site->db, r->arena, r->site->config, r->site->keys, &v.actor,
	                 &(struct erasure){.application_id = o->id, .phone_hash = v.phone_hash, .on_request = true});
	if (st == ST_DENIED) /* it was submitted a moment ago */
		return respond_redirect(r, arena_printf(r->arena, "/mine/item/%s?done=kept", o->id));
	if (st == ST_NOT_FOUND) /* pressed twice */
		st = ST_OK;
	return st == ST_OK ? respond_redirect(r, "/mine?done=deleted") : st;
}

enum status mine_withdraw_serve(struct request *r)
{
	static const struct {
		const char *reason, *more;
	} effects[] = {
		{"draft", "人脸照片也会删除。这次办理要重新选择身份验证的方式，也可以到网点办理。"},
		{"open", "正在办理，人脸照片作为核验凭据保存到有结果；没有办成就删除，办成了按实名登记规定保存。"},
		{"registered", "人脸照片是这次登记的凭据，按实名登记规定要保存到停止服务后两年，期间不作其他使用。"},
		{"ended", "人脸照片是登记的凭据，按实名登记规定要保存到停止服务后两年，期间不作其他使用。"},
		{"disputed", "这次办理有投诉或者报告，人脸照片要作为依据保存到处理完，期间不作其他使用。"},
		{"refused", "人脸照片也会删除。"},
	};
	struct confirmation c = {"/mine/withdraw", "撤回人脸信息的同意", "核验录像如果还在，会立刻删除。", NULL, "确认撤回"};
	struct own_visit v;
	struct own *o;
	enum status st = own_enter(&v, r);

	if (st == ST_OK)
		st = own_opened(&v, request_field(r, "id"), &o);
	if (st != ST_OK)
		return denied(r, st);
	if (!o->face)
		return respond_redirect(r, arena_printf(r->arena, "/mine/item/%s?done=withdrawn", o->id));
	for (size_t i = 0; i < sizeof effects / sizeof *effects; i++)
		if (text_equal(effects[i].reason, o->reason))
			c.more = effects[i].more;
	if (o->until && text_equal(o->reason, "ended"))
		c.more = arena_printf(r->arena, "%s到 %s 自动删除。", c.more, arena_strndup(r->arena, clock_page(r->arena, o->until), 10));
	if (!text_equal(request_field(r, "confirm"), "1"))
		return confirm(&v, o, &c);
	st = erasure_withdraw_face(r->site->db, r->arena, r->site->config, &v.actor,
	                           &(struct erasure){.application_id = o->id, .phone_hash = v.phone_hash, .on_request = true});
	if (st == ST_NOT_FOUND)
		return respond_redirect(r, "/mine");
	return st == ST_OK ? respond_redirect(r, arena_printf(r->arena, "/mine/item/%s?done=withdrawn", o->id)) : st;
}

/* ---- corrections ---- */

static const struct {
	const char *field, *label;
} correctable[] = {{"name", "姓名"}, {"address", "地址"}, {"validity", "证件有效期"}};

static const char *rule_wanted(struct arena *a, const char *clean, const char **argument)
{
	size_t n = text_characters(clean);

	(void)a;
	*argument = NULL;
	return n >= 2 && n <= 100 ? NULL : "own.text";
}

static const char *rule_correctable(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	*argument = NULL;
	for (size_t i = 0; i < sizeof correctable / sizeof *correctable; i++)
		if (text_equal(correctable[i].field, clean))
			return NULL;
	return "own.field";
}

static const struct field correct_fields[] = {{"field", text_clean, rule_correctable}, {"wanted", text_clean, rule_wanted}, {0}};

static enum status show_correct(struct own_visit *v, const struct own *o, int http_status)
{
	struct request *r = v->r;
	struct view *view = request_view(r);

	for (size_t i = 0; i < sizeof correctable / sizeof *correctable; i++) {
		view_item(view, "Choices", (int)i, "field", correctable[i].field);
		view_item(view, "Choices", (int)i, "label", correctable[i].label);
		view_item(view, "Choices", (int)i, "on", text_equal(correctable[i].field, request_field(r, "field")) ? "1" : NULL);
	}
	if (flow_of_kind("update"))
		view_set(view, "Update.url", arena_printf(r->arena, "/%s/notice", flow_of_kind("update")->slug));
	view_set(view, "Confirm.number", o->number);
	page_common(r, "更正登记信息", NULL);
	view_set(view, "Page.back", arena_printf(r->arena, "/mine/item/%s", o->id));
	view_set(view, "Page.action", with_item(r, "/mine/correct"));
	return respond_page(r, http_status, "mine/correct");
}

static enum status ask_correction(struct own_visit *v, const struct own *o, const char *field, const char *wanted)
{
	struct request *r = v->r;
	struct crypt_key key = {0};
	const char *id = crypt_uuid(r->arena);
	enum status st = db_begin(r->site->db);

	if (st == ST_OK)
		st = datakey_load(r->site->db, r->arena, r->site->keys, o->data_key_id, &key);
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, NULL, "INSERT INTO correction (id, number, application_id, field, wanted_sealed) VALUES ($1, $2, $3, $4, $5)",
		              DB_TEXT(id), DB_TEXT(crypt_readable(r->arena, 10)), DB_TEXT(o->id), DB_TEXT(field),
		              DB_BYTES(sealed_text(r->arena, &key, "correction", "wanted", id, wanted)));
	crypt_wipe(&key, sizeof key);
	if (st == ST_OK)
		st = audit_write(r->site->db, r->arena, &v->actor, "correction.asked", o->id, arena_printf(r->arena, "correction:%s", id), "ok", NULL);
	if (st == ST_OK)
		return db_commit(r->site->db);
	db_rollback(r->site->db);
	return st;
}

enum status mine_correct_serve(struct request *r)
{
	const char *value[2];
	struct own_visit v;
	struct own *o;
	enum status st = own_enter(&v, r);

	if (st == ST_OK)
		st = own_opened(&v, request_query(r, "item"), &o);
	if (st != ST_OK)
		return denied(r, st);
	if (!text_equal(o->reason, "registered"))
		return respond_redirect(r, arena_printf(r->arena, "/mine/item/%s", o->id));
	if (r->method != METHOD_POST)
		return show_correct(&v, o, 200);
	if (form_check(r, correct_fields, value) > 0)
		return show_correct(&v, o, 422);
	st = ask_correction(&v, o, value[0], value[1]);
	if (st == ST_CONFLICT) {
		form_error(r, "field", "own.asked", NULL);
		return show_correct(&v, o, 422);
	}
	return st == ST_OK ? respond_redirect(r, arena_printf(r->arena, "/mine/item/%s?done=asked", o->id)) : st;
}
