/* The list of the applications of one phone: newest first, a state per card, and where it failed the reason and what to do. */
#include "flow/records_list.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "http/messages.h"
#include "store/datakey.h"

/* A row a card, so that one query serves the page; the page's applications are chosen first. */
static const char LIST[] =
	"SELECT a.id, a.number, a.kind, a.data_key_id, extract(epoch FROM coalesce(a.submitted_at, a.created_at))::bigint AS at,"
	" extract(epoch FROM a.expires_at)::bigint AS expires_at, a.submitted_at IS NULL AS draft, v.vin, p.id AS party_id, p.name_sealed,"
	" c.iccid, ac.state, ac.refusal_key FROM (SELECT * FROM application WHERE phone_hash = $1 AND phone_proved_at IS NOT NULL"
	" AND (submitted_at IS NOT NULL OR (expired_at IS NULL AND expires_at > now())) ORDER BY created_at DESC LIMIT $2::integer OFFSET $3::integer) a"
	" LEFT JOIN vehicle v ON v.id = a.vehicle_id LEFT JOIN application_party p ON p.application_id = a.id AND p.role = 'holder'"
	" LEFT JOIN application_card ac ON ac.application_id = a.id LEFT JOIN card c ON c.id = ac.card_id"
	" ORDER BY a.created_at DESC, a.id, c.iccid";

/* What a person can do about a card in this state. */
static const struct {
	enum card_state state;
	const char *tone, *next;
} advice[] = {
	{CARD_DRAFT, "wait", NULL},
	{CARD_SUBMITTED, "wait", "正在处理，结果会用短信通知您"},
	{CARD_PUSHING, "wait", "已提交给运营商，一般 10 分钟内出结果，会用短信通知您"},
	{CARD_REVIEW, "wait", "工作人员正在审核，一个工作日内用短信通知您"},
	{CARD_NEEDS_MORE, "bad", "请按短信提示补充材料，或拨打客服电话"},
	{CARD_DONE, "good", NULL},
	{CARD_REFUSED, "bad", "请核对后重新办理；仍不成功请拨打客服电话"},
	{CARD_WITHDRAWN, "bad", NULL},
};

static void show_card(struct request *r, const struct db_result *l, int row, const char *prefix, int n)
{
	struct view *v = request_view(r);
	const char *iccid = db_text(l, row, "iccid");
	enum card_state state;

	if (!iccid || !transition_by_name(&state, db_text(l, row, "state")))
		return;
	view_item(v, prefix, n, "tail", iccid + strlen(iccid) - 4);
	view_item(v, prefix, n, "state", transition_label(state, text_equal(db_text(l, row, "kind"), "cancel")));
	for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
		if (advice[i].state == state) {
			view_item(v, prefix, n, "tone", advice[i].tone);
			view_item(v, prefix, n, "next", advice[i].next);
		}
	if (db_text(l, row, "refusal_key"))
		view_item(v, prefix, n, "reason", message_text(r->arena, db_text(l, row, "refusal_key"), NULL));
}

static enum status show_application(struct request *r, const struct db_result *l, int row, int n)
{
	struct view *v = request_view(r);
	struct arena *a = r->arena;
	const struct flow *f = flow_of_kind(db_text(l, row, "kind"));
	char *name = NULL;
	struct crypt_key key;
	enum status st = ST_OK;

	if (!db_is_null(l, row, "name_sealed")) {
		st = datakey_load(r->site->db, a, r->site->keys, db_text(l, row, "data_key_id"), &key);
		if (st == ST_OK)
			st = opened_text(a, &key, "application_party", "name", db_text(l, row, "party_id"), db_bytes(l, row, "name_sealed"), &name);
		crypt_wipe(&key, sizeof key);
		if (st == ST_NOT_FOUND) /* erased: the record stays, the name is gone */
			st = ST_OK;
	}
	if (st != ST_OK)
		return st;
	view_item(v, "Items", n, "kind", f ? f->title : "");
	view_item(v, "Items", n, "number", db_text(l, row, "number"));
	view_item(v, "Items", n, "vin", mask_vin(a, db_text(l, row, "vin")));
	view_item(v, "Items", n, "name", name ? mask_name(a, name) : NULL);
	view_item(v, "Items", n, "time", clock_page(a, db_int(l, row, "at")));
	if (db_bool(l, row, "draft")) {
		view_item(v, "Items", n, "draft", "1");
		view_item(v, "Items", n, "until", clock_page(a, db_int(l, row, "expires_at")));
	}
	return ST_OK;
}

enum status records_list(struct request *r, struct bytes phone_hash)
{
	struct view *v = request_view(r);
	const char *asked = request_query(r, "page"), *last = NULL;
	struct db_result *l;
	int page = asked ? atoi(asked) : 1, items = 0, cards = 0;
	enum status st;

	page = page < 1 ? 1 : page > 500 ? 500 : page;
	st = db_query(r->site->db, r->arena, &l, LIST, DB_BYTES(phone_hash), DB_INT(RECORDS_PAGE + 1), DB_INT((page - 1) * RECORDS_PAGE));
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		if (!text_equal(last, db_text(l, i, "id"))) {
			if (items == RECORDS_PAGE) { /* one more than fits: there is a next page */
				view_set(v, "Records.next", arena_printf(r->arena, "/records?page=%d", page + 1));
				break;
			}
			last = db_text(l, i, "id");
			st = show_application(r, l, i, items++);
			cards = 0;
		}
		if (st == ST_OK)
			show_card(r, l, i, arena_printf(r->arena, "Items.%d.Cards", items - 1), cards++);
	}
	if (st != ST_OK)
		return st;
	view_int(v, "Items.count", items);
	if (page > 1)
		view_set(v, "Records.previous", arena_printf(r->arena, "/records?page=%d", page - 1));
	page_common(r, "登记记录", NULL);
	view_set(v, "Page.back", "/");
	return respond_page(r, 200, "records/list");
}
