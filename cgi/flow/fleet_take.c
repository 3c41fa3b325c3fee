/* Cars by pasted text or by a table file. What is right goes into the basket: of a paste at once, of a file at once when all of it is
 * right, otherwise when that is asked for. The file stays with the draft, sealed, until the next one, so that it can be given back with
 * the reasons. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "domain/identifiers.h"
#include "flow/fleet_cars.h"
#include "http/messages.h"
#include "http/multipart.h"
#include "store/datakey.h"
#include "store/evidence.h"
#include "table/back.h"
#include "table/columns.h"

#define TAKE_BYTES_MAX ((size_t)5 << 20)
#define SHOWN_MAX 50
#define VIN_LENGTH_MAX 40 /* of a piece of pasted text that is looked at */
#define HEADER_ROWS 5     /* a title may stand above the names of the columns */

static const struct table_limits limits = {.bytes = TAKE_BYTES_MAX, .rows = BATCH_CARS_MAX};
static const struct table_wanted wanted[] = {{"车架号", "VIN|车架号(VIN)|车架号（VIN）|车辆识别代号|车辆识别代码|车辆识别码|大架号", true}};

/* One VIN that was given. */
struct taken {
	int row;           /* in the table, or the number in the pasted text */
	const char *given; /* as it stood, cut */
	const char *vin;   /* cleaned; NULL: not well-formed */
	const char *fault; /* message key; NULL: it fits */
	int pick;          /* index into the picks; -1: none */
};

struct take {
	struct flow_visit v;
	struct batch_scope scope;
	struct buffer body;
	bool table, closed;
	/* read */
	struct taken *rows;
	int count, right, there, doubled, faults;
	int header_row;
	struct batch_pick *picks;
	int pick_count;
	enum table_kind kind;
	const char *problem, *found; /* of the file as a whole: message key, and what it says */
	int hidden;
};

/* ---- the bytes ---- */

static enum status on_field(void *context, const char *name, const char *value, size_t length)
{
	(void)context;
	(void)name;
	(void)value;
	(void)length;
	return ST_OK;
}

static enum status on_start(void *context, const char *name, const char *filename)
{
	struct take *t = context;

	(void)filename;
	if (t->body.length == 0)
		t->table = strcmp(name, "file") == 0;
	return ST_OK;
}

static enum status on_data(void *context, const void *bytes, size_t length)
{
	struct take *t = context;

	if (!t->closed)
		buffer_add(&t->body, bytes, length);
	return ST_OK;
}

static enum status on_end(void *context)
{
	struct take *t = context;

	t->closed = t->body.length > 0;
	return ST_OK;
}

static enum status read_body(struct request *r, struct take *t)
{
	const struct multipart_sink sink = {
		.context = t, .field = on_field, .file_start = on_start, .file_data = on_data, .file_end = on_end, .long_field = "vins"};
	struct multipart *m;
	unsigned char block[16384];
	size_t got;
	enum status st = multipart_start(&m, r->arena, r->content_type ? r->content_type : "", &sink);

	buffer_init(&t->body, r->arena, TAKE_BYTES_MAX + 1);
	while (st == ST_OK) {
		st = request_read(r, block, sizeof block, &got);
		if (st != ST_OK || got == 0)
			break;
		st = multipart_feed(m, block, got);
	}
	return st == ST_OK ? multipart_end(m) : st;
}

/* ---- what is in them ---- */

static struct bytes body_of(const struct take *t)
{
	return (struct bytes){(const unsigned char *)t->body.data, t->body.length};
}

static void take_one(struct take *t, int row, const char *given, const char *fault)
{
	struct arena *a = t->v.r->arena;
	struct taken *x = &t->rows[t->count++];
	const char *vin = text_code(a, given);

	*x = (struct taken){.row = row, .given = arena_strndup(a, given, strlen(given) < VIN_LENGTH_MAX ? strlen(given) : VIN_LENGTH_MAX), .pick = -1, .fault = fault};
	if (!text_is_utf8(x->given, strlen(x->given)))
		x->given = "";
	if (fault)
		return;
	if (text_empty(vin))
		x->fault = "fleet.empty";
	else if (vin_check(vin) != VIN_OK)
		x->fault = vin_check(vin) == VIN_LETTERS ? "fleet.letters" : "fleet.form";
	else
		x->vin = vin;
}

