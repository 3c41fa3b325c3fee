/* Cars by pasted text or by a table file, the answers. What is right goes into the basket: of a paste at once, of a file at once when all
 * of it is right, otherwise when that is asked for. */
#include <string.h>

#include "base/log.h"
#include "flow/fleet_take.h"
#include "http/messages.h"

#define SHOWN_MAX 50

static enum status put_in(struct take *t, bool *full)
{
	struct request *r = t->v.r;
	int changed;
	enum status st = flow_lock(&t->v);

	*full = false;
	if (st == ST_OK)
		st = batch_add(r->site->db, r->arena, &t->v.actor, &t->v.draft, &t->scope, batch_picked(r->arena, t->picks, t->pick_count),
			       &changed);
	if (st == ST_LIMIT) {
		*full = true;
		db_rollback(r->site->db);
		return ST_OK;
	}
	if (st == ST_OK)
		st = db_commit(r->site->db);
	if (st == ST_OK)
		st = draft_load(r->site->db, r->arena, session_hash(r), &t->v.draft);
	return st;
}

static void show_faults(struct take *t)
{
	struct view *view = request_view(t->v.r);
	int shown = 0;

	for (int i = 0; i < t->count && shown < SHOWN_MAX; i++) {
		if (!t->rows[i].fault)
			continue;
		view_item(view, "Faults", shown, "row", arena_printf(t->v.r->arena, "%d", t->rows[i].row));
		view_item(view, "Faults", shown, "given", *t->rows[i].given ? t->rows[i].given : "（空）");
		view_item(view, "Faults", shown++, "text", message_text(t->v.r->arena, t->rows[i].fault, NULL));
	}
	view_int(view, "Faults.shown", shown);
	view_int(view, "Faults.count", t->faults);
}

/* What a spreadsheet shows otherwise than it was read. */
static void show_about(struct view *view, const struct table_about *about, int count)
{
	view_int(view, "Take.hidden", about->hidden_rows);
	view_flag(view, "Take.all_hidden", about->hidden_rows > 0 && about->hidden_rows >= count);
	view_int(view, "Take.hidden_columns", about->hidden_columns);
	view_int(view, "Take.unread_sheets", about->sheets > 1 ? about->sheets - 1 : 0);
	view_set(view, "Take.sheet", about->sheet);
}

static enum status show_result(struct take *t, bool in)
{
	struct request *r = t->v.r;
	struct view *view = request_view(r);

	show_faults(t);
	if (t->about)
		show_about(view, t->about, t->count);
	view_int(view, "Take.count", t->count);
	view_int(view, "Take.right", t->right);
	view_int(view, "Take.there", t->there);
	view_int(view, "Take.doubled", t->doubled);
	view_flag(view, "Take.table", t->table);
	view_flag(view, "Take.in", in);
	view_int(view, "Basket.cars", t->v.draft.batch_cars);
	view_set(view, "Take.good", arena_printf(r->arena, "/%s/cars/good", t->v.flow->slug));
	view_set(view, "Take.kept", t->kept);
	view_set(view, "Take.back", arena_printf(r->arena, "/%s/cars/back", t->v.flow->slug));
	view_set(view, "Upload.url", arena_printf(r->arena, "/%s/upload/cars?csrf=%s", t->v.flow->slug, session_csrf(r)));
	page_common(r, t->faults ? "有些车不能选" : "车辆已加入", NULL);
	view_set(view, "Page.back", arena_printf(r->arena, "/%s/cars", t->v.flow->slug));
	view_set(view, "Page.action", arena_printf(r->arena, "/%s/cars", t->v.flow->slug));
	request_here(r, arena_printf(r->arena, "/%s/cars", t->v.flow->slug));
	return respond_page(r, t->faults ? 422 : 200, "fleet/taken");
}

static enum status refuse_whole(struct take *t)
{
	struct request *r = t->v.r;

	form_error(r, t->table ? "file" : "vins", t->problem, text_empty(t->found) ? "没有文字" : t->found);
	return flow_show(&t->v, 422);
}

enum status take_begin(struct take *t, struct request *r)
{
	struct company company;
	enum status st = flow_enter(&t->v, r, "cars");

	return st == ST_OK ? fleet_scope(&t->v, &company, &t->scope) : st;
}

enum status fleet_take_serve(struct request *r)
{
	struct take t = {0};
	bool full = false, in;
	enum status st = take_begin(&t, r);

	if (st == ST_OK)
		st = take_read_body(r, &t);
	if (st == ST_OK)
		st = take_look(&t);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (t.problem)
		return refuse_whole(&t);
	log_info("fleet", "cars %s: given=%d right=%d", t.table ? "imported" : "pasted", t.count, t.right);
	in = !t.table || t.faults == 0;
	if (t.table && t.faults > 0)
		st = take_keep_file(&t);
	if (st == ST_OK && in && t.right > 0)
		st = put_in(&t, &full);
	if (full) {
		t.problem = "fleet.limit";
		return refuse_whole(&t);
	}
	if (st == ST_CONFLICT)
		return flow_go_on(&t.v);
	return st == ST_OK ? show_result(&t, in) : st;
}

enum status fleet_good_serve(struct request *r)
{
	struct take t = {0};
	bool full = false;
	enum status st = take_begin(&t, r);

	if (st == ST_OK)
		st = take_load_file(&t);
	if (st == ST_OK)
		st = take_look(&t);
	if (st == ST_OK && !t.problem && t.right > 0)
		st = put_in(&t, &full);
	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_CONFLICT)
		return flow_go_on(&t.v);
	if (st == ST_OK && full) {
		t.problem = "fleet.limit";
		return refuse_whole(&t);
	}
	return st == ST_OK ? flow_go(&t.v, "cars") : st;
}
