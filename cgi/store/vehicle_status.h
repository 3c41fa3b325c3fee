/* A car's status (table 8: 1 in production to 6 scrapped) changes: the carriers of its registered cards are told. */
#ifndef STORE_VEHICLE_STATUS_H
#define STORE_VEHICLE_STATUS_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"

/* Changes the status of the car and tells it, in the caller's transaction. at: when it changed, UTC seconds. *told: cards whose carrier
 * is told. ST_NOT_FOUND; ST_CONFLICT when the car has this status already, or an application for one of its cards is not finished (what is
 * told must not come out of order). */
enum status vehicle_status_change(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				  const struct actor *actor, const char *vin, int status, int64_t at, int *told) MUST_CHECK;
/* The second half, for whoever has changed the row himself: one application of kind vehicle_status for each that registered cards of the
 * car, with its holder, submitted and pushed. */
enum status vehicle_status_tell(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
				const struct actor *actor, const char *vehicle_id, int *told) MUST_CHECK;

#endif
