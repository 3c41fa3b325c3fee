/* The table of job kinds and the running of one job. Knows nothing of what the kinds do. */
#include "jobs/job.h"

#include <inttypes.h>
#include <string.h>

#include "base/log.h"
#include "base/prefork.h"
#include "jobs/crash.h"

static const struct job_kind kinds[] = {
	{"sms_send", job_sms_send, job_sms_give_up, 0, 2, 600},
	{"certificate_read", job_certificate_read, job_certificate_give_up, 3, 2, 8},
	{"live_code_fetch", job_live_code_fetch, job_live_code_give_up, 3, 0.5, 2},
	{"liveness_verify", job_liveness_verify, job_liveness_give_up, 4, 3, 12},
	{"batch_push", job_batch_push, NULL, 0, 2, 600},
};

const struct actor job_actor = {.name = "jobs"};

#define DELAY_MIN_S 0.05
#define LEASE_SPARE_SHARE 3 /* of the setting job_lease_s */
#define ALARM_ATTEMPTS 10   /* of a kind that never gives up */
#define REACH_MS 250
#define REACH_TRIES 20

const struct job_kind *job_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

int job_lease_spare_s(const struct config *config)
{
	return (config->job_lease_s + LEASE_SPARE_SHARE - 1) / LEASE_SPARE_SHARE;
}

int job_lease_s(const struct config *config)
{
	int call_s = (config->outbound_timeout_ms + 999) / 1000 + job_lease_spare_s(config);
	return config->job_lease_s > call_s ? config->job_lease_s : call_s;
}

double job_delay_s(const struct config *config, const struct job_delay *d)
{
	double limit = d->first_s;
	uint32_t random;
	for (int i = 0; i < d->attempts && limit < d->cap_s; i++)
		limit *= 2;
	if (limit > d->cap_s)
		limit = d->cap_s;
	crypt_random(&random, sizeof(random));
	double delay = limit * ((double)random / UINT32_MAX);
	if (delay < d->retry_after_s)
		delay = d->retry_after_s;
	delay *= config->job_delay_scale;
	return delay > DELAY_MIN_S ? delay : DELAY_MIN_S;
}

/* The database may have gone away during a call outside. The claim outlives the connection, so the answer is not lost: waits a
 * few seconds for another connection. */
enum status job_reach(struct job_run *run)
{
	enum status st = db_ready(run->db);
	for (int i = 0; st == ST_UNAVAILABLE && i < REACH_TRIES && !prefork_stopping(); i++) {
		prefork_wait(NULL, 0, REACH_MS);
		st = db_ready(run->db);
	}
	return st;
}

enum status job_transaction(struct job_run *run)
{
	enum status st = job_reach(run);
	return st == ST_OK ? db_begin(run->db) : st;
}

enum status job_begin(struct job_run *run)
{
	enum status st = job_transaction(run);
	if (st != ST_OK)
		return st;
	st = queue_done(run->db, run->a, run->job);
	run->fenced = st == ST_CONFLICT;
	if (st != ST_OK)
		db_rollback(run->db);
	return st;
}

enum status job_end(struct job_run *run, enum status st)
{
	if (st == ST_OK) {
		crash_point(CRASH_BEFORE_RESULT_COMMIT);
		st = db_commit(run->db);
	}
	if (st != ST_OK) {
		db_rollback(run->db);
		return st;
	}
	crash_point(CRASH_AFTER_RESULT_COMMIT);
	return ST_OK;
}

enum status job_drop(struct job_run *run)
{
	enum status st = job_begin(run);
	return st == ST_OK ? job_end(run, ST_OK) : st;
}

static enum status give_up(struct job_run *run)
{
	log_warn("job", "kind=%s attempts=%d given_up=%s", run->kind->name, run->job->attempts, run->error);
	if (run->kind->give_up)
		return run->kind->give_up(run);
	log_alarm("job", "kind=%s dead=%s", run->kind->name, run->error);
	return queue_dead(run->db, run->a, run->job, "attempts_used_up", run->error);
}

static enum status conclude(struct job_run *run, enum job_end end)
{
	bool last = run->kind->max_attempts > 0 && run->job->attempts >= run->kind->max_attempts && !run->uncount;
	if (end == JOB_FINISHED)
		return ST_OK;
	if (end == JOB_GIVE_UP || last)
		return give_up(run);
	if (run->at_once)
		return queue_retry(run->db, run->a, run->job, 0, run->error, true);
	double cap = run->delay_max_s > 0 && run->delay_max_s < run->kind->cap_s ? run->delay_max_s : run->kind->cap_s;
	const struct job_delay d = {
		.first_s = run->kind->first_s, .cap_s = cap, .attempts = run->job->attempts, .retry_after_s = run->retry_after_s};
	double delay = job_delay_s(run->config, &d);
	log_info("job", "kind=%s attempts=%d again_in=%.1f cause=%s", run->kind->name, run->job->attempts, delay, run->error);
	return queue_retry(run->db, run->a, run->job, delay, run->error, run->uncount);
}

void job_execute(struct db *db, struct arena *a, const struct config *config, const struct keys *keys, struct lanes *lanes,
		 const struct job *job)
{
	struct job_run run = {
		.db = db, .a = a, .config = config, .keys = keys, .job = job, .kind = job_kind(job->kind), .error = "unknown"};
	enum job_end end = JOB_FINISHED;
	enum status st;
	log_request(arena_printf(a, "job-%" PRId64, job->id));
	crash_point(CRASH_JOB_CLAIMED);
	if (!run.kind || !job->subject) {
		log_alarm("job", "kind=%s is not known or has no subject", job->kind);
		st = queue_dead(db, a, job, "unknown_kind", "unknown kind");
		goto out;
	}
	if (run.kind->max_attempts > 0 && job->attempts > run.kind->max_attempts) {
		/* the process died on the last attempt, or lost its lease */
		run.error = "attempts used up";
		st = give_up(&run);
		goto out;
	}
	if (run.kind->max_attempts == 0 && job->attempts > ALARM_ATTEMPTS) /* also one that kills its process each time */
		log_alarm("job", "kind=%s begins attempt %d", job->kind, job->attempts);
	st = run.kind->run(&run, &end);
	if (st != ST_OK && !run.fenced) {
		log_warn("job", "kind=%s attempts=%d failed: %s", run.kind->name, job->attempts, status_message());
		db_rollback(db);
		run.error = status_name(st);
		end = JOB_AGAIN;
		if (job_reach(&run) != ST_OK)
			goto out;
		if (run.kind->max_attempts == 0 && job->attempts >= ALARM_ATTEMPTS)
			log_alarm("job", "kind=%s attempts=%d still fails: %s", run.kind->name, job->attempts, run.error);
		st = ST_OK;
	}
	if (st == ST_OK)
		st = conclude(&run, end);
out:
	db_rollback(db);
	if (st != ST_OK)
		log_warn("job", "kind=%s left to its lease: %s", job->kind, status_message());
	else if (end == JOB_FINISHED)
		log_info("job", "kind=%s attempts=%d handled", job->kind, job->attempts);
	if (run.called)
		lane_report(lanes, job->lane, run.report);
	else
		lane_unused(lanes, job->lane);
	log_request(NULL);
}
