/* What both kinds of files to download share: the memory file, the cleaning of cells, the numbers of rows. */
#include "table/writer.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "table/cells.h"
#include "table/writer_kinds.h"

#define ROWS_MAX 1048576 /* of a sheet in any spreadsheet */
#define WIDE (TABLE_COLUMNS_MAX + 8)

static const struct {
	const struct writer_kind *kind;
	const char *media_type, *extension;
} kinds[] = {
	[TABLE_CSV] = {&writer_csv, "text/csv; charset=utf-8", ".csv"},
	[TABLE_XLSX] = {&writer_xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ".xlsx"},
};

struct table_writer {
	struct arena *a;
	const struct writer_kind *kind;
	void *state;
	int fd, number;
	int rows;  /* with any text in them */
	void *map; /* NULL before the end */
	size_t length;
	struct arena *row; /* of cleaned cells */
};

const char *table_media_type(enum table_kind kind)
{
	return kinds[kind].media_type;
}

const char *table_extension(enum table_kind kind)
{
	return kinds[kind].extension;
}

static void release(void *object)
{
	struct table_writer *w = object;

	if (w->map)
		munmap(w->map, w->length + 1);
	if (w->fd >= 0)
		close(w->fd);
	arena_destroy(w->row);
}

enum status table_write_plain(struct table_writer **out, struct arena *a, enum table_kind kind, const struct writer_sheet *sheet)
{
	struct table_writer *w = arena_alloc(a, sizeof *w);
	enum status st;

	w->a = a;
	w->kind = kinds[kind].kind;
	w->row = arena_create();
	w->fd = memfd_create("table", MFD_CLOEXEC);
	arena_cleanup(a, release, w);
	if (w->fd < 0)
		return status_fail(ST_ERROR, "memory file: %s", strerror(errno));
	st = w->kind->begin(&w->state, a, w->fd, sheet);
	if (st == ST_OK)
		*out = w;
	return st;
}

/* Well-formed UTF-8 without control characters; the line feed stays. */
static const char *clean(struct arena *a, const char *text)
{
	char *copy, *to;

	if (!text)
		return "";
	if (!text_is_utf8(text, strlen(text)))
		return "?";
	copy = to = arena_strdup(a, text);
	for (const char *from = copy; *from; from++)
		if ((unsigned char)*from >= 0x20 ? *from != 0x7f : *from == '\n' || *from == '\t')
			*to++ = *from;
	*to = '\0';
	return copy;
}

enum status table_write_numbered(struct table_writer *w, int number, const char *const *cells, int count, bool head)
{
	const char *cleaned[WIDE];
	bool any = false;

	if (number > ROWS_MAX || count > WIDE)
		return status_fail(ST_LIMIT, "a table of more than %d rows or %d columns", ROWS_MAX, WIDE);
	arena_reset(w->row);
	for (int i = 0; i < count; i++) {
		cleaned[i] = clean(w->row, cells[i]);
		any |= !cells_blank_text(cleaned[i]);
	}
	w->rows += any;
	w->number = number;
	return w->kind->row(w->state, number, cleaned, count, head);
}

enum status table_write_begin(struct table_writer **out, struct arena *a, enum table_kind kind, const char *sheet,
			      const struct table_head *columns, int count)
{
	const char *names[WIDE];
	enum status st = table_write_plain(out, a, kind, &(struct writer_sheet){sheet, columns, count});

	for (int i = 0; i < count && i < WIDE; i++)
		names[i] = columns[i].name;
	return st == ST_OK ? table_write_numbered(*out, 1, names, count, true) : st;
}

enum status table_write_row(struct table_writer *w, const char *const *cells, int count)
{
	return table_write_numbered(w, w->number + 1, cells, count, false);
}

/* Every row is there, and the file ends as it should. */
static enum status read_again(const struct table_writer *w)
{
	struct arena *a = arena_create();
	struct table *t = table_open(a, (struct bytes){w->map, w->length}, (struct table_limits){w->length, ROWS_MAX});
	struct table_row row;
	enum table_problem problem;
	int rows;

	while (table_next(t, &row))
		;
	problem = table_about(t)->problem;
	rows = table_about(t)->rows;
	arena_destroy(a);
	if (problem == TABLE_TOO_LARGE)
		return status_fail(ST_LIMIT, "a table of more text than a spreadsheet shall have");
	if (rows != w->rows || (problem && problem != TABLE_EMPTY))
		return status_fail(ST_ERROR, "a table was not written to its end: is there room for temporary files?");
	return ST_OK;
}

/* One byte more than the file has is mapped: bytes end in NUL. */
enum status table_write_end(struct table_writer *w, struct bytes *out)
{
	struct stat info;
	enum status st = w->kind->end(w->state);

	if (st != ST_OK)
		return st;
	if (fstat(w->fd, &info) != 0 || ftruncate(w->fd, info.st_size + 1) != 0)
		return status_fail(ST_ERROR, "memory file: %s", strerror(errno));
	w->length = (size_t)info.st_size;
	w->map = mmap(NULL, w->length + 1, PROT_READ, MAP_SHARED, w->fd, 0);
	if (w->map == MAP_FAILED) {
		w->map = NULL;
		return status_fail(ST_ERROR, "memory file: %s", strerror(errno));
	}
	close(w->fd); /* the map holds it */
	w->fd = -1;
	st = w->kind->silent ? read_again(w) : ST_OK;
	if (st == ST_OK)
		*out = (struct bytes){w->map, w->length};
	return st;
}
