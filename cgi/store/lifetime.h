/* How long a session has left in each of its roles. A draft's session pauses when nothing was sent for a while: the draft stays, the
 * phone has to be proved again. A sign-in to the records and a handover end. Each is lengthened by an act of the person only, never by
 * looking, and never beyond its limit: the draft's own end, records_max_minutes, handover_max_minutes. */
#ifndef STORE_LIFETIME_H
#define STORE_LIFETIME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/config.h"
#include "db/db.h"

enum lifetime_role { LIFETIME_DRAFT, LIFETIME_RECORDS, LIFETIME_HANDOVER, LIFETIME_ROLES };

struct lifetime {
	int left;      /* seconds; 0: the session is not in this role, or no longer */
	bool last;     /* the limit is reached: it cannot be lengthened */
	int64_t until; /* UTC seconds */
	const char *whose; /* tells this draft, or this phone, from another one, and nothing else */
};

/* The first role in SQL, over session s and its open application a: when it ends, and the latest that it can. For queries that have both
 * at hand. */
#define LIFETIME_DRAFT_END   "least(CASE WHEN a.phone_proved_at IS NOT NULL THEN s.pauses_at END, s.expires_at, a.expires_at)"
#define LIFETIME_DRAFT_LIMIT "least(s.expires_at, a.expires_at)"

enum status lifetime_load(struct db *db, struct arena *a, const struct config *config, struct bytes session,
			  struct lifetime out[LIFETIME_ROLES]) MUST_CHECK;
/* Lengthens every role that the session is in now; what has ended stays ended. A transaction of its own. */
enum status lifetime_extend(struct db *db, struct arena *a, const struct config *config, struct bytes session) MUST_CHECK;
/* Something was sent for the draft: its pause begins anew, and the sign-in that a company's draft (or opening) is done in lasts as after the
 * button that lengthens it. In the caller's transaction, which has loaded the draft. */
enum status lifetime_answered(struct db *db, struct arena *a, const struct config *config, struct bytes session) MUST_CHECK;
/* In the transaction of a sign-in: the session's draft goes on when it is of the phone that was proved. */
enum status lifetime_resume(struct db *db, struct arena *a, const struct config *config, struct bytes session) MUST_CHECK;

#endif
