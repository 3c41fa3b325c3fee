/* The import of companies, their admins and their cars: reads the file row by row, in one transaction. Knows no tables. */
#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "domain/field_rules.h"
#include "domain/identifiers.h"
#include "operator/import_fleet.h"
#include "operator/verbs.h"

#define NAME_LENGTH_MAX 100
#define ADMINS_BYTES_MAX ((size_t)256 * 1024)

/* ---- columns ---- */

enum fleet_column { FLEET_CODE, FLEET_NAME, FLEET_PHONE, FLEET_ADMIN, FLEET_VIN, FLEET_COLUMN_MAX };

static const struct {
	const char *name, *alias;
	bool required;
} columns[FLEET_COLUMN_MAX] = {
	[FLEET_CODE] = {"Code", "统一社会信用代码", true},  [FLEET_NAME] = {"Name", "企业名称", true},
	[FLEET_PHONE] = {"AdminPhone", "管理员手机号", false}, [FLEET_ADMIN] = {"AdminName", "管理员姓名", false},
	[FLEET_VIN] = {"VIN", "车架号", false},
};

struct fleet_header {
	int at[FLEET_COLUMN_MAX], count;
};

static bool read_header(struct arena *a, const struct csv_row *row, struct fleet_header *h, struct import_faults *faults)
{
	int before = faults->shown;

	if (row->fault) {
		import_fault(faults, row->line, NULL, "%s", csv_fault_text(row->fault));
		return false;
	}
	h->count = row->count;
	for (int i = 0; i < FLEET_COLUMN_MAX; i++)
		h->at[i] = -1;
	for (int k = 0; k < row->count; k++) {
		const char *name = text_clean(a, row->field[k]);
		int i = 0;

		while (i < FLEET_COLUMN_MAX && strcasecmp(columns[i].name, name) != 0 && strcmp(columns[i].alias, name) != 0)
			i++;
		if (i == FLEET_COLUMN_MAX)
			import_fault(faults, row->line, NULL, "there is no column %.60s", command_shown(a, name));
		else if (h->at[i] >= 0)
			import_fault(faults, row->line, columns[i].name, "the column is there twice");
		else
			h->at[i] = k;
	}
	for (int i = 0; i < FLEET_COLUMN_MAX; i++)
		if (columns[i].required && h->at[i] < 0)
			import_fault(faults, row->line, columns[i].name, "the column is missing");
	return faults->shown == before;
}

/* ---- one row ---- */

/* The next of several values, parted by ; , / or 、. NULL: no more. */
static char *next_part(struct arena *a, const char **rest)
{
	const char *from = *rest, *end;

	if (!from)
		return NULL;
	for (end = from; *end && !strchr(";,/", *end) && strncmp(end, "、", strlen("、")) != 0; end++)
		;
	*rest = !*end ? NULL : strchr(";,/", *end) ? end + 1 : end + strlen("、");
	return arena_strndup(a, from, (size_t)(end - from));
}

static void read_contacts(struct arena *a, const char *phones, const char *names, struct fleet_row *out, struct import_faults *faults)
{
	const char *argument, *part;

	while ((part = next_part(a, &phones))) {
		struct fleet_contact *c = &out->contacts[out->contact_count];
		char *name = next_part(a, &names);

		if (!*text_clean(a, part))
			continue;
		if (out->contact_count == FLEET_CONTACTS_MAX) {
			import_fault(faults, out->line, "AdminPhone", "names more than %d admins: use more rows", FLEET_CONTACTS_MAX);
			return;
		}
		c->phone = text_phone(a, part);
		c->name = name && *text_clean(a, name) ? text_name(a, name) : NULL;
		if (phone_check(c->phone) != NUMBER_OK)
			import_fault(faults, out->line, "AdminPhone", "wants mobile phones of 11 digits, several parted by ;");
		if (c->name && rule_person_name(a, c->name, &argument))
			import_fault(faults, out->line, "AdminName", "is not a person's name");
		out->contact_count++;
	}
	if (names && *text_clean(a, names))
		import_fault(faults, out->line, "AdminName", "names more people than there are phones");
}

