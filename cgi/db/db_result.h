/* Inside the database layer only: what a result is made of. */
#ifndef DB_DB_RESULT_H
#define DB_DB_RESULT_H

#include <libpq-fe.h>

#include "db/db.h"

struct db_result {
	struct arena *arena;
	PGresult *result; /* cleared by the arena */
	int rows, columns;
	int *next; /* the column behind the one read last: callers mostly read them in the order of the query */
};

#endif
