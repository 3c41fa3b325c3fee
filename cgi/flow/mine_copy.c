/* The copy of one's own data: one JSON with everything, and the files, in a zip that is built in memory and sent. Bounded: what does not
 * fit is named in the JSON and can be had application by application. The person's own copy carries no watermark. */
#include "flow/mine.h"

#include <string.h>

#include "base/archive.h"
#include "base/clock.h"
#include "base/json.h"
#include "flow/flow.h"
#include "flow/mine_own.h"
#include "store/datakey.h"
#include "store/evidence.h"
#include "store/limits.h"

#define JSON_MAX ((size_t)8 << 20)

struct copy {
	struct own_visit *v;
	struct archive *zip;
	struct buffer json;
	int64_t room; /* bytes that files may still take */
	int left_out;
};

/* What is not sealed, as the database tells it. */
static const struct {
	const char *name, *sql;
} parts[] = {
	{"车联网卡", "SELECT coalesce(json_agg(x ORDER BY x.\"ICCID\"), '[]')::text AS json FROM (SELECT c.iccid AS \"ICCID\", c.msisdn AS \"卡的号码\", ac.state AS \"状态\","
	            " ac.state_at AS \"状态时间\", cr.name AS \"提供给运营商\", (SELECT min(m.sent_at) FROM t1_message m WHERE m.application_card_id = ac.id)"
	            " AS \"提供时间\" FROM application_card ac JOIN card c ON c.id = ac.card_id JOIN carrier cr ON cr.id = c.carrier_id"
	            " WHERE ac.application_id = $1) x"},
	{"登记", "SELECT coalesce(json_agg(x), '[]')::text AS json FROM (SELECT c.iccid AS \"ICCID\", g.began_at AS \"开始\", g.ended_at AS \"结束\""
	        " FROM registration g JOIN card c ON c.id = g.card_id WHERE g.from_application_id = $1 OR g.until_application_id = $1) x"},
	{"同意", "SELECT coalesce(json_agg(x ORDER BY x.\"时间\"), '[]')::text AS json FROM (SELECT t.title AS \"文本\", t.version AS \"版本\", c.statement AS \"勾选的话\","
	        " c.given_at AS \"时间\", c.withdrawn_at AS \"撤回时间\", c.address AS \"网络地址\", c.browser AS \"浏览器\" FROM consent c"
	        " JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = $1) x"},
	{"核验", "SELECT coalesce(json_agg(x ORDER BY x.\"时间\"), '[]')::text AS json FROM (SELECT kind AS \"种类\", state AS \"结果\", created_at AS \"时间\","
	        " score AS \"分数\" FROM verification WHERE application_id = $1) x"},
	{"补充材料", "SELECT coalesce(json_agg(x ORDER BY x.\"提出时间\"), '[]')::text AS json FROM (SELECT what AS \"材料\", words AS \"要求\", asked_at AS \"提出时间\","
	            " given_at AS \"收到时间\" FROM supplement WHERE application_id = $1) x"},
	{"不是我办的", "SELECT coalesce(json_agg(x), '[]')::text AS json FROM (SELECT number AS \"报告编号\", created_at AS \"时间\", closed_at AS \"处理完\","
	              " outcome AS \"结果\" FROM misuse_report WHERE application_id = $1) x"},
	{"短信", "SELECT coalesce(json_agg(x ORDER BY x.\"时间\"), '[]')::text AS json FROM (SELECT template AS \"种类\", state AS \"结果\", created_at AS \"时间\""
	        " FROM sms_message WHERE application_id = $1) x"},
};

static void member(struct buffer *b, const char *name, const char *value)
{
	if (value)
		json_member(b, name, value);
}

/* "name": and then what the caller adds. */
static void begin(struct buffer *b, const char *name, const char *open)
{
	buffer_text(b, ",");
	json_quote(b, name);
	buffer_printf(b, ":%s", open);
}

static void add_holder(struct copy *c, const struct own *o)
{
	struct buffer *b = &c->json;

	if (!o->name)
		return;
	begin(b, "登记人", "{");
	member(b, "姓名", o->name);
	member(b, "证件类型", o->certificate_type);
	member(b, "证件号码", o->number_clear);
	member(b, "地址", o->address);
	member(b, "有效期开始", o->valid_from);
	member(b, "有效期结束", o->long_term ? "长期" : o->valid_until);
	buffer_text(b, "}");
}

static void add_car(struct copy *c, const struct own *o)
{
	if (!o->vin)
		return;
	begin(&c->json, "车", "{");
	member(&c->json, "车架号", o->vin);
	member(&c->json, "品牌", o->brand);
	member(&c->json, "型号", o->model);
	buffer_text(&c->json, "}");
}

