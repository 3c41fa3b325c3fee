/* Audit rows: written in the transaction of the change they tell of. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "db/db.h"

struct actor {
	const char *name;    /* "visitor", "jobs", "operator:NAME" */
	const char *address; /* NULL for programs */
};

/* action: "draft.created", "card.pushing", ...; object "table:id"; result "ok" or a cause; detail: JSON with ids and codes, never
 * personal data, NULL for {}. application_id may be NULL. */
enum status audit_write(struct db *db, struct arena *a, const struct actor *actor, const char *action, const char *application_id,
                        const char *object, const char *result, const char *detail) MUST_CHECK;

/* Chains rows that are committed and not yet chained; one program at a time (advisory lock). Gives how many. */
enum status audit_chain(struct db *db, struct arena *a, int *chained) MUST_CHECK;
/* Recomputes the chain; ST_CONFLICT with the first bad audit id in the message. */
enum status audit_verify(struct db *db, struct arena *a, int64_t *rows) MUST_CHECK;

#endif
