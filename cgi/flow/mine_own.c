/* Who is signed in, and the applications of that phone: see mine_own.h. Only here is decided what is open to whom. */
#include "flow/mine_own.h"

#include <string.h>

#include "base/clock.h"
#include "flow/flow.h"
#include "flow/records.h"
#include "store/datakey.h"

enum status own_enter(struct own_visit *v, struct request *r)
{
	struct db_result *s;
	bool signed_in;
	enum status st;

	*v = (struct own_visit){.r = r, .actor = {.name = "visitor", .address = r->address}};
	st = records_visitor(r, &v->phone_hash, &v->phone, &signed_in);
	if (st != ST_OK)
		return st;
	if (!signed_in || !v->phone) {
		st = respond_redirect(r, "/records/phone?to=mine");
		return st == ST_OK ? ST_DENIED : st;
	}
	/* It lasts as long as the sign-in; a new sign-in needs a new proof, whoever proved what in this browser before. */
	st = db_query(r->site->db, r->arena, &s, "SELECT own_proof_hash FROM session WHERE id_hash = $1 AND own_proved_at >= signed_in_at",
		      DB_BYTES(session_hash(r)));
	if (st == ST_OK && db_rows(s) == 1)
		v->proof = db_bytes(s, 0, "own_proof_hash");
	return st;
}

struct bytes own_proof(struct own_visit *v, const char *last4)
{
	return crypt_lookup(v->r->arena, keys_current(&v->r->site->keys->lookup), "own_proof", arena_printf(v->r->arena, "%s|%s", v->phone, last4));
}

const char *own_last4(struct arena *a, const char *number)
{
	const char *code = text_code(a, number);
	size_t length = strlen(code);

	return length > 4 ? code + length - 4 : code;
}

static const char OWN[] =
	"SELECT a.id, a.number, a.kind, a.data_key_id, extract(epoch FROM coalesce(a.submitted_at, a.created_at))::bigint AS at, k.reason,"
	" extract(epoch FROM k.until)::bigint AS until, v.vin, v.vehicle_department, v.vehicle_model, p.id AS party_id, p.certificate_type,"
	" p.name_sealed, p.number_sealed, p.address_sealed, p.valid_from, p.valid_until, p.long_term,"
	" EXISTS (SELECT FROM consent c JOIN agreement_text t ON t.id = c.agreement_text_id WHERE c.application_id = a.id AND t.kind = 'face'"
	" AND c.withdrawn_at IS NULL) AS face"
	" FROM (SELECT * FROM application WHERE phone_hash = $1 AND company_id IS NULL AND phone_proved_at IS NOT NULL AND expired_at IS NULL AND erased_at IS NULL"
	" AND (submitted_at IS NOT NULL OR expires_at > now()) AND ($2::uuid IS NULL OR id = $2::uuid) ORDER BY created_at DESC"
	" LIMIT $4::integer OFFSET $5::integer) a CROSS JOIN LATERAL application_retention(a.id, $3::integer) k"
	" LEFT JOIN vehicle v ON v.id = a.vehicle_id LEFT JOIN application_party p ON p.application_id = a.id AND p.role = 'holder'"
	" ORDER BY a.created_at DESC";

static enum status read_holder(struct own_visit *v, const struct db_result *l, int row, struct own *o)
{
	struct arena *a = v->r->arena;
	const char *party = db_text(l, row, "party_id");
	struct crypt_key key;
	struct bytes proof;
	enum status st;

	o->open = !party;
	if (!party)
		return ST_OK;
	st = datakey_load(v->r->site->db, a, v->r->site->keys, o->data_key_id, &key);
	if (st == ST_OK)
		st = OPENED_COLUMNS(a, &key, "application_party", party, l, row, {"name", &o->name}, {"number", &o->number_clear}, {"address", &o->address});
	crypt_wipe(&key, sizeof key);
	if (st != ST_OK)
		return st;
	proof = own_proof(v, own_last4(a, o->number_clear));
	o->open = v->proof.length == proof.length && crypt_equal(v->proof.data, proof.data, proof.length);
	return ST_OK;
}

enum status own_load(struct own_visit *v, const char *id, int max, int offset, struct own **out, int *count)
{
	struct db_result *l;
	struct own *all;
	enum status st = db_query(v->r->site->db, v->r->arena, &l, OWN, DB_BYTES(v->phone_hash), DB_TEXT(id), DB_INT(v->r->site->config->refused_days),
	                          DB_INT(max), DB_INT(offset));

