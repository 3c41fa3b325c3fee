/* Inside table/ only: the cells of the row that is being read, and what a number's text says. */
#ifndef TABLE_CELLS_H
#define TABLE_CELLS_H

#include "table/reader.h"

#define CELLS_TEXT_MAX (64 * 1024)

struct cells {
	int count;
	enum table_row_fault fault;
	struct table_cell cell[TABLE_COLUMNS_MAX];
	size_t used;
	char text[CELLS_TEXT_MAX + TABLE_COLUMNS_MAX];
};

void cells_clear(struct cells *c);
/* Copies the text, cut to TABLE_CELL_MAX, and adds CELL_ROUNDED and CELL_ZEROS when the text says so. A cell without text and flags is
 * not counted. column from 0, any. */
void cells_put(struct cells *c, int column, const char *text, size_t length, unsigned flags);
/* No fault, and nothing but blanks. */
bool cells_blank(const struct cells *c);
bool cells_blank_text(const char *text);

/* The value of a number's cell of an XLSX as text: 13 digits as 13 digits, never 1.44E+12; ROUNDED from the 16th digit on. */
#define CELLS_NUMBER_MAX 64
void cells_number(char out[static CELLS_NUMBER_MAX], const char *raw, unsigned *flags);

#endif
