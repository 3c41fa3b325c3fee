/* A bounded streaming reader of CSV (RFC 4180): UTF-8 with or without a byte order mark, lines ending in CR LF, LF or CR. */
#ifndef OPERATOR_CSV_H
#define OPERATOR_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

#define CSV_FIELDS_MAX 64
#define CSV_ROW_MAX (64 * 1024) /* bytes of all fields of one row */

struct csv;

struct csv_row {
	int line; /* where the row begins, from 1 */
	int count;
	const char *field[CSV_FIELDS_MAX]; /* borrowed until the next row; well-formed UTF-8 */
	const char *fault;                 /* what is wrong with the row, NULL when it is good; a bad row has no fields */
};

/* Reads from file, which stays the caller's. Arena. */
struct csv *csv_start(struct arena *a, FILE *file);
/* The next row that is not an empty line; false at the end. A bad row does not stop the reader: it goes on at the next line. */
bool csv_next(struct csv *c, struct csv_row *row);

#endif