/* What was read from the pictures, and what was asked to be corrected: sealed. */
static enum status add_sealed(struct copy *c, const struct own *o)
{
	struct request *r = c->v->r;
	struct db_result *l;
	struct crypt_key key;
	char *text;
	enum status st = datakey_load(r->site->db, r->arena, r->site->keys, o->data_key_id, &key);

	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l, "SELECT id, side, fields_sealed FROM reading WHERE application_id = $1 AND fields_sealed IS NOT NULL"
		              " ORDER BY created_at", DB_TEXT(o->id));
	begin(&c->json, "证件识别", "[");
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		st = opened_text(r->arena, &key, "reading", "fields", db_text(l, i, "id"), db_bytes(l, i, "fields_sealed"), &text);
		if (st == ST_OK && json_read_object(r->arena, (struct bytes){(const unsigned char *)text, strlen(text)}))
			buffer_printf(&c->json, "%s%s", c->json.data[c->json.length - 1] == '[' ? "" : ",", text);
	}
	buffer_text(&c->json, "]");
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l, "SELECT papers_note_sealed FROM application WHERE id = $1", DB_TEXT(o->id));
	if (st == ST_OK && db_rows(l) == 1)
		st = opened_text(r->arena, &key, "application", "papers_note", o->id, db_bytes(l, 0, "papers_note_sealed"), &text);
	if (st == ST_OK && db_rows(l) == 1)
		member(&c->json, "给审核人员的话", text);
	begin(&c->json, "更正申请", "[");
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l, "SELECT id, number, field, wanted_sealed, answer_sealed FROM correction WHERE application_id = $1"
		              " ORDER BY created_at", DB_TEXT(o->id));
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		char *wanted, *answer;

		st = opened_text(r->arena, &key, "correction", "wanted", db_text(l, i, "id"), db_bytes(l, i, "wanted_sealed"), &wanted);
		if (st == ST_OK)
			st = opened_text(r->arena, &key, "correction", "answer", db_text(l, i, "id"), db_bytes(l, i, "answer_sealed"), &answer);
		if (st != ST_OK)
			break;
		buffer_text(&c->json, i ? ",{" : "{");
		member(&c->json, "编号", db_text(l, i, "number"));
		member(&c->json, "项目", db_text(l, i, "field"));
		member(&c->json, "正确的内容", wanted);
		member(&c->json, "答复", answer);
		buffer_text(&c->json, "}");
	}
	buffer_text(&c->json, "]");
	crypt_wipe(&key, sizeof key);
	return st;
}

static enum status add_files(struct copy *c, const struct own *o)
{
	struct request *r = c->v->r;
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l,
	                          "SELECT id, purpose, size, media_type, encode(sha256, 'hex') AS sha256, extract(epoch FROM created_at)::bigint AS at FROM evidence"
	                          " WHERE application_id = $1 AND deleted_at IS NULL ORDER BY created_at, id LIMIT 200",
	                          DB_TEXT(o->id));

	begin(&c->json, "文件", "[");
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		const char *purpose = db_text(l, i, "purpose");
		const char *name = arena_printf(r->arena, "%s/%02d-%s.%s", o->number, i + 1, purpose, own_file_ending(db_text(l, i, "media_type")));
		bool fits = db_int(l, i, "size") <= c->room;
		struct bytes content;
		char *media_type;

		if (fits) {
			st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, o->id, db_text(l, i, "id"), (size_t)OWN_COPY_BYTES,
			                   &content, &media_type);
			if (st == ST_OK)
				st = archive_add(c->zip, name, content, false);
			c->room -= db_int(l, i, "size");
		} else
			c->left_out++;
		buffer_text(&c->json, i ? ",{" : "{");
		member(&c->json, "内容", own_file_label(purpose));
		member(&c->json, "文件名", fits ? name : NULL);
		member(&c->json, "保存时间", clock_page(r->arena, db_int(l, i, "at")));
		member(&c->json, "SHA-256", db_text(l, i, "sha256"));
		member(&c->json, "未包含", fits ? NULL : "文件太多，请在这次办理的页面里单独下载");
		buffer_text(&c->json, "}");
	}
	buffer_text(&c->json, "]");
	return st;
}

static enum status add_application(struct copy *c, const struct own *o)
{
	struct request *r = c->v->r;
	struct buffer *b = &c->json;
	struct db_result *l;
	enum status st = ST_OK;

