/* What people paste or upload as a list of cars: reads it row by row and says of each what is wrong. */
#include <stdlib.h>
#include <string.h>

#include "domain/identifiers.h"
#include "flow/fleet_take.h"
#include "http/form.h"
#include "http/multipart.h"
#include "table/columns.h"

#define GIVEN_MAX 40  /* characters of what was given that are shown */
#define HEADER_ROWS 5 /* a title may stand above the names of the columns */

const struct table_limits take_limits = {.bytes = TAKE_BYTES_MAX, .rows = BATCH_CARS_MAX + HEADER_ROWS};
enum { WANTED_VIN, WANTED_ICCID, WANTED };
static const struct table_wanted wanted[WANTED] = {
	[WANTED_VIN] = {"车架号", "VIN|车架号(VIN)|车架号（VIN）|车辆识别代号|车辆识别代码|车辆识别码|大架号", false},
	[WANTED_ICCID] = {"ICCID", "ICCID（可以不填）|ICCID号|ICCID号码|卡号|卡ICCID|集成电路卡识别码", false},
};

/* ---- the bytes ---- */

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

enum status take_read_body(struct request *r, struct take *t)
{
	buffer_init(&t->body, r->arena, TAKE_BYTES_MAX + 1);
	return form_multipart(r, &(struct multipart_sink){.context = t, .file_start = on_start, .file_data = on_data, .file_end = on_end, .long_field = "vins"});
}

/* ---- what is in them ---- */

static struct bytes body_of(const struct take *t)
{
	return (struct bytes){(const unsigned char *)t->body.data, t->body.length};
}

/* The number of a card, an ICCID; everything else is meant as a VIN. */
static bool is_card_number(const char *code)
{
	return iccid_check(code) == NUMBER_OK && text_prefix(code, "89");
}

static const char *vin_fault_key(const char *vin)
{
	enum vin_fault fault = vin_check(vin);

	return fault == VIN_OK ? NULL : fault == VIN_LETTERS ? "fleet.letters" : "fleet.form";
}

static const char *shown(struct arena *a, const char *given)
{
	const char *cut = arena_strndup(a, given, strnlen(given, GIVEN_MAX));

	return text_is_utf8(cut, strlen(cut)) ? cut : "";
}

static struct taken *new_row(struct take *t, int row, const char *given)
{
	struct taken *x = &t->rows[t->count++];

	*x = (struct taken){.row = row, .given = shown(t->v.r->arena, given), .pick = -1};
	return x;
}

static void take_piece(struct take *t, const char *given, bool rounded)
{
	struct taken *x = new_row(t, t->count + 1, given);
	const char *code = text_code(t->v.r->arena, given);

	if (rounded)
		x->fault = "fleet.rounded";
	else if (is_card_number(code))
		x->iccid = code;
	else if ((x->fault = vin_fault_key(code)) == NULL)
		x->vin = code;
}

/* A number that a spreadsheet has rounded: 8.98601E+19; the characters of it. */
static size_t rounded_number(const char *text)
{
	size_t digits = strspn(text, "0123456789."), exponent;

	if (digits == 0 || (text[digits] != 'E' && text[digits] != 'e') || text[digits + 1] != '+')
		return 0;
	exponent = strspn(text + digits + 2, "0123456789");
	return exponent > 0 && exponent <= 3 ? digits + 2 + exponent : 0;
}

static const char *cell_fault(const struct table_cell *cell)
{
	if (cell->flags & (CELL_ERROR | CELL_UNCALCULATED) || *cell->text == '=') /* a CSV holds what was typed */
		return "fleet.formula";
	return cell->flags & CELL_ROUNDED ? "fleet.rounded" : NULL;
}

static void take_cells(struct take *t, const struct table_row *row, const struct table_cell *vin, const struct table_cell *iccid)
{
	struct arena *a = t->v.r->arena;
	const char *vin_code = text_code(a, vin->text), *iccid_code = text_code(a, iccid->text);
	bool has_vin = !text_empty(vin_code) || vin->flags, has_iccid = !text_empty(iccid_code) || iccid->flags;
	struct taken *x = new_row(t, row->number, has_vin ? vin->text : iccid->text);

	if (row->fault)
		x->fault = "fleet.row";
	else if (!has_vin && !has_iccid)
		x->fault = "fleet.empty";
	else if (has_vin && (x->fault = cell_fault(vin)) == NULL && (x->fault = vin_fault_key(vin_code)) == NULL)
		x->vin = vin_code;
	if (x->fault || !has_iccid)
		return;
	x->fault = cell_fault(iccid);
	if (!x->fault && iccid_check(iccid_code) != NUMBER_OK)
		x->fault = "fleet.iccid";
	x->iccid = iccid_code;
	x->doubtful = iccid->flags & CELL_ZEROS;
	if (x->fault)
		x->given = shown(a, iccid->text);
}

/* Any separator: what is no letter and no digit, Chinese signs too. */
static void read_text(struct take *t)
{
	struct arena *a = t->v.r->arena;
	char *text = text_is_utf8(t->body.data, t->body.length) ? t->body.data : arena_strdup(a, ""), *rest = text;
	size_t most = t->body.length / 2 + 1;

	t->rows = arena_alloc(a, (most < BATCH_CARS_MAX ? most : BATCH_CARS_MAX) * sizeof *t->rows);
	while (*rest) {
		size_t skip = strcspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"), rounded, length;

		rest += skip;
		rounded = rounded_number(rest);
		length = rounded ? rounded : strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
		if (length == 0)
			break;
		if (t->count == BATCH_CARS_MAX) {
			t->problem = "fleet.limit";
			return;
		}
		take_piece(t, arena_strndup(a, rest, length), rounded > 0);
		rest += length;
	}
	if (t->count == 0)
		t->problem = "fleet.nothing";
}

