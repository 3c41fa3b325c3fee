/* The one queue of background work. A job is a kind and the id of the row it is about; at most one job per kind and subject.
 * Enqueue in the caller's transaction: the job exists exactly when the change does. */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include "db/db.h"

/* Also wakes the workers at commit (NOTIFY). delay_s 0: now. A job that is there already stays as it is. */
enum status queue_add(struct db *db, struct arena *a, const char *kind, const char *subject, int delay_s) MUST_CHECK;

struct job {
	int64_t id, claim;
	char *kind, *subject;
	int attempts; /* this one included */
};
/* Claims the next due job; lease_s from now by the clock of the database. ST_NOT_FOUND when none is due. Commits by itself. */
enum status queue_claim(struct db *db, struct arena *a, int lease_s, struct job *out) MUST_CHECK;
/* The same without messages to carriers: what a person may be waiting for, however many messages wait for a carrier that is away. */
enum status queue_claim_prompt(struct db *db, struct arena *a, int lease_s, struct job *out) MUST_CHECK;
/* The holder is known to be dead: the job is due at once. Nothing happens when somebody else holds it. */
enum status queue_release(struct db *db, struct arena *a, int64_t id, int64_t claim) MUST_CHECK;
/* Extends the lease. ST_CONFLICT: the job is no longer ours (fencing): stop, write nothing. */
enum status queue_renew(struct db *db, struct arena *a, const struct job *job, int lease_s) MUST_CHECK;
/* To be called inside the transaction that writes the results: ST_CONFLICT when the job is no longer ours (then roll back). */
enum status queue_done(struct db *db, struct arena *a, const struct job *job) MUST_CHECK;
/* Puts it back for later; error is a short cause without personal data. uncount: this attempt does not count. */
enum status queue_retry(struct db *db, struct arena *a, const struct job *job, double delay_s, const char *error, bool uncount) MUST_CHECK;
/* Gives up: the row stays with its cause until an operator requeues it. */
enum status queue_dead(struct db *db, struct arena *a, const struct job *job, const char *error) MUST_CHECK;
/* An operator puts a dead job back. */
enum status queue_requeue(struct db *db, struct arena *a, int64_t id) MUST_CHECK;

#endif