/* Any separator: what is no letter and no digit, Chinese signs too. */
static void read_text(struct take *t)
{
	struct arena *a = t->v.r->arena;
	char *text = text_is_utf8(t->body.data, t->body.length) ? t->body.data : arena_strdup(a, ""), *rest = text;
	size_t most = t->body.length / 2 + 2;

	t->rows = arena_alloc(a, (most < (size_t)BATCH_CARS_MAX + 2 ? most : (size_t)BATCH_CARS_MAX + 2) * sizeof *t->rows);
	while (*rest) {
		size_t skip = strcspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), length;

		rest += skip;
		length = strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
		if (length == 0)
			break;
		if (t->count > BATCH_CARS_MAX) {
			t->problem = "fleet.limit";
			return;
		}
		take_one(t, t->count + 1, arena_strndup(a, rest, length), NULL);
		rest += length;
	}
	if (t->count == 0)
		t->problem = "fleet.nothing";
}

static const char *const problems[TABLE_PROBLEM_MAX] = {
	[TABLE_NOT_A_TABLE] = "fleet.file_kind", [TABLE_PASSWORD] = "fleet.file_password", [TABLE_OLD_XLS] = "fleet.file_old",
	[TABLE_OTHER_FORMAT] = "fleet.file_old", [TABLE_BROKEN] = "fleet.file_broken", [TABLE_BOMB] = "fleet.file_broken",
	[TABLE_TOO_LARGE] = "fleet.file_big", [TABLE_EMPTY] = "fleet.file_empty", [TABLE_TOO_MANY_ROWS] = "fleet.limit",
};

/* The row that names the columns, among the first few. */
static bool find_header(struct take *t, struct table *table, struct table_match *match, struct table_row *row)
{
	for (int i = 0; i < HEADER_ROWS && table_next(table, row); i++) {
		table_match_columns(t->v.r->arena, wanted, 1, row, match);
		if (i == 0)
			t->found = match->found;
		if (match->complete) {
			t->header_row = row->number;
			return true;
		}
	}
	return false;
}

static void read_table(struct take *t)
{
	struct arena *a = t->v.r->arena;
	struct table *table = table_open(a, body_of(t), limits);
	struct table_match match;
	struct table_row row;
	bool header = find_header(t, table, &match, &row);
	const struct table_about *about = table_about(table);

	t->rows = arena_alloc(a, ((size_t)BATCH_CARS_MAX + 2) * sizeof *t->rows);
	while (header && table_next(table, &row)) {
		const struct table_cell *cell = table_match_cell(&match, 0, &row);

		if (t->count <= BATCH_CARS_MAX)
			take_one(t, row.number, cell->text, row.fault ? "fleet.row" : cell->flags & (CELL_ERROR | CELL_UNCALCULATED) ? "fleet.formula" : NULL);
	}
	t->kind = about->kind;
	t->hidden = about->hidden_rows;
	if (about->problem)
		t->problem = problems[about->problem];
	else if (!header)
		t->problem = "fleet.columns";
	else if (t->count == 0)
		t->problem = "fleet.file_empty";
}

/* The first of several counts. */
struct seen {
	const char *vin;
	int at;
};
static int by_vin(const void *one, const void *other)
{
	const struct seen *a = one, *b = other;
	int order = strcmp(a->vin, b->vin);

	return order ? order : a->at - b->at;
}

static void mark_doubled(struct take *t)
{
	struct seen *seen = arena_alloc(t->v.r->arena, (size_t)(t->count + 1) * sizeof *seen);
	int n = 0;

	for (int i = 0; i < t->count; i++)
		if (t->rows[i].vin)
			seen[n++] = (struct seen){t->rows[i].vin, i};
	qsort(seen, (size_t)n, sizeof *seen, by_vin);
	for (int i = 1; i < n; i++)
		if (strcmp(seen[i].vin, seen[i - 1].vin) == 0) {
			t->rows[seen[i].at].fault = "fleet.double";
			t->doubled++;
		}
}

