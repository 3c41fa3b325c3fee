/* A batch of the company after its submission: true counts, every card with its reason. A batch is found by its number within the company
 * of the session, never otherwise. */
#include "flow/fleet_batch.h"
#include "flow/fleet_batch_part.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "domain/kind.h"
#include "domain/transition.h"
#include "flow/flow.h"
#include "http/messages.h"

#define PAGE 50
#define PAGES_MAX 2000

/* What the page counts and lists together. */
static const struct group {
	const char *name, *label, *tone;
	enum card_state states[2]; /* the second may be CARD_DRAFT: none */
} groups[] = {
	{"waiting", "待处理", "wait", {CARD_SUBMITTED}}, {"review", "审核中", "wait", {CARD_REVIEW, CARD_NEEDS_MORE}},
	{"pushing", "办理中", "wait", {CARD_PUSHING}},   {"done", "成功", "good", {CARD_DONE}},
	{"refused", "未成功", "bad", {CARD_REFUSED}},    {"withdrawn", "已撤回", "bad", {CARD_WITHDRAWN}},
};
_Static_assert(sizeof groups / sizeof *groups == BATCH_GROUPS, "every group is shown");

static int group_of(enum card_state state)
{
	for (int i = 0; i < BATCH_GROUPS; i++)
		if (groups[i].states[0] == state || (groups[i].states[1] == state && state != CARD_DRAFT))
			return i;
	return BATCH_WAITING;
}

static enum status load_counts(struct request *r, struct batch *b)
{
	struct db_result *c, *n;
	enum card_state state;
	enum status st =
		db_query(r->site->db, r->arena, &c,
			 "SELECT state, count(*) AS cards FROM application_card WHERE application_id = $1 GROUP BY state", DB_TEXT(b->id));

	if (st == ST_OK)
		st = db_query(
			r->site->db, r->arena, &n,
			"SELECT count(DISTINCT vehicle_id) AS cars, count(DISTINCT vehicle_id) FILTER (WHERE state = 'refused') AS refused"
			" FROM application_card WHERE application_id = $1",
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
	b->retry_cars = (int)db_int(n, 0, "refused");
	return ST_OK;
}

static enum status load_batch(struct company_visit *c, const char *number, bool lock, struct batch *b)
{
	struct request *r = c->r;
	struct db_result *a;
	enum status st = ST_OK;

	*b = (struct batch){0};
	if (lock)
		st = db_query(r->site->db, r->arena, &a, "SELECT FROM application WHERE number = $1 AND company_id = $2 FOR UPDATE",
			      DB_TEXT(number), DB_TEXT(c->company.id));
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &a,
			      "SELECT a.id, a.number, a.kind, extract(epoch FROM a.submitted_at)::bigint AS at,"
			      " (SELECT string_agg(s.words, '；' ORDER BY s.asked_at) FROM supplement s WHERE s.application_id = a.id AND "
			      "s.given_at IS NULL) AS asked"
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

static bool is_open(const struct batch *b)
{
	return b->count[BATCH_WAITING] + b->count[BATCH_REVIEW] + b->count[BATCH_PUSHING] > 0;
}

static const char *heading_of(const struct batch *b)
{
	if (is_open(b))
		return b->count[BATCH_REVIEW] ? "这一批在审核" : "这一批正在办理";
	if (b->count[BATCH_DONE] == b->cards)
		return "全部成功";
	if (b->count[BATCH_DONE] > 0)
		return "部分成功";
	return b->count[BATCH_REFUSED] > 0 ? "全部没有成功" : "这一批已撤回";
}

enum status batch_visit(struct company_visit *c, struct request *r, bool lock, struct batch *b)
{
	char *number = arena_strdup(r->arena, r->tail);
	enum status st = company_visit(c, r);

