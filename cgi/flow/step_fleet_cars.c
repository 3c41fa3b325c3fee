/* 选择车辆 of companies: the table of the company's cars with search and filters, ticks kept page by page; the other two ways into the basket
 * are fleet_take.c. What is looked for is kept with the session, so that no address holds a part of a VIN. */
#include <string.h>

#include "flow/fleet_cars.h"
#include "flow/steps.h"

#define PAGE 50
#define SEARCH_MAX 17
#define MODELS_MAX 50

static const struct standing {
	const char *name, *label, *look;
} standings[] = {
	{"free", "未登记", "wait"},
	{"part", "部分卡已登记", "wait"},
	{"registered", "已登记", "good"},
	{"busy", "办理中", "wait"},
};
enum { STANDINGS = sizeof standings / sizeof *standings };

enum status fleet_scope(struct flow_visit *v, struct company *company, struct batch_scope *out)
{
	enum status st = company_of_session(v->r->site->db, v->r->arena, session_hash(v->r), company);

	if (st == ST_OK && (!company->exists || !text_equal(company->id, v->draft.company_id))) {
		st = respond_redirect(v->r, COMPANY_PLACE);
		return st == ST_OK ? ST_DENIED : st;
	}
	return st == ST_OK ? batch_scope_of(v->r->arena, v->r->site->config, v->r->site->keys, company, v->draft.kind, out) : st;
}

/* ---- what is looked for ---- */

struct filter {
	const char *search, *standing, *model; /* "" for all; standing "fit": those that this flow is for */
};

static enum status load_filter(struct flow_visit *v, struct filter *f)
{
	struct db_result *r;
	enum status st = db_query(v->r->site->db, v->r->arena, &r,
				  "SELECT cars_filter[1] AS search, cars_filter[2] AS standing, cars_filter[3] AS model FROM session WHERE id_hash = $1",
				  DB_BYTES(session_hash(v->r)));

	*f = (struct filter){"", "fit", ""};
	if (st != ST_OK || db_rows(r) == 0 || db_is_null(r, 0, "standing"))
		return st;
	*f = (struct filter){db_text(r, 0, "search"), db_text(r, 0, "standing"), db_text(r, 0, "model")};
	return ST_OK;
}

/* As the page carries it: the model, which may hold anything, stands last. */
static const char *filter_text(struct arena *a, const struct filter *f)
{
	return arena_printf(a, "%s|%s|%s", f->search, f->standing, f->model);
}

static const char *known_standing(const char *name)
{
	if (text_empty(name) || strcmp(name, "fit") == 0)
		return name ? name : "fit";
	for (int i = 0; i < STANDINGS; i++)
		if (strcmp(standings[i].name, name) == 0)
			return name;
	return "fit";
}

static enum status keep_filter(struct flow_visit *v)
{
	struct request *r = v->r;
	const char *search = text_code(r->arena, request_field(r, "q")), *model = request_field(r, "model");

	if (search && (strlen(search) > SEARCH_MAX || strspn(search, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != strlen(search))) {
		form_error(r, "q", "fleet.search", NULL);
		return ST_OK;
	}
	return db_query(r->site->db, r->arena, NULL, "UPDATE session SET cars_filter = ARRAY[$2::text, $3::text, $4::text] WHERE id_hash = $1",
			DB_BYTES(session_hash(r)), DB_TEXT(search ? search : ""), DB_TEXT(known_standing(request_field(r, "standing"))),
			DB_TEXT(model && strlen(model) <= 100 ? model : ""));
}

/* $1 company, $2 search, $3 standing, $4 model, $5 whether the flow is for registered cars */
#define FOUND                                                                                                                              \
	" FROM company_vehicle v WHERE v.company_id = $1 AND ($2 = '' OR position($2 IN v.vin) > 0)"                                       \
	" AND CASE $3 WHEN '' THEN true WHEN 'fit' THEN v.standing IN ('part', CASE WHEN $5 THEN 'registered' ELSE 'free' END)"            \
	" ELSE v.standing = $3 END AND ($4 = '' OR v.model = $4)"
#define FOUND_BY(f, s) DB_TEXT((s)->company_id), DB_TEXT((f)->search), DB_TEXT((f)->standing), DB_TEXT((f)->model), DB_BOOL((s)->ends)

/* ---- the page ---- */

static bool cars_done(const struct draft *d)
{
	return d->batch_cars > 0;
}

static enum status show_filters(struct flow_visit *v, const struct filter *f, const struct batch_scope *s)
{
	struct view *view = request_view(v->r);
	struct db_result *models;
	enum status st = db_query(v->r->site->db, v->r->arena, &models,
				  "WITH RECURSIVE m AS ((SELECT model FROM company_vehicle WHERE company_id = $1 ORDER BY model LIMIT 1) UNION ALL "
				  "SELECT (SELECT c.model FROM company_vehicle c WHERE c.company_id = $1 AND c.model > m.model ORDER BY c.model LIMIT 1) "
				  "FROM m WHERE m.model IS NOT NULL) SELECT model FROM m WHERE model IS NOT NULL LIMIT $2::integer",
				  DB_TEXT(s->company_id), DB_INT(MODELS_MAX));

