/* Inside the database layer only: what goes to libpq, and what its errors mean. */
#ifndef DB_DB_VALUE_H
#define DB_DB_VALUE_H

#include "db/db.h"

#define DB_VALUES_MAX 64

/* Borrows the texts and bytes of the values. */
struct db_parameters {
	const char *texts[DB_VALUES_MAX];
	int lengths[DB_VALUES_MAX], formats[DB_VALUES_MAX];
	char numbers[DB_VALUES_MAX][24];
};
/* ST_LIMIT: a value is too long for the protocol. */
enum status db_parameters(struct db_parameters *p, const struct db_value *values, int count) MUST_CHECK;

/* The status of an SQLSTATE, as db_run tells it. */
enum status db_status_of(const char *state);

#endif
