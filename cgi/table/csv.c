/* One row is in memory. Knows nothing of columns. libcsv was looked at: it gives no line numbers and its fields have no bound. */
#include "table/csv.h"

#include <string.h>

#include "base/text.h"

enum place { FIELD_START, PLAIN, QUOTED, QUOTE_SEEN };

struct csv {
	FILE *file;
	struct csv_form form;
	int line, number;
	bool begun, ended;
	int count;
	size_t length; /* of bytes used in data */
	size_t start[CSV_FIELDS_MAX];
	enum csv_fault fault;
	char data[CSV_ROW_MAX + CSV_FIELDS_MAX + 1];
};

const char *csv_fault_text(enum csv_fault fault)
{
	static const char *const texts[CSV_FAULT_MAX] = {
		[CSV_GOOD] = "the row is good",
		[CSV_QUOTE_INSIDE] = "a quote stands inside a field without quotes",
		[CSV_QUOTE_BEHIND] = "text stands behind a closing quote",
		[CSV_QUOTE_OPEN] = "a field in quotes does not end",
		[CSV_NUL] = "the row holds a NUL byte",
		[CSV_LONG] = "the row is longer than 65536 bytes",
		[CSV_WIDE] = "the row has more than 200 columns",
		[CSV_NOT_UTF8] = "the row is not UTF-8: save the file as \"CSV UTF-8\"",
		[CSV_UNREADABLE] = "the file cannot be read to its end",
	};

	return texts[fault];
}

struct csv *csv_start(struct arena *a, FILE *file, struct csv_form form)
{
	struct csv *c = arena_alloc(a, sizeof *c);

	c->file = file;
	c->form = form;
	if (!c->form.separator)
		c->form.separator = ',';
	c->line = 1;
	return c;
}

static void set_fault(struct csv *c, enum csv_fault fault)
{
	if (!c->fault)
		c->fault = fault;
}

/* A byte, with every kind of line end as '\n'; EOF at the end. */
static int next_byte(struct csv *c)
{
	int byte = getc_unlocked(c->file);

	if (byte == '\r') {
		byte = getc_unlocked(c->file);
		if (byte != '\n' && byte != EOF)
			ungetc(byte, c->file);
		byte = '\n';
	}
	if (byte == '\n')
		c->line++;
	return byte;
}

static void skip_byte_order_mark(struct csv *c)
{
	static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
	int byte = getc_unlocked(c->file);

	c->begun = true;
	if (byte != mark[0]) {
		if (byte != EOF)
			ungetc(byte, c->file);
		return;
	}
	if (getc_unlocked(c->file) != mark[1] || getc_unlocked(c->file) != mark[2])
		set_fault(c, CSV_NOT_UTF8);
}

static void put(struct csv *c, int byte)
{
	if (byte == 0)
		set_fault(c, CSV_NUL);
	if (c->length >= CSV_ROW_MAX)
		set_fault(c, CSV_LONG);
	if (!c->fault)
		c->data[c->length++] = (char)byte;
}

static void end_field(struct csv *c)
{
	if (c->fault)
		return;
	if (!text_is_utf8(c->data + c->start[c->count], c->length - c->start[c->count])) {
		set_fault(c, CSV_NOT_UTF8);
		return;
	}
	c->data[c->length++] = '\0';
	c->count++;
}

static void begin_field(struct csv *c)
{
	if (c->count == CSV_FIELDS_MAX)
		set_fault(c, CSV_WIDE);
	else
		c->start[c->count] = c->length;
}

/* One byte in its place. False when it ended the row. */
static bool take(struct csv *c, enum place *place, int byte)
{
	bool ends = byte == '\n' || byte == EOF;

	switch (*place) {
	case FIELD_START:
		if (byte == '"') {
			*place = QUOTED;
			return true;
		}
		*place = PLAIN;
		break;
	case PLAIN:
		if (byte == '"' && !c->form.quotes_loose)
			set_fault(c, CSV_QUOTE_INSIDE);
		break;
	case QUOTED:
		if (byte == EOF) {
			set_fault(c, CSV_QUOTE_OPEN);
			return false;
		}
		if (byte == '"')
			*place = QUOTE_SEEN;
		else
			put(c, byte);
		return true;
	case QUOTE_SEEN:
		if (byte == '"') {
			put(c, byte);
			*place = QUOTED;
			return true;
		}
		if (byte != c->form.separator && !ends)
			set_fault(c, CSV_QUOTE_BEHIND);
		*place = PLAIN;
		break;
	}
	if (byte == c->form.separator) {
		end_field(c);
		begin_field(c);
		*place = FIELD_START;
	} else if (ends) {
		end_field(c);
		return false;
	} else
		put(c, byte);
	return true;
}

/* Reads to the end of the row. False when there was nothing but the end of the file or an empty line. */
static bool read_row(struct csv *c, bool *at_end)
{
	enum place place = FIELD_START;
	int byte;
	bool any = false;

	c->count = 0;
	c->length = 0;
	begin_field(c);
	do {
		byte = next_byte(c);
		any |= byte != '\n' && byte != EOF;
	} while (take(c, &place, byte));
	*at_end = byte == EOF;
	return any;
}

bool csv_next(struct csv *c, struct csv_row *row)
{
	c->fault = CSV_GOOD;
	if (!c->begun)
		skip_byte_order_mark(c);
	while (!c->ended) {
		int line = c->line;
		bool any = read_row(c, &c->ended);

		c->number++;
		if (c->ended && ferror(c->file))
			set_fault(c, CSV_UNREADABLE);
		if (!any && !c->fault)
			continue;
		*row = (struct csv_row){.line = line, .number = c->number, .count = c->fault ? 0 : c->count, .fault = c->fault};
		for (int i = 0; i < row->count; i++)
			row->field[i] = c->data + c->start[i];
		return true;
	}
	return false;
}
