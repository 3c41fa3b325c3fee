/* Inside the import of companies only: one row, the companies of the file, and what the database gets. Writing is in import_fleet_store.c. */
#ifndef OPERATOR_IMPORT_FLEET_H
#define OPERATOR_IMPORT_FLEET_H

#include "operator/import.h"

#define FLEET_CONTACTS_MAX 20 /* admins named in one row */

struct fleet_contact {
	const char *phone, *name; /* name NULL: not known */
};

/* A row of the file, cleaned. */
struct fleet_row {
	int line;
	const char *code, *name, *vin; /* name, vin: NULL when empty */
	struct fleet_contact contacts[FLEET_CONTACTS_MAX];
	int contact_count;
};

/* A company of the file; lives as long as the import. */
struct fleet_company {
	struct fleet_company *next;
	char code[20];
	int line; /* of its first row */
	const char *name;
	const char *id;       /* NULL until a row of it was written */
	bool opened_itself;   /* before this import */
	struct buffer admins; /* ids of the members that the file names, joined by commas */
	int cars, admins_new, waiting;
};

struct fleet_counts {
	int companies_new, cars_new, cars_moved, admins_new, admins_kept_out, admins_waiting;
};

struct fleet_store {
	struct command *c;
	bool move;    /* cars that another company has change hands */
	bool restore; /* contacts who were removed are admins again */
	struct fleet_counts counts;
};

/* Takes the lock of imports. In the caller's transaction, like the rest. */
enum status fleet_store_start(struct fleet_store *s) MUST_CHECK;
/* Looks whether the database takes the rows; bad ones are reported and left out, the others are written. company: one for each row. a is
 * for this batch only. *taken: how many were written. */
enum status fleet_store_batch(struct fleet_store *s, struct arena *a, const struct fleet_row *rows, struct fleet_company **companies,
			      int count, int *taken, struct import_faults *faults) MUST_CHECK;
/* After the last row: companies that had opened themselves are now what the file says, and each has its audit row. */
enum status fleet_store_end(struct fleet_store *s, struct fleet_company *companies) MUST_CHECK;

#endif