	for (int i = 0; st == ST_OK && i < db_rows(models); i++) {
		view_item(view, "Models", i, "name", db_text(models, i, "model"));
		view_item(view, "Models", i, "chosen", text_equal(f->model, db_text(models, i, "model")) ? "1" : NULL);
	}
	view_item(view, "Standings", 0, "name", "fit");
	view_item(view, "Standings", 0, "label", s->ends ? "可以办理的（已登记）" : "可以办理的（未登记）");
	view_item(view, "Standings", 0, "chosen", strcmp(f->standing, "fit") == 0 ? "1" : NULL);
	for (int i = 0; i < STANDINGS; i++) {
		view_item(view, "Standings", i + 1, "name", standings[i].name);
		view_item(view, "Standings", i + 1, "label", standings[i].label);
		view_item(view, "Standings", i + 1, "chosen", strcmp(f->standing, standings[i].name) == 0 ? "1" : NULL);
	}
	view_set(view, "Filter.text", filter_text(v->r->arena, f));
	view_flag(view, "Filter.all", *f->standing == 0);
	view_flag(view, "Filter.search", *f->search != 0);
	/* What was looked for and refused is mended; whatever else is wrong, the table is of what is kept. */
	form_value(v->r, "q", form_errors(v->r) > 0 && text_equal(request_field(v->r, "action"), "search") ? request_field(v->r, "q") : f->search);
	return st;
}

static void show_row(struct flow_visit *v, const struct db_result *l, int i)
{
	struct view *view = request_view(v->r);

	view_item(view, "Cars", i, "id", db_text(l, i, "vehicle_id"));
	view_item(view, "Cars", i, "vin", db_text(l, i, "vin"));
	view_item(view, "Cars", i, "model", db_text(l, i, "model"));
	view_item(view, "Cars", i, "ticked", db_bool(l, i, "ticked") ? "1" : NULL);
	for (int k = 0; k < STANDINGS; k++)
		if (text_equal(standings[k].name, db_text(l, i, "standing"))) {
			view_item(view, "Cars", i, "standing", standings[k].label);
			view_item(view, "Cars", i, "look", standings[k].look);
		}
}

/* A page begins behind the car of the address, which is named by its id; forwards only: back is the browser's, or the first page. */
static enum status show_table(struct flow_visit *v, const struct filter *f, const struct batch_scope *s)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	const char *after = request_query(r, "after");
	struct db_result *n, *l;
	struct buffer ids;
	enum status st = db_query(r->site->db, r->arena, &n, "SELECT count(*) AS found FROM (SELECT" FOUND " LIMIT $6::integer) x", FOUND_BY(f, s),
				  DB_INT(BATCH_CARS_MAX + 1)); /* how many more than fit into a batch would cost as much as the page itself */

