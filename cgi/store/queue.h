/* The one queue of background work. A job is a kind and the id of the row it is about; at most one job per kind and subject.
 * Enqueue in the caller's transaction: the job exists exactly when the change does.
 *
 * A lane is where the job's calls go: "identity", "sms", "batch", "t1:CONNECTION", "sftp:CONNECTION". It is claimed from as long as its
 * circuit breaker is closed. Jobs with the same order key come out one after the other, in the order of the commits that added
 * them: one that waits for a retry, or is dead, holds back those behind it and nobody else. */
#ifndef STORE_QUEUE_H
#define STORE_QUEUE_H

#include "db/db.h"

struct queue_job {
	const char *kind, *subject;
	const char *destination; /* id of the carrier connection, for kinds whose lane has one; else NULL */
	const char *order_key;   /* a UUID: the id of the card; NULL: no order */
	int delay_s;             /* 0: now */
	int due_s;               /* of two jobs that can run the one that is due earlier comes first; 0: now */
};
/* Adds the job and wakes the workers at commit. One that is there already stays as it is. An unknown kind is a bug: ST_ERROR. */
enum status queue_add_job(struct db *db, struct arena *a, const struct queue_job *job) MUST_CHECK;
/* Several by one statement, in this order. */
enum status queue_add_jobs(struct db *db, struct arena *a, const struct queue_job *jobs, int count) MUST_CHECK;
/* The same for a kind without destination and key. */
enum status queue_add(struct db *db, struct arena *a, const char *kind, const char *subject, int delay_s) MUST_CHECK;

struct job {
	int64_t id, claim;
	char *kind, *lane, *subject;
	int attempts; /* this one included */
	int deaths;   /* how many workers died holding it */
	int64_t due_at;
};
#define QUEUE_CLAIM_MAX 200
/* Claims up to max jobs of the lane that can run, earliest due first; lease_s from now by the clock of the database; worker is the
 * id of queue_worker_start. *count may be 0. Commits by itself. For who holds nothing: a suspect comes alone and before all others. */
enum status queue_claim(struct db *db, struct arena *a, const char *lane, int worker, int lease_s, int max, struct job *out,
			int *count) MUST_CHECK;
/* The same for who holds others already: without suspects. */
enum status queue_claim_more(struct db *db, struct arena *a, const char *lane, int worker, int lease_s, int max, struct job *out,
			     int *count) MUST_CHECK;
/* A suspect was held by two workers that died. It is held alone, so that a job that kills takes no others with it. */
#define QUEUE_SUSPECT_DEATHS 2
bool queue_is_suspect(const struct job *job);
/* It was tried before. Whoever died with it did so of itself: that is nothing which the other side must be spared. */
bool queue_is_retry(const struct job *job);
/* The lanes that have suspects waiting, as queue_lanes. */
enum status queue_suspects(struct db *db, struct arena *a, const char *prefix, char **out, int max, int *count) MUST_CHECK;
/* Whether the lane has a job that could be claimed now. */
enum status queue_ready(struct db *db, struct arena *a, const char *lane, bool *ready) MUST_CHECK;
/* The lanes that have jobs waiting and begin with prefix ("t1:"), at most max. Arena. */
enum status queue_lanes(struct db *db, struct arena *a, const char *prefix, char **out, int max, int *count) MUST_CHECK;

/* Extends the lease. ST_CONFLICT: the job is no longer ours (fencing): stop, write nothing. */
enum status queue_renew(struct db *db, struct arena *a, const struct job *job, int lease_s) MUST_CHECK;
/* Inside the transaction that writes the results: ST_CONFLICT when the job is no longer ours (then roll back). */
enum status queue_done(struct db *db, struct arena *a, const struct job *job) MUST_CHECK;
/* The same for several: ST_CONFLICT when one of them is no longer ours. */
enum status queue_done_many(struct db *db, struct arena *a, const struct job *const *jobs, int count) MUST_CHECK;
/* Puts it back for later; error is a short cause without personal data. uncount: this attempt does not count. */
enum status queue_retry(struct db *db, struct arena *a, const struct job *job, double delay_s, const char *error, bool uncount) MUST_CHECK;
/* Waits, and keeps its place in the order of its key, until somebody wakes it up (job_wake). */
enum status queue_park(struct db *db, struct arena *a, const struct job *job, const char *why) MUST_CHECK;
/* Gives up: a dead letter stays, and holds back its key, until an operator decides. cause is a key of queue_cause. */
enum status queue_dead(struct db *db, struct arena *a, const struct job *job, const char *cause, const char *error) MUST_CHECK;

/* What a dead letter means and what to do about it; never NULL (an unknown key has a line too). */
struct queue_cause {
	const char *key, *meaning, *remedy;
};
const struct queue_cause *queue_cause(const char *key);

/* An operator puts a dead job back; ST_NOT_FOUND. */
enum status queue_requeue(struct db *db, struct arena *a, int64_t id) MUST_CHECK;
/* An operator takes a job out that nobody holds, what waits behind it comes forward; ST_NOT_FOUND. */
enum status queue_skip(struct db *db, struct arena *a, int64_t id, const char *reason) MUST_CHECK;

/* A worker that holds jobs: its row, and the lock on this connection by which others know that it lives. role: "prompt", "t1",
 * "sftp". With *id not 0 the same worker again, after its connection was lost. ST_CONFLICT: it was given up meanwhile and its jobs
 * went to others: begin with *id 0. ST_BUSY: the server still sees the old connection; again in a moment. */
enum status queue_worker_start(struct db *db, struct arena *a, const char *role, int *id) MUST_CHECK;
/* Frees what this worker has claimed and does not hold (these claims): a claim whose answer was lost, or that could not be begun. Only
 * after queue_worker_start said that the old connection is gone. The attempt stays counted. */
enum status queue_give_back(struct db *db, struct arena *a, int id, const int64_t *held, int count, int *freed) MUST_CHECK;
/* A sign of life for those who look, about every five seconds; ST_CONFLICT as above. */
enum status queue_worker_seen(struct db *db, struct arena *a, int id) MUST_CHECK;
enum status queue_worker_stop(struct db *db, struct arena *a, int id) MUST_CHECK;
/* Frees the jobs of workers that died; any worker calls it about once a second. delay_scale as in the settings: a job whose workers die
 * again and again waits for a while. */
enum status queue_reap(struct db *db, struct arena *a, double delay_scale, int *freed) MUST_CHECK;

#endif
