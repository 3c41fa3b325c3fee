/* The table that somebody uploaded, given back with two more columns: 校验结果 and 原因. All its columns and rows are kept, each row under
 * the number that it had, so that messages with row numbers fit it. */
#ifndef TABLE_BACK_H
#define TABLE_BACK_H

#include "table/writer.h"

struct table_verdict {
	int row;            /* number as the reader gave it; ascending */
	const char *result; /* "通过", "有误"; NULL is nothing */
	const char *reason; /* NULL is nothing */
};

/* file and limits: as for table_open, whose problem must have been TABLE_GOOD or TABLE_TOO_MANY_ROWS (then the rows that fit are given
 * back); ST_INVALID otherwise. header_row: the number of the row that names the columns: it gets the names of the two columns. The bytes
 * are borrowed from the arena. Texts longer than TABLE_CELL_MAX come back cut; rows with a fault come back without their cells, with their
 * verdict. */
enum status table_write_back(struct arena *a, struct bytes file, struct table_limits limits, enum table_kind kind, int header_row,
			     const struct table_verdict *verdicts, size_t count, struct bytes *out) MUST_CHECK;

#endif