	if (!text_uuid(after))
		after = NULL;
	if (st == ST_OK)
		st = db_query(r->site->db, r->arena, &l,
			      "SELECT v.vehicle_id, v.vin, v.model, v.standing, EXISTS (SELECT FROM batch_vehicle b WHERE b.application_id = $6 "
			      "AND b.vehicle_id = v.vehicle_id) AS ticked" FOUND " AND v.vin > coalesce((SELECT p.vin FROM company_vehicle p WHERE "
			      "p.company_id = $1 AND p.vehicle_id = $7::uuid), '') ORDER BY v.vin LIMIT $8::integer",
			      FOUND_BY(f, s), DB_TEXT(v->draft.id), DB_TEXT(after), DB_INT(PAGE + 1));
	if (st != ST_OK)
		return st;
	buffer_init(&ids, r->arena, (size_t)PAGE * 40);
	for (int i = 0; i < db_rows(l) && i < PAGE; i++) {
		show_row(v, l, i);
		buffer_printf(&ids, "%s%s", i ? "," : "", db_text(l, i, "vehicle_id"));
	}
	view_set(view, "Cars.ids", ids.data);
	view_int(view, "Cars.found", (long)(db_int(n, 0, "found") > BATCH_CARS_MAX ? BATCH_CARS_MAX : db_int(n, 0, "found")));
	view_int(view, "Cars.shown", db_rows(l) < PAGE ? db_rows(l) : PAGE);
	view_flag(view, "Cars.too_many", db_int(n, 0, "found") > BATCH_CARS_MAX);
	view_flag(view, "Cars.next", db_rows(l) > PAGE);
	view_set(view, "Cars.after", after);
	if (after)
		request_here(r, arena_printf(r->arena, "/%s/cars?after=%s", v->flow->slug, after));
	return ST_OK;
}

static enum status cars_show(struct flow_visit *v)
{
	struct request *r = v->r;
	struct view *view = request_view(r);
	struct company company;
	struct batch_scope s;
	struct filter f;
	const char *said = request_query(r, "said");
	enum status st = fleet_scope(v, &company, &s);

	if (st == ST_DENIED && r->answered)
		return ST_OK;
	if (st == ST_OK)
		st = load_filter(v, &f);
	if (st == ST_OK)
		st = show_filters(v, &f, &s);
	if (st == ST_OK)
		st = show_table(v, &f, &s);
	view_int(view, "Basket.cars", v->draft.batch_cars);
	view_int(view, "Basket.limit", BATCH_CARS_MAX);
	view_set(view, "Upload.url", arena_printf(r->arena, "/%s/upload/cars?csrf=%s", v->flow->slug, session_csrf(r)));
	view_flag(view, "Said.kept", text_equal(said, "kept"));
	return st;
}

/* ---- what was pressed ---- */

/* The ids that were ticked, as an array of PostgreSQL; others than ids are passed over. */
static const char *ticked_ids(struct request *r, int *count)
{
	const char *values[PAGE];
	int n = request_fields(r, "car", values, PAGE);
	struct buffer b;

	buffer_init(&b, r->arena, (size_t)PAGE * 40);
	*count = 0;
	for (int i = 0; i < n; i++)
		if (text_uuid(values[i])) {
			buffer_printf(&b, "%s%s", b.length ? "," : "{", values[i]);
			++*count;
		}
	buffer_text(&b, b.length ? "}" : "{}");
	return b.data;
}

/* Those that the page showed, joined by commas; the last one. */
static const char *shown_ids(struct request *r, const char **last)
{
	const char *given = request_field(r, "shown");
	char *rest = arena_strdup(r->arena, given ? given : ""), *one;
	struct buffer b;

	buffer_init(&b, r->arena, (size_t)PAGE * 40);
	*last = NULL;
	while ((one = strsep(&rest, ",")) != NULL)
		if (text_uuid(one)) {
			buffer_printf(&b, "%s%s", b.length ? "," : "{", one);
			*last = one;
		}
	buffer_text(&b, b.length ? "}" : "{}");
	return b.data;
}

/* What the page showed without a tick goes out, what it showed with one comes in. */
static enum status keep_ticks(struct flow_visit *v, const struct batch_scope *s)
{
	struct request *r = v->r;
	struct db_result *gone;
	int ticked_count, changed;
	const char *last, *shown = shown_ids(r, &last), *ticked = ticked_ids(r, &ticked_count);
	enum status st = db_query(r->site->db, r->arena, &gone,
				  "SELECT array_agg(u)::text AS cars FROM unnest($1::uuid[]) u WHERE u <> ALL ($2::uuid[])", DB_TEXT(shown), DB_TEXT(ticked));