	if (st != ST_OK)
		return st;
	all = arena_alloc(v->r->arena, (size_t)(db_rows(l) + 1) * sizeof *all);
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		all[i] = (struct own){
			.id = db_text(l, i, "id"),
			.number = db_text(l, i, "number"),
			.kind = db_text(l, i, "kind"),
			.data_key_id = db_text(l, i, "data_key_id"),
			.reason = db_text(l, i, "reason"),
			.at = db_int(l, i, "at"),
			.until = db_int(l, i, "until"),
			.vin = db_text(l, i, "vin"),
			.brand = db_text(l, i, "vehicle_department"),
			.model = db_text(l, i, "vehicle_model"),
			.certificate_type = db_text(l, i, "certificate_type"),
			.valid_from = db_text(l, i, "valid_from"),
			.valid_until = db_text(l, i, "valid_until"),
			.long_term = db_bool(l, i, "long_term"),
			.face = db_bool(l, i, "face"),
		};
		st = read_holder(v, l, i, &all[i]);
	}
	if (st != ST_OK)
		return st;
	*out = all;
	*count = db_rows(l);
	return ST_OK;
}

enum status own_one(struct own_visit *v, const char *id, struct own **out)
{
	int count = 0;
	enum status st = text_uuid(id) ? own_load(v, id, 1, 0, out, &count) : ST_OK;

	return st == ST_OK && count != 1 ? status_fail(ST_NOT_FOUND, "not an application of this phone") : st;
}

enum status own_opened(struct own_visit *v, const char *id, struct own **out)
{
	enum status st = own_one(v, id, out);

	if (st != ST_OK || (*out)->open)
		return st;
	st = respond_redirect(v->r, arena_printf(v->r->arena, "/mine/proof?item=%s", (*out)->id));
	return st == ST_OK ? ST_DENIED : st;
}

/* ---- words ---- */

/* What was done, told on the page that follows. */
static const struct {
	const char *done, *notice;
} notices[] = {
	{"deleted", "已经删除，照片和填写的内容都不再保存"},
	{"kept", "按规定现在还不能删除，原因写在页面里"},
	{"withdrawn", "已撤回人脸信息的同意"},
	{"asked", "更正申请已收到，编号和答复写在页面里"},
	{"copies", "今天的下载次数已用完，请明天再试"},
};

void own_tell(struct request *r)
{
	const char *done = request_query(r, "done");

	for (size_t i = 0; i < sizeof notices / sizeof *notices; i++)
		if (text_equal(notices[i].done, done))
			view_set(request_view(r), "Page.notice", notices[i].notice);
}

const char *own_reason_text(struct arena *a, const struct own *o, int refused_days)
{
	static const struct {
		const char *reason, *text;
	} reasons[] = {
		{"draft", "还没有提交，到期自动删除"},
		{"member", "您是这家企业的管理员，或正在等工作人员核实，这段时间要保存"},
		{"open", "正在办理，有结果后才能确定保存到哪一天"},
		{"registered", "车联网卡正在使用。按实名登记规定，登记期间要保存，停止服务后再保存两年"},
		{"disputed", "有人对这次办理提出了投诉，或者报告不是本人办理。处理期间要作为依据保存，确认是冒用的再保存两年"},
		{"ended", "登记已经结束。按实名登记规定，停止服务后还要保存两年，到期自动删除"},
	};

	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (text_equal(reasons[i].reason, o->reason))
			return reasons[i].text;
	return arena_printf(a, "没有办成的申请保存 %d 天，方便您查询和申诉，到期自动删除", refused_days);
}

const char *own_kind_text(const struct own *o)
{
	const struct flow *f = flow_of_kind(o->kind);

	return f ? f->title : "其他业务";
}

static const char *of_table(const char *const (*rows)[2], size_t count, const char *key, const char *other)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(rows[i][0], key))
			return rows[i][1];
	return other;
}

const char *own_file_label(const char *purpose)
{
	static const char *const labels[][2] = {
		{"certificate_front", "证件照片（正面）"}, {"certificate_back", "证件照片（背面）"}, {"clip", "人脸核验录像"},
		{"portrait", "人脸照片"},                   {"vehicle_licence", "行驶证照片"},
	};

	return of_table(labels, sizeof labels / sizeof *labels, purpose, "其他照片");
}

const char *own_file_ending(const char *media_type)
{
	static const char *const endings[][2] = {
		{"image/jpeg", "jpg"}, {"video/webm", "webm"}, {"video/mp4", "mp4"}, {"video/quicktime", "mov"}, {"video/3gpp", "3gp"}, {"video/x-msvideo", "avi"},
		{"video/x-flv", "flv"},
	};

	return of_table(endings, sizeof endings / sizeof *endings, media_type, "bin");
}
