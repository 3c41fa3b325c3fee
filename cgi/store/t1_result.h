/* What a carrier's answer does to a message and to its card; the jobs program calls it in the transaction that also settles the job.
 *
 * Two stages (profile: completion "callback"): OprRst 1 in the answer only means that the message was taken; the result comes later to
 * our own endpoint (t1_complete) and is kept with the message. The job stays in the queue until then, so what follows for the same
 * card waits behind it; when the result is there it is woken up and ends without sending anything. */
#ifndef STORE_T1_RESULT_H
#define STORE_T1_RESULT_H

#include "base/config.h"
#include "db/db.h"
#include "store/audit.h"
#include "t1/wire.h"

/* A message with an attempt on record (state sent or accepted). */
struct t1_sent {
	const char *id, *kind, *application_card_id, *connection_id;
	const struct t1_profile *profile;
	bool next_password; /* the attempt was signed with password_secret_next (t1_password) */
};

/* What becomes of the job, in the same transaction. */
enum t1_job {
	T1_JOB_DONE,  /* queue_done */
	T1_JOB_DEAD,  /* queue_dead with the cause T1_DEAD_REFUSED: the card waits for people */
	T1_JOB_PARK,  /* queue_park: until t1_complete or a reconcile run wakes it up */
	T1_JOB_LATER, /* queue_retry after later_s seconds (0: at once), not counted */
	T1_JOB_RETRY  /* queue_retry with the delay of the kind, counted: the outcome is not known */
};
struct t1_effect {
	enum t1_job job;
	int later_s;     /* before job_delay_scale */
	const char *why; /* short, without personal data: for last_error; "" when done */
};
#define T1_DEAD_REFUSED "vehicle_refused"

/* Writes what the answer means: the message's state, the card's, a suspended connection. ST_BUSY when the message was changed meanwhile
 * (roll back). Locks the message, then the application. Call it before the statement that settles the job: a result that comes in at
 * this moment is then either seen here, or finds the job. */
enum status t1_result(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
		      const struct t1_sent *m, const struct t1_answer *answer, struct t1_effect *out) MUST_CHECK;

/* For a job that is claimed when t1_message.result is not null: the result came, nothing has to be sent. */
enum status t1_result_known(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, const struct actor *actor,
			    const struct t1_sent *m, struct t1_effect *out) MUST_CHECK;

/* Staff settled it by other means: the message's state is 'skipped' with their words, and when no other of the card is open the card is
 * done. The caller has it locked and settles the job. */
enum status t1_result_skipped(struct db *db, struct arena *a, const struct config *config, const struct keys *keys,
			      const struct actor *actor, const struct t1_sent *m, const char *words) MUST_CHECK;

/* The carrier's result message, in the caller's transaction: kept with the message, and the job woken up. cause only with !done. */
enum t1_completion {
	T1_COMPLETION_KEPT,   /* now, or the same before: answer OprRst 1 */
	T1_COMPLETION_OTHER,  /* another result was given before: nothing changed */
	T1_COMPLETION_UNKNOWN /* no message of this connection with this RequestID was ever sent: nothing changed */
};
enum status t1_complete(struct db *db, struct arena *a, const char *connection_id, const char *request_id, bool done, const char *cause,
			enum t1_completion *out) MUST_CHECK;

#endif
