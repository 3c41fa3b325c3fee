/* Finds the wanted columns in the row that names them: any order, other columns are ignored; letter case, width, blanks, line breaks,
 * brackets, stars and "必填" do not count. Some tables have a title above: a caller may try the first few rows until one is complete. */
#ifndef TABLE_COLUMNS_H
#define TABLE_COLUMNS_H

#include "table/reader.h"

#define TABLE_WANTED_MAX 40

struct table_wanted {
	const char *name;     /* as messages and templates to download say it: 车架号 */
	const char *synonyms; /* joined by '|': "VIN|车辆识别代号|车辆识别码"; may be NULL */
	bool required;
};

struct table_match {
	int at[TABLE_WANTED_MAX]; /* index into the cells of a row, -1 when it is not there; the first one when it is there twice */
	bool complete;            /* every required column is there, and no wanted one twice */
	const char *missing;      /* names of required columns that are not there, "车架号、ICCID"; "" */
	const char *doubled;      /* names of wanted columns that are there more than once; "" */
	const char *found;        /* what the row says, "序号、车牌、备注", cut to 20 names and to 20 characters each; "" */
};

/* header may have a fault: then nothing is found. Texts in the arena. */
void table_match_columns(struct arena *a, const struct table_wanted *wanted, int count, const struct table_row *header,
			 struct table_match *out);
/* The cell of wanted column i; an empty one when the column or the cell is not there. */
const struct table_cell *table_match_cell(const struct table_match *m, int i, const struct table_row *row);

#endif
