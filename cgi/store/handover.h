/* 扫码继续: a draft that one device hands to another. The link is used once and lives 15 minutes; the session of whoever used it
 * lives 30 and is limited (draft.handover_id). Knows rows, not steps or pages. */
#ifndef STORE_HANDOVER_H
#define STORE_HANDOVER_H

#include "store/draft.h"

#define HANDOVER_MINUTES 15 /* how long a link can be opened */

enum handover_state { HANDOVER_NONE, HANDOVER_SHOWN, HANDOVER_OPEN, HANDOVER_ENDED, HANDOVER_EXPIRED };

/* Borrowed from the arena. */
struct handover {
	enum handover_state state; /* HANDOVER_NONE: there is none, the rest is empty */
	const char *id, *application_id, *kind, *step, *company_id; /* company_id NULL: of a person */
	const char *ended_by;      /* "desk", "phone", "replaced"; NULL when it was not ended */
	int64_t expires_at;        /* UTC seconds */
	bool message;              /* its link went out by short message */
	bool recent;               /* began within the last half hour */
	bool just_opened;          /* within the last ten minutes: whoever opened it may not have heard the answer */
	struct bytes token_hash;
	const char *brand, *model, *vin; /* the draft's car */
	const char *company;             /* the name of the draft's company */
	int cars;                        /* of its batch */
};

/* The newest of a draft; of the link with this token; of the session that took it over. */
enum status handover_of_draft(struct db *db, struct arena *a, const char *application_id, struct handover *out) MUST_CHECK;
enum status handover_of_token(struct db *db, struct arena *a, const struct keys *keys, const char *token, struct handover *out) MUST_CHECK;
enum status handover_of_session(struct db *db, struct arena *a, struct bytes session, struct handover *out) MUST_CHECK;

/* The token again, to show it: derived, never stored. NULL when the key it was made with is gone. Arena. */
char *handover_token(struct arena *a, const struct keys *keys, const struct handover *h);

/* The changes, in the transaction begun by draft_lock (or flow_lock), with their audit rows. */
/* A new link for the step; ends the one before. message_id: the short message that brings it (its text is made when it is sent), NULL: none. */
enum status handover_create(struct db *db, struct arena *a, const struct keys *keys, const struct actor *actor, const char *application_id,
                            const char *step, const char *message_id) MUST_CHECK;
/* The link that a message brings, while it can still be opened; state HANDOVER_NONE otherwise. */
enum status handover_of_message(struct db *db, struct arena *a, const char *message_id, struct handover *out) MUST_CHECK;
/* Uses the link up and makes the limited session under this hash. ST_CONFLICT: it was used, ended or ran out meanwhile. */
enum status handover_open(struct db *db, struct arena *a, const struct actor *actor, const struct handover *h, struct bytes session) MUST_CHECK;
/* Makes link and limited session worthless; by: "desk" or "phone". Nothing happens when none is live. */
enum status handover_end(struct db *db, struct arena *a, const struct actor *actor, const char *application_id, const char *by) MUST_CHECK;

#endif
