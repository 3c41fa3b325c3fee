/* Tables as text, for tests of their readers. */
#ifndef TESTS_UNIT_TABLE_ROWS_H
#define TESTS_UNIT_TABLE_ROWS_H

#include "table/reader.h"

static struct arena *a;
static const struct table_about *about;
static int rows_max = 100;

/* The rows as "number:cell|cell;"; a cell's flags stand behind it as "{flags}", a fault as "number!fault;". */
static const char *read_file(struct bytes file)
{
	struct table *t = table_open(a, file, (struct table_limits){5 << 20, rows_max});
	struct buffer out;
	struct table_row row;

	buffer_init(&out, a, 1 << 20);
	while (table_next(t, &row)) {
		buffer_printf(&out, "%d%s", row.number, row.hidden ? "h" : "");
		buffer_printf(&out, row.fault ? "!%d" : ":", row.fault);
		for (int i = 0; i < row.count; i++) {
			buffer_printf(&out, "%s%s", i ? "|" : "", row.cells[i].text);
			if (row.cells[i].flags)
				buffer_printf(&out, "{%u}", row.cells[i].flags);
		}
		buffer_text(&out, ";");
	}
	about = table_about(t);
	return out.data;
}

#endif
