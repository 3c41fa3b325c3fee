/* A batch of the company after its submission: true counts, every card with its reason, the result to download. A batch is found by its
 * number within the company of the session, never otherwise. What can be done with it is in fleet_batch_again.c. */
#include "flow/fleet_batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/kind.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "http/messages.h"
#include "store/batch.h"
#include "table/writer.h"

#define PAGE 50
#define PAGES_MAX 2000

/* What the page counts and lists together. */
static const struct {
	const char *name, *label, *tone;
	enum card_state states[2]; /* the second may be CARD_DRAFT: none */
} groups[] = {
	{"waiting", "待处理", "wait", {CARD_SUBMITTED}}, {"review", "核验中", "wait", {CARD_REVIEW, CARD_NEEDS_MORE}},
	{"pushing", "推送中", "wait", {CARD_PUSHING}},   {"done", "成功", "good", {CARD_DONE}},
	{"refused", "失败", "bad", {CARD_REFUSED}},    {"withdrawn", "已撤回", "bad", {CARD_WITHDRAWN}},
};
_Static_assert(sizeof groups / sizeof *groups == BATCH_GROUPS, "a group without its name");

static int group_of(enum card_state state)
{
	for (int i = 0; i < BATCH_GROUPS; i++)
		if (groups[i].states[0] == state || (groups[i].states[1] == state && state != CARD_DRAFT))
			return i;
	return BATCH_GROUP_WAITING;
}

static enum status load_counts(struct request *r, struct batch_page *b)
{
	struct db_result *c, *n;
	enum card_state state;
	enum status st = db_query(r->site->db, r->arena, &c, "SELECT state, count(*) AS cards FROM application_card WHERE application_id = $1 GROUP BY state",
				  DB_TEXT(b->id));

	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &n,
			      "SELECT count(DISTINCT vehicle_id) AS cars FROM application_card WHERE application_id = $1",
			      DB_TEXT(b->id));
	for (int i = 0; st == ST_OK && i < db_rows(c); i++) {
		if (!transition_by_name(&state, db_text(c, i, "state")))
			return status_fail(ST_ERROR, "an application card has an unknown state");
		b->count[group_of(state)] += (int)db_int(c, i, "cards");
		b->needs_more += state == CARD_NEEDS_MORE ? (int)db_int(c, i, "cards") : 0;
		b->cards += (int)db_int(c, i, "cards");
	}
	if (st != ST_OK)
		return st;
	b->cars = (int)db_int(n, 0, "cars");
	return ST_OK;
}

static enum status load_batch(struct company_visit *c, const char *number, bool lock, struct batch_page *b)
{
	struct request *r = c->r;
	struct db_result *a;
	enum status st = ST_OK;

	*b = (struct batch_page){0};
	if (lock)
		st = db_query(r->site->db, r->arena, &a, "SELECT FROM application WHERE number = $1 AND company_id = $2 FOR UPDATE", DB_TEXT(number),
			      DB_TEXT(c->company.id));
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &a,
			      "SELECT a.id, a.number, a.kind, extract(epoch FROM a.submitted_at)::bigint AS at,"
			      " (SELECT string_agg(s.words, '；' ORDER BY s.asked_at) FROM supplement s WHERE s.application_id = a.id AND s.given_at IS NULL) AS asked"
			      " FROM application a WHERE a.number = $1 AND a.company_id = $2 AND a.submitted_at IS NOT NULL",
			      DB_TEXT(number), DB_TEXT(c->company.id));
	if (st == ST_OK && db_rows(a) != 1)
		st = status_fail(ST_NOT_FOUND, "not a batch of this company");
	if (st != ST_OK)
		return st;
	b->id = db_text(a, 0, "id");
	b->number = db_text(a, 0, "number");
	b->kind = db_text(a, 0, "kind");
	b->asked = db_text(a, 0, "asked");
	b->submitted_at = db_int(a, 0, "at");
	return load_counts(r, b);
}