	if (st == ST_OK && db_text(gone, 0, "cars"))
		st = batch_remove(r->site->db, r->arena, &v->actor, &v->draft, db_text(gone, 0, "cars"), &changed);
	return st == ST_OK && ticked_count > 0 ? batch_add(r->site->db, r->arena, &v->actor, &v->draft, s, ticked, &changed) : st;
}

/* All of what the page said it had found. Another tab may have looked for something else since: then nothing is chosen that nobody saw. */
static enum status keep_found(struct flow_visit *v, const struct batch_scope *s)
{
	struct filter f;
	struct db_result *found;
	int changed;
	enum status st = load_filter(v, &f);

	if (st == ST_OK && !text_equal(request_field(v->r, "filter"), filter_text(v->r->arena, &f))) {
		form_error(v->r, "all", "fleet.filter", NULL);
		return ST_OK;
	}
	if (st == ST_OK)
		st = db_query(v->r->site->db, v->r->arena, &found,
			      "SELECT coalesce(array_agg(x.vehicle_id), '{}')::text AS cars FROM (SELECT v.vehicle_id" FOUND
			      " ORDER BY v.vin LIMIT $6::integer) x",
			      FOUND_BY(&f, s), DB_INT(BATCH_CARS_MAX + 1));
	return st == ST_OK ? batch_add(v->r->site->db, v->r->arena, &v->actor, &v->draft, s, db_text(found, 0, "cars"), &changed) : st;
}

static enum status change(struct flow_visit *v, const struct batch_scope *s, const char *action)
{
	struct request *r = v->r;
	const char *last;
	int changed;
	enum status st;

	if (text_equal(action, "clear"))
		return batch_remove(r->site->db, r->arena, &v->actor, &v->draft, NULL, &changed);
	if (text_equal(action, "page"))
		return batch_add(r->site->db, r->arena, &v->actor, &v->draft, s, shown_ids(r, &last), &changed);
	st = keep_ticks(v, s);
	return st == ST_OK && text_equal(action, "all") ? keep_found(v, s) : st;
}

/* These show the same page again. */
static bool stays(const char *action)
{
	static const char *const names[] = {"keep", "page", "all", "clear"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (text_equal(action, names[i]))
			return true;
	return false;
}

/* Where the page goes on: the next one begins behind the last car that was shown. */
static enum status go_to_page(struct flow_visit *v, const char *action)
{
	struct request *r = v->r;
	const char *last, *after = request_field(r, "after");

	(void)shown_ids(r, &last);
	if (text_equal(action, "next") && last)
		after = last;
	else if (!stays(action))
		after = NULL;
	if (!text_uuid(after))
		return flow_go(v, "cars");
	return respond_redirect(r, arena_printf(r->arena, "/%s/cars?after=%s", v->flow->slug, after));
}

static enum status cars_submit(struct flow_visit *v)
{
	struct request *r = v->r;
	struct db *db = r->site->db;
	struct company company;
	struct batch_scope s;
	const char *action = request_field(r, "action");
	enum status st = fleet_scope(v, &company, &s);

	if (st == ST_OK)
		st = flow_lock(v);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	st = change(v, &s, action);
	if (st == ST_LIMIT) {
		form_error(r, "all", "fleet.limit", NULL);
		return ST_OK;
	}
	if (st == ST_OK && text_equal(action, "search"))
		st = keep_filter(v);
	if (st != ST_OK || form_errors(r) > 0)
		return st;
	st = db_commit(db);
	if (st != ST_OK)
		return st;
	if (!text_empty(action))
		return go_to_page(v, action);
	st = draft_load(db, r->arena, session_hash(r), &v->draft);
	if (st == ST_OK && v->draft.batch_cars == 0)
		form_error(r, "all", "fleet.none", NULL);
	return st;
}

const struct step step_fleet_cars = {.slug = "cars",
				     .template_name = "fleet/cars",
				     .heading = "选择车辆",
				     .part = 2,
				     .done = cars_done,
				     .show = cars_show,
				     .submit = cars_submit};