	number[strcspn(number, "/")] = 0;
	if (st == ST_OK && lock)
		st = db_begin(r->site->db);
	return st == ST_OK ? load_batch(c, number, lock, b) : st;
}

const char *batch_place(struct request *r, const struct batch *b)
{
	return arena_printf(r->arena, COMPANY_PLACE "/batch/%s", b->number);
}

/* ---- the list ---- */

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

static const char *list_path(struct request *r, const struct batch *b, int group, int page)
{
	const char *show = group >= 0 ? arena_printf(r->arena, "?show=%s", groups[group].name) : "";

	return page > 1 ? arena_printf(r->arena, "%s%s%cpage=%d", batch_place(r, b), show, *show ? '&' : '?', page)
			: arena_printf(r->arena, "%s%s", batch_place(r, b), show);
}

static void show_choices(struct request *r, const struct batch *b, int group)
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

const char *batch_reason(struct request *r, const struct db_result *l, int i)
{
	return db_is_null(l, i, "refusal_key") ? NULL : message_text(r->arena, db_text(l, i, "refusal_key"), NULL);
}

static enum status show_list(struct request *r, const struct batch *b)
{
	struct view *v = request_view(r);
	const char *asked = request_query(r, "page");
	int page = asked ? atoi(asked) : 1, group;
	const char *states = states_shown(r, request_query(r, "show"), &group);
	struct db_result *l;
	enum card_state state;
	enum status st;

	page = page < 1 ? 1 : page > PAGES_MAX ? PAGES_MAX : page;
	st = db_query(r->site->db, r->arena, &l, BATCH_CARDS " LIMIT $3::integer OFFSET $4::integer", DB_TEXT(b->id), DB_TEXT(states),
		      DB_INT(PAGE + 1), DB_INT((page - 1) * PAGE));
	for (int i = 0; st == ST_OK && i < db_rows(l) && i < PAGE; i++) {
		if (!transition_by_name(&state, db_text(l, i, "state")))
			return status_fail(ST_ERROR, "an application card has an unknown state");
		view_item(v, "Cards", i, "vin", db_text(l, i, "vin"));
		view_item(v, "Cards", i, "model", db_text(l, i, "vehicle_model"));
		view_item(v, "Cards", i, "iccid", db_text(l, i, "iccid"));
		view_item(v, "Cards", i, "state", application_state_label(b->kind, state));
		view_item(v, "Cards", i, "tone", groups[group_of(state)].tone);
		view_item(v, "Cards", i, "reason", batch_reason(r, l, i));
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

/* For the script of the page: the counts as they are now; when nothing is open any more the page is read again as a whole. */
static enum status answer_counts(struct request *r, const struct batch *b)
{
	struct buffer text;

	buffer_init(&text, r->arena, 1000);
	buffer_printf(&text, "{\"waiting\":%s,\"counts\":{", is_open(b) ? "true" : "false");
	for (int i = 0; i < BATCH_GROUPS; i++)
		buffer_printf(&text, "%s\"%s\":%d", i ? "," : "", groups[i].name, b->count[i]);
	buffer_text(&text, "}}");
	return respond_json(r, 200, text.data);
}

void batch_show(struct request *r, const struct batch *b)
{
	struct view *v = request_view(r);
	const struct flow *f = flow_of_company(b->kind);

	view_set(v, "Batch.number", b->number);
	view_set(v, "Batch.title", f ? f->title : "");
	view_set(v, "Batch.time", clock_page(r->arena, b->submitted_at));
	view_int(v, "Batch.cars", b->cars);
	view_int(v, "Batch.cards", b->cards);
	view_int(v, "Batch.retry_cars", b->retry_cars);
	view_flag(v, "Batch.open", is_open(b));
	view_flag(v, "Batch.review", b->count[BATCH_REVIEW] > 0);
	view_flag(v, "Batch.needs_more", b->needs_more > 0);
	view_set(v, "Batch.asked", b->asked);
	view_flag(v, "Batch.withdraw", b->count[BATCH_WAITING] + b->count[BATCH_REVIEW] > 0);
	view_int(v, "Batch.left", b->count[BATCH_WAITING] + b->count[BATCH_REVIEW]);
	for (int i = 0; i < BATCH_GROUPS; i++)
		view_set(v, arena_printf(r->arena, "Count.%s", groups[i].name), arena_printf(r->arena, "%d", b->count[i]));
}

enum status fleet_batch_serve(struct request *r)
{
	struct company_visit c;
	struct batch b;
	struct view *v = request_view(r);
	enum status st = batch_visit(&c, r, false, &b);

	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (r->wants_json)
		return answer_counts(r, &b);
	st = show_list(r, &b);
	if (st != ST_OK)
		return st;
	batch_show(r, &b);
	view_flag(v, "Said.withdrawn", text_equal(request_query(r, "said"), "withdrawn"));
	page_common(r, heading_of(&b), NULL);
	view_set(v, "Page.back", COMPANY_PLACE);
	if (is_open(&b))
		view_set(v, "Page.refresh", "2");
	return respond_page(r, 200, "fleet/batch");
}
