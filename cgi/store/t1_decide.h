/* What people decide about a message that did not come to its end: asked again, built anew, or settled by other means; and asking again for
 * those that have waited too long for their final answer. In the caller's transaction; every decision is audited. */
#ifndef STORE_T1_DECIDE_H
#define STORE_T1_DECIDE_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

/* A message, locked. */
struct t1_choice {
	const char *id, *kind, *state, *request_id, *oper_type, *connection_id, *card_id, *application_card_id, *application_id,
		*card_state, *part, *application_kind;
	bool known; /* the carrier's result is kept, and its job has not acted on it yet */
};
/* Of a name that people give: itself when it has the form of an id, NULL when it can be a RequestID only. Each has its index. */
const char *t1_message_id(const char *name);
/* By its id or its RequestID. ST_NOT_FOUND. */
enum status t1_choose(struct db *db, struct arena *a, const char *name, struct t1_choice *out) MUST_CHECK;

/* The same RequestID and the same bytes once more, now: whatever has no final answer, and what was refused while its card still waits for
 * staff. ST_CONFLICT when that is over, ST_BUSY when it is being sent at this moment. */
enum status t1_retry(struct db *db, struct arena *a, const struct actor *actor, const struct t1_choice *m) MUST_CHECK;

/* Built anew from today's data, with a new RequestID, in the other's place: what was refused or was never sent. words: why, for staff.
 * ST_INVALID with the field named when the data is still not complete; ST_CONFLICT when its outcome is not known. *id: of the new one. */
enum status t1_supersede(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const struct t1_choice *m,
			 const char *words, const char **id) MUST_CHECK;

/* It needs not be sent, or not again: what follows for the card goes on, and with its last message the card is done. words: why.
 * ST_CONFLICT when the carrier's result is here: that is what counts, not the words of people. */
enum status t1_skip(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		    const struct t1_choice *m, const char *words) MUST_CHECK;

/* Messages without a final answer for so many hours as the profile of their connection says (hours, when it is not 0): those that were
 * accepted, and nobody asked for them since, are asked for again; one that has lost its job gets another. Of all connections when
 * connection_id is NULL. At most T1_RECONCILE_MAX at a time: call it again while that many were found. */
#define T1_RECONCILE_MAX 1000
struct t1_reconciled {
	int asked, mended;
	int64_t oldest; /* when the oldest of them was written, UTC seconds; 0: none */
};
enum status t1_reconcile(struct db *db, struct arena *a, const char *connection_id, int hours, struct t1_reconciled *out) MUST_CHECK;

#endif
