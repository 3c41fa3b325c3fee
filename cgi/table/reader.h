/* Tables that people upload, CSV or XLSX, read row by row; which of the two it is, its encoding and its separator are found out from
 * the bytes, never from a name. Hostile input everywhere: everything is bounded, nothing is executed, one row is in memory (and the
 * shared texts of an XLSX, at most 12 MiB).
 *
 * What is wrong with a file is a value: read rows until there are none, then look at table_about()->problem. Rows that were given before
 * a problem showed were true, but the file as a whole is not to be used. */
#ifndef TABLE_READER_H
#define TABLE_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

#define TABLE_CELL_MAX 1000 /* bytes of a cell's text; what is longer is cut between characters and marked */
#define TABLE_COLUMNS_MAX 200

enum table_kind { TABLE_CSV, TABLE_XLSX };

/* Why a file as a whole cannot be used, in the order in which it is told. Wrong columns (table/columns.h), the caller's own, stand
 * before TABLE_EMPTY. */
enum table_problem {
	TABLE_GOOD,
	TABLE_NOT_A_TABLE,   /* a picture, a PDF, a web page, an archive of something else, text in no encoding that we know */
	TABLE_PASSWORD,      /* opens with a password only: ask for a copy without one */
	TABLE_OLD_XLS,       /* Excel 97-2003: save as .xlsx */
	TABLE_OTHER_FORMAT,  /* a spreadsheet of another kind (.xlsb, .ods, XML 2003): save as .xlsx */
	TABLE_BROKEN,        /* begins as an XLSX, but is not one to its end: half an upload, damaged, or forged */
	TABLE_BOMB,          /* a small file that would expand to a very large one */
	TABLE_TOO_LARGE,     /* the file itself, or what has to be read of it: delete other sheets, columns, formats */
	TABLE_EMPTY,         /* no row with any text in it, not even a header; a file of no bytes */
	TABLE_TOO_MANY_ROWS, /* more rows behind the header than asked for */
	TABLE_PROBLEM_MAX
};

/* What is to be known about a cell. */
enum table_cell_flag {
	CELL_NUMBER = 1,  /* XLSX: stored as a number, not as text. Dates are such numbers too: days since 1900 */
	CELL_ROUNDED = 2, /* a long number whose last digits are lost, or 8.98601E+19 as text: the column must be made a text column and
			   * filled in again; the value must not be used */
	CELL_ZEROS = 4,   /* 18 or more digits, all zeros from the 16th on: true for one number in thousands, and what a spreadsheet
			   * leaves of a long number for all others. If such a number is unknown, say the same as for CELL_ROUNDED */
	CELL_FORMULA = 8, /* the text is the value that was last calculated */
	CELL_UNCALCULATED = 16, /* with CELL_FORMULA: the file holds no value of it, the text is "" */
	CELL_ERROR = 32,        /* #N/A, #REF! and so on */
	CELL_CUT = 64,          /* the text was longer than TABLE_CELL_MAX */
};

struct table_cell {
	const char *text; /* "" when empty, never NULL; well-formed UTF-8, as it stands: not trimmed, not cleaned */
	unsigned flags;   /* of enum table_cell_flag */
};

/* Why a single row cannot be used; the rows behind it can. */
enum table_row_fault {
	ROW_GOOD,
	ROW_QUOTES, /* CSV: text behind a closing quote */
	ROW_OPEN,   /* CSV: quotes that are never closed; everything from this row on is lost */
	ROW_WIDE,   /* text right of column TABLE_COLUMNS_MAX */
	ROW_LONG,   /* more than 64 KiB of text */
	ROW_FAULT_MAX
};

struct table_row {
	int number;  /* as the spreadsheet shows it, from 1 */
	bool hidden; /* XLSX: hidden by hand or by a filter */
	enum table_row_fault fault;
	int count;                      /* of cells up to the last one with text or a flag; 0 with a fault */
	const struct table_cell *cells; /* borrowed until the next row */
};

/* What became known so far. */
struct table_about {
	enum table_problem problem;
	enum table_kind kind; /* when the problem let it be known */
	int rows;        /* rows given, the first one (the header) too; blank ones are passed over. With TABLE_TOO_MANY_ROWS: so many at
			  * least, the first that was too much counted */
	int hidden_rows; /* of those, without the header */
	int hidden_columns; /* XLSX: that have any text in the rows given */
	int formula_cells, rounded_cells; /* cells with CELL_FORMULA; with CELL_ROUNDED */
	int merged;                       /* XLSX, known at the end: merged ranges. Only their first cell has the text */
	int sheets;                       /* XLSX: visible sheets; only the first one is read */
	const char *sheet;                /* XLSX: its name; "" otherwise. Arena */
	const char *encoding;             /* CSV: "UTF-8", "GB18030", "UTF-16LE", "UTF-16BE"; "" otherwise */
	char separator;                   /* CSV: ',', ';' or '\t'; 0 otherwise */
};

struct table_limits {
	size_t bytes; /* of the file; more is TABLE_TOO_LARGE */
	int rows;     /* behind the first row */
};

struct table;

/* Begins to read file, which is borrowed until the arena goes. Never fails: see table_about()->problem. Released with the arena. */
struct table *table_open(struct arena *a, struct bytes file, struct table_limits limits);
/* The next row with any text in it, or with a fault; false at the end or at a problem. The first one is the header unless a title stands
 * above it. */
bool table_next(struct table *t, struct table_row *row);
/* Borrowed; changes as rows are read. */
const struct table_about *table_about(const struct table *t);

#endif