static bool read_row(struct arena *a, const struct fleet_header *h, const struct csv_row *row, struct fleet_row *out, struct import_faults *faults)
{
	const char *text[FLEET_COLUMN_MAX];
	enum number_fault code;
	int rows = faults->rows;

	*out = (struct fleet_row){.line = row->line};
	if (row->fault) {
		import_fault(faults, row->line, NULL, "%s", csv_fault_text(row->fault));
		return false;
	}
	if (row->count != h->count) {
		import_fault(faults, row->line, NULL, "has %d fields, the first line has %d", row->count, h->count);
		return false;
	}
	for (int i = 0; i < FLEET_COLUMN_MAX; i++)
		text[i] = h->at[i] < 0 ? "" : text_clean(a, row->field[h->at[i]]);
	out->code = text_code(a, text[FLEET_CODE]);
	code = uscc_check(out->code);
	if (code != NUMBER_OK && code != NUMBER_CHECK) /* real codes with a wrong check character exist */
		import_fault(faults, row->line, "Code", "wants a unified social credit code of 18 characters");
	if (*text[FLEET_NAME]) {
		out->name = text[FLEET_NAME];
		if (text_characters(out->name) < 2 || text_characters(out->name) > NAME_LENGTH_MAX)
			import_fault(faults, row->line, "Name", "wants 2 to %d characters", NAME_LENGTH_MAX);
	}
	if (*text[FLEET_VIN]) {
		out->vin = text_code(a, text[FLEET_VIN]);
		if (vin_check(out->vin) == VIN_LETTERS)
			import_fault(faults, row->line, "VIN", "has no letters I, O and Q; perhaps %s", vin_suggest(a, out->vin));
		else if (vin_check(out->vin) != VIN_OK)
			import_fault(faults, row->line, "VIN", "wants 17 characters without I, O and Q");
	}
	read_contacts(a, text[FLEET_PHONE], text[FLEET_ADMIN], out, faults);
	return faults->rows == rows;
}

/* ---- the rows before ---- */

struct seen_car {
	char vin[18];
	int line;
};

struct fleet_seen {
	struct arena *arena;
	void *cars, *codes; /* trees */
	struct fleet_company *companies;
};

static int by_vin(const void *one, const void *other)
{
	return strcmp(((const struct seen_car *)one)->vin, ((const struct seen_car *)other)->vin);
}

static int by_code(const void *one, const void *other)
{
	return strcmp(((const struct fleet_company *)one)->code, ((const struct fleet_company *)other)->code);
}

static void keep(void *entry)
{
	(void)entry; /* the arena's */
}

static void release(void *object)
{
	struct fleet_seen *s = object;

	tdestroy(s->cars, keep);
	tdestroy(s->codes, keep);
}

static struct fleet_seen *start_seen(struct arena *a)
{
	struct fleet_seen *s = arena_alloc(a, sizeof *s);

	s->arena = a;
	arena_cleanup(a, release, s);
	return s;
}

static void add(void **tree, void *entry, int (*order)(const void *, const void *))
{
	if (!tsearch(entry, tree, order))
		abort(); /* no memory */
}

/* The company of a good row. NULL, reported: its car stood in a row before, or its name differs. */
static struct fleet_company *company_of_row(struct fleet_seen *s, const struct fleet_row *row, struct import_faults *faults)
{
	struct fleet_company key = {0}, *company;
	struct seen_car car = {.line = row->line};
	struct fleet_company *const *known;
	struct seen_car *const *before;

	strncpy(key.code, row->code, sizeof key.code - 1);
	known = tfind(&key, &s->codes, by_code);
	company = known ? *known : arena_alloc(s->arena, sizeof *company);
	if (known && row->name && company->name && strcmp(company->name, row->name) != 0) {
		import_fault(faults, row->line, "Name", "differs from line %d, which has the same Code", company->line);
		return NULL;
	}
	if (row->vin) {
		strncpy(car.vin, row->vin, sizeof car.vin - 1);
		if ((before = tfind(&car, &s->cars, by_vin))) {
			import_fault(faults, row->line, "VIN", "is the same as in line %d", (*before)->line);
			return NULL;
		}
		add(&s->cars, arena_memdup(s->arena, &car, sizeof car), by_vin);
	}
	if (row->name && !company->name)
		company->name = arena_strdup(s->arena, row->name);
	if (known)
		return company;
	strncpy(company->code, row->code, sizeof company->code - 1);
	company->line = row->line;
	company->next = s->companies;
	buffer_init(&company->admins, s->arena, ADMINS_BYTES_MAX);
	s->companies = company;
	add(&s->codes, company, by_code);
	return company;
}

/* ---- the file ---- */

struct fleet_import {
	struct fleet_store store;
	bool skip_bad;
	struct import_faults faults;
	struct fleet_header header;
	struct fleet_seen *seen;
	struct arena *batch; /* of the rows below */
	struct fleet_row rows[IMPORT_BATCH];
	struct fleet_company *companies[IMPORT_BATCH];
	int waiting, read, taken;
};

static enum status flush_rows(struct fleet_import *im)
{
	int taken = 0;
	enum status st = ST_OK;

