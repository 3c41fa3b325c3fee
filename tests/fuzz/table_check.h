/* What holds for every table, whatever the file: bounded, well-formed, in order, and it ends. */
#ifndef TESTS_FUZZ_TABLE_CHECK_H
#define TESTS_FUZZ_TABLE_CHECK_H

#include <assert.h>
#include <string.h>

#include "table/reader.h"

#define CHECK_BYTES ((size_t)1 << 20)
#define CHECK_ROWS 500

static void check_table(struct arena *a, struct bytes file)
{
	struct table *t = table_open(a, file, (struct table_limits){CHECK_BYTES, CHECK_ROWS});
	const struct table_about *about = table_about(t);
	struct table_row row;
	int rows = 0, number = 0;

	while (table_next(t, &row)) {
		assert(++rows <= CHECK_ROWS + 1 && about->rows == rows);
		assert(row.number > number && row.number <= 1048576);
		number = row.number;
		assert(row.count >= 0 && row.count <= TABLE_COLUMNS_MAX && (!row.fault || row.count == 0));
		for (int i = 0; i < row.count; i++) {
			size_t length = strlen(row.cells[i].text);

			assert(length <= TABLE_CELL_MAX && text_is_utf8(row.cells[i].text, length));
		}
	}
	assert(!table_next(t, &row));
	assert(about->problem < TABLE_PROBLEM_MAX && about->rows >= rows);
	assert((about->problem == TABLE_EMPTY) <= (rows == 0));
	assert(text_is_utf8(about->sheet, strlen(about->sheet)));
}

#endif