	buffer_text(b, b->data[b->length - 1] == '[' ? "{" : ",{");
	member(b, "编号", o->number);
	member(b, "业务", own_kind_text(o));
	member(b, "时间", clock_page(r->arena, o->at));
	member(b, "保存原因", own_reason_text(r->arena, o, r->site->config->refused_days));
	member(b, "保存到", o->until ? clock_page(r->arena, o->until) : "停止服务满两年为止");
	add_holder(c, o);
	add_car(c, o);
	for (size_t i = 0; st == ST_OK && i < sizeof parts / sizeof *parts; i++) {
		st = db_query(r->site->db, r->arena, &l, parts[i].sql, DB_TEXT(o->id));
		if (st == ST_OK)
			begin(b, parts[i].name, db_text(l, 0, "json"));
	}
	if (st == ST_OK)
		st = add_sealed(c, o);
	if (st == ST_OK)
		st = add_files(c, o);
	buffer_text(b, "}");
	return st;
}

/* Counted and put on record before anything is given. */
static enum status allow(struct own_visit *v, const struct own *all, int count, bool *allowed)
{
	struct request *r = v->r;
	const struct limit_key key = {"own.copy", v->phone};
	struct limit_refusal refusal;
	enum status st = db_begin(r->site->db);

	if (st == ST_OK)
		st = limits_check(r->site->db, r->arena, r->site->config, r->site->keys, &key, 1, &refusal);
	*allowed = st == ST_OK && !refusal.kind;
	if (*allowed)
		st = limits_record(r->site->db, r->arena, r->site->keys, &key, 1);
	if (st == ST_OK && !*allowed)
		st = audit_write(r->site->db, r->arena, &v->actor, "own.limited", NULL, NULL, refusal.kind, NULL);
	for (int i = 0; st == ST_OK && *allowed && i < count; i++)
		if (all[i].open)
			st = audit_write(r->site->db, r->arena, &v->actor, "own.copied", all[i].id, arena_printf(r->arena, "application:%s", all[i].id), "ok", NULL);
	if (st == ST_OK)
		return db_commit(r->site->db);
	db_rollback(r->site->db);
	return st;
}

static enum status make(struct own_visit *v, const struct own *all, int count, struct bytes *out)
{
	struct request *r = v->r;
	struct copy c = {.v = v, .room = OWN_COPY_BYTES};
	int closed = 0;
	enum status st = archive_start(&c.zip, r->arena);

	buffer_init(&c.json, r->arena, JSON_MAX);
	buffer_text(&c.json, "{");
	member(&c.json, "说明", "这是您在车联网卡实名登记中的个人信息副本，请妥善保管。照片和录像在同一个压缩包里。");
	member(&c.json, "导出时间", clock_page(r->arena, clock_now()));
	member(&c.json, "手机号", v->phone);
	begin(&c.json, "办理", "[");
	for (int i = 0; st == ST_OK && i < count; i++) {
		if (all[i].open)
			st = add_application(&c, &all[i]);
		else
			closed++;
	}
	buffer_printf(&c.json, "],\"因证件不同而未包含的办理\":%d,\"未包含的文件\":%d}\n", closed, c.left_out);
	if (st == ST_OK && c.json.overflow)
		st = status_fail(ST_LIMIT, "the copy has more text than %zu bytes", JSON_MAX);
	if (st == ST_OK)
		st = archive_add(c.zip, "data.json", (struct bytes){(const unsigned char *)c.json.data, c.json.length}, true);
	return st == ST_OK ? archive_finish(c.zip, r->arena, out) : st;
}

enum status mine_copy_serve(struct request *r)
{
	const char *id = request_field(r, "id");
	struct own_visit v;
	struct own *all;
	struct bytes zip;
	bool allowed;
	int count = 1, open = 0;
	enum status st = own_enter(&v, r);

	if (st == ST_OK)
		st = id ? own_opened(&v, id, &all) : own_load(&v, NULL, OWN_COPY_MAX, 0, &all, &count);
	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st != ST_OK)
		return st;
	for (int i = 0; i < count; i++)
		open += all[i].open;
	if (open == 0)
		return respond_redirect(r, count > 0 ? "/mine/proof" : "/mine");
	st = allow(&v, all, count, &allowed);
	if (st == ST_OK && !allowed)
		return respond_redirect(r, "/mine?done=copies");
	if (st == ST_OK)
		st = make(&v, all, count, &zip);
	if (st != ST_OK)
		return st;
	return respond_attachment(r, "application/zip", arena_printf(r->arena, "my-data-%s.zip", clock_day(r->arena, clock_now())), zip);
}
