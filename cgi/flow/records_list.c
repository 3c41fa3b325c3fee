/* The list of the applications of one phone, newest first, a row a card with its state, and where it failed the reason
 * and what to do; search by VIN; the older ones after the end of the certificate number. */
#include "flow/records_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/field_rules.h"
#include "domain/identifiers.h"
#include "domain/kind.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "http/messages.h"
#include "store/datakey.h"
#include "store/limits.h"

#define OLDER_HOLDERS_MAX 50 /* different people with records of one phone that are compared */

/* A row a card, so that one query serves the page; the page's applications are chosen first, along the index. */
static const char LIST[] =
	"SELECT a.id, a.number, a.kind, a.channel, a.acting, a.data_key_id, k.wrapped, extract(epoch FROM coalesce(a.submitted_at, a.created_at))::bigint AS at,"
	" extract(epoch FROM a.expires_at)::bigint AS expires_at, a.submitted_at IS NULL AS draft, a.vin, a.party_id, a.name_sealed,"
	" (SELECT string_agg(s.words, '；' ORDER BY s.asked_at) FROM supplement s WHERE s.application_id = a.id AND s.given_at IS NULL) AS asked,"
	" m.number AS report, c.iccid, ac.state, ac.refusal_key"
	" FROM (SELECT x.*, v.vin, p.id AS party_id, p.name_sealed FROM application x"
	" LEFT JOIN application_party p ON p.application_id = x.id AND p.role = 'holder'"
	" LEFT JOIN vehicle v ON v.id = x.vehicle_id"
	" WHERE x.phone_hash = $1 AND x.holder = 'person' AND x.phone_proved_at IS NOT NULL"
	" AND (x.submitted_at IS NOT NULL OR (x.expired_at IS NULL AND x.expires_at > now()))"
	" AND (x.created_at > now() - make_interval(days => $2::integer) OR p.number_hash = ANY ($3::bytea[]))"
	" AND ($4::text IS NULL OR v.vin = $4::text OR right(v.vin, 6) = $4::text)"
	" ORDER BY x.created_at DESC LIMIT $5::integer OFFSET $6::integer) a"
	" LEFT JOIN data_key k ON k.id = a.data_key_id LEFT JOIN misuse_report m ON m.application_id = a.id"
	" LEFT JOIN application_card ac ON ac.application_id = a.id LEFT JOIN card c ON c.id = ac.card_id"
	" ORDER BY a.created_at DESC, a.id, c.iccid";

/* What a person can do about a card in this state. */
static const struct {
	enum card_state state;
	const char *tone, *next;
	bool withdraw; /* not pushed yet */
} advice[] = {
	{CARD_SUBMITTED, "wait", "正在处理，结果会用短信通知您", true},
	{CARD_PUSHING, "wait", "已提交给运营商，一般 10 分钟内出结果，会用短信通知您", false},
	{CARD_REVIEW, "wait", "工作人员正在审核，一个工作日内用短信通知您", true},
	{CARD_NEEDS_MORE, "bad", "请点“补充材料”拍照上传，收到后工作人员继续审核", true},
	{CARD_DONE, "good", NULL, false},
	{CARD_REFUSED, "bad", "请重新办理；仍不成功请拨打客服电话", false},
	{CARD_WITHDRAWN, "bad", NULL, false},
};

/* Who did it, as the manual's column says. */
static const char *operator_of(const char *channel, const char *acting)
{
	if (text_equal(channel, "counter"))
		return "工作人员办理";
	return text_equal(acting, "self") ? "本人线上办理" : "经办人线上办理";
}

static const char *path_of(struct request *r, int page)
{
	return page > 1 ? arena_printf(r->arena, "/records?page=%d", page) : "/records";
}

