/* Inside table/ only: the rows of one sheet of an XLSX. */
#ifndef TABLE_SHEET_H
#define TABLE_SHEET_H

#include "table/cells.h"
#include "table/texts.h"

#define SHEET_ROWS_MAX 1048576
#define SHEET_COLUMNS_MAX 16384

struct sheet {
	struct cells *cells; /* of the row that was read last */
	int number;          /* of it */
	bool hidden;
	int merged; /* ranges, known at the end */
	int hidden_columns; /* with text in them, until now */
	enum { COLUMN_SHOWN, COLUMN_HIDDEN, COLUMN_COUNTED } columns[TABLE_COLUMNS_MAX];
	struct xml *x;
	const struct texts *texts;
	/* of the row and the cell that are being read */
	bool in_rows, row_ended, in_inline, in_text;
	int in_reading;
	int column;
	unsigned flags;
	char type; /* of the cell, its first letter: s(hared), S for str, i(nlineStr), b, e, n, d */
	bool has_value;
	struct piece piece;
};

/* cells, texts: borrowed. */
struct sheet *sheet_open(struct arena *a, struct part *part, const struct texts *texts, struct cells *cells);
/* The next row, blank ones too; *done when there is none. TABLE_BROKEN when rows are out of order or cells point to nothing. */
enum table_problem sheet_next(struct sheet *s, bool *done);

#endif