static const char *const problems[TABLE_PROBLEM_MAX] = {
	[TABLE_NOT_A_TABLE] = "fleet.file_kind", [TABLE_PASSWORD] = "fleet.file_password", [TABLE_OLD_XLS] = "fleet.file_old",
	[TABLE_OTHER_FORMAT] = "fleet.file_old", [TABLE_BROKEN] = "fleet.file_broken",     [TABLE_BOMB] = "fleet.file_bomb",
	[TABLE_TOO_LARGE] = "fleet.file_big",    [TABLE_EMPTY] = "fleet.file_empty",       [TABLE_TOO_MANY_ROWS] = "fleet.limit",
};

/* The row that names the columns, among the first few: one of them at least, none twice. */
static bool find_header(struct take *t, struct table *table, struct table_match *match, struct table_row *row)
{
	for (int i = 0; i < HEADER_ROWS && table_next(table, row); i++) {
		table_match_columns(t->v.r->arena, wanted, WANTED, row, match);
		if (*match->doubled) {
			t->problem = "fleet.columns_twice";
			t->found = match->doubled;
			return false;
		}
		if (i == 0)
			t->found = match->found;
		if (match->at[WANTED_VIN] >= 0 || match->at[WANTED_ICCID] >= 0) {
			t->header_row = row->number;
			return true;
		}
	}
	return false;
}

static void read_table(struct take *t)
{
	struct arena *a = t->v.r->arena;
	struct table *table = table_open(a, body_of(t), take_limits);
	struct table_match match;
	struct table_row row;
	bool header = find_header(t, table, &match, &row);

	t->about = table_about(table);
	t->rows = arena_alloc(a, ((size_t)BATCH_CARS_MAX + 1) * sizeof *t->rows);
	while (header && table_next(table, &row))
		if (t->count <= BATCH_CARS_MAX)
			take_cells(t, &row, table_match_cell(&match, WANTED_VIN, &row), table_match_cell(&match, WANTED_ICCID, &row));
	if (t->about->problem)
		t->problem = problems[t->about->problem];
	else if (!header && !t->problem)
		t->problem = "fleet.columns";
	else if (t->count > BATCH_CARS_MAX)
		t->problem = "fleet.limit";
	else if (header && t->count == 0)
		t->problem = "fleet.file_empty";
}

/* ---- the verdict on each ---- */

/* The first of several counts. */
struct seen {
	const char *vehicle_id;
	int at;
};
static int by_car(const void *one, const void *other)
{
	const struct seen *a = one, *b = other;
	int order = strcmp(a->vehicle_id, b->vehicle_id);

	return order ? order : a->at - b->at;
}

/* Whether a row names its car as the earlier row does. Several cards of one car are no mistake, but one row does for them. */
static bool named_alike(const struct taken *one, const struct taken *other)
{
	return !one->vin == !other->vin && (!one->iccid || !other->iccid || strcmp(one->iccid, other->iccid) == 0);
}

/* Rows that fit, whose car an earlier row that fits has named already. */
static void mark_doubled(struct take *t)
{
	struct seen *seen = arena_alloc(t->v.r->arena, (size_t)(t->count + 1) * sizeof *seen);
	int n = 0, first = 0;

	for (int i = 0; i < t->count; i++)
		if (!t->rows[i].fault)
			seen[n++] = (struct seen){t->picks[t->rows[i].pick].vehicle_id, i};
	qsort(seen, (size_t)n, sizeof *seen, by_car);
	for (int i = 1; i < n; i++) {
		struct taken *x = &t->rows[seen[i].at];

		if (strcmp(seen[i].vehicle_id, seen[first].vehicle_id) != 0) {
			first = i;
			continue;
		}
		x->fault = named_alike(x, &t->rows[seen[first].at]) ? "fleet.double" : "fleet.same_car";
		t->doubled++;
	}
}

static void judge_row(struct take *t, struct taken *x)
{
	const struct batch_pick *p = x->pick >= 0 ? &t->picks[x->pick] : NULL;

	if (x->fault || !p || p->reason == BATCH_FITS)
		return;
	x->fault = p->reason == BATCH_NOT_YOURS && x->doubtful && !x->vin
			   ? "fleet.rounded"
			   : arena_printf(t->v.r->arena, "fleet.%s", batch_reason_name(p->reason));
	if (p->reason == BATCH_OTHER_CARD) {
		x->fault = x->doubtful ? "fleet.rounded" : x->fault;
		x->given = shown(t->v.r->arena, x->iccid);
	}
}

static enum status judge(struct take *t)
{
	struct request *r = t->v.r;
	enum status st;

	t->picks = arena_alloc(r->arena, (size_t)(t->count + 1) * sizeof *t->picks);
	for (int i = 0; i < t->count; i++)
		if (!t->rows[i].fault) {
			t->rows[i].pick = t->pick_count;
			t->picks[t->pick_count++] = (struct batch_pick){.vin = t->rows[i].vin, .iccid = t->rows[i].iccid};
		}
	st = batch_pick(r->site->db, r->arena, &t->v.draft, &t->scope, t->picks, t->pick_count);
	if (st != ST_OK)
		return st;
	for (int i = 0; i < t->count; i++)
		judge_row(t, &t->rows[i]);
	mark_doubled(t);
	for (int i = 0; i < t->count; i++) {
		t->right += t->rows[i].fault == NULL;
		t->there += t->rows[i].fault == NULL && t->picks[t->rows[i].pick].there;
		t->faults += t->rows[i].fault != NULL;
	}
	return ST_OK;
}

enum status take_look(struct take *t)
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