/* The columns of the card in this row; Items.N gets what can be done about the application for it. */
static void show_card(struct request *r, const struct db_result *l, int row, int item, int n)
{
	struct view *v = request_view(r);
	const char *prefix = arena_printf(r->arena, "Items.%d.Cards", item), *iccid = db_text(l, row, "iccid");
	bool by_staff = text_equal(db_text(l, row, "channel"), "counter"); /* nothing here was a step of the person's */
	enum card_state state;

	view_item(v, prefix, n, "row", "1");
	if (n > 0)
		view_item(v, prefix, n, "more", "1");
	if (!iccid || !transition_by_name(&state, db_text(l, row, "state")) || state == CARD_DRAFT)
		return;
	view_item(v, prefix, n, "tail", iccid + strlen(iccid) - 4);
	view_item(v, prefix, n, "state", application_state_label(db_text(l, row, "kind"), state));
	for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
		if (advice[i].state == state) {
			view_item(v, prefix, n, "tone", advice[i].tone);
			view_item(v, prefix, n, "next", state == CARD_REFUSED && by_staff ? "没有办成，请拨打客服电话" : advice[i].next);
			if (state == CARD_NEEDS_MORE)
				view_item(v, prefix, n, "reason", db_text(l, row, "asked"));
			if (advice[i].withdraw)
				view_item(v, "Items", item, "withdraw", "1");
		}
	if (state == CARD_REFUSED && !by_staff)
		view_item(v, "Items", item, "retry", "1");
	if (db_text(l, row, "refusal_key") && !by_staff)
		view_item(v, prefix, n, "reason", message_text(r->arena, db_text(l, row, "refusal_key"), NULL));
}

/* NULL when the key was erased: the record stays, the name is gone. */
static enum status name_of(struct request *r, const struct db_result *l, int row, char **out)
{
	struct crypt_key key;
	enum status st;

	*out = NULL;
	if (db_is_null(l, row, "name_sealed") || db_is_null(l, row, "wrapped"))
		return ST_OK;
	st = datakey_unwrap(r->arena, r->site->keys, db_text(l, row, "data_key_id"), db_bytes(l, row, "wrapped"), &key);
	if (st == ST_OK)
		st = opened_text(r->arena, &key, "application_party", "name", db_text(l, row, "party_id"), db_bytes(l, row, "name_sealed"), out);
	crypt_wipe(&key, sizeof key);
	return st;
}

static enum status show_application(struct request *r, const struct db_result *l, int row, int n)
{
	struct view *v = request_view(r);
	struct arena *a = r->arena;
	const struct flow *f = flow_of_kind(db_text(l, row, "kind"));
	char *name;
	enum status st = name_of(r, l, row, &name);

	if (st != ST_OK)
		return st;
	view_item(v, "Items", n, "kind", f ? f->title : "");
	view_item(v, "Items", n, "number", db_text(l, row, "number"));
	view_item(v, "Items", n, "vin", db_text(l, row, "vin") ? mask_vin(a, db_text(l, row, "vin")) : NULL);
	view_item(v, "Items", n, "name", name ? mask_name(a, name) : NULL);
	view_item(v, "Items", n, "time", clock_page(a, db_int(l, row, "at")));
	if (text_equal(db_text(l, row, "state"), "needs_more")) /* its cards go there together */
		view_item(v, "Items", n, "supplement_url", arena_printf(a, "/supplement?number=%s", db_text(l, row, "number")));
	view_item(v, "Items", n, "operator", operator_of(db_text(l, row, "channel"), db_text(l, row, "acting")));
	view_item(v, "Items", n, "report", db_text(l, row, "report"));
	if (db_bool(l, row, "draft")) {
		view_item(v, "Items", n, "draft", "1");
		view_item(v, "Items", n, "until", clock_page(a, db_int(l, row, "expires_at")));
	}
	return ST_OK;
}

