/* Circuit breakers and retry budgets. Knows nothing of what is sent. Times are this process's monotonic clock; what is shared are
 * seconds from now. */
#include "jobs/lane.h"

#include <string.h>

#include "base/clock.h"
#include "base/crypt.h"
#include "base/log.h"

#define LANES_MAX 64
#define WINDOW 100
#define WINDOW_LEAST 20
#define NOBODY_MOST 5
#define OPEN_FIRST_MS 30000
#define OPEN_MOST_MS 60000
#define PROBES_MOST 10
#define BUDGET_SHARE 0.1
#define BUDGET_MOST 100.0

enum state { CLOSED, OPEN, HALF_OPEN };
static const char *const state_names[] = {"closed", "open", "half_open"};

struct lane {
	char name[80];
	enum state state;
	bool failed[WINDOW];
	int calls, next, nobody;  /* of the window; how many in a row found nobody */
	int64_t retry_at;         /* open until then */
	int64_t open_ms;          /* how long it was open last */
	int flying, probes, good; /* half open: how many may fly, how many came back well */
	double budget;
	int64_t budget_at;
	bool changed; /* not yet in the table */
};

struct lanes {
	const struct config *config;
	struct lane lane[LANES_MAX];
	int count;
};

struct lanes *lanes_create(struct arena *a, const struct config *config)
{
	struct lanes *l = arena_alloc(a, sizeof(*l));
	*l = (struct lanes){.config = config};
	return l;
}

/* One lane too many takes the place of the last: it begins closed. */
static struct lane *find(struct lanes *l, const char *name)
{
	for (int i = 0; i < l->count; i++)
		if (strcmp(l->lane[i].name, name) == 0)
			return &l->lane[i];
	struct lane *new = &l->lane[l->count < LANES_MAX ? l->count++ : LANES_MAX - 1];
	*new = (struct lane){.budget = BUDGET_MOST / 10, .budget_at = clock_monotonic_ms()};
	strncat(new->name, name, sizeof(new->name) - 1);
	return new;
}

static int64_t scaled(const struct lanes *l, int64_t ms)
{
	return (int64_t)((double)ms * l->config->job_delay_scale);
}

static void turn(struct lane *lane, enum state state)
{
	lane->state = state;
	lane->changed = true;
	lane->calls = lane->next = lane->nobody = lane->good = 0;
	lane->probes = 1;
	memset(lane->failed, 0, sizeof(lane->failed));
}

/* Longer when it was a probe that failed; with jitter, so that several processes do not come back at once. */
static void open_lane(struct lanes *l, struct lane *lane)
{
	uint16_t random;
	crypt_random(&random, sizeof(random));
	lane->open_ms = lane->state == HALF_OPEN && lane->open_ms ? OPEN_MOST_MS : OPEN_FIRST_MS;
	lane->retry_at = clock_monotonic_ms() + scaled(l, lane->open_ms - random % (lane->open_ms / 4));
	turn(lane, OPEN);
	log_alarm("lane", "lane=%s open: no usable answers, next try in ms=%lld", lane->name,
		  (long long)(lane->retry_at - clock_monotonic_ms()));
}

int lane_allows(struct lanes *l, const char *name, int wanted)
{
	struct lane *lane = find(l, name);
	if (lane->state == OPEN && clock_monotonic_ms() >= lane->retry_at)
		turn(lane, HALF_OPEN);
	if (lane->state == CLOSED)
		return wanted;
	int free = lane->state == OPEN ? 0 : lane->probes - lane->flying;
	return free < 0 ? 0 : free < wanted ? free : wanted;
}

/* One a second; what shortens all delays lets them come as much more often. */
static void refill(const struct lanes *l, struct lane *lane)
{
	int64_t now = clock_monotonic_ms();
	double scale = l->config->job_delay_scale > 0 ? l->config->job_delay_scale : 1;
	lane->budget += (double)(now - lane->budget_at) / 1000 / scale;
	lane->budget_at = now;
	if (lane->budget > BUDGET_MOST)
		lane->budget = BUDGET_MOST;
}

