/* The only user of libxlsxwriter: every cell is a text, rows go to a temporary file as they come (constant memory). That file, and those
 * the library makes at the end, have no name by the time anything is in them, and lie on the memory file system where there is one. Version
 * 1.1 does not look whether it could write them. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "table/writer_kinds.h"

#define WIDTH 16
#define MEMORY_FOLDER "/dev/shm"

struct xlsx_writer {
	lxw_workbook *book; /* NULL once it is closed */
	lxw_worksheet *sheet;
	lxw_format *bold;
};

static enum status failed(const char *what, lxw_error error)
{
	return status_fail(ST_ERROR, "xlsx: %s: %s", what, lxw_strerror(error));
}

static void release(void *object)
{
	struct xlsx_writer *w = object;

	/* there is no way to drop a workbook but to write it: into the memory file, which goes as well */
	if (w->book)
		workbook_close(w->book);
}

static enum status begin(void **out, struct arena *a, int fd, const struct writer_sheet *sheet)
{
	struct xlsx_writer *w = arena_alloc(a, sizeof *w);
	/* the library copies the name and the folder */
	lxw_workbook_options options = {.constant_memory = LXW_TRUE,
					.tmpdir = access(MEMORY_FOLDER, W_OK) == 0 ? arena_strdup(a, MEMORY_FOLDER) : NULL};

	w->book = workbook_new_opt(arena_printf(a, "/proc/self/fd/%d", fd), &options);
	if (!w->book)
		return status_fail(ST_ERROR, "xlsx: begin");
	arena_cleanup(a, release, w);
	w->sheet = workbook_add_worksheet(w->book, sheet->name);
	w->bold = workbook_add_format(w->book);
	if (!w->sheet || !w->bold)
		return status_fail(ST_ERROR, "xlsx: sheet");
	format_set_bold(w->bold);
	for (int i = 0; sheet->columns && i < sheet->count; i++)
		worksheet_set_column(w->sheet, (lxw_col_t)i, (lxw_col_t)i, sheet->columns[i].width ? sheet->columns[i].width : WIDTH, NULL);
	*out = w;
	return ST_OK;
}

/* A text that reads like _x0041_ would be shown as A: its underscore is written as _x005F_. */
static const char *literal(struct arena *a, const char *text)
{
	struct buffer b;

	if (!strstr(text, "_x"))
		return text;
	buffer_init(&b, a, 8 * strlen(text) + 1);
	for (; *text; text++) {
		bool escape = text[0] == '_' && text[1] == 'x' && strspn(text + 2, "0123456789abcdefABCDEF") >= 4 && text[6] == '_';

		buffer_add(&b, escape ? "_x005F_" : text, escape ? 7 : 1);
	}
	return b.data;
}

static enum status row(void *state, int number, const char *const *cells, int count, bool head)
{
	struct xlsx_writer *w = state;
	lxw_row_t at = (lxw_row_t)(number - 1);
	struct arena *a = NULL;
	lxw_error error = LXW_NO_ERROR;

	for (int i = 0; i < count && !error; i++) {
		const char *text = cells[i];

		if (!text[0])
			continue;
		if (strstr(text, "_x")) {
			a = a ? a : arena_create();
			text = literal(a, text);
		}
		error = worksheet_write_string(w->sheet, at, (lxw_col_t)i, text, head ? w->bold : NULL);
	}
	arena_destroy(a);
	if (head)
		worksheet_freeze_panes(w->sheet, at + 1, 0);
	return error ? failed("row", error) : ST_OK;
}

static enum status end(void *state)
{
	struct xlsx_writer *w = state;
	lxw_workbook *book = w->book;
	lxw_error error;

	w->book = NULL; /* closing frees it, whatever comes of it */
	error = workbook_close(book);
	return error ? failed("end", error) : ST_OK;
}

const struct writer_kind writer_xlsx = {begin, row, end, true};
