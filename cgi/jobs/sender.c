/* The loop that sends messages to carriers: many are on their way at once, and what comes back together is written together. Knows
 * nothing of what the messages are. */
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/prefork.h"
#include "jobs/crash.h"
#include "jobs/job.h"
#include "jobs/t1_message.h"
#include "jobs/worker.h"

#define LANES_MAX 64
#define WAIT_MS 100
#define LOOK_MS 1000
#define BUDGET_WAIT_S 2

/* Messages that were claimed together; their memory goes when the last of them is settled. */
struct group {
	struct arena *a;
	int open;
};
struct flight {
	struct t1_flight t1; /* first: http_landed gives it back */
	struct group *group;
	struct flight *next;          /* of those that have landed */
	struct flight *newer, *older; /* of all that are held */
};
struct sender {
	struct worker *w;
	struct http_flights *http;
	int flying; /* claimed and not settled */
	struct flight *newest;
	struct flight *landed;
	int landed_count;
	int turn; /* which lane begins */
	struct arena *suspects_a;
	char *suspects[LANES_MAX]; /* lanes that had suspects waiting at the last look */
	int suspect_count;
	int64_t look_at;
	bool alone;         /* what is flying is a suspect: nothing is claimed beside it */
	int64_t claimed_at; /* when the claim was asked for that is being launched */
};

static void release(struct group *g)
{
	if (--g->open == 0)
		arena_destroy(g->a);
}

static void enter(struct sender *s, struct flight *f)
{
	s->flying++;
	f->older = s->newest;
	if (f->older)
		f->older->newer = f;
	s->newest = f;
}

static void leave(struct sender *s, struct flight *f)
{
	s->flying--;
	if (f->older)
		f->older->newer = f->newer;
	if (f->newer)
		f->newer->older = f->older;
	else
		s->newest = f->older;
	release(f->group);
}

static const int64_t *held(const struct worker *w, int *count)
{
	const struct sender *s = w->loop;
	int64_t *claims = arena_alloc(w->a, (size_t)(s->flying + 1) * sizeof(*claims));
	*count = 0;
	for (const struct flight *f = s->newest; f; f = f->older)
		claims[(*count)++] = f->t1.job.claim;
	return claims;
}

/* ---- claiming and starting ---- */

/* Messages that may not be tried again now go back at once. */
static enum status within_budget(struct sender *s, const struct job *jobs, int *count, struct job *kept)
{
	int n = 0, retries = 0;
	enum status st = ST_OK;
	for (int i = 0; st == ST_OK && i < *count; i++) {
		if (!queue_is_retry(&jobs[i]) || lane_may_retry(s->w->lanes, jobs[i].lane)) {
			retries += queue_is_retry(&jobs[i]);
			kept[n++] = jobs[i];
		} else
			st = queue_retry(s->w->db, s->w->a, &jobs[i], BUDGET_WAIT_S * s->w->config->job_delay_scale, "retry budget", true);
	}
	*count = n;
	if (st == ST_OK && n > 0)
		lane_began(s->w->lanes, jobs[0].lane, n, retries);
	return st;
}

/* A lease is a call's time-out and something to spare. A process that slept for longer than that may not begin: somebody else will have
 * the message by the time its bytes are out. The time-out ends what has begun. */
static int64_t begin_by(const struct sender *s)
{
	return s->claimed_at + (int64_t)job_lease_spare_s(s->w->config) * 1000;
}

static bool slept(const struct sender *s)
{
	return clock_monotonic_ms() > begin_by(s);
}

static void start(struct sender *s, struct flight *f)
{
	/* It may sleep with the connection half made: somebody else has sent this message by then, and what comes after it. */
	f->t1.call.send_by = begin_by(s) + f->t1.call.timeout_ms;
	if (f->t1.next == T1_SEND && http_begin(s->http, f->group->a, &f->t1.call, f) == ST_OK)
		return;
	if (f->t1.next == T1_SEND) /* cannot be: the profile was checked */
		log_alarm("t1", "message=%s: %s", f->t1.message.id, status_message());
	lane_unused(s->w->lanes, f->t1.job.lane);
	leave(s, f);
}

