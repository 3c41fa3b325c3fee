/* Tables to download: XLSX with every cell as text, or CSV in UTF-8 with a byte order mark, in which a cell that a spreadsheet would take
 * for a formula gets an apostrophe in front. One interface for both; built in memory files, nothing personal on disk. */
#ifndef TABLE_WRITER_H
#define TABLE_WRITER_H

#include "table/reader.h"

struct table_head {
	const char *name;
	int width; /* in characters of a digit's width, XLSX only; 0 is 16 */
};

struct table_writer;

/* sheet: the name of the sheet, at most 31 characters, without []:*?/\ (XLSX only). The first row, bold and frozen, names the columns.
 * Released with the arena. ST_ERROR when there is no memory file. */
enum status table_write_begin(struct table_writer **out, struct arena *a, enum table_kind kind, const char *sheet,
			      const struct table_head *columns, int count) MUST_CHECK;
/* One row; NULL is an empty cell. Cells are UTF-8; control characters but the line feed are dropped. ST_LIMIT beyond 1,048,576 rows. */
enum status table_write_row(struct table_writer *w, const char *const *cells, int count) MUST_CHECK;
/* The whole file, borrowed from the arena; nothing can be written after it. ST_ERROR when there was no room for it. XLSX: ST_LIMIT when
 * its text is more than 64 MiB of XML (a row of 10 columns takes some 700 bytes). */
enum status table_write_end(struct table_writer *w, struct bytes *out) MUST_CHECK;

const char *table_media_type(enum table_kind kind);
const char *table_extension(enum table_kind kind); /* ".csv", ".xlsx" */

#endif