void lane_began(struct lanes *l, const char *name, int calls, int retries)
{
	struct lane *lane = find(l, name);
	lane->flying += calls;
	refill(l, lane);
	lane->budget += BUDGET_SHARE * (calls - retries);
}

bool lane_may_retry(struct lanes *l, const char *name)
{
	struct lane *lane = find(l, name);
	refill(l, lane);
	if (lane->state != CLOSED) /* probes are few by themselves */
		return true;
	if (lane->budget < 1)
		return false;
	lane->budget -= 1;
	return true;
}

void lane_unused(struct lanes *l, const char *name)
{
	struct lane *lane = find(l, name);
	lane->flying -= lane->flying > 0;
}

static void count_closed(struct lanes *l, struct lane *lane, enum lane_report what)
{
	int failed = 0;
	lane->failed[lane->next] = what != LANE_OK;
	lane->next = (lane->next + 1) % WINDOW;
	lane->calls += lane->calls < WINDOW;
	lane->nobody = what == LANE_NO_CONNECTION ? lane->nobody + 1 : 0;
	for (int i = 0; i < lane->calls; i++)
		failed += lane->failed[i];
	if (lane->nobody >= NOBODY_MOST || (lane->calls >= WINDOW_LEAST && failed * 2 >= lane->calls))
		open_lane(l, lane);
}

static void count_half_open(struct lanes *l, struct lane *lane, enum lane_report what)
{
	if (what != LANE_OK) {
		open_lane(l, lane);
		return;
	}
	lane->probes = lane->probes * 2 < PROBES_MOST ? lane->probes * 2 : PROBES_MOST;
	if (++lane->good >= PROBES_MOST) {
		turn(lane, CLOSED);
		lane->open_ms = 0;
		log_info("lane", "lane=%s closed: answers are usable again", lane->name);
	}
}

void lane_report(struct lanes *l, const char *name, enum lane_report what)
{
	struct lane *lane = find(l, name);
	lane_unused(l, name);
	if (lane->state == CLOSED)
		count_closed(l, lane, what);
	else if (lane->state == HALF_OPEN)
		count_half_open(l, lane, what);
	/* open: the call began before that */
}

static enum status write_changed(struct lanes *l, struct db *db, struct arena *a)
{
	enum status st = ST_OK;
	for (int i = 0; st == ST_OK && i < l->count; i++) {
		struct lane *lane = &l->lane[i];
		int64_t left = lane->retry_at - clock_monotonic_ms();
		if (!lane->changed)
			continue;
		st = db_query(db, a, NULL,
			      "INSERT INTO lane (name, state, retry_at) VALUES ($1, $2, now() + make_interval(secs => $3::float8 / 1000)) "
			      "ON CONFLICT (name) DO UPDATE SET state = excluded.state, retry_at = excluded.retry_at, changed_at = now()",
			      DB_TEXT(lane->name), DB_TEXT(state_names[lane->state]),
			      lane->state == OPEN ? DB_INT(left > 0 ? left : 0) : DB_NULL);
		if (st == ST_OK)
			lane->changed = false;
	}
	return st;
}

/* Another process, or a person, opened or closed a lane. */
static void adopt(struct lane *lane, const char *state, int64_t left_ms)
{
	if (strcmp(state, "open") == 0 && left_ms > 0 && lane->state == CLOSED) {
		turn(lane, OPEN);
		lane->retry_at = clock_monotonic_ms() + left_ms;
		lane->changed = false;
	} else if (strcmp(state, "closed") == 0 && lane->state == OPEN) {
		turn(lane, CLOSED);
		lane->changed = false;
	}
}

enum status lanes_sync(struct lanes *l, struct db *db, struct arena *a)
{
	struct db_result *r;
	enum status st = write_changed(l, db, a);
	if (st == ST_OK)
		st = db_query(db, a, &r,
			      "SELECT name, state, (extract(epoch FROM retry_at - clock_timestamp()) * 1000)::bigint AS left_ms FROM lane "
			      "WHERE state = 'open' OR changed_at > now() - interval '10 seconds'");
	for (int i = 0; st == ST_OK && i < db_rows(r); i++)
		adopt(find(l, db_text(r, i, "name")), db_text(r, i, "state"), db_int(r, i, "left_ms"));
	return st;
}
