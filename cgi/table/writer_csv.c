/* CSV to download: UTF-8 with a byte order mark, lines end in CR LF, cells that a spreadsheet would run begin with an apostrophe. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "table/writer_kinds.h"

struct csv_writer {
	FILE *file; /* NULL once it is closed */
	int number;
};

static void release(void *object)
{
	struct csv_writer *w = object;

	if (w->file)
		fclose(w->file);
}

static enum status begin(void **out, struct arena *a, int fd, const struct writer_sheet *sheet)
{
	struct csv_writer *w = arena_alloc(a, sizeof *w);
	int copy = dup(fd);

	(void)sheet;
	w->file = copy < 0 ? NULL : fdopen(copy, "w");
	if (!w->file) {
		if (copy >= 0)
			close(copy);
		return status_fail(ST_ERROR, "memory file: %s", strerror(errno));
	}
	arena_cleanup(a, release, w);
	fputs("\xef\xbb\xbf", w->file);
	*out = w;
	return ST_OK;
}

static void put_cell(FILE *file, const char *text)
{
	const char *quote = strpbrk(text, "\",;\t\r\n'");

	if (quote || text[0] == ' ')
		putc_unlocked('"', file);
	if (text[0] && strchr("=+-@\t\r", text[0]))
		putc_unlocked('\'', file);
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			putc_unlocked('"', file);
		putc_unlocked(*p, file);
	}
	if (quote || text[0] == ' ')
		putc_unlocked('"', file);
}

static enum status row(void *state, int number, const char *const *cells, int count, bool head)
{
	struct csv_writer *w = state;

	(void)head;
	/* rows that are left out are empty lines, so that the others keep their numbers */
	while (++w->number < number)
		fputs("\r\n", w->file);
	for (int i = 0; i < count; i++) {
		if (i > 0)
			putc_unlocked(',', w->file);
		put_cell(w->file, cells[i]);
	}
	fputs("\r\n", w->file);
	return ferror(w->file) ? status_fail(ST_ERROR, "memory file: %s", strerror(errno)) : ST_OK;
}

static enum status end(void *state)
{
	struct csv_writer *w = state;
	int failed = fclose(w->file);

	w->file = NULL;
	return failed ? status_fail(ST_ERROR, "memory file: %s", strerror(errno)) : ST_OK;
}

const struct writer_kind writer_csv = {begin, row, end, false};
