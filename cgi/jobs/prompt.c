/* The loop for what people wait for: readings, checks, short messages; and for what comes round by the clock. One job at a time. */
#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"
#include "jobs/job.h"
#include "jobs/maintenance.h"
#include "jobs/worker.h"

#define SCHEDULE_MS 1000

/* Where several share the work, the first takes short messages only: a provider of checks that does not answer may keep all others
 * waiting, and codes must still arrive. */
static const char *const lanes[] = {"sms", "identity", "batch"};
static int lanes_of(const struct worker *w)
{
	return w->number == 0 && w->config->jobs_workers > 1 ? 1 : (int)(sizeof(lanes) / sizeof(lanes[0]));
}

static enum status run_schedule(struct worker *w, int64_t *due_at, bool *prepared)
{
	enum status st = ST_OK;
	if (clock_monotonic_ms() < *due_at)
		return ST_OK;
	*due_at = clock_monotonic_ms() + SCHEDULE_MS;
	if (!*prepared)
		st = maintenance_prepare(w->db, w->a);
	*prepared |= st == ST_OK;
	return st == ST_OK ? maintenance_run_due(w->db, w->a, w->config, w->keys) : st;
}

static enum status take_one(struct worker *w, const char *lane, bool *worked)
{
	struct job job;
	int count;
	if (!lane_allows(w->lanes, lane, 1))
		return ST_OK;
	enum status st = queue_claim(w->db, w->a, lane, w->id, job_lease_s(w->config), 1, &job, &count);
	if (st != ST_OK || count == 0)
		return st;
	*worked = true;
	lane_began(w->lanes, lane, 1, job.attempts > 1);
	job_execute(w->db, w->a, w->config, w->keys, w->lanes, &job);
	return ST_OK;
}

/* Between two turns nothing is in hand. */
static const int64_t *held(const struct worker *w, int *count)
{
	(void)w;
	*count = 0;
	return NULL;
}

int prompt_run(struct worker *w)
{
	int64_t schedule_at = 0;
	bool prepared = false;
	w->held = held;
	while (!prefork_stopping()) {
		bool worked = false;
		enum status st = worker_turn(w);
		if (st == ST_OK)
			st = run_schedule(w, &schedule_at, &prepared);
		for (int i = 0; st == ST_OK && !worked && i < lanes_of(w); i++)
			st = take_one(w, lanes[i], &worked);
		if (st != ST_OK)
			worker_wait_away(w, st);
		else if (!worked)
			worker_wait_work(w);
	}
	return 0;
}
