/* How long an application is kept, and taking what is personal out of it. The rules are functions of the database
 * (application_retention, application_erase, application_withdraw_face): one place for pages, requests and the job. */
#ifndef STORE_ERASURE_H
#define STORE_ERASURE_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

struct erasure {
	const char *application_id;
	struct bytes phone_hash; /* only when the application is still of this phone; {NULL, 0}: any */
	bool on_request;         /* drafts and refused applications: before their day */
};

/* Erases one application: cards of a draft expire, rows lose what is personal, the data key and the files go. Its own transaction, the
 * files behind it (what a crash leaves is swept). ST_DENIED: the rules want it kept. ST_NOT_FOUND: not there, not of this phone, or gone. */
enum status erasure_run(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                        const struct erasure *e) MUST_CHECK;
/* Ends the consent to the handling of the face: clip gone, portrait gone unless a registration or a decision under way needs it, a draft
 * forgets the verification. The same transaction and statuses. */
enum status erasure_withdraw_face(struct db *db, struct arena *a, const struct config *config, const struct actor *actor, const struct erasure *e) MUST_CHECK;

#endif
