/* CSV of any bytes: never a crash, rows are bounded, UTF-8, in the order of their lines, and they end. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "table/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_all(struct arena *a, FILE *file, size_t size, struct csv_form form)
{
	struct csv *csv = csv_start(a, file, form);
	struct csv_row row;
	size_t rows = 0;
	int line = 0, number = 0;

	while (csv_next(csv, &row)) {
		assert(++rows <= size);
		assert(row.line > line);
		assert(row.number > number && row.number <= row.line);
		line = row.line;
		number = row.number;
		assert((row.count == 0) == (row.fault != CSV_GOOD) && row.count <= CSV_FIELDS_MAX);
		for (int i = 0; i < row.count; i++)
			assert(text_is_utf8(row.field[i], strlen(row.field[i])));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct csv_form forms[] = {{0}, {.separator = '\t', .quotes_loose = true}};
	static struct arena *a;
	uint8_t copy[65536];
	FILE *file;

	if (!a)
		a = arena_create();
	if (size == 0 || size > sizeof copy)
		return 0;
	memcpy(copy, data, size);
	file = fmemopen(copy, size, "r");
	assert(file);
	read_all(a, file, size, forms[size % 2]);
	fclose(file);
	arena_reset(a);
	return 0;
}
