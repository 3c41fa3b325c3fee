/* The admins of a company, by phone: who may act for it, and the companies that one phone may act for. */
#ifndef STORE_COMPANY_MEMBER_H
#define STORE_COMPANY_MEMBER_H

#include "base/keys.h"
#include "db/db.h"
#include "store/audit.h"

#define COMPANY_MEMBERS_MAX 50 /* of one company, that its admins add */

/* Borrowed from the arena. */
struct company_member {
	const char *id; /* NULL: this phone is none of its admins */
	bool active;    /* false: waits to be let in */
	bool was_removed; /* this phone was one of its admins once; only when it is none now */
};

/* The admin of the company with this phone, in clear; the row is held until the end of the caller's transaction. */
enum status company_member_of_phone(struct db *db, struct arena *a, const struct keys *keys, const char *company_id, const char *phone,
				    struct company_member *out) MUST_CHECK;
/* Makes the phone an admin, lets in one who waits, or takes over the name of one who is there (name NULL: stays). added_by as in the
 * column. *added: he may act for it since now. In the caller's transaction, after company_member_of_phone gave m; on ST_OK m is that
 * admin. ST_CONFLICT: another request added him at this moment. */
enum status company_member_add(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *company_id,
			       const char *phone, const char *name, const char *added_by, struct company_member *m, bool *added) MUST_CHECK;
/* He may not act for the company any more, from the next request on; phone and name are erased. In the caller's transaction. */
enum status company_member_remove(struct db *db, struct arena *a, const struct actor *actor, const char *member_id) MUST_CHECK;

/* The companies of a phone that are not closed: member_id, name, code, active; by name. */
enum status company_choices(struct db *db, struct arena *a, struct bytes phone_hash, struct db_result **out) MUST_CHECK;
/* In the transaction of a sign-in: the only company of the phone, when there is one and its admin does not wait, is the session's. */
enum status company_enter_only(struct db *db, struct arena *a, const struct actor *actor, struct bytes session) MUST_CHECK;
/* Whether the phone that is signed in is this admin, who may act for his company; member_id is from the browser. In the caller's
 * transaction, in which it stays so. */
enum status company_may_enter(struct db *db, struct arena *a, struct bytes session, const char *member_id, bool *may) MUST_CHECK;
/* After that: the session of the old hash gets the new hash and belongs to his company. */
enum status company_enter(struct db *db, struct arena *a, const struct actor *actor, struct bytes old_session, struct bytes session,
			  const char *member_id) MUST_CHECK;

#endif