	if (im->waiting > 0)
		st = fleet_store_batch(&im->store, im->batch, im->rows, im->companies, im->waiting, &taken, &im->faults);
	im->taken += taken;
	im->waiting = 0;
	arena_reset(im->batch);
	return st;
}

static enum status read_rows(struct fleet_import *im, struct csv *csv)
{
	struct csv_row row;
	enum status st = ST_OK;

	while (csv_next(csv, &row)) {
		struct fleet_row *next = &im->rows[im->waiting];

		if (++im->read > IMPORT_ROWS_MAX)
			return status_fail(ST_LIMIT, "more than %d rows: split the file", IMPORT_ROWS_MAX);
		if (read_row(im->batch, &im->header, &row, next, &im->faults) &&
		    (im->companies[im->waiting] = company_of_row(im->seen, next, &im->faults)))
			im->waiting++;
		if (im->waiting == IMPORT_BATCH || im->read % (4 * IMPORT_BATCH) == 0)
			st = flush_rows(im);
		if (st != ST_OK)
			return st;
	}
	return flush_rows(im);
}

static enum status write_audit(struct fleet_import *im)
{
	struct command *c = im->store.c;
	const struct fleet_counts *n = &im->store.counts;

	return audit_write(c->db, c->a, &c->actor, "import.fleet", NULL, NULL, "ok",
			   arena_printf(c->a,
					"{\"rows\":%d,\"skipped\":%d,\"companies_new\":%d,\"cars_new\":%d,\"cars_moved\":%d,\"admins_new\":%d,"
					"\"admins_waiting\":%d}",
					im->taken, im->faults.rows, n->companies_new, n->cars_new, n->cars_moved, n->admins_new, n->admins_waiting));
}

static void tell_result(struct fleet_import *im, bool dry_run)
{
	const struct fleet_counts *n = &im->store.counts;
	FILE *out = im->store.c->out;

	fprintf(out, "%s%d rows: %d new companies, %d new cars, %d cars moved, %d new admins; %d rows skipped\n",
		dry_run ? "dry run, nothing is written: " : "", im->taken, n->companies_new, n->cars_new, n->cars_moved, n->admins_new, im->faults.rows);
	if (n->admins_kept_out > 0)
		fprintf(out, "%d contacts were admins before and were removed: they stay out (--restore lets them in again)\n", n->admins_kept_out);
	for (struct fleet_company *c = im->seen->companies; c; c = c->next)
		if (c->opened_itself && c->id)
			fprintf(out, "%s had opened itself: now trusted; %d admins that the file does not name wait to be let in (company show %s)\n", c->code,
				c->waiting, c->code);
}

static enum status import_file(struct fleet_import *im, FILE *file, bool dry_run)
{
	struct command *c = im->store.c;
	struct csv *csv = csv_start(c->a, file, (struct csv_form){0});
	struct csv_row row;
	enum status st;

	if (!csv_next(csv, &row))
		return status_fail(ST_INVALID, "the file is empty");
	if (!read_header(c->a, &row, &im->header, &im->faults))
		return status_fail(ST_INVALID, "the first line of the file does not name the columns as it must: nothing is imported");
	im->seen = start_seen(c->a);
	if ((st = db_begin(c->db)) != ST_OK)
		return st;
	st = fleet_store_start(&im->store);
	if (st == ST_OK)
		st = read_rows(im, csv);
	if (st == ST_OK && im->faults.rows > 0 && !im->skip_bad)
		st = status_fail(ST_INVALID, "%d of %d rows are bad: nothing is imported (--skip-bad imports the others)", im->faults.rows, im->read);
	if (st == ST_OK)
		st = fleet_store_end(&im->store, im->seen->companies);
	if (st == ST_OK)
		st = write_audit(im);
	if (st == ST_OK && dry_run)
		db_rollback(c->db);
	else
		st = command_end(c, st);
	if (st == ST_OK)
		tell_result(im, dry_run);
	return st;
}

enum status verb_import_fleet(struct command *c)
{
	const char *path = command_given(c, "FILE");
	bool from_stdin = strcmp(path, "-") == 0;
	struct fleet_import *im = arena_alloc(c->a, sizeof *im);
	FILE *file = from_stdin ? stdin : fopen(path, "re");
	enum status st;

	if (!file)
		return status_fail(ST_INVALID, "%s: %s", path, strerror(errno));
	im->store = (struct fleet_store){.c = c, .move = command_given(c, "--move") != NULL, .restore = command_given(c, "--restore") != NULL};
	im->skip_bad = command_given(c, "--skip-bad") != NULL;
	im->batch = arena_create();
	st = import_file(im, file, command_given(c, "--dry-run") != NULL);
	arena_destroy(im->batch);
	if (!from_stdin)
		fclose(file);
	return st;
}
