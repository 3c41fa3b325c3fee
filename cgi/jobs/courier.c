/* The loop that carries files to carriers by SFTP: one session at a time, many files through it. Knows nothing of what is in a file. */
#include "jobs/courier.h"

#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"

#define LANES_MAX 64
#define IDLE_MS 5000
#define SESSION_MS 300000 /* then it begins anew, with what the profile says by then */
#define SWEEP_MS 600000
#define BUDGET_WAIT_S 2
#define BROKEN_MOST 50 /* libcurl keeps the 300 KB of a session that it had to give up: then another process goes on */

static void step(void *context)
{
	struct courier *c = context;
	if (courier_keep(c) != ST_OK) /* it shows again at the next write */
		log_warn("sftp", "%s", status_message());
}

static enum status build_file(struct courier *c, const struct t1_file *f, struct file_built *out)
{
	return file_build(c->builder, c->w->db, c->file_a, f, c->sftp_profile.cipher, (struct bytes){c->bin_key, sizeof(c->bin_key)}, out);
}

/* ---- claimed jobs ---- */

static const int64_t *held(const struct worker *w, int *count)
{
	const struct courier *c = w->loop;
	int64_t *claims = arena_alloc(w->a, (COURIER_BATCH + 1) * sizeof(*claims));
	*count = 0;
	for (int i = c->next; i < c->count; i++)
		claims[(*count)++] = c->jobs[i].claim;
	return claims;
}

/* What was claimed and not begun goes back as if it had never been claimed. */
static enum status put_back(struct courier *c)
{
	enum status st = ST_OK;
	for (; st == ST_OK && c->next < c->count; c->next++) {
		st = queue_retry(c->w->db, c->w->a, &c->jobs[c->next], 0, "its session ended", true);
		if (st == ST_CONFLICT)
			st = ST_OK;
	}
	return st;
}

/* A process that is new, or has just lost its session, begins with one: a file that kills takes no others with it. */
static enum status claim(struct courier *c, const char *lane)
{
	struct worker *w = c->w;
	struct job jobs[COURIER_BATCH];
	int wanted = lane_allows(w->lanes, lane, c->batch), count = 0, retries = 0;
	c->count = c->next = 0;
	arena_reset(c->batch_a);
	enum status st = queue_claim(w->db, c->batch_a, lane, w->id, COURIER_HOLD(w->config), wanted, jobs, &count);
	for (int i = 0; st == ST_OK && i < count; i++) {
		if (!queue_is_retry(&jobs[i]) || lane_may_retry(w->lanes, lane)) {
			retries += queue_is_retry(&jobs[i]);
			c->jobs[c->count++] = jobs[i];
		} else
			st = queue_retry(w->db, w->a, &jobs[i], BUDGET_WAIT_S * w->config->job_delay_scale, "retry budget", true);
	}
	lane_began(w->lanes, lane, c->count, retries);
	c->claimed_at = clock_monotonic_ms();
	return st == ST_OK && c->count > 0 ? courier_rests(c, false) : st;
}

static enum status deliver_claimed(struct courier *c, const char *lane)
{
	enum sftp_result session = SFTP_OK;
	enum status st = ST_OK;
	while (st == ST_OK && session == SFTP_OK && c->next < c->count && !prefork_stopping()) {
		st = courier_deliver(c, &c->jobs[c->next], &session);
		c->next += st != ST_UNAVAILABLE; /* without the database: it is put back with the others */
	}
	for (int i = c->next + (st == ST_UNAVAILABLE); i < c->count; i++)
		lane_unused(c->w->lanes, lane);
	c->batch = st == ST_OK && session == SFTP_OK ? COURIER_BATCH : 1;
	c->used_at = clock_monotonic_ms();
	if (st == ST_OK)
		st = put_back(c);
	if (session != SFTP_OK) {
		courier_close(c, session == SFTP_CUT);
		if (st == ST_OK)
			st = courier_give_slot(c);
	}
	return st;
}

/* ---- lanes ---- */

/* One setting scales every wait. */
static int64_t scaled(const struct courier *c, int64_t ms)
{
	return (int64_t)((double)ms * c->w->config->job_delay_scale);
}

static bool is_open_to(const struct courier *c, const char *lane)
{
	return c->sftp && text_equal(strchr(lane, ':') + 1, c->connection_id) && clock_monotonic_ms() < c->opened_at + SESSION_MS;
}

static enum status end_session(struct courier *c)
{
	courier_close(c, false);
	return courier_give_slot(c);
}

static enum status reach(struct courier *c, const char *lane, bool sweeping, bool *open)
{
	*open = is_open_to(c, lane);
	if (*open)
		return ST_OK;
	enum status st = end_session(c);
	return st == ST_OK ? courier_open(c, lane, sweeping, open) : st;
}

