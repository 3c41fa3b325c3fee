/* One application as the person it is about reads it: what is stored, why and until when, who was given it, what can be done. Values are
 * masked; pictures want the proof. */
#include "flow/mine.h"

#include <string.h>

#include "base/clock.h"
#include "domain/certificate.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "flow/mine_own.h"
#include "store/datakey.h"
#include "store/evidence.h"

static void row(struct own_visit *v, int *n, const char *label, const char *value)
{
	if (text_empty(value))
		return;
	view_item(request_view(v->r), "Rows", *n, "label", label);
	view_item(request_view(v->r), "Rows", (*n)++, "value", value);
}

static void show_rows(struct own_visit *v, const struct own *o)
{
	struct arena *a = v->r->arena;
	const struct certificate *type = certificate_by_name(o->certificate_type ? o->certificate_type : "");
	int n = 0;

	row(v, &n, "手机号", mask_phone(a, v->phone));
	row(v, &n, "姓名", o->name ? mask_name(a, o->name) : NULL);
	row(v, &n, "证件", type ? type->label : NULL);
	row(v, &n, "证件号码", o->number_clear ? mask_number(a, o->number_clear) : NULL);
	row(v, &n, "地址", o->address ? mask_address(a, o->address) : NULL);
	if (o->name)
		row(v, &n, "有效期", arena_printf(a, "%s%s%s", o->valid_from ? o->valid_from : "", o->valid_from ? " 至 " : "到 ",
		                                  o->long_term ? "长期" : o->valid_until ? o->valid_until : "未填"));
	row(v, &n, "车架号", o->vin ? mask_vin(a, o->vin) : NULL);
	row(v, &n, "车型", o->vin ? arena_printf(a, "%s %s", o->brand, o->model) : NULL);
}

static enum status show_cards(struct own_visit *v, const struct own *o)
{
	struct view *view = request_view(v->r);
	struct db_result *l;
	enum card_state state;
	enum status st = db_query(v->r->site->db, v->r->arena, &l,
	                          "SELECT right(c.iccid, 4) AS tail, ac.state, cr.name, (SELECT extract(epoch FROM min(m.sent_at))::bigint FROM t1_message m"
	                          " WHERE m.application_card_id = ac.id) AS given FROM application_card ac JOIN card c ON c.id = ac.card_id"
	                          " JOIN carrier cr ON cr.id = c.carrier_id WHERE ac.application_id = $1 ORDER BY c.iccid",
	                          DB_TEXT(o->id));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		view_item(view, "Cards", i, "tail", db_text(l, i, "tail"));
		view_item(view, "Cards", i, "state",
		          transition_by_name(&state, db_text(l, i, "state")) ? transition_label(state, text_equal(o->kind, "cancel")) : "");
		view_item(view, "Cards", i, "carrier", db_text(l, i, "name"));
		view_item(view, "Cards", i, "given", db_is_null(l, i, "given") ? NULL : clock_page(v->r->arena, db_int(l, i, "given")));
	}
	return st;
}

static const char *file_until(struct own_visit *v, const struct own *o, const char *purpose)
{
	if (text_equal(purpose, "clip") && !text_equal(o->reason, "draft"))
		return "核验有结论后 24 小时内删除";
	if (text_equal(o->reason, "disputed"))
		return "处理期间保存";
	return o->until ? arena_printf(v->r->arena, "保存到 %s", clock_page(v->r->arena, o->until)) : "保存到停止服务满两年";
}

static enum status show_files(struct own_visit *v, const struct own *o)
{
	struct view *view = request_view(v->r);
	struct db_result *l;
	enum status st = db_query(v->r->site->db, v->r->arena, &l,
	                          "SELECT id, purpose, (size + 1023) / 1024 AS kb, extract(epoch FROM created_at)::bigint AS at FROM evidence"
	                          " WHERE application_id = $1 AND deleted_at IS NULL ORDER BY created_at DESC, id LIMIT 60",
	                          DB_TEXT(o->id));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		const char *purpose = db_text(l, i, "purpose");

		view_item(view, "Files", i, "label", own_file_label(purpose));
		view_item(view, "Files", i, "size", arena_printf(v->r->arena, "%s KB", db_text(l, i, "kb")));
		view_item(view, "Files", i, "time", clock_page(v->r->arena, db_int(l, i, "at")));
		view_item(view, "Files", i, "until", file_until(v, o, purpose));
		view_item(view, "Files", i, "url", o->open ? arena_printf(v->r->arena, "/mine/picture/%s", db_text(l, i, "id")) : NULL);
	}
	return st;
}

static enum status show_consents(struct own_visit *v, const struct own *o)
{
	struct view *view = request_view(v->r);
	struct db_result *l;
	enum status st = db_query(v->r->site->db, v->r->arena, &l,
	                          "SELECT t.title, t.version, extract(epoch FROM c.given_at)::bigint AS given, extract(epoch FROM c.withdrawn_at)::bigint AS withdrawn"
	                          " FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = $1 ORDER BY c.given_at, t.kind",
	                          DB_TEXT(o->id));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		view_item(view, "Consents", i, "title", db_text(l, i, "title"));
		view_item(view, "Consents", i, "version", db_text(l, i, "version"));
		view_item(view, "Consents", i, "given", clock_page(v->r->arena, db_int(l, i, "given")));
		view_item(view, "Consents", i, "withdrawn", db_is_null(l, i, "withdrawn") ? NULL : clock_page(v->r->arena, db_int(l, i, "withdrawn")));
	}
	return st;
}

