/* The life of a worker process. Knows nothing of what its loop does. */
#include "jobs/worker.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"

#define SEEN_MS 5000
#define SECOND_MS 1000
#define AWAY_MIN_MS 100
#define AWAY_MAX_MS 2000

static const struct role {
	const char *name, *channel;
	size_t count; /* where struct config has how many */
	int (*run)(struct worker *w);
} roles[] = {
	{"prompt", "listen job_prompt", offsetof(struct config, jobs_workers), prompt_run},
	{"t1", "listen job_t1", offsetof(struct config, t1_workers), sender_run},
	{"sftp", "listen job_sftp", offsetof(struct config, sftp_workers), courier_run},
};
#define ROLES (sizeof(roles) / sizeof(roles[0]))

static int count_of(const struct role *role, const struct config *config)
{
	return *(const int *)((const char *)config + role->count);
}

int worker_count(const struct config *config)
{
	int count = 0;
	for (size_t i = 0; i < ROLES; i++)
		count += count_of(&roles[i], config);
	return count;
}

/* The lock of the lost connection is gone, and with it whatever was asked for on that and not yet done. */
static enum status give_back(struct worker *w)
{
	int count = 0, freed;
	if (!w->held)
		return ST_OK;
	const int64_t *held = w->held(w, &count);
	enum status st = queue_give_back(w->db, w->a, w->id, held, count, &freed);
	if (st == ST_OK && freed > 0)
		log_warn("jobs", "role=%s gave back jobs=%d that it had claimed without hearing of it", w->role, freed);
	return st;
}

static enum status register_worker(struct worker *w)
{
	bool again = w->id != 0, given_up = false;
	enum status st = queue_worker_start(w->db, w->a, w->role, &w->id);
	if (st == ST_CONFLICT) {
		log_warn("jobs", "%s", status_message());
		w->id = 0;
		given_up = true;
		st = queue_worker_start(w->db, w->a, w->role, &w->id);
	} else if (st == ST_OK && again)
		st = give_back(w);
	if (st == ST_OK)
		w->session = db_session(w->db);
	return st == ST_OK && given_up ? ST_CONFLICT : st;
}

static enum status each_second(struct worker *w)
{
	int64_t now = clock_monotonic_ms();
	int freed;
	if (now < w->second_at)
		return ST_OK;
	w->second_at = now + SECOND_MS;
	enum status st = queue_reap(w->db, w->a, w->config->job_delay_scale, &freed);
	if (st == ST_OK && freed > 0)
		log_warn("jobs", "freed=%d jobs of workers that died", freed);
	if (st == ST_OK)
		st = lanes_sync(w->lanes, w->db, w->a);
	if (st != ST_OK || now < w->seen_at)
		return st;
	w->seen_at = now + SEEN_MS;
	st = queue_worker_seen(w->db, w->a, w->id);
	if (st == ST_CONFLICT)
		w->session = 0; /* the next turn begins anew */
	return st == ST_CONFLICT ? ST_OK : st;
}

enum status worker_turn(struct worker *w)
{
	arena_reset(w->a);
	enum status st = db_ready(w->db);
	if (st != ST_OK)
		return st;
	if (w->session != db_session(w->db))
		st = register_worker(w);
	if (st == ST_OK)
		st = each_second(w);
	if (st == ST_OK)
		w->away_ms = 0;
	return st;
}

void worker_wait_away(struct worker *w, enum status st)
{
	uint16_t random;
	if (st != ST_UNAVAILABLE)
		log_error("jobs", "role=%s turn failed: %s", w->role, status_message());
	db_rollback(w->db);
	crypt_random(&random, sizeof(random));
	w->away_ms = w->away_ms == 0 ? AWAY_MIN_MS : w->away_ms * 2;
	if (w->away_ms > AWAY_MAX_MS)
		w->away_ms = AWAY_MAX_MS;
	prefork_wait(NULL, 0, w->away_ms / 2 + random % (w->away_ms / 2 + 1));
}

void worker_wait_work(struct worker *w)
{
	/* a notification may have come in together with the answer of the last statement */
	if (db_notified(w->db))
		return;
	int fd = db_socket(w->db);
	prefork_wait(&fd, fd >= 0 ? 1 : 0, w->config->job_poll_ms);
	(void)db_notified(w->db);
}

int worker_run(void *context, int number)
{
	const struct worker_context *c = context;
	size_t i = 0;
	for (; i < ROLES - 1 && number >= count_of(&roles[i], c->config); i++)
		number -= count_of(&roles[i], c->config);
	struct worker w = {
		.config = c->config,
		.keys = c->keys,
		.role = roles[i].name,
		.channel = roles[i].channel,
		.number = number,
		.a = arena_create(),
		.long_lived = arena_create(),
	};
	int result = 1;
	w.lanes = lanes_create(w.long_lived, w.config);
	enum status st = db_open(&w.db, w.config->database, "realname-jobs");
	if (st == ST_OK)
		st = db_script(w.db, w.channel);
	if (st != ST_OK && st != ST_UNAVAILABLE) {
		log_error("jobs", "%s", status_message());
		goto out;
	}
	log_info("jobs", "role=%s number=%d ready", w.role, number);
	result = roles[i].run(&w);
	if (w.id && db_ready(w.db) == ST_OK && w.session == db_session(w.db) && queue_worker_stop(w.db, w.a, w.id) != ST_OK)
		log_warn("jobs", "%s", status_message());
out:
	db_close(w.db);
	arena_destroy(w.a);
	arena_destroy(w.long_lived);
	return result;
}
