/* Inside the import only: columns, rows, what the file had before, and what the database gets. */
#ifndef OPERATOR_IMPORT_H
#define OPERATOR_IMPORT_H

#include "operator/command.h"
#include "table/csv.h"

#define IMPORT_BATCH 500
#define IMPORT_ROWS_MAX 200000
#define IMPORT_LOCK 7303 /* advisory lock of whoever imports */
#define IMPORT_CARDS_MAX 16 /* of one car: what a page of the site can show */

enum import_column {
	IMPORT_MSISDN,
	IMPORT_ICCID,
	IMPORT_ENTERPRISE,
	IMPORT_VIN,
	IMPORT_TYPE,
	IMPORT_ORIGIN,
	IMPORT_DEPARTMENT,
	IMPORT_NAME,
	IMPORT_NUM,
	IMPORT_MODEL,
	IMPORT_COLOR,
	IMPORT_FUEL,
	IMPORT_ENGINE,
	IMPORT_MOTOR,
	IMPORT_DEPARTURE,
	IMPORT_SALES,
	IMPORT_SALES_UPDATE,
	IMPORT_PLATE,
	IMPORT_CHANNEL,
	IMPORT_STAFF,
	IMPORT_ADDRESS,
	IMPORT_CODE,
	IMPORT_CARRIER,
	IMPORT_NETWORK_DATE,
	IMPORT_STATUS,
	IMPORT_STATUS_TIME,
	IMPORT_OWNER_TYPE,
	IMPORT_OWNER_NAME,
	IMPORT_OWNER_NUMBER,
	IMPORT_OWNER_PHONE,
	IMPORT_COLUMN_MAX
};

/* A row of the file, cleaned. NULL: the column is empty or not in the file. */
struct import_row {
	int line;
	const char *value[IMPORT_COLUMN_MAX];
	/* filled in from the database */
	const char *automaker_id, *manufacturer_id, *carrier_id;
};

/* What is wrong, a line each on standard error: "line 12: VIN: ...". The first 100 are shown, all are counted. */
struct import_faults {
	int shown, rows, last_line;
};
void import_fault(struct import_faults *f, int line, const char *column, const char *format, ...) PRINTF_LIKE(4, 5);

/* ---- import_columns.c ---- */

/* Where each column stands in the file; -1 when it is not there. */
struct import_header {
	int at[IMPORT_COLUMN_MAX];
	int count;
};
const char *import_column_name(enum import_column column);
/* Faults are reported; false when the file cannot be read by this header. */
bool import_read_header(struct arena *a, const struct csv_row *row, struct import_header *out, struct import_faults *faults);
/* Cleans and checks one row by itself. False, with the faults reported, when it is bad. out is in the arena. */
bool import_read_row(struct arena *a, const struct import_header *h, const struct csv_row *row, struct import_row *out,
		     struct import_faults *faults);

/* ---- import_seen.c ---- */

/* The cards and cars of the rows before. */
struct import_seen;
struct import_seen *import_seen_start(struct arena *a);
/* Adds a good row. False, reported, when its card stood in a row before, or its car does not agree with a row before. */
bool import_seen_add(struct import_seen *s, const struct import_row *row, struct import_faults *faults);

/* ---- import_store.c ---- */

struct import_counts {
	int cars_new, cards_new, cards_moved, cards_renumbered, cards_told;
};

struct import_store;
/* Reads the catalogue. In the caller's transaction, like the rest. */
enum status import_store_start(struct import_store **out, struct command *c, const struct import_header *h) MUST_CHECK;
/* Looks whether the catalogue and the database take the rows; bad ones are reported and taken out of the list. Then writes them, unless
 * write is false. a is for this batch only. */
enum status import_store_batch(struct import_store *s, struct arena *a, struct import_row *rows, int *count, bool write,
			       struct import_faults *faults) MUST_CHECK;
const struct import_counts *import_store_counts(const struct import_store *s);
/* The row of a result whose column begins with length characters of value; -1. */
int import_find(const struct db_result *r, const char *column, const char *value, size_t length);

#endif
