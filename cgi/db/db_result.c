/* Reading results: columns by name, values in text format. */
#include "db/db_result.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

int db_rows(const struct db_result *r)
{
	return r->rows;
}

long db_affected(const struct db_result *r)
{
	return strtol(PQcmdTuples(r->result), NULL, 10);
}

/* Number of a column. Asking for one that is not there, or for a row that is not there, is a bug. */
static int column_of(const struct db_result *r, int row, const char *column)
{
	assert(row >= 0 && row < r->rows);
	for (int tried = 0, i = *r->next; tried < r->columns; tried++, i++) {
		if (i >= r->columns)
			i = 0;
		if (strcmp(PQfname(r->result, i), column) == 0) {
			*r->next = i + 1;
			return i;
		}
	}
	log_error("db", "the result has no column %s", column);
	assert(!"column exists");
	abort();
}

const char *db_text(const struct db_result *r, int row, const char *column)
{
	int i = column_of(r, row, column);
	return PQgetisnull(r->result, row, i) ? NULL : PQgetvalue(r->result, row, i);
}

bool db_is_null(const struct db_result *r, int row, const char *column)
{
	return !db_text(r, row, column);
}

int64_t db_int(const struct db_result *r, int row, const char *column)
{
	const char *text = db_text(r, row, column);
	return text ? strtoll(text, NULL, 10) : 0;
}

bool db_bool(const struct db_result *r, int row, const char *column)
{
	const char *text = db_text(r, row, column);
	return text && text[0] == 't';
}

struct bytes db_bytes(const struct db_result *r, int row, const char *column)
{
	struct bytes bytes = {NULL, 0};
	const char *text = db_text(r, row, column);
	if (!text)
		return bytes;
	enum status st = text_prefix(text, "\\x") ? hex_decode(r->arena, text + 2, &bytes) : ST_INVALID;
	assert(st == ST_OK); /* not a bytea column, or bytea_output is not hex */
	return bytes;
}
