/* Inside table/ only: which parts of an XLSX are its first visible sheet and its shared texts. */
#ifndef TABLE_WORKBOOK_H
#define TABLE_WORKBOOK_H

#include "table/package.h"

struct workbook {
	const char *sheet_name; /* of the first visible sheet; "" when there is none */
	const char *sheet_part; /* NULL when there is none */
	const char *texts_part; /* NULL when there is none */
	int sheets;             /* visible ones; charts and macros are no sheets */
};

enum table_problem workbook_read(struct workbook *out, struct arena *a, struct package *p);

#endif