/* It goes on by itself, or people look at it; not while it waits for the company. */
static bool goes_on(const struct batch_page *b)
{
	return fleet_batch_open(b) && b->needs_more == 0;
}

bool fleet_batch_open(const struct batch_page *b)
{
	return b->count[BATCH_GROUP_WAITING] + b->count[BATCH_GROUP_REVIEW] + b->count[BATCH_GROUP_PUSHING] > 0;
}

static const char *heading_of(const struct batch_page *b)
{
	if (b->needs_more > 0)
		return "请补充材料";
	if (fleet_batch_open(b))
		return b->count[BATCH_GROUP_REVIEW] ? "这一批正在核验" : "这一批正在办理";
	if (b->count[BATCH_GROUP_DONE] == b->cards)
		return "全部成功";
	if (b->count[BATCH_GROUP_DONE] > 0)
		return "部分成功";
	return b->count[BATCH_GROUP_REFUSED] > 0 ? "全部没有成功" : "这一批已撤回";
}

enum status fleet_batch_begin(struct company_visit *c, struct request *r, bool lock, struct batch_page *b)
{
	char *number = arena_strdup(r->arena, r->tail);
	enum status st = company_visit(c, r);

	number[strcspn(number, "/")] = 0;
	if (st == ST_OK && lock)
		st = db_begin(r->site->db);
	return st == ST_OK ? load_batch(c, number, lock, b) : st;
}

const char *fleet_batch_place(struct request *r, const struct batch_page *b)
{
	return arena_printf(r->arena, COMPANY_PLACE "/batch/%s", b->number);
}

/* ---- the list ---- */

#define CARDS                                                                                                                              \
	"SELECT v.vin, v.vehicle_model, c.iccid, ac.state, ac.refusal_key, extract(epoch FROM ac.state_at)::bigint AS at FROM application_card ac" \
	" JOIN vehicle v ON v.id = ac.vehicle_id JOIN card c ON c.id = ac.card_id"                                                         \
	" WHERE ac.application_id = $1 AND ($2 = '{}' OR ac.state = ANY ($2::text[])) ORDER BY v.vin, c.iccid"

/* The states of the group of this name as an array of PostgreSQL; "{}" for all. */
static const char *states_shown(struct request *r, const char *show, int *group)
{
	*group = -1;
	for (int i = 0; show && i < BATCH_GROUPS; i++)
		if (strcmp(groups[i].name, show) == 0) {
			*group = i;
			return groups[i].states[1] == CARD_DRAFT ? arena_printf(r->arena, "{%s}", transition_name(groups[i].states[0]))
								 : arena_printf(r->arena, "{%s,%s}", transition_name(groups[i].states[0]),
										transition_name(groups[i].states[1]));
		}
	return "{}";
}

static const char *list_path(struct request *r, const struct batch_page *b, int group, int page)
{
	const char *show = group >= 0 ? arena_printf(r->arena, "?show=%s", groups[group].name) : "";

	return page > 1 ? arena_printf(r->arena, "%s%s%cpage=%d", fleet_batch_place(r, b), show, *show ? '&' : '?', page) : arena_printf(r->arena, "%s%s", fleet_batch_place(r, b), show);
}

static void show_choices(struct request *r, const struct batch_page *b, int group)
{
	struct view *v = request_view(r);
	int n = 1;

	view_item(v, "Shows", 0, "url", list_path(r, b, -1, 1));
	view_item(v, "Shows", 0, "label", arena_printf(r->arena, "全部 %d", b->cards));
	view_item(v, "Shows", 0, "current", group < 0 ? "1" : NULL);
	for (int i = 0; i < BATCH_GROUPS; i++) {
		if (b->count[i] == 0 && i != group)
			continue;
		view_item(v, "Shows", n, "url", list_path(r, b, i, 1));
		view_item(v, "Shows", n, "label", arena_printf(r->arena, "%s %d", groups[i].label, b->count[i]));
		view_item(v, "Shows", n++, "current", group == i ? "1" : NULL);
	}
}

