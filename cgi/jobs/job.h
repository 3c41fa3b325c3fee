/* What a job handler is given and what it answers. A handler reads what it needs, calls outside with no transaction open, and
 * writes its results between job_begin and job_end: the job and its results are written together or not at all. */
#ifndef JOBS_JOB_H
#define JOBS_JOB_H

#include "base/config.h"
#include "db/db.h"
#include "jobs/lane.h"
#include "store/audit.h"
#include "store/queue.h"

enum job_end {
	JOB_FINISHED, /* the handler has written its results, or there was nothing to do and it let job_drop remove the job */
	JOB_AGAIN,    /* later; counts as an attempt unless uncount is set; the last attempt becomes JOB_GIVE_UP */
	JOB_GIVE_UP   /* the kind's give_up writes that it failed */
};

struct job_kind;
struct job_run {
	struct db *db;
	struct arena *a;
	const struct config *config;
	const struct keys *keys;
	const struct job_kind *kind;
	const struct job *job;
	bool fenced; /* somebody else holds the job now: nothing may be written */
	/* set by the handler for JOB_AGAIN and JOB_GIVE_UP */
	const char *error;  /* short cause without personal data */
	double delay_max_s; /* 0: the cap of the kind */
	int retry_after_s;  /* not before that; 0 or less: no wish */
	bool uncount;
	bool at_once;       /* not a failure: the rest of the work, due now */
	/* set by a handler whose lane has a circuit breaker, after its call */
	bool called;
	enum lane_report report;
};

struct job_kind {
	const char *name;
	enum status (*run)(struct job_run *run, enum job_end *end);
	enum status (*give_up)(struct job_run *run); /* NULL: the job stays as a dead letter */
	int max_attempts;                            /* 0: no end */
	double first_s, cap_s;                       /* retry delay: random below min(cap, first * 2^attempts) */
};
/* NULL when no kind has this name. */
const struct job_kind *job_kind(const char *name);

extern const struct actor job_actor;

/* The lease when claiming: longer than any one call outside, by what is spared for writing its result. */
int job_lease_s(const struct config *config);
int job_lease_spare_s(const struct config *config);
/* Full jitter: random below min(cap, first * 2^attempts), scaled by job_delay_scale; never below retry_after_s. Seconds. */
struct job_delay {
	double first_s, cap_s;
	int attempts, retry_after_s;
};
double job_delay_s(const struct config *config, const struct job_delay *d);

/* After a call outside: makes sure of the database, with another connection when the old one was lost meanwhile. */
enum status job_reach(struct job_run *run) MUST_CHECK;
/* The same, and begins a transaction. */
enum status job_transaction(struct job_run *run) MUST_CHECK;
/* Begins the transaction of the results, as above: the job is removed in it. ST_CONFLICT with run->fenced when it is no longer ours. */
enum status job_begin(struct job_run *run) MUST_CHECK;
/* Commits when st is ST_OK, else rolls back and gives st. */
enum status job_end(struct job_run *run, enum status st) MUST_CHECK;
/* Removes a job for which there is nothing to do. */
enum status job_drop(struct job_run *run) MUST_CHECK;

/* Runs a claimed job to its end: results, retry, or giving up; and tells the lane. What could not be written is left to the lease. */
void job_execute(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct lanes *lanes,
		 const struct job *job);

/* The handlers and how they give up. */
enum status job_sms_send(struct job_run *run, enum job_end *end);
enum status job_sms_give_up(struct job_run *run);
enum status job_certificate_read(struct job_run *run, enum job_end *end);
enum status job_certificate_give_up(struct job_run *run);
enum status job_live_code_fetch(struct job_run *run, enum job_end *end);
enum status job_live_code_give_up(struct job_run *run);
enum status job_liveness_verify(struct job_run *run, enum job_end *end);
enum status job_liveness_give_up(struct job_run *run);
enum status job_batch_push(struct job_run *run, enum job_end *end);

#endif
