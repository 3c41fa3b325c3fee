/* A car's status (table 8: 1 in production to 6 scrapped) changes: the carriers of its registered cards are told. */
#ifndef STORE_VEHICLE_STATUS_H
#define STORE_VEHICLE_STATUS_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

struct vehicle_told {
	int cards;     /* whose carrier is told */
	int under_way; /* cards of the car with another application that is not finished: not told */
	bool again;    /* the car had this status already */
	int64_t since; /* when it changed, UTC seconds */
};

/* Changes the status of the car and tells it, in the caller's transaction. at: when it changed, UTC seconds; 0: now. With the status that
 * it has already, those are told whose carrier holds another one: it refused the last that it was told, or was told another one when the
 * registration began (at: corrects when it changed; 0: stays). ST_NOT_FOUND; ST_CONFLICT when there is none such, or an application for a
 * card that is to be told is not finished (what is told must not come out of order): roll back. */
enum status vehicle_status_change(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				  const struct actor *actor, const char *vin, int status, int64_t at, struct vehicle_told *out) MUST_CHECK;
/* The second half, for whoever has changed the row himself: one application of kind vehicle_status for each that registered cards of the
 * car, with its holder, submitted and pushed. */
enum status vehicle_status_tell(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				const struct actor *actor, const char *vehicle_id, int *told) MUST_CHECK;

#endif
