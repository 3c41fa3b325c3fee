/* Doing an application again: what of a refused one is still valid becomes part of a new draft. Every application has a data key of
 * its own, so nothing is shared: texts are sealed anew, files are copied segment by segment under the new key, and the new draft
 * stays readable when the old one's key is erased. What is gone from the old one is left out and asked for again. */
#ifndef STORE_TAKEOVER_H
#define STORE_TAKEOVER_H

#include "base/config.h"
#include "db/db.h"
#include "domain/redo.h"
#include "store/audit.h"

#define TAKEOVER_HOURS 24 /* how long a proof of the car and a verified face count */

struct takeover {
	const char *from;       /* the refused application; the caller holds its row */
	const char *to;         /* the new draft, just made in this transaction */
	const char *phone;      /* proved by the sign-in to the records */
	enum redo_part part;    /* what is asked for again */
	const char *agreements; /* PostgreSQL array text: the kinds of texts that the flow's agreement step asks for */
};

/* Whether the privacy notice is still the one that was agreed to with this application: if not, everything begins on the first page. */
enum status takeover_possible(struct db *db, struct arena *a, const char *from, bool *possible) MUST_CHECK;
/* In the caller's transaction. */
enum status takeover_run(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                         const struct takeover *t) MUST_CHECK;

/* A batch of a company done again: whose it is, and the consent to the privacy notice. In the caller's transaction, where takeover_possible
 * said so. */
enum status takeover_company(struct db *db, struct arena *a, const struct actor *actor, const char *from, const char *to) MUST_CHECK;

#endif