static enum status judge(struct take *t)
{
	struct request *r = t->v.r;
	enum status st;

	mark_doubled(t);
	t->picks = arena_alloc(r->arena, (size_t)(t->count + 1) * sizeof *t->picks);
	for (int i = 0; i < t->count; i++)
		if (!t->rows[i].fault) {
			t->rows[i].pick = t->pick_count;
			t->picks[t->pick_count++].vin = t->rows[i].vin;
		}
	st = batch_pick(r->site->db, r->arena, &t->v.draft, &t->scope, t->picks, t->pick_count);
	for (int i = 0; st == ST_OK && i < t->count; i++) {
		struct taken *x = &t->rows[i];
		const struct batch_pick *p = x->pick >= 0 ? &t->picks[x->pick] : NULL;

		if (p && p->reason != BATCH_FITS)
			x->fault = arena_printf(r->arena, "fleet.%s", batch_reason_name(p->reason));
		t->right += x->fault == NULL;
		t->there += x->fault == NULL && p->there;
		t->faults += x->fault != NULL;
	}
	return st;
}

static enum status look(struct take *t)
{
	t->problem = NULL;
	if (t->body.overflow)
		t->problem = t->table ? "fleet.file_big" : "fleet.limit";
	else if (t->body.length == 0)
		t->problem = "fleet.nothing";
	else if (t->table)
		read_table(t);
	else
		read_text(t);
	return t->problem ? ST_OK : judge(t);
}

/* ---- the file that stays ---- */

static enum status keep_file(struct take *t)
{
	struct request *r = t->v.r;
	struct crypt_key key;
	struct evidence_writer *w;
	struct evidence_file file;
	char *id;
	enum status st = datakey_load(r->site->db, r->arena, r->site->keys, t->v.draft.data_key_id, &key);

	if (st == ST_OK)
		st = evidence_start(&w, r->arena, r->site->config->evidence_dir, &key);
	if (st == ST_OK)
		st = evidence_write(w, t->body.data, t->body.length);
	if (st == ST_OK)
		st = evidence_finish(w, &file);
	const struct evidence_row row = {.application_id = t->v.draft.id,
					 .role = "organisation",
					 .purpose = "table",
					 .media_type = table_media_type(t->kind),
					 .retention_class = "draft",
					 .data_key_id = key.id};
	if (st == ST_OK)
		st = flow_lock(&t->v);
	if (st == ST_OK)
		st = evidence_insert(r->site->db, r->arena, &row, &file, &id);
	crypt_wipe(&key, sizeof key);
	return st == ST_OK ? db_commit(r->site->db) : st;
}

static enum status load_file(struct take *t)
{
	struct request *r = t->v.r;
	struct db_result *f;
	struct bytes file;
	char *type;
	enum status st = db_query(r->site->db, r->arena, &f,
				  "SELECT id FROM evidence WHERE application_id = $1 AND purpose = 'table' AND deleted_at IS NULL ORDER BY created_at DESC LIMIT 1",
				  DB_TEXT(t->v.draft.id));

	if (st == ST_OK && db_rows(f) == 0)
		st = status_fail(ST_NOT_FOUND, "the draft has no table");
	if (st == ST_OK)
		st = evidence_load(r->site->db, r->arena, r->site->keys, r->site->config->evidence_dir, t->v.draft.id, db_text(f, 0, "id"), TAKE_BYTES_MAX,
				   &file, &type);
	if (st != ST_OK)
		return st;
	t->table = true;
	buffer_init(&t->body, r->arena, TAKE_BYTES_MAX + 1);
	buffer_add(&t->body, file.data, file.length);
	return ST_OK;
}

/* ---- answers ---- */

static enum status put_in(struct take *t, bool *full)
{
	struct request *r = t->v.r;
	int changed;
	enum status st = flow_lock(&t->v);

