/* The loop of a worker. It has one connection, which also listens for new jobs; polling is the fallback. */
#include "jobs/worker.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"
#include "jobs/job.h"
#include "jobs/maintenance.h"

#define HEARTBEAT_MS 5000
#define SCHEDULE_MS 1000
#define AWAY_MIN_MS 100
#define AWAY_MAX_MS 2000
#define PROMPT_SHARE 4   /* one worker in so many, if there are two at all, leaves messages to carriers to the others */
#define QUICK_ATTEMPTS 3 /* a job that has killed its process more often waits for its lease */

struct worker {
	const struct config *config;
	const struct keys *keys;
	struct db *db;
	struct arena *a;
	char host[65];
	struct worker_hold *hold;
	bool prompt;                       /* only takes what a person may be waiting for */
	int64_t heartbeat_at, schedule_at; /* monotonic, when due */
	bool scheduled;                    /* the rows of job_schedule are there */
	int away_ms;
};

static enum status beat(struct worker *w)
{
	if (clock_monotonic_ms() < w->heartbeat_at)
		return ST_OK;
	w->heartbeat_at = clock_monotonic_ms() + HEARTBEAT_MS;
	return db_query(w->db, w->a, NULL,
			"INSERT INTO worker (part, host, pid) VALUES ('jobs', $1, $2) ON CONFLICT (part, host, pid) DO UPDATE SET seen_at = now()",
			DB_TEXT(w->host), DB_INT(getpid()));
}

static enum status run_schedule(struct worker *w)
{
	if (clock_monotonic_ms() < w->schedule_at)
		return ST_OK;
	w->schedule_at = clock_monotonic_ms() + SCHEDULE_MS;
	if (!w->scheduled) {
		enum status st = maintenance_prepare(w->db, w->a);
		if (st != ST_OK)
			return st;
		w->scheduled = true;
	}
	return maintenance_run_due(w->db, w->a, w->config, w->keys);
}

/* Waits longer each time, with jitter, so that many workers do not come back at once. */
static void wait_for_database(struct worker *w)
{
	uint16_t random;
	crypt_random(&random, sizeof(random));
	w->away_ms = w->away_ms == 0 ? AWAY_MIN_MS : w->away_ms * 2;
	if (w->away_ms > AWAY_MAX_MS)
		w->away_ms = AWAY_MAX_MS;
	prefork_wait(NULL, 0, w->away_ms / 2 + random % (w->away_ms / 2 + 1));
}

static void wait_for_work(struct worker *w)
{
	/* a notification may have come in together with the answer of the last statement */
	if (db_notified(w->db))
		return;
	int fd = db_socket(w->db);
	prefork_wait(&fd, fd >= 0 ? 1 : 0, w->config->job_poll_ms);
	(void)db_notified(w->db);
}

/* Frees what the dead predecessor held, or what this one could not bring to an end without the database. */
static enum status inherit(struct worker *w)
{
	struct worker_hold *h = w->hold;
	enum status st = ST_OK;
	if (h->claim && h->attempts <= QUICK_ATTEMPTS)
		st = queue_release(w->db, w->a, h->job, h->claim);
	if (st == ST_OK)
		h->claim = 0;
	return st;
}

static void run_job(struct worker *w, const struct job *job)
{
	w->away_ms = 0;
	*w->hold = (struct worker_hold){job->id, job->claim, job->attempts};
	if (job_execute(w->db, w->a, w->config, w->keys, job))
		w->hold->claim = 0;
}

static void turn(struct worker *w)
{
	struct job job;
	arena_reset(w->a);
	enum status st = db_ready(w->db);
	if (st == ST_OK)
		st = inherit(w);
	if (st == ST_OK)
		st = beat(w);
	if (st == ST_OK)
		st = run_schedule(w);
	if (st == ST_OK)
		st = (w->prompt ? queue_claim_prompt : queue_claim)(w->db, w->a, job_lease_s(w->config), &job);
	switch (st) {
	case ST_OK:
		run_job(w, &job);
		break;
	case ST_NOT_FOUND:
		w->away_ms = 0;
		wait_for_work(w);
		break;
	default:
		if (st != ST_UNAVAILABLE)
			log_error("jobs", "turn failed: %s", status_message());
		db_rollback(w->db);
		wait_for_database(w);
	}
}

enum status worker_prepare(struct worker_context *c)
{
	size_t size = (size_t)c->config->jobs_workers * sizeof(*c->holds);
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return status_fail(ST_ERROR, "no shared memory: %s", strerror(errno));
	c->holds = memory;
	return ST_OK;
}

/* While a carrier is away its messages may keep every worker waiting; codes and checks must go on. */
static bool is_prompt(const struct config *config, int number)
{
	int workers = config->jobs_workers;
	return workers > 1 && number < (workers + PROMPT_SHARE - 1) / PROMPT_SHARE;
}

int worker_run(void *context, int number)
{
	const struct worker_context *c = context;
	struct worker w = {.config = c->config, .keys = c->keys, .a = arena_create(), .hold = &c->holds[number], .prompt = is_prompt(c->config, number)};
	int result = 1;
	if (gethostname(w.host, sizeof(w.host) - 1) != 0)
		snprintf(w.host, sizeof(w.host), "unknown");
	if (db_open(&w.db, w.config->database, "realname-jobs") != ST_OK) {
		log_error("jobs", "%s", status_message());
		goto out;
	}
	enum status st = db_script(w.db, "listen job");
	if (st != ST_OK && st != ST_UNAVAILABLE) {
		log_error("jobs", "%s", status_message());
		goto out;
	}
	log_info("jobs", "worker=%d ready", number);
	while (!prefork_stopping())
		turn(&w);
	if (db_ready(w.db) == ST_OK && db_query(w.db, w.a, NULL, "DELETE FROM worker WHERE part = 'jobs' AND host = $1 AND pid = $2",
						DB_TEXT(w.host), DB_INT(getpid())) != ST_OK)
		log_warn("jobs", "%s", status_message());
	result = 0;
out:
	db_close(w.db);
	arena_destroy(w.a);
	return result;
}
