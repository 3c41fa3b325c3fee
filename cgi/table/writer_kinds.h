/* Inside table/ only: what the two kinds of writers give to writer.c. */
#ifndef TABLE_WRITER_KINDS_H
#define TABLE_WRITER_KINDS_H

#include "table/writer.h"

struct writer_sheet {
	const char *name;
	const struct table_head *columns; /* for their widths; may be NULL */
	int count;
};

struct writer_kind {
	/* Writes to the memory file fd, which stays open until end was called. */
	enum status (*begin)(void **out, struct arena *a, int fd, const struct writer_sheet *sheet);
	/* number: of the row, from 1, ascending. cells are well-formed, without control characters. */
	enum status (*row)(void *w, int number, const char *const *cells, int count, bool head);
	enum status (*end)(void *w);
	bool silent; /* does not tell when there was no room: what it wrote is read again */
};

extern const struct writer_kind writer_csv, writer_xlsx;

/* As table_write_begin without a first row; columns: for widths only. */
enum status table_write_plain(struct table_writer **out, struct arena *a, enum table_kind kind,
			      const struct writer_sheet *sheet) MUST_CHECK;
/* As table_write_row, under a number of its own, which ascends; head: bold, and frozen with all above it. */
enum status table_write_numbered(struct table_writer *w, int number, const char *const *cells, int count, bool head) MUST_CHECK;

#endif