	*full = false;
	if (st == ST_OK)
		st = batch_add(r->site->db, r->arena, &t->v.actor, &t->v.draft, &t->scope, batch_picked(r->arena, t->picks, t->pick_count), &changed);
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

static enum status show_result(struct take *t, bool in)
{
	struct request *r = t->v.r;
	struct view *view = request_view(r);

	show_faults(t);
	view_int(view, "Take.count", t->count);
	view_int(view, "Take.right", t->right);
	view_int(view, "Take.there", t->there);
	view_int(view, "Take.doubled", t->doubled);
	view_int(view, "Take.hidden", t->hidden);
	view_flag(view, "Take.table", t->table);
	view_flag(view, "Take.in", in);
	view_int(view, "Basket.cars", t->v.draft.batch_cars);
	view_set(view, "Take.good", arena_printf(r->arena, "/%s/cars/good", t->v.flow->slug));
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

static enum status begin(struct take *t, struct request *r)
{
	struct company company;
	enum status st = flow_enter(&t->v, r, "cars");

	return st == ST_OK ? fleet_scope(&t->v, &company, &t->scope) : st;
}

enum status fleet_take_serve(struct request *r)
{
	struct take t = {0};
	bool full = false, in;
	enum status st = begin(&t, r);

	if (st == ST_OK)
		st = read_body(r, &t);
	if (st == ST_OK)
		st = look(&t);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	if (t.problem)
		return refuse_whole(&t);
	log_info("fleet", "cars %s: given=%d right=%d", t.table ? "imported" : "pasted", t.count, t.right);
	in = !t.table || t.faults == 0;
	if (t.table && t.faults > 0)
		st = keep_file(&t);
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
	enum status st = begin(&t, r);

	if (st == ST_OK)
		st = load_file(&t);
	if (st == ST_OK)
		st = look(&t);
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

/* ---- files to download ---- */

static enum status write_template(struct request *r, enum table_kind kind, struct bytes *out)
{
	static const struct table_head columns[] = {{"车架号", 22}, {"备注（可以不填）", 24}};
	struct table_writer *w;
	enum status st = table_write_begin(&w, r->arena, kind, "车辆", columns, 2);

	return st == ST_OK ? table_write_end(w, out) : st;
}

static enum status write_back(struct take *t, enum table_kind kind, struct bytes *out)
{
	struct arena *a = t->v.r->arena;
	struct table_verdict *verdicts;
	enum status st = load_file(t);

	if (st == ST_OK)
		st = look(t);
	if (st != ST_OK)
		return st;
	if (t->problem)
		return status_fail(ST_NOT_FOUND, "the table that was kept cannot be read");
	verdicts = arena_alloc(a, (size_t)(t->count + 1) * sizeof *verdicts);
	for (int i = 0; i < t->count; i++)
		verdicts[i] = (struct table_verdict){.row = t->rows[i].row,
						     .result = t->rows[i].fault ? "有误" : "通过",
						     .reason = t->rows[i].fault ? message_text(a, t->rows[i].fault, NULL) : NULL};
	return table_write_back(a, body_of(t), limits, kind, t->header_row, verdicts, (size_t)t->count, out);
}

enum status fleet_file_serve(struct request *r)
{
	struct take t = {0};
	struct bytes file = {0};
	enum table_kind kind = strstr(r->tail, ".xlsx") ? TABLE_XLSX : TABLE_CSV;
	bool back = text_prefix(r->tail, "back.");
	enum status st = strcmp(r->tail, arena_printf(r->arena, "%s%s", back ? "back" : "template", table_extension(kind))) == 0 ? begin(&t, r) : ST_NOT_FOUND;

	if (st == ST_OK)
		st = back ? write_back(&t, kind, &file) : write_template(r, kind, &file);
	if (st != ST_OK)
		return st == ST_DENIED && r->answered ? ST_OK : st;
	return respond_attachment(r, table_media_type(kind), arena_printf(r->arena, "%s%s", back ? "cars-with-reasons" : "cars-template", table_extension(kind)), file);
}
