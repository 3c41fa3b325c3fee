/* The connections that a destination takes at the same time, over all processes and machines: rows of sftp_slot. A slot is a worker's;
 * when that is given up for dead (queue_reap) it is free again as soon as held_until is over, which the worker has promised not to
 * outlive without saying so. */
#ifndef STORE_SFTP_SLOT_H
#define STORE_SFTP_SLOT_H

#include "db/db.h"

#define SFTP_SLOTS 20 /* as in the CHECK of the table; the rules allow no more */

/* *number is 0 when all are taken. worker: of queue_worker_start. */
enum status sftp_slot_take(struct db *db, struct arena *a, const char *destination, int worker, int hold_s, int *number) MUST_CHECK;
/* Whether the lane has more files that could go now than there are sessions before this one that rest: otherwise another session would
 * only trouble the server. */
enum status sftp_slot_needed(struct db *db, struct arena *a, const char *destination, int number, const char *lane,
			     bool *needed) MUST_CHECK;
/* Tells the others whether its session rests. */
enum status sftp_slot_rests(struct db *db, struct arena *a, const char *destination, int number, int worker, bool resting) MUST_CHECK;
/* Holds it for longer. ST_CONFLICT: it is no longer this worker's: end the session at once. */
enum status sftp_slot_keep(struct db *db, struct arena *a, const char *destination, int number, int worker, int hold_s) MUST_CHECK;
/* For others in grace_s seconds: until then the server may still see our session. */
enum status sftp_slot_give(struct db *db, struct arena *a, const char *destination, int number, int worker, int grace_s) MUST_CHECK;

#endif
