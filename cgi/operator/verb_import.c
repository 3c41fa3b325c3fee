/* The import of cars and cards: reads the file row by row, in one transaction. */
#include <errno.h>
#include <string.h>

#include "operator/import.h"
#include "operator/verbs.h"

struct import {
	struct command *c;
	bool skip_bad;
	struct import_faults faults;
	struct import_header header;
	struct import_seen *seen;
	struct import_store *store;
	struct arena *batch; /* of the rows below */
	struct import_row rows[IMPORT_BATCH];
	int waiting, read, taken;
};

/* Looks at the waiting rows and writes them; nothing more is written once a row of an all-or-nothing import is bad. */
static enum status flush_rows(struct import *im)
{
	bool write = im->skip_bad || im->faults.rows == 0;
	enum status st = ST_OK;

	if (im->waiting > 0)
		st = import_store_batch(im->store, im->batch, im->rows, &im->waiting, write, &im->faults);
	im->taken += im->waiting;
	im->waiting = 0;
	arena_reset(im->batch);
	return st;
}

static enum status read_rows(struct import *im, struct csv *csv)
{
	struct csv_row row;

	while (csv_next(csv, &row)) {
		struct import_row *next = &im->rows[im->waiting];
		enum status st = ST_OK;

		if (++im->read > IMPORT_ROWS_MAX)
			return status_fail(ST_LIMIT, "more than %d rows: split the file", IMPORT_ROWS_MAX);
		if (import_read_row(im->batch, &im->header, &row, next, &im->faults) && import_seen_add(im->seen, next, &im->faults))
			im->waiting++;
		if (im->waiting == IMPORT_BATCH || im->read % (4 * IMPORT_BATCH) == 0)
			st = flush_rows(im);
		if (st != ST_OK)
			return st;
	}
	return flush_rows(im);
}

static enum status write_audit(struct import *im)
{
	const struct import_counts *n = import_store_counts(im->store);

	return audit_write(im->c->db, im->c->a, &im->c->actor, "import.cars", NULL, NULL, "ok",
			   arena_printf(im->c->a, "{\"rows\":%d,\"skipped\":%d,\"cars_new\":%d,\"cards_new\":%d,\"cards_moved\":%d,\"cards_renumbered\":%d,\"cards_told\":%d}",
					im->taken, im->faults.rows, n->cars_new, n->cards_new, n->cards_moved, n->cards_renumbered, n->cards_told));
}

static void tell_result(struct import *im, bool dry_run)
{
	const struct import_counts *n = import_store_counts(im->store);

	fprintf(im->c->out, "%s%d rows: %d new cars, %d new cards, %d cards moved; %d rows skipped\n",
		dry_run ? "dry run, nothing is written: " : "", im->taken, n->cars_new, n->cards_new, n->cards_moved, im->faults.rows);
	if (n->cards_renumbered > 0)
		fprintf(im->c->out, "%d known cards: another MSISDN or ICCID\n", n->cards_renumbered);
	if (n->cards_told > 0)
		fprintf(im->c->out, "%d registered cards: their carriers are told of another status of the car\n", n->cards_told);
}

static enum status import_file(struct import *im, FILE *file, bool dry_run)
{
	struct csv *csv = csv_start(im->c->a, file, (struct csv_form){0});
	struct csv_row row;
	enum status st;

	if (!csv_next(csv, &row))
		return status_fail(ST_INVALID, "the file is empty");
	if (!import_read_header(im->c->a, &row, &im->header, &im->faults))
		return status_fail(ST_INVALID, "the first line of the file does not name the columns as it must: nothing is imported");
	im->seen = import_seen_start(im->c->a);
	if ((st = db_begin(im->c->db)) != ST_OK)
		return st;
	st = import_store_start(&im->store, im->c, &im->header);
	if (st == ST_OK)
		st = read_rows(im, csv);
	if (st == ST_OK && im->faults.rows > 0 && !im->skip_bad)
		st = status_fail(ST_INVALID, "%d of %d rows are bad: nothing is imported (--skip-bad imports the others)", im->faults.rows,
				 im->read);
	if (st == ST_OK && dry_run)
		db_rollback(im->c->db);
	else {
		if (st == ST_OK)
			st = write_audit(im);
		st = command_end(im->c, st);
	}
	if (st == ST_OK)
		tell_result(im, dry_run);
	return st;
}

enum status verb_import(struct command *c)
{
	const char *path = command_given(c, "FILE");
	bool from_stdin = strcmp(path, "-") == 0;
	struct import *im = arena_alloc(c->a, sizeof *im);
	FILE *file = from_stdin ? stdin : fopen(path, "re");
	enum status st;

	if (!file)
		return status_fail(ST_INVALID, "%s: %s", path, strerror(errno));
	im->c = c;
	im->skip_bad = command_given(c, "--skip-bad") != NULL;
	im->batch = arena_create();
	st = import_file(im, file, command_given(c, "--dry-run") != NULL);
	arena_destroy(im->batch);
	if (!from_stdin)
		fclose(file);
	return st;
}