static enum status show_items(struct request *r, const struct db_result *l, int page)
{
	const char *last = NULL;
	int items = 0, cards = 0;
	enum status st = ST_OK;

	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		if (!text_equal(last, db_text(l, i, "id"))) {
			if (items == RECORDS_PAGE) { /* one more than fits: there is a next page */
				view_set(request_view(r), "Records.next", path_of(r, page + 1));
				break;
			}
			last = db_text(l, i, "id");
			st = show_application(r, l, i, items++);
			cards = 0;
		}
		if (st != ST_OK)
			break;
		show_card(r, l, i, items - 1, cards);
		if (i + 1 == db_rows(l) || !text_equal(last, db_text(l, i + 1, "id"))) /* what can be done stands at the end */
			view_item(request_view(r), arena_printf(r->arena, "Items.%d.Cards", items - 1), cards, "last", "1");
		cards++;
	}
	view_int(request_view(r), "Items.count", items);
	return st;
}

enum status records_list(struct request *r, const struct sign_in *s, int http_status)
{
	struct view *v = request_view(r);
	const char *asked = request_query(r, "page");
	struct db_result *l;
	int page = asked ? atoi(asked) : 1;
	enum status st;

	page = page < 1 ? 1 : page > 500 ? 500 : page;
	st = db_query(r->site->db, r->arena, &l, LIST, DB_BYTES(s->phone_hash), DB_INT(RECORDS_OPEN_DAYS), DB_TEXT(s->holders),
	              DB_TEXT(s->search), DB_INT(RECORDS_PAGE + 1), DB_INT((page - 1) * RECORDS_PAGE));
	if (st == ST_OK)
		st = show_items(r, l, page);
	if (st != ST_OK)
		return st;
	if (page > 1)
		view_set(v, "Records.previous", path_of(r, page - 1));
	request_here(r, path_of(r, page)); /* a search that was refused has an address that cannot be opened */
	view_flag(v, "Records.withdrawn", text_equal(request_query(r, "said"), "withdrawn"));
	view_flag(v, "Records.pushed", text_equal(request_query(r, "said"), "pushed"));
	view_set(v, "Records.search", s->search ? s->search + strlen(s->search) - 6 : NULL);
	view_flag(v, "Records.older", strcmp(s->holders ? s->holders : "{}", "{}") != 0);
	view_set(v, "Phone.masked", mask_phone(r->arena, s->phone));
	page_common(r, "登记记录", NULL);
	view_set(v, "Page.back", "/");
	return respond_page(r, http_status, "records/list");
}

/* ---- search ---- */

/* A VIN or its last six characters; nothing means everything. */
static const char *rule_search(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	(void)argument;
	if (*clean == 0 || vin_check(clean) == VIN_OK)
		return NULL;
	return strlen(clean) == 6 && strspn(clean, "ABCDEFGHJKLMNPRSTUVWXYZ0123456789") == 6 ? NULL : "vin.search";
}

static const struct field search_fields[] = {{"vin", text_code, rule_search}, {0}};

enum status records_search_serve(struct request *r)
{
	const char *value[1];
	struct sign_in s;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (text_equal(request_field(r, "action"), "all"))
		value[0] = "";
	else if (form_check(r, search_fields, value) > 0)
		return records_list(r, &s, 422);
	st = db_query(r->site->db, r->arena, NULL, "UPDATE session SET records_search = $2 WHERE id_hash = $1", DB_BYTES(session_hash(r)),
	              DB_TEXT(*value[0] ? value[0] : NULL));
	return st == ST_OK ? respond_redirect(r, "/records") : st;
}

/* ---- the older ones ---- */