static const char *reason_of(struct request *r, const struct db_result *l, int i)
{
	return db_is_null(l, i, "refusal_key") ? NULL : message_text(r->arena, db_text(l, i, "refusal_key"), NULL);
}

static enum status show_list(struct request *r, const struct batch_page *b)
{
	struct view *v = request_view(r);
	const char *asked = request_query(r, "page");
	int page = asked ? atoi(asked) : 1, group;
	const char *states = states_shown(r, request_query(r, "show"), &group);
	struct db_result *l;
	enum card_state state;
	enum status st;

	page = page < 1 ? 1 : page > PAGES_MAX ? PAGES_MAX : page;
	st = db_query(r->site->db, r->arena, &l, CARDS " LIMIT $3::integer OFFSET $4::integer", DB_TEXT(b->id), DB_TEXT(states), DB_INT(PAGE + 1),
		      DB_INT((page - 1) * PAGE));
	for (int i = 0; st == ST_OK && i < db_rows(l) && i < PAGE; i++) {
		if (!transition_by_name(&state, db_text(l, i, "state")))
			return status_fail(ST_ERROR, "an application card has an unknown state");
		view_item(v, "Cards", i, "vin", db_text(l, i, "vin"));
		view_item(v, "Cards", i, "model", db_text(l, i, "vehicle_model"));
		view_item(v, "Cards", i, "iccid", db_text(l, i, "iccid"));
		view_item(v, "Cards", i, "state", application_state_label(b->kind, state));
		view_item(v, "Cards", i, "tone", groups[group_of(state)].tone);
		view_item(v, "Cards", i, "reason", reason_of(r, l, i));
	}
	if (st != ST_OK)
		return st;
	show_choices(r, b, group);
	if (page > 1)
		view_set(v, "Cards.previous", list_path(r, b, group, page - 1));
	if (db_rows(l) > PAGE)
		view_set(v, "Cards.next", list_path(r, b, group, page + 1));
	if (page > 1 || group >= 0)
		request_here(r, list_path(r, b, group, page));
	return ST_OK;
}

/* ---- the page ---- */

/* For the script of the page: the counts as they are now; when nothing is open any more, or the company has to do something, the page is read
 * again as a whole. */
static enum status answer_counts(struct request *r, const struct batch_page *b)
{
	struct buffer text;

	buffer_init(&text, r->arena, 1000);
	buffer_printf(&text, "{\"waiting\":%s,\"counts\":{", goes_on(b) ? "true" : "false");
	for (int i = 0; i < BATCH_GROUPS; i++)
		buffer_printf(&text, "%s\"%s\":%d", i ? "," : "", groups[i].name, b->count[i]);
	buffer_text(&text, "}}");
	return respond_json(r, 200, text.data);
}

void fleet_batch_show(struct request *r, const struct batch_page *b)
{
	struct view *v = request_view(r);
	const struct flow *f = flow_of_company(b->kind);

	view_set(v, "Batch.number", b->number);
	view_set(v, "Batch.title", f ? f->title : "");
	view_set(v, "Batch.time", clock_page(r->arena, b->submitted_at));
	view_int(v, "Batch.cars", b->cars);
	view_int(v, "Batch.cards", b->cards);
	view_set(v, "Batch.kind", b->kind);
	view_flag(v, "Batch.open", fleet_batch_open(b));
	view_flag(v, "Batch.review", b->count[BATCH_GROUP_REVIEW] > 0);
	view_flag(v, "Batch.needs_more", b->needs_more > 0);
	view_set(v, "Batch.asked", b->asked);
	view_flag(v, "Batch.withdraw", b->count[BATCH_GROUP_WAITING] + b->count[BATCH_GROUP_REVIEW] > 0);
	view_int(v, "Batch.left", b->count[BATCH_GROUP_WAITING] + b->count[BATCH_GROUP_REVIEW]);
	for (int i = 0; i < BATCH_GROUPS; i++)
		view_set(v, arena_printf(r->arena, "Count.%s", groups[i].name), arena_printf(r->arena, "%d", b->count[i]));
}

