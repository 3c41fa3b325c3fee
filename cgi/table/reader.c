/* One way to read both kinds. What a kind is like is known to csv.c and sheet.c. */
#include "table/reader.h"

#include <string.h>

#include "table/csv.h"
#include "table/encoding.h"
#include "table/sheet.h"
#include "table/sniff.h"
#include "table/workbook.h"

struct table {
	struct arena *a;
	struct table_about about;
	struct table_limits limits;
	FILE *text; /* CSV */
	struct csv *csv;
	struct csv_row fields;
	struct sheet *sheet; /* XLSX */
	struct cells cells;
};

/* ---- CSV ---- */

/* The one that the first line with text has most often, outside quotes. */
static char find_separator(FILE *text)
{
	static const char all[] = {',', '\t', ';'};
	int count[sizeof all] = {0}, byte;
	bool quoted = false, any = false;
	size_t best = 0;

	while ((byte = getc_unlocked(text)) != EOF && (quoted || !any || (byte != '\n' && byte != '\r'))) {
		any |= byte > ' ';
		quoted ^= byte == '"';
		for (size_t i = 0; i < sizeof all; i++)
			count[i] += !quoted && byte == all[i];
	}
	for (size_t i = 1; i < sizeof all; i++)
		if (count[i] > count[best])
			best = i;
	return all[best];
}

static enum table_problem open_csv(struct table *t, struct bytes file)
{
	FILE *look;

	t->about.encoding = encoding_find(t->a, file);
	if (!t->about.encoding) {
		t->about.encoding = "";
		return TABLE_NOT_A_TABLE;
	}
	look = encoding_open(t->a, file, t->about.encoding);
	t->text = encoding_open(t->a, file, t->about.encoding);
	if (!look || !t->text)
		return TABLE_TOO_LARGE;
	t->about.separator = find_separator(look);
	t->csv = csv_start(t->a, t->text, (struct csv_form){.separator = t->about.separator, .quotes_loose = true});
	return TABLE_GOOD;
}

/* Programs write ="8986…" so that a spreadsheet takes it for text, and people write '8986…'; our own files have an apostrophe before what
 * would be a formula (writer_csv.c). None of it is meant. */
static void put_field(struct cells *c, int column, const char *text)
{
	size_t length = strlen(text);

	if (length >= 3 && text[0] == '=' && text[1] == '"' && text[length - 1] == '"' && !memchr(text + 2, '"', length - 3)) {
		text += 2;
		length -= 3;
	} else if (length >= 2 && text[0] == '\'' && strchr("=+-@\t\r0123456789", text[1])) {
		text++;
		length--;
	}
	cells_put(c, column, text, length, 0);
}

static bool next_csv(struct table *t, struct table_row *row)
{
	static const enum table_row_fault faults[CSV_FAULT_MAX] = {
		[CSV_QUOTE_INSIDE] = ROW_QUOTES, [CSV_QUOTE_BEHIND] = ROW_QUOTES, [CSV_QUOTE_OPEN] = ROW_OPEN,
		[CSV_NUL] = ROW_QUOTES,          [CSV_LONG] = ROW_LONG,           [CSV_WIDE] = ROW_WIDE,
	};

	if (!csv_next(t->csv, &t->fields))
		return false;
	if (t->fields.fault == CSV_NOT_UTF8 || t->fields.fault == CSV_UNREADABLE) {
		t->about.problem = TABLE_NOT_A_TABLE;
		return false;
	}
	cells_clear(&t->cells);
	for (int i = 0; i < t->fields.count; i++)
		put_field(&t->cells, i, t->fields.field[i]);
	if (t->fields.fault)
		t->cells.fault = faults[t->fields.fault];
	*row = (struct table_row){.number = t->fields.number};
	return true;
}

/* ---- XLSX ---- */

static enum table_problem open_xlsx(struct table *t, struct bytes file)
{
	struct package *p = NULL;
	struct workbook book;
	struct texts *texts;
	struct part *part = NULL;
	enum table_problem problem = package_open(&p, t->a, file);

	if (!problem)
		problem = workbook_read(&book, t->a, p);
	if (problem)
		return problem;
	t->about.sheets = book.sheets;
	t->about.sheet = book.sheet_name;
	if (!book.sheet_part)
		return TABLE_EMPTY;
	if (book.texts_part)
		problem = part_open(&part, p, book.texts_part);
	if (!problem)
		problem = texts_read(&texts, t->a, part);
	if (!problem)
		problem = part_open(&part, p, book.sheet_part);
	if (!problem)
		t->sheet = sheet_open(t->a, part, texts, &t->cells);
	return problem;
}

static bool next_xlsx(struct table *t, struct table_row *row)
{
	bool done = false;

	t->about.problem = sheet_next(t->sheet, &done);
	t->about.merged = t->sheet->merged;
	t->about.hidden_columns = t->sheet->hidden_columns;
	*row = (struct table_row){.number = t->sheet->number, .hidden = t->sheet->hidden};
	return !done && !t->about.problem;
}

/* ---- both ---- */

struct table *table_open(struct arena *a, struct bytes file, struct table_limits limits)
{
	struct table *t = arena_alloc(a, sizeof *t);

	t->a = a;
	t->limits = limits;
	t->about = (struct table_about){.sheet = "", .encoding = ""};
	if (file.length > limits.bytes)
		t->about.problem = TABLE_TOO_LARGE;
	else
		t->about.problem = table_sniff(file, &t->about.kind);
	if (!t->about.problem)
		t->about.problem = t->about.kind == TABLE_XLSX ? open_xlsx(t, file) : open_csv(t, file);
	return t;
}

const struct table_about *table_about(const struct table *t)
{
	return &t->about;
}

static void count_row(struct table_about *about, const struct table_row *row)
{
	about->hidden_rows += row->hidden && about->rows > 0;
	about->rows++;
	for (int i = 0; i < row->count; i++) {
		about->formula_cells += (row->cells[i].flags & CELL_FORMULA) != 0;
		about->rounded_cells += (row->cells[i].flags & CELL_ROUNDED) != 0;
	}
}

bool table_next(struct table *t, struct table_row *row)
{
	struct table_row next;

	if (t->about.problem)
		return false;
	do {
		bool more = t->about.kind == TABLE_XLSX ? next_xlsx(t, &next) : next_csv(t, &next);

		if (!more) {
			if (!t->about.problem && t->about.rows == 0)
				t->about.problem = TABLE_EMPTY;
			return false;
		}
	} while (cells_blank(&t->cells));
	next.fault = t->cells.fault;
	next.count = next.fault ? 0 : t->cells.count;
	next.cells = t->cells.cell;
	count_row(&t->about, &next);
	if (t->about.rows > t->limits.rows + 1) {
		t->about.problem = TABLE_TOO_MANY_ROWS;
		return false;
	}
	*row = next;
	return true;
}
