/* Entry by link: the cars of one owner behind a random token that is used once. Who asks for a link vouches for the owner, so a car of
 * it counts as proved. Knows rows, not pages. */
#ifndef STORE_ENTRY_H
#define STORE_ENTRY_H

#include "store/draft.h"

#define ENTRY_CARS_MAX 20
#define ENTRY_HOURS_MAX 720

/* What a link is made of. */
struct entry_order {
	const char *const *vins; /* cleaned, well formed */
	int count;               /* 1 to ENTRY_CARS_MAX */
	const char *kind;        /* of an application (domain/kind.h); NULL: the owner chooses */
	int64_t expires_at;      /* UTC seconds */
};

/* In the caller's transaction: the link with its audit row. *token: of the address /e/TOKEN, arena. *unknown: place in vins of one that is
 * not known to this site's automaker; then nothing was written. -1: none. */
enum status entry_create(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
                         const struct entry_order *order, char **token, int *unknown) MUST_CHECK;
/* ST_CONFLICT: a call with this nonce was taken already. In the caller's transaction. */
enum status entry_take_nonce(struct db *db, struct arena *a, const struct keys *keys, const char *nonce) MUST_CHECK;

struct entry_link {
	const char *id;     /* NULL: there is no such link */
	const char *kind;   /* as in the order */
	bool good;          /* not used, not run out */
	bool just_used;     /* within the last ten minutes: whoever used it may not have heard the answer */
	int64_t expires_at; /* UTC seconds */
};
enum status entry_find(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const char *token, struct entry_link *out) MUST_CHECK;
/* In the caller's transaction: uses the link up, before the draft is made. ST_CONFLICT: it was used or ran out meanwhile. */
enum status entry_use(struct db *db, struct arena *a, const struct entry_link *link) MUST_CHECK;
/* In the same transaction: this is the draft that it was used for. */
enum status entry_used(struct db *db, struct arena *a, const struct actor *actor, const struct entry_link *link, const char *application_id) MUST_CHECK;
/* Whether the draft came by this link. */
enum status entry_of_draft(struct db *db, struct arena *a, const char *link_id, const char *application_id, bool *yes) MUST_CHECK;

/* A car of a link as it is shown. Borrowed from the arena. */
struct entry_car {
	const char *vehicle_id, *vin, *brand, *model, *color;
	int cards, registered, open; /* how many cards; of them registered; in an open application */
};
/* The cars of a link. */
enum status entry_cars(struct db *db, struct arena *a, const char *link_id, struct entry_car cars[ENTRY_CARS_MAX], int *count) MUST_CHECK;
/* The car of the draft, proved by its link. In the transaction begun by draft_lock. */
enum status entry_prove(struct db *db, struct arena *a, const struct actor *actor, const struct draft *d, const char *vehicle_id) MUST_CHECK;

#endif
