/* Audit rows: written in the transaction of the change they tell of. */
#ifndef STORE_AUDIT_H
#define STORE_AUDIT_H

#include "base/crypt.h"
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
/* A link of the chain. The last one, kept elsewhere, tells later whether the database still is the one that it was. */
struct audit_link {
	int64_t sequence;
	unsigned char hash[CRYPT_HASH_SIZE];
};
/* Recomputes the chain and gives its last link. ST_CONFLICT with the first bad audit id in the message, or when the chain does not hold the
 * link kept (NULL: none); ST_UNAVAILABLE when only the newest rows are not chained yet. */
enum status audit_verify(struct db *db, struct arena *a, const struct audit_link *kept, struct audit_link *last) MUST_CHECK;

#endif
