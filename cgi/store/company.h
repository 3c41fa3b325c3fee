/* Companies and their admins: whom a session is signed in for. Everything that belongs to a company is looked up by the id that comes
 * from here, never by one that the browser sent. */
#ifndef STORE_COMPANY_H
#define STORE_COMPANY_H

#include <stdbool.h>

#include "base/keys.h"
#include "db/db.h"
#include "store/audit.h"

struct company {
	bool exists; /* false: the session is not signed in for a company, or no longer, or its admin was removed */
	const char *id, *member_id, *name, *code;
	bool trusted; /* imported, or its first batch was approved: batches need no review for being the first */
	char *phone;  /* of the admin, after company_phone; else NULL */
};

/* The company of the session. Borrowed from the arena. */
enum status company_of_session(struct db *db, struct arena *a, struct bytes session, struct company *out) MUST_CHECK;
/* The phone that is signed in, in clear, into c->phone. */
enum status company_phone(struct db *db, struct arena *a, const struct keys *keys, struct bytes session, struct company *c) MUST_CHECK;
/* Whether a person has registered a card that is in vehicle v, or applies for it: made an organisation's, the car would be out of his
 * reach, and nobody could end or change what he has. */
#define VEHICLE_OF_A_PERSON                                                                                                                \
	"EXISTS (SELECT FROM card_binding w WHERE w.vehicle_id = v.id AND w.bound_until IS NULL AND ("                                     \
	"EXISTS (SELECT FROM registration g WHERE g.card_id = w.card_id AND g.ended_at IS NULL AND g.holder = 'person') OR "               \
	"EXISTS (SELECT FROM application_card ac JOIN application p ON p.id = ac.application_id AND p.holder = 'person' "                  \
	"WHERE ac.card_id = w.card_id AND ac.state IN ('submitted', 'review', 'needs_more', 'pushing'))))"
/* The proved car is the company's from now on; *added is false when it was before. In the caller's transaction. ST_CONFLICT: another company
 * was first. */
enum status company_vehicle_add(struct db *db, struct arena *a, const struct actor *actor, const char *company_id, const char *vehicle_id,
				bool *added) MUST_CHECK;

#endif