static enum status show_checks(struct own_visit *v, const struct own *o)
{
	static const struct {
		const char *name, *label;
	} kinds[] = {{"vehicle_proof", "核实车辆"}, {"sms_code", "短信验证"}, {"liveness", "人脸核验"}, {"review", "人工审核"}},
	  states[] = {{"waiting", "等待结果"}, {"passed", "通过"}, {"failed", "未通过"}, {"unavailable", "没有完成"}};
	struct view *view = request_view(v->r);
	struct db_result *l;
	enum status st = db_query(v->r->site->db, v->r->arena, &l,
	                          "SELECT kind, state, extract(epoch FROM created_at)::bigint AS at FROM verification WHERE application_id = $1"
	                          " ORDER BY created_at DESC LIMIT 50",
	                          DB_TEXT(o->id));

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		for (size_t k = 0; k < sizeof kinds / sizeof *kinds; k++) {
			if (text_equal(kinds[k].name, db_text(l, i, "kind")))
				view_item(view, "Checks", i, "kind", kinds[k].label);
			if (text_equal(states[k].name, db_text(l, i, "state")))
				view_item(view, "Checks", i, "state", states[k].label);
		}
		view_item(view, "Checks", i, "time", clock_page(v->r->arena, db_int(l, i, "at")));
	}
	return st;
}

static enum status show_corrections(struct own_visit *v, const struct own *o)
{
	static const struct {
		const char *name, *label;
	} fields[] = {{"name", "姓名"}, {"address", "地址"}, {"validity", "证件有效期"}};
	struct view *view = request_view(v->r);
	struct db_result *l;
	struct crypt_key key = {0};
	enum status st = db_query(v->r->site->db, v->r->arena, &l,
	                          "SELECT id, number, field, answer_sealed, extract(epoch FROM created_at)::bigint AS at, answered_at IS NOT NULL AS answered"
	                          " FROM correction WHERE application_id = $1 ORDER BY created_at DESC LIMIT 20",
	                          DB_TEXT(o->id));

	if (st == ST_OK && db_rows(l) > 0)
		st = datakey_load(v->r->site->db, v->r->arena, v->r->site->keys, o->data_key_id, &key);
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		char *answer = NULL;

		st = opened_text(v->r->arena, &key, "correction", "answer", db_text(l, i, "id"), db_bytes(l, i, "answer_sealed"), &answer);
		view_item(view, "Corrections", i, "number", db_text(l, i, "number"));
		for (size_t k = 0; k < sizeof fields / sizeof *fields; k++)
			if (text_equal(fields[k].name, db_text(l, i, "field")))
				view_item(view, "Corrections", i, "field", fields[k].label);
		view_item(view, "Corrections", i, "time", clock_page(v->r->arena, db_int(l, i, "at")));
		/* What staff wrote may say more than a mask does. */
		view_item(view, "Corrections", i, "answer", !db_bool(l, i, "answered") ? NULL : o->open ? answer : "已答复，核对证件号码后可以查看");
	}
	crypt_wipe(&key, sizeof key);
	return st;
}

enum status mine_item_serve(struct request *r)
{
	static enum status (*const parts[])(struct own_visit *, const struct own *) = {show_cards, show_files, show_consents, show_checks, show_corrections};
	struct view *view = request_view(r);
	struct own_visit v;
	struct own *o;
	enum status st = own_enter(&v, r);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK)
		st = own_one(&v, r->tail, &o);
	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof *parts; i++)
		st = parts[i](&v, o);
	if (st != ST_OK)
		return st;
	show_rows(&v, o);
	view_set(view, "Own.id", o->id);
	view_set(view, "Own.kind", own_kind_text(o));
	view_set(view, "Own.number", o->number);
	view_set(view, "Own.time", clock_page(r->arena, o->at));
	view_set(view, "Own.reason", o->reason);
	view_set(view, "Own.why", own_reason_text(r->arena, o, r->site->config->refused_days));
	view_set(view, "Own.until", o->until ? clock_page(r->arena, o->until) : NULL);
	view_flag(view, "Own.open", o->open);
	view_flag(view, "Own.face", o->face);
	own_tell(r);
	page_common(r, own_kind_text(o), NULL);
	view_set(view, "Page.back", "/mine");
	return respond_page(r, 200, "mine/item");
}

enum status mine_picture_serve(struct request *r)
{
	struct own_visit v;
	struct own *o;
	struct db_result *found;
	struct bytes content;
	char *media_type;
	enum status st = own_enter(&v, r);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK && !text_uuid(r->tail))
		return ST_NOT_FOUND;
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &found, "SELECT application_id FROM evidence WHERE id = $1 AND deleted_at IS NULL", DB_TEXT(r->tail));
	if (st == ST_OK && db_rows(found) != 1)
		return ST_NOT_FOUND;
	if (st == ST_OK)
		st = own_opened(&v, db_text(found, 0, "application_id"), &o);
	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK)
		st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, o->id, r->tail, (size_t)OWN_COPY_BYTES, &content,
		                   &media_type);
	if (st == ST_OK)
		st = db_begin(r->site->db);
	if (st == ST_OK)
		st = audit_write(r->site->db, r->arena, &v.actor, "own.picture", o->id, arena_printf(r->arena, "evidence:%s", r->tail), "ok", NULL);
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st != ST_OK)
		db_rollback(r->site->db);
	return st == ST_OK ? respond_bytes(r, media_type, content) : st;
}
