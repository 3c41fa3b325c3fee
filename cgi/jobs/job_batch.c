/* Pushes a batch of a company, some cards at a time, each in a transaction of its own that is fenced by the claim. It calls nobody outside;
 * after a while it lets the jobs that people wait for go first. A crash loses nothing: what was not pushed still waits. */
#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"
#include "jobs/crash.h"
#include "jobs/job.h"
#include "store/batch.h"

#define TURN_MS 500
#define CLOSED_AGAIN_S 600

/* One transaction; the last one also ends the job. */
static enum status push_some(struct job_run *run, struct batch_push *p, struct arena *a)
{
	enum status st = job_transaction(run);
	if (st != ST_OK)
		return st;
	st = queue_renew(run->db, a, run->job, job_lease_s(run->config));
	run->fenced = st == ST_CONFLICT;
	if (st == ST_OK)
		st = batch_push(run->db, a, run->keys, &job_actor, run->job->subject, p);
	if (st == ST_OK && !p->more && p->held == 0 && !p->unconnected && !p->closed)
		st = queue_done(run->db, a, run->job);
	crash_point(CRASH_BATCH_CHUNK);
	return job_end(run, st);
}

enum status job_batch_push(struct job_run *run, enum job_end *end)
{
	struct batch_push p = {0};
	int64_t until = clock_monotonic_ms() + TURN_MS;
	enum status st = ST_OK;
	do {
		struct arena *a = arena_create();
		st = push_some(run, &p, a);
		arena_destroy(a);
	} while (st == ST_OK && p.more && clock_monotonic_ms() < until && !prefork_stopping());
	if (st != ST_OK)
		return st;
	log_info("batch", "application=%s pushed=%d refused=%d%s", run->job->subject, p.pushed, p.refused, p.more ? " more" : "");
	if (p.more) {
		run->error = "more to push";
		run->at_once = true;
		run->uncount = true;
		*end = JOB_AGAIN;
	} else if (p.closed) { /* as somebody has decided: no alarm, and company reopen wakes it */
		log_info("batch", "application=%s waits: %s", run->job->subject, p.why);
		run->error = "the company is closed";
		run->retry_after_s = CLOSED_AGAIN_S;
		run->uncount = true;
		*end = JOB_AGAIN;
	} else if (p.held > 0 || p.unconnected) {
		log_alarm("batch", "application=%s cards wait for staff: %s", run->job->subject, p.why);
		run->error = "cards cannot be pushed: profile, connection or papers";
		*end = JOB_AGAIN;
	}
	return ST_OK;
}