static enum status serve(struct courier *c, const char *lane, bool *worked)
{
	bool ready, open;
	if (lane_allows(c->w->lanes, lane, 1) < 1)
		return ST_OK;
	enum status st = queue_ready(c->w->db, c->w->a, lane, &ready);
	if (st != ST_OK || !ready)
		return st;
	if ((st = reach(c, lane, false, &open)) != ST_OK || !open)
		return st;
	courier_wind(c);
	st = claim(c, lane);
	*worked = c->count > 0;
	if (st == ST_OK)
		return deliver_claimed(c, lane);
	for (int i = 0; i < c->count; i++)
		lane_unused(c->w->lanes, lane);
	return st;
}

/* The lane of the session first, for as long as the session may live; then the others in turn. */
static enum status serve_one(struct courier *c, bool *worked)
{
	char *lanes[LANES_MAX];
	int count;
	enum status st = queue_lanes(c->w->db, c->w->a, "sftp:", lanes, LANES_MAX, &count);
	for (int i = 0; st == ST_OK && i < count; i++)
		if (is_open_to(c, lanes[i]))
			st = serve(c, lanes[i], worked);
	c->turn += !*worked;
	for (int i = 0; st == ST_OK && !*worked && i < count; i++)
		st = serve(c, lanes[(i + c->turn + c->w->number) % count], worked);
	return st;
}

static enum status sweep(struct courier *c)
{
	int64_t now = clock_monotonic_ms();
	enum sftp_result session = SFTP_OK;
	enum status st = ST_OK;
	bool open = true;
	if (now < c->sweep_at)
		return ST_OK;
	c->sweep_at = now + scaled(c, SWEEP_MS);
	while (st == ST_OK && open && session == SFTP_OK && !prefork_stopping()) {
		struct t1_file f;
		st = t1_file_stale(c->w->db, c->w->a, &f);
		if (st == ST_NOT_FOUND)
			return ST_OK;
		const char *lane = st == ST_OK ? arena_printf(c->w->a, "sftp:%s", f.connection_id) : NULL;
		open = st == ST_OK && lane_allows(c->w->lanes, lane, 1) > 0;
		if (open)
			st = reach(c, lane, true, &open);
		if (st == ST_OK && open)
			st = courier_sweep(c, &f, &session);
	}
	if (session != SFTP_OK)
		courier_close(c, session == SFTP_CUT);
	return st;
}

/* ---- the loop ---- */

static void rest(struct courier *c)
{
	enum status st = c->sftp && clock_monotonic_ms() >= c->used_at + scaled(c, IDLE_MS) ? end_session(c) : courier_rests(c, true);
	if (st != ST_OK)
		log_warn("sftp", "%s", status_message());
	courier_unwind();
	worker_wait_work(c->w);
}

/* Without the database neither slot nor jobs can be kept: the session ends, the jobs are put back when it is there again. */
static void lose(struct courier *c, enum status st)
{
	courier_close(c, false);
	courier_unwind();
	c->batch = 1;
	worker_wait_away(c->w, st);
}

static void turn(struct courier *c)
{
	bool worked = false;
	enum status st = worker_turn(c->w);
	if (st == ST_CONFLICT) { /* given up meanwhile: slot and jobs are others' */
		courier_close(c, true);
		c->slot = c->count = c->next = 0;
		st = ST_OK;
	}
	if (st == ST_OK)
		st = courier_give_slot(c);
	if (st == ST_OK)
		st = put_back(c);
	if (st == ST_OK)
		st = sweep(c);
	if (st == ST_OK && !prefork_stopping())
		st = serve_one(c, &worked);
	if (st != ST_OK)
		lose(c, st);
	else if (!worked)
		rest(c);
}

int courier_loop(struct worker *w, courier_build build)
{
	struct courier c = {
		.w = w, .build = build, .batch = 1, .session_a = arena_create(), .batch_a = arena_create(), .file_a = arena_create()};
	w->held = held;
	w->loop = &c;
	c.builder = file_builder_create(w->long_lived, w->config, w->keys, step, &c);
	while (!prefork_stopping() && c.broken < BROKEN_MOST)
		turn(&c);
	if (worker_turn(w) != ST_OK || put_back(&c) != ST_OK || end_session(&c) != ST_OK)
		log_warn("sftp", "%s", status_message());
	courier_close(&c, false);
	arena_destroy(c.file_a);
	arena_destroy(c.batch_a);
	arena_destroy(c.session_a);
	return 0;
}

int courier_run(struct worker *w)
{
	return courier_loop(w, build_file);
}
