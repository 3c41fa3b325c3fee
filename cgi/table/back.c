/* Reads a table and writes it again. Knows no rule: verdicts come from the caller. */
#include "table/back.h"

#include "table/writer_kinds.h"

/* What is read twice: first how wide the table is, so that the two columns stand behind all of it. */
static int find_width(struct arena *a, struct bytes file, struct table_limits limits, enum table_problem *problem)
{
	struct table *t = table_open(a, file, limits);
	struct table_row row;
	int width = 0;

	while (table_next(t, &row))
		width = row.count > width ? row.count : width;
	*problem = table_about(t)->problem;
	return width;
}

static enum status write_rows(struct table *t, struct table_writer *w, int width, int header_row, const struct table_verdict *verdicts,
			      size_t count)
{
	const char *cells[TABLE_COLUMNS_MAX + 2];
	struct table_row row;
	enum status st = ST_OK;
	size_t next = 0;

	while (st == ST_OK && table_next(t, &row)) {
		bool head = row.number == header_row;

		for (int i = 0; i < width; i++)
			cells[i] = i < row.count ? row.cells[i].text : "";
		while (next < count && verdicts[next].row < row.number)
			next++;
		if (head) {
			cells[width] = "校验结果";
			cells[width + 1] = "原因";
		} else if (next < count && verdicts[next].row == row.number) {
			cells[width] = verdicts[next].result;
			cells[width + 1] = verdicts[next].reason;
		} else
			cells[width] = cells[width + 1] = "";
		st = table_write_numbered(w, row.number, cells, width + 2, head);
	}
	return st;
}

enum status table_write_back(struct arena *a, struct bytes file, struct table_limits limits, enum table_kind kind, int header_row,
			     const struct table_verdict *verdicts, size_t count, struct bytes *out)
{
	struct table_head heads[TABLE_COLUMNS_MAX + 2] = {0};
	struct arena *reading = arena_create();
	enum table_problem problem;
	struct table_writer *w;
	enum status st;
	int width = find_width(reading, file, limits, &problem);

	if (problem != TABLE_GOOD && problem != TABLE_TOO_MANY_ROWS) {
		arena_destroy(reading);
		return status_fail(ST_INVALID, "a table to give back that cannot be read: problem %d", problem);
	}
	arena_reset(reading);
	for (int i = 0; i < width; i++)
		heads[i].width = 20;
	heads[width + 1].width = 60;
	st = table_write_plain(&w, a, kind, &(struct writer_sheet){"校验结果", heads, width + 2});
	if (st == ST_OK)
		st = write_rows(table_open(reading, file, limits), w, width, header_row, verdicts, count);
	if (st == ST_OK)
		st = table_write_end(w, out);
	arena_destroy(reading);
	return st;
}