static const char *rule_tail(struct arena *a, const char *clean, const char **argument)
{
	(void)a;
	(void)argument;
	return strlen(clean) == 4 && strspn(clean, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == 4 ? NULL : "tail.len";
}

static const struct field tail_fields[] = {{"tail", text_code, rule_tail}, {0}};

static enum status show_older(struct request *r, int http_status)
{
	page_common(r, "查看 90 天前的记录", NULL);
	view_set(request_view(r), "Page.back", "/records");
	view_set(request_view(r), "Page.action", "/records/older");
	return respond_page(r, http_status, "records/older");
}

/* Whether the sealed number of this row ends so. A holder whose key is erased cannot be shown anyway. */
static enum status ends_with(struct request *r, const struct db_result *l, int row, const char *tail, bool *found)
{
	struct crypt_key key;
	char *number = NULL;
	size_t n;
	enum status st = datakey_unwrap(r->arena, r->site->keys, db_text(l, row, "data_key_id"), db_bytes(l, row, "wrapped"), &key);

	if (st == ST_OK)
		st = opened_text(r->arena, &key, "application_party", "number", db_text(l, row, "party_id"), db_bytes(l, row, "number_sealed"), &number);
	crypt_wipe(&key, sizeof key);
	n = st == ST_OK && number ? strlen(number) : 0;
	*found = n >= 4 && crypt_equal(number + n - 4, tail, 4);
	return st;
}

/* In the caller's transaction: the holders of this phone's older records whose number ends so are added to the session. */
static enum status open_older(struct request *r, const struct sign_in *s, const char *tail, bool *found)
{
	struct db_result *l;
	enum status st = db_query(r->site->db, r->arena, &l,
	                          "SELECT DISTINCT ON (p.number_hash) p.id AS party_id, p.number_sealed, p.number_hash, a.data_key_id, k.wrapped"
	                          " FROM application a JOIN application_party p ON p.application_id = a.id AND p.role = 'holder'"
	                          " JOIN data_key k ON k.id = a.data_key_id AND k.wrapped IS NOT NULL"
	                          " WHERE a.phone_hash = $1 AND a.phone_proved_at IS NOT NULL AND a.submitted_at IS NOT NULL"
	                          " AND a.created_at <= now() - make_interval(days => $2::integer) ORDER BY p.number_hash, a.created_at DESC LIMIT $3::integer",
	                          DB_BYTES(s->phone_hash), DB_INT(RECORDS_OPEN_DAYS), DB_INT(OLDER_HOLDERS_MAX));

	*found = false;
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		bool here = false;

		st = ends_with(r, l, i, tail, &here);
		if (st != ST_OK || !here)
			continue;
		*found = true;
		st = db_query(r->site->db, r->arena, NULL,
		              "UPDATE session SET records_holders = array_append(array_remove(records_holders, $2::bytea), $2::bytea) WHERE id_hash = $1",
		              DB_BYTES(session_hash(r)), DB_BYTES(db_bytes(l, i, "number_hash")));
	}
	return st;
}

enum status records_older_serve(struct request *r)
{
	struct db *db = r->site->db;
	struct actor actor = records_actor(r);
	struct limit_refusal refusal;
	const char *value[1];
	struct sign_in s;
	bool found = false;
	enum status st = records_enter(r, &s);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (r->method != METHOD_POST)
		return show_older(r, 200);
	if (form_check(r, tail_fields, value) > 0)
		return show_older(r, 422);
	const struct limit_key counted = {"records.older", s.phone};

	st = db_begin(db);
	if (st == ST_OK)
		st = limits_check(db, r->arena, r->site->config, r->site->keys, &counted, 1, &refusal);
	if (st == ST_OK && !refusal.kind)
		st = open_older(r, &s, value[0], &found);
	if (st == ST_OK && !refusal.kind && !found)
		st = limits_record(db, r->arena, r->site->keys, &counted, 1);
	if (st == ST_OK)
		st = audit_write(db, r->arena, &actor, "records.older", NULL, NULL, refusal.kind ? "limited" : found ? "ok" : "wrong", NULL);
	if (st == ST_OK)
		st = db_commit(db);
	if (st != ST_OK)
		return st;
	if (found)
		return respond_redirect(r, "/records");
	form_value(r, "tail", NULL);
	if (refusal.kind || refusal.left <= 1)
		form_error(r, "tail", "code.locked", refusal.kind ? clock_page(r->arena, refusal.until + 59) : "一天");
	else
		form_error(r, "tail", "tail.none", arena_printf(r->arena, "%d", refusal.left - 1));
	return show_older(r, refusal.kind ? 429 : 422);
}