static void abandon(struct sender *s, struct flight *const *f, int count)
{
	for (int i = 0; i < count; i++) {
		lane_unused(s->w->lanes, f[i]->t1.job.lane);
		leave(s, f[i]);
	}
}

static enum status launch(struct sender *s, const struct job *jobs, int count)
{
	struct arena *a = arena_create();
	struct group *g = arena_alloc(a, sizeof(*g));
	struct flight **f = arena_alloc(a, (size_t)count * sizeof(*f));
	struct t1_flight **t1 = arena_alloc(a, (size_t)count * sizeof(*t1));
	*g = (struct group){.a = a, .open = count + 1}; /* one is ours, so that the group outlives this function */
	for (int i = 0; i < count; i++) {
		f[i] = arena_alloc(a, sizeof(**f));
		*f[i] = (struct flight){.group = g};
		enter(s, f[i]);
		f[i]->t1.job = jobs[i];
		f[i]->t1.job.lane = arena_strdup(a, jobs[i].lane);
		f[i]->t1.job.subject = arena_strdup(a, jobs[i].subject);
		t1[i] = &f[i]->t1;
	}
	crash_point(CRASH_JOB_CLAIMED);
	enum status st = t1_prepare(s->w->db, a, s->w->config, s->w->keys, t1, count);
	if (st == ST_OK)
		st = t1_record(s->w->db, a, s->w->config, s->w->keys, t1, count);
	if (st == ST_OK && slept(s))
		st = status_fail(ST_BUSY, "the process slept");
	if (st == ST_OK)
		for (int i = 0; i < count; i++)
			start(s, f[i]);
	else
		abandon(s, f, count);
	release(g);
	return st;
}

/* One at a time when they could not begin together: one that is at fault holds back no other. */
static enum status launch_each(struct sender *s, const struct job *jobs, int count)
{
	enum status st = launch(s, jobs, count);
	if (st == ST_OK || st == ST_UNAVAILABLE || count == 1 || slept(s))
		return st;
	log_warn("t1", "count=%d messages could not begin together: %s", count, status_message());
	for (int i = 0; i < count; i++) {
		lane_began(s->w->lanes, jobs[i].lane, 1, queue_is_retry(&jobs[i]));
		st = launch(s, &jobs[i], 1);
		if (st == ST_UNAVAILABLE)
			return st;
		if (st != ST_OK)
			log_error("t1", "job=%lld left to its lease: %s", (long long)jobs[i].id, status_message());
	}
	return ST_OK;
}

static enum status claim_lane(struct sender *s, const char *lane, int *claimed)
{
	struct worker *w = s->w;
	int wanted = lane_allows(w->lanes, lane, w->config->t1_flights - s->flying), count;
	struct job jobs[QUEUE_CLAIM_MAX], kept[QUEUE_CLAIM_MAX];
	s->claimed_at = clock_monotonic_ms();
	enum status st = s->flying ? queue_claim_more(w->db, w->a, lane, w->id, job_lease_s(w->config), wanted, jobs, &count)
				   : queue_claim(w->db, w->a, lane, w->id, job_lease_s(w->config), wanted, jobs, &count);
	*claimed += count;
	s->alone = st == ST_OK && count == 1 && queue_is_suspect(&jobs[0]);
	if (st == ST_OK && count > 0)
		st = within_budget(s, jobs, &count, kept);
	return st == ST_OK && count > 0 ? launch_each(s, kept, count) : st;
}

/* Looks once a second. */
static enum status look_for_suspects(struct sender *s)
{
	int64_t now = clock_monotonic_ms();
	if (now < s->look_at)
		return ST_OK;
	s->look_at = now + LOOK_MS;
	arena_reset(s->suspects_a);
	return queue_suspects(s->w->db, s->suspects_a, "t1:", s->suspects, LANES_MAX, &s->suspect_count);
}

static bool has_suspects(const struct sender *s, const char *lane)
{
	for (int i = 0; i < s->suspect_count; i++)
		if (strcmp(s->suspects[i], lane) == 0)
			return lane_allows(s->w->lanes, lane, 1) > 0;
	return false;
}

