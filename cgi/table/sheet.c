/* <sheetData> as rows of cells. Formats, pictures and everything else of a sheet are passed over. */
#include "table/sheet.h"

#include <stdlib.h>
#include <string.h>

#define DEPTH_ROW 3
#define DEPTH_CELL 4

/* A positive number of an attribute; 0 when it is none, or larger than most. */
static int small_number(const char *text, int most)
{
	size_t digits = strspn(text, "0123456789");
	long n = digits > 0 && digits < 9 && !text[digits] ? strtol(text, NULL, 10) : 0;

	return n <= most ? (int)n : 0;
}

/* "AB12": 27, columns from 0; -1 when it is no column. The row in it is not looked at. */
static int column_of(const char *reference)
{
	int n = 0, i;

	for (i = 0; i < 3 && reference[i] >= 'A' && reference[i] <= 'Z'; i++)
		n = n * 26 + (reference[i] - 'A' + 1);
	return i > 0 && n <= SHEET_COLUMNS_MAX && reference[i] >= '0' && reference[i] <= '9' ? n - 1 : -1;
}

static void start_row(struct sheet *s, struct xml *x, const char *const *attributes)
{
	const char *r = xml_attribute(attributes, "r");
	int number = r ? small_number(r, SHEET_ROWS_MAX) : s->number + 1;

	if (number <= s->number || number > SHEET_ROWS_MAX) {
		xml_refuse(x, TABLE_BROKEN);
		return;
	}
	s->number = number;
	s->hidden = xml_true(xml_attribute(attributes, "hidden"));
	s->column = -1;
	cells_clear(s->cells);
}

/* <col min="2" max="4" hidden="1"/> stands before the rows. */
static void hide_columns(struct sheet *s, const char *const *attributes)
{
	const char *min = xml_attribute(attributes, "min"), *max = xml_attribute(attributes, "max");
	int first = min ? small_number(min, SHEET_COLUMNS_MAX) : 0, last = max ? small_number(max, SHEET_COLUMNS_MAX) : 0;

	if (!xml_true(xml_attribute(attributes, "hidden")) || first < 1)
		return;
	for (int i = first; i <= last && i <= TABLE_COLUMNS_MAX; i++)
		s->columns[i - 1] = COLUMN_HIDDEN;
}

static char type_of(const char *t)
{
	return !t ? 'n' : strcmp(t, "str") == 0 ? 'S' : t[0];
}

static void start_cell(struct sheet *s, struct xml *x, const char *const *attributes)
{
	const char *r = xml_attribute(attributes, "r");
	int column = r ? column_of(r) : s->column + 1;

	if (column < 0 || column >= SHEET_COLUMNS_MAX) {
		xml_refuse(x, TABLE_BROKEN);
		return;
	}
	s->column = column;
	s->type = type_of(xml_attribute(attributes, "t"));
	s->flags = 0;
	s->has_value = false;
	s->piece.length = 0;
}

static void on_start(void *context, struct xml *x, const char *name, const char *const *attributes)
{
	struct sheet *s = context;
	int depth = xml_depth(x);

	if (depth == 2)
		s->in_rows = strcmp(name, "sheetData") == 0;
	if (depth == DEPTH_ROW && strcmp(name, "mergeCell") == 0)
		s->merged++;
	if (depth == DEPTH_ROW && strcmp(name, "col") == 0)
		hide_columns(s, attributes);
	if (!s->in_rows)
		return;
	if (depth == DEPTH_ROW && strcmp(name, "row") == 0)
		start_row(s, x, attributes);
	else if (depth == DEPTH_CELL && strcmp(name, "c") == 0)
		start_cell(s, x, attributes);
	else if (depth == DEPTH_CELL + 1 && strcmp(name, "f") == 0)
		s->flags |= CELL_FORMULA;
	else if (depth == DEPTH_CELL + 1 && strcmp(name, "v") == 0)
		s->in_text = s->has_value = true;
	else if (depth == DEPTH_CELL + 1 && strcmp(name, "is") == 0)
		s->in_inline = s->has_value = true;
	else if (strcmp(name, "rPh") == 0)
		s->in_reading++;
	else if (s->in_inline && strcmp(name, "t") == 0)
		s->in_text = !s->in_reading;
}

static void put(struct sheet *s, const char *text)
{
	cells_put(s->cells, s->column, text, strlen(text), s->flags);
	if (*text && s->column < TABLE_COLUMNS_MAX && s->columns[s->column] == COLUMN_HIDDEN) {
		s->columns[s->column] = COLUMN_COUNTED;
		s->hidden_columns++;
	}
}

static void put_shared(struct sheet *s, struct xml *x)
{
	size_t digits = strspn(s->piece.text, "0123456789");
	const char *text = digits > 0 && digits < 9 && !s->piece.text[digits]
				   ? texts_get(s->texts, (size_t)strtol(s->piece.text, NULL, 10), &s->flags)
				   : NULL;

	if (text)
		put(s, text);
	else
		xml_refuse(x, TABLE_BROKEN);
}

static void put_number(struct sheet *s)
{
	char text[CELLS_NUMBER_MAX];

	s->piece.text[s->piece.length < sizeof text ? s->piece.length : sizeof text - 1] = '\0';
	cells_number(text, s->piece.text, &s->flags);
	put(s, text);
}

static void end_cell(struct sheet *s, struct xml *x)
{
	s->piece.text[s->piece.length] = '\0';
	if (!s->has_value || (s->piece.length == 0 && s->type != 'i' && s->type != 'S')) {
		if (s->flags & CELL_FORMULA)
			s->flags |= CELL_UNCALCULATED;
		put(s, "");
		return;
	}
	switch (s->type) {
	case 's':
		put_shared(s, x);
		break;
	case 'b':
		put(s, xml_true(s->piece.text) ? "TRUE" : "FALSE");
		break;
	case 'n':
		put_number(s);
		break;
	case 'e':
		s->flags |= CELL_ERROR;
		put(s, s->piece.text);
		break;
	default:
		piece_decode(&s->piece);
		put(s, s->piece.text);
	}
}

static void on_end(void *context, struct xml *x, const char *name)
{
	struct sheet *s = context;
	int depth = xml_depth(x);

	if (!s->in_rows)
		return;
	s->in_text = false;
	if (strcmp(name, "rPh") == 0)
		s->in_reading--;
	if (depth == DEPTH_CELL + 1)
		s->in_inline = false;
	else if (depth == DEPTH_CELL && strcmp(name, "c") == 0)
		end_cell(s, x);
	else if (depth == DEPTH_ROW && strcmp(name, "row") == 0) {
		s->row_ended = true;
		xml_pause(x);
	} else if (depth == 2)
		s->in_rows = false;
}

static void on_text(void *context, struct xml *x, const char *text, size_t length)
{
	struct sheet *s = context;

	(void)x;
	if (s->in_text)
		piece_add(&s->piece, text, length);
}

struct sheet *sheet_open(struct arena *a, struct part *part, const struct texts *texts, struct cells *cells)
{
	struct sheet *s = arena_alloc(a, sizeof *s);

	s->cells = cells;
	s->texts = texts;
	s->x = xml_open(a, part, (struct xml_sink){s, on_start, on_end, on_text});
	return s;
}

enum table_problem sheet_next(struct sheet *s, bool *done)
{
	enum table_problem problem;

	s->row_ended = false;
	problem = xml_run(s->x, done);
	if (!problem && !*done && !s->row_ended)
		return TABLE_BROKEN;
	return problem;
}