enum status fleet_batch_serve(struct request *r)
{
	struct company_visit c;
	struct batch_again again;
	struct batch_page b;
	struct view *v = request_view(r);
	enum status st = fleet_batch_begin(&c, r, false, &b);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (r->wants_json)
		return answer_counts(r, &b);
	st = show_list(r, &b);
	if (st == ST_OK)
		st = fleet_batch_again_cars(&c, &b, &again);
	if (st != ST_OK)
		return st;
	view_int(v, "Batch.retry_cars", again.count);
	view_flag(v, "Batch.retried", !fleet_batch_open(&b) && b.count[BATCH_GROUP_REFUSED] > 0 && again.count == 0);
	fleet_batch_show(r, &b);
	view_flag(v, "Said.withdrawn", text_equal(request_query(r, "said"), "withdrawn") && b.count[BATCH_GROUP_WITHDRAWN] > 0);
	view_flag(v, "Said.late", text_equal(request_query(r, "said"), "late"));
	view_flag(v, "Batch.sent", b.count[BATCH_GROUP_PUSHING] + b.count[BATCH_GROUP_DONE] > 0); /* else refused before it was sent */
	view_flag(v, "Said.given", text_equal(request_query(r, "said"), "given") && goes_on(&b));
	page_common(r, heading_of(&b), NULL);
	view_set(v, "Page.back", COMPANY_PLACE);
	if (goes_on(&b))
		view_set(v, "Page.refresh", "2");
	return respond_page(r, 200, "fleet/batch");
}

/* ---- the result as a file ---- */

static enum status serve_result(struct request *r)
{
	static const struct table_head columns[] = {{"车架号", 22}, {"车型", 16}, {"ICCID", 24}, {"状态", 12}, {"原因", 44}, {"时间", 20}};
	const char *name = strrchr(r->tail, '/');
	enum table_kind kind = name && strcmp(name, "/result.xlsx") == 0 ? TABLE_XLSX : TABLE_CSV;
	struct company_visit c;
	struct batch_page b;
	struct table_writer *w;
	struct db_result *l;
	struct bytes file;
	enum card_state state;
	enum status st = name && (kind == TABLE_XLSX || strcmp(name, "/result.csv") == 0) ? fleet_batch_begin(&c, r, false, &b) : ST_NOT_FOUND;

	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l, CARDS, DB_TEXT(b.id), DB_TEXT("{}"));
	if (st == ST_OK)
		st = table_write_begin(&w, r->arena, kind, "结果", columns, sizeof columns / sizeof *columns);
	for (int i = 0; st == ST_OK && i < db_rows(l); i++) {
		const char *label = transition_by_name(&state, db_text(l, i, "state")) ? application_state_label(b.kind, state) : "";
		const char *cells[] = {db_text(l, i, "vin"), db_text(l, i, "vehicle_model"), db_text(l, i, "iccid"),
				       label,                reason_of(r, l, i),            clock_page(r->arena, db_int(l, i, "at"))};

		st = table_write_row(w, cells, sizeof cells / sizeof *cells);
	}
	if (st == ST_OK)
		st = table_write_end(w, &file);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	return respond_attachment(r, table_media_type(kind), arena_printf(r->arena, "batch-%s%s", b.number, table_extension(kind)), file);
}

enum status fleet_batch_part_serve(struct request *r)
{
	static const struct {
		const char *name;
		bool get, post;
		enum status (*serve)(struct request *r);
	} parts[] = {
		{"result.csv", true, false, serve_result},
		{"result.xlsx", true, false, serve_result},
		{"withdraw", true, true, fleet_batch_withdraw_serve},
		{"retry", false, true, fleet_batch_retry_serve},
	};
	const char *name = strchr(r->tail, '/');
	bool post = r->method == METHOD_POST;

	for (size_t i = 0; name && i < sizeof parts / sizeof *parts; i++)
		if (strcmp(parts[i].name, name + 1) == 0 && (post ? parts[i].post : parts[i].get))
			return parts[i].serve(r);
	return ST_NOT_FOUND;
}