/* A suspect is claimed when nothing else flies, and nothing is claimed while it flies. */
static enum status claim_all(struct sender *s, int *claimed)
{
	const char *lanes[LANES_MAX];
	int count, suspects = 0;
	if (s->alone && s->flying > 0)
		return ST_OK;
	s->alone = false;
	enum status st = t1_lanes(s->w->db, s->w->a, lanes, LANES_MAX, &count);
	if (st == ST_OK)
		st = look_for_suspects(s);
	for (int i = 0; st == ST_OK && i < count; i++)
		suspects += has_suspects(s, lanes[i]);
	if (suspects && s->flying > 0)
		return st;
	for (int i = 0; st == ST_OK && suspects && !s->alone && i < count; i++)
		if (has_suspects(s, lanes[i]))
			st = claim_lane(s, lanes[i], claimed);
	s->suspect_count = suspects ? 0 : s->suspect_count; /* until the next look */
	s->turn++;
	for (int i = 0; st == ST_OK && !s->alone && i < count && s->flying < s->w->config->t1_flights; i++)
		st = claim_lane(s, lanes[(i + s->turn) % count], claimed);
	return st;
}

/* ---- what came back ---- */

static void collect(struct sender *s)
{
	void *tag;
	struct http_answer answer;
	while (http_landed(s->http, &tag, &answer)) {
		struct flight *f = tag;
		crash_point(CRASH_T1_AFTER_SEND);
		f->t1.http = answer;
		lane_report(s->w->lanes, f->t1.job.lane, t1_judge(f->group->a, &f->t1));
		f->next = s->landed;
		s->landed = f;
		s->landed_count++;
	}
}

static void drop_landed(struct sender *s, struct flight *f)
{
	leave(s, f);
	s->landed_count--;
}

/* When they cannot be written together each is written alone: what another changed concerns one of them. */
static enum status settle(struct sender *s)
{
	struct worker *w = s->w;
	struct t1_flight **all = arena_alloc(w->a, (size_t)(s->landed_count + 1) * sizeof(*all));
	int count = 0;
	for (struct flight *f = s->landed; f; f = f->next)
		all[count++] = &f->t1;
	enum status st = count ? t1_settle(w->db, w->a, w->config, w->keys, all, count) : ST_OK;
	if (st == ST_UNAVAILABLE)
		return st; /* they wait for the database; when their lease runs out first, their claims tell */
	for (struct flight *f = s->landed, *next; f; f = next) {
		struct t1_flight *one = &f->t1;
		next = f->next;
		enum status alone = st != ST_OK && count > 1 ? t1_settle(w->db, w->a, w->config, w->keys, &one, 1) : st;
		if (alone == ST_UNAVAILABLE) {
			s->landed = f;
			return alone;
		}
		if (alone != ST_OK)
			log_warn("t1", "kind=t1_send left to its lease: %s", status_message());
		drop_landed(s, f);
	}
	s->landed = NULL;
	return ST_OK;
}

int sender_run(struct worker *w)
{
	struct sender s = {.w = w, .http = http_flights_create(w->long_lived), .suspects_a = arena_create()};
	w->held = held;
	w->loop = &s;
	while (!prefork_stopping() || s.flying > 0) {
		int claimed = 0;
		enum status st = worker_turn(w);
		if (st == ST_OK || st == ST_CONFLICT)
			st = settle(&s);
		if (st == ST_OK && !prefork_stopping())
			st = claim_all(&s, &claimed);
		if (st != ST_OK && s.flying == 0)
			worker_wait_away(w, st);
		else if (s.flying == 0) {
			if (!claimed && !prefork_stopping())
				worker_wait_work(w);
		} else {
			if (st != ST_OK)
				db_rollback(w->db);
			http_wait(s.http, st == ST_OK ? db_socket(w->db) : -1, claimed ? 0 : WAIT_MS);
			(void)db_notified(w->db);
		}
		collect(&s);
		if (prefork_stopping() && st == ST_UNAVAILABLE && s.flying == s.landed_count)
			break; /* nothing can be written: the lease or the next worker brings them back, with the same bytes */
	}
	arena_destroy(s.suspects_a);
	return 0;
}
