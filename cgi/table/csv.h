/* A bounded streaming reader of CSV (RFC 4180): UTF-8 with or without a byte order mark, lines ending in CR LF, LF or CR. The one reader
 * of CSV: imports of the operator use it as it is, uploads of fleets behind table/reader.h, which finds out encoding and separator. */
#ifndef TABLE_CSV_H
#define TABLE_CSV_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"

#define CSV_FIELDS_MAX 200
#define CSV_ROW_MAX (64 * 1024) /* bytes of all fields of one row */

/* What is wrong with a row. */
enum csv_fault {
	CSV_GOOD,
	CSV_QUOTE_INSIDE, /* a quote inside a field that is not in quotes; not with quotes_loose */
	CSV_QUOTE_BEHIND, /* text behind a closing quote */
	CSV_QUOTE_OPEN,   /* the file ends inside quotes */
	CSV_NUL,
	CSV_LONG, /* more than CSV_ROW_MAX bytes */
	CSV_WIDE, /* more than CSV_FIELDS_MAX fields */
	CSV_NOT_UTF8,
	CSV_UNREADABLE, /* the file cannot be read to its end */
	CSV_FAULT_MAX
};

struct csv_form {
	char separator;    /* 0 is the comma */
	bool quotes_loose; /* a quote inside a field that is not in quotes is itself, as spreadsheets read it */
};

struct csv;

struct csv_row {
	int line;   /* where the row begins, from 1 */
	int number; /* the row a spreadsheet shows it in, from 1: empty lines count, lines inside quotes do not */
	int count;
	const char *field[CSV_FIELDS_MAX]; /* borrowed until the next row; well-formed UTF-8 */
	enum csv_fault fault;              /* a bad row has no fields */
};

/* Reads from file, which stays the caller's. Arena. */
struct csv *csv_start(struct arena *a, FILE *file, struct csv_form form);
/* The next row that is not an empty line; false at the end. A bad row does not stop the reader: it goes on at the next line. */
bool csv_next(struct csv *c, struct csv_row *row);
/* A fault in the operator's English. */
const char *csv_fault_text(enum csv_fault fault);

#endif
