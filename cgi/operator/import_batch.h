/* Inside the writing of an import only: one batch of rows, between what the database knows and what it gets. */
#ifndef OPERATOR_IMPORT_BATCH_H
#define OPERATOR_IMPORT_BATCH_H

#include "base/crypt.h"
#include "operator/import.h"

struct import_store {
	struct command *c;
	struct db_result *manufacturers, *connections;
	const char *given; /* names of the optional columns that the file has, as an array */
	struct import_counts counts;
};

/* A car of the batch. */
struct car {
	const char *id, *data_key_id;
	const struct import_row *row;
	struct crypt_key key;
	struct bytes wrapped; /* of a new key */
	bool known;
};

struct batch {
	struct import_store *s;
	struct arena *a;
	struct import_row *rows;
	int count;
	struct db_result *vehicles, *cards;
	struct car cars[IMPORT_BATCH];
	int car_count;
};

/* What the row changes of a known card. */
struct import_number {
	bool msisdn, iccid;
};
struct import_number import_number_changes(const struct batch *b, const struct import_row *row, int card);
/* Whether the row gives a known car another status. */
bool import_status_changes(const struct batch *b, const struct import_row *row);
/* Writes the cars with their data keys, then the cards and their bindings; counts what is new. */
enum status import_save(struct batch *b) MUST_CHECK;

#endif
