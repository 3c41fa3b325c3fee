/* The queue. Time is the clock of the database; every write of a worker names its claim, so that a worker that lost its job
 * changes nothing. What several statements must do together is a function of sql/0020_queue.sql. */
#include "store/queue.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define ERROR_MAX 200
#define DEATHS_MAX "5"           /* a job that was held by so many workers that died is a dead letter */
#define WORKER_LOCK "1380864843" /* first number of the advisory locks of workers */

/* ---- adding ---- */

static const struct {
	const char *kind, *lane;
	bool per_destination; /* the lane is lane:destination */
} kinds[] = {
	{"sms_send", "sms", false},
	{"certificate_read", "identity", false},
	{"live_code_fetch", "identity", false},
	{"liveness_verify", "identity", false},
	{"batch_push", "batch", false},
	{"t1_send", "t1", true},
	{"file_deliver", "sftp", true},
};

static const char *lane_of(struct arena *a, const struct queue_job *job)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].kind, job->kind) == 0 && kinds[i].per_destination == (job->destination != NULL))
			return job->destination ? arena_printf(a, "%s:%s", kinds[i].lane, job->destination) : kinds[i].lane;
	return NULL;
}

enum status queue_add_job(struct db *db, struct arena *a, const struct queue_job *job)
{
	const char *lane = lane_of(a, job);
	if (!lane)
		return status_fail(ST_ERROR, "job kind %s has no lane, or wants a destination", job->kind);
	return db_query(db, a, NULL, "SELECT job_add($1, $2, $3, $4, $5, $6)", DB_TEXT(job->kind), DB_TEXT(lane), DB_TEXT(job->subject),
			DB_TEXT(job->order_key), DB_INT(job->delay_s), DB_INT(job->due_s));
}

static void element(struct buffer *b, const char *text)
{
	buffer_text(b, b->length ? "," : "{");
	buffer_text(b, text ? text : "NULL");
}

enum status queue_add_jobs(struct db *db, struct arena *a, const struct queue_job *jobs, int count)
{
	enum { KIND, LANE, SUBJECT, KEY, DELAY, DUE, COLUMNS };
	struct buffer column[COLUMNS];
	bool overflow = false;
	for (int i = 0; i < COLUMNS; i++)
		buffer_init(&column[i], a, (size_t)count * 80 + 8);
	for (int i = 0; i < count; i++) {
		const char *lane = lane_of(a, &jobs[i]);
		if (!lane)
			return status_fail(ST_ERROR, "job kind %s has no lane, or wants a destination", jobs[i].kind);
		element(&column[KIND], jobs[i].kind);
		element(&column[LANE], lane);
		element(&column[SUBJECT], jobs[i].subject);
		element(&column[KEY], jobs[i].order_key);
		element(&column[DELAY], arena_printf(a, "%d", jobs[i].delay_s));
		element(&column[DUE], arena_printf(a, "%d", jobs[i].due_s));
	}
	for (int i = 0; i < COLUMNS; i++) {
		buffer_text(&column[i], column[i].length ? "}" : "{}");
		overflow |= column[i].overflow;
	}
	if (overflow)
		return status_fail(ST_LIMIT, "%d jobs are too much for one statement", count);
	return db_query(db, a, NULL,
			"SELECT job_add(u.kind, u.lane, u.subject, u.key, u.delay, u.due) FROM unnest($1::text[], $2::text[], $3::uuid[], "
			"$4::uuid[], $5::float8[], $6::float8[]) WITH ORDINALITY AS u (kind, lane, subject, key, delay, due, n) ORDER BY u.n",
			DB_TEXT(column[KIND].data), DB_TEXT(column[LANE].data), DB_TEXT(column[SUBJECT].data), DB_TEXT(column[KEY].data),
			DB_TEXT(column[DELAY].data), DB_TEXT(column[DUE].data));
}

enum status queue_add(struct db *db, struct arena *a, const char *kind, const char *subject, int delay_s)
{
	return queue_add_job(db, a, &(struct queue_job){.kind = kind, .subject = subject, .delay_s = delay_s});
}

/* ---- claiming ---- */

/* LIMIT is a literal: with a parameter the planner guesses a tenth of the table and reads it whole. The words of the conditions are
 * those of the indexes job_claimable and job_suspect. */
#define SUSPECT "deaths >= 2"
#define CLAIM(which, limit)                                                                                                                \
	"UPDATE job SET claim = nextval('job_claim'), attempts = attempts + 1, worker = $2, "                                              \
	"run_at = clock_timestamp() + make_interval(secs => $3) "                                                                          \
	"WHERE id = ANY (ARRAY (SELECT id FROM job WHERE lane = $1 " which                                                                 \
	"AND NOT behind AND NOT parked AND dead_at IS NULL AND run_at <= now() ORDER BY due_at LIMIT " limit " FOR UPDATE SKIP LOCKED)) "  \
	"RETURNING id, claim, kind, lane, subject, attempts, deaths, extract(epoch FROM due_at)::bigint AS due_at"
#define MORE "AND NOT (" SUSPECT ") "

static const struct {
	int max;
	const char *sql;
} claims[] = {{QUEUE_CLAIM_MAX, CLAIM(MORE, "200")}, {50, CLAIM(MORE, "50")}, {10, CLAIM(MORE, "10")}, {1, CLAIM(MORE, "1")}};

static enum status run_claim(struct db *db, struct arena *a, const char *sql, const char *lane, int worker, int lease_s, struct job *out,
			     int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, sql, DB_TEXT(lane), DB_INT(worker), DB_INT(lease_s));
	for (int row = 0; st == ST_OK && row < db_rows(r); row++)
		out[row] = (struct job){
			.id = db_int(r, row, "id"),
			.claim = db_int(r, row, "claim"),
			.kind = arena_strdup(a, db_text(r, row, "kind")),
			.lane = arena_strdup(a, db_text(r, row, "lane")),
			.subject = db_is_null(r, row, "subject") ? NULL : arena_strdup(a, db_text(r, row, "subject")),
			.attempts = (int)db_int(r, row, "attempts"),
			.deaths = (int)db_int(r, row, "deaths"),
			.due_at = db_int(r, row, "due_at"),
		};
	*count = st == ST_OK ? db_rows(r) : 0;
	return st;
}

enum status queue_claim_more(struct db *db, struct arena *a, const char *lane, int worker, int lease_s, int max, struct job *out,
			     int *count)
{
	size_t i = 0;
	*count = 0;
	if (max <= 0)
		return ST_OK;
	while (claims[i].max > max)
		i++;
	return run_claim(db, a, claims[i].sql, lane, worker, lease_s, out, count);
}

enum status queue_claim(struct db *db, struct arena *a, const char *lane, int worker, int lease_s, int max, struct job *out, int *count)
{
	*count = 0;
	if (max <= 0)
		return ST_OK;
	if (max == 1)
		return run_claim(db, a, CLAIM("", "1"), lane, worker, lease_s, out, count);
	enum status st = run_claim(db, a, CLAIM("AND " SUSPECT " ", "1"), lane, worker, lease_s, out, count);
	return st == ST_OK && *count == 0 ? queue_claim_more(db, a, lane, worker, lease_s, max, out, count) : st;
}

bool queue_is_suspect(const struct job *job)
{
	return job->deaths >= QUEUE_SUSPECT_DEATHS;
}

bool queue_is_retry(const struct job *job)
{
	return job->attempts - job->deaths > 1;
}

enum status queue_suspects(struct db *db, struct arena *a, const char *prefix, char **out, int max, int *count)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT DISTINCT lane FROM job WHERE " SUSPECT " AND NOT behind AND NOT parked AND dead_at IS NULL "
				  "AND run_at <= now() AND starts_with(lane, $1)",
				  DB_TEXT(prefix));
	*count = 0;
	for (int i = 0; st == ST_OK && i < db_rows(r) && i < max; i++)
		out[(*count)++] = arena_strdup(a, db_text(r, i, "lane"));
	return st;
}

enum status queue_ready(struct db *db, struct arena *a, const char *lane, bool *ready)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r,
				  "SELECT EXISTS (SELECT FROM job WHERE lane = $1 AND NOT behind AND NOT parked AND dead_at IS NULL AND "
				  "run_at <= now()) AS ready",
				  DB_TEXT(lane));
	if (st == ST_OK)
		*ready = db_bool(r, 0, "ready");
	return st;
}

/* From one lane to the next by the index, however many jobs a lane has. */
enum status queue_lanes(struct db *db, struct arena *a, const char *prefix, char **out, int max, int *count)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"WITH RECURSIVE next AS ("
		"(SELECT lane FROM job WHERE lane >= $1 AND NOT behind AND NOT parked AND dead_at IS NULL ORDER BY lane LIMIT 1) UNION ALL "
		"SELECT (SELECT j.lane FROM job j WHERE j.lane > next.lane AND NOT j.behind AND NOT j.parked AND j.dead_at IS NULL ORDER "
		"BY j.lane LIMIT 1) "
		"FROM next WHERE starts_with(next.lane, $1)) "
		"SELECT lane FROM next WHERE starts_with(lane, $1)",
		DB_TEXT(prefix));
	*count = 0;
	for (int i = 0; st == ST_OK && i < db_rows(r) && i < max; i++)
		out[(*count)++] = arena_strdup(a, db_text(r, i, "lane"));
	return st;
}

/* ---- what becomes of a claimed job ---- */

/* The outcome of a statement that is predicated on the claim. */
static enum status fenced(enum status st, const struct db_result *r, const struct job *job)
{
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK
				   : status_fail(ST_CONFLICT, "job %" PRId64 " is no longer held by claim %" PRId64, job->id, job->claim);
}

enum status queue_renew(struct db *db, struct arena *a, const struct job *job, int lease_s)
{
	struct db_result *r = NULL;
	enum status st =
		db_query(db, a, &r, "UPDATE job SET run_at = clock_timestamp() + make_interval(secs => $3) WHERE id = $1 AND claim = $2",
			 DB_INT(job->id), DB_INT(job->claim), DB_INT(lease_s));
	return fenced(st, r, job);
}

enum status queue_done_many(struct db *db, struct arena *a, const struct job *const *jobs, int count)
{
	struct db_result *r;
	struct buffer ids, tokens;
	buffer_init(&ids, a, (size_t)count * 24 + 8);
	buffer_init(&tokens, a, (size_t)count * 24 + 8);
	for (int i = 0; i < count; i++) {
		buffer_text(&ids, arena_printf(a, "%s%" PRId64, i ? "," : "{", jobs[i]->id));
		buffer_text(&tokens, arena_printf(a, "%s%" PRId64, i ? "," : "{", jobs[i]->claim));
	}
	if (count == 0)
		return ST_OK;
	buffer_text(&ids, "}");
	buffer_text(&tokens, "}");
	assert(!ids.overflow && !tokens.overflow);
	enum status st =
		db_query(db, a, &r, "SELECT cardinality(job_finish($1, $2, 'done')) AS count", DB_TEXT(ids.data), DB_TEXT(tokens.data));
	if (st != ST_OK)
		return st;
	return db_int(r, 0, "count") == count ? ST_OK
					      : status_fail(ST_CONFLICT, "job %" PRId64 "%s is no longer held by claim %" PRId64,
							    jobs[0]->id, count > 1 ? " or one of those with it" : "", jobs[0]->claim);
}

enum status queue_done(struct db *db, struct arena *a, const struct job *job)
{
	return queue_done_many(db, a, &job, 1);
}

static struct db_value short_text(struct arena *a, const char *text)
{
	return DB_TEXT(arena_strndup(a, text, strnlen(text, ERROR_MAX)));
}

enum status queue_retry(struct db *db, struct arena *a, const struct job *job, double delay_s, const char *error, bool uncount)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET run_at = clock_timestamp() + make_interval(secs => $3), claim = NULL, worker = NULL, "
				  "last_error = $4, attempts = attempts - $5 WHERE id = $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), DB_TEXT(arena_printf(a, "%.3f", delay_s > 0 ? delay_s : 0)),
				  short_text(a, error), DB_INT(uncount ? 1 : 0));
	return fenced(st, r, job);
}

enum status queue_park(struct db *db, struct arena *a, const struct job *job, const char *why)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET parked = true, claim = NULL, worker = NULL, last_error = $3 WHERE id = $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), short_text(a, why));
	return fenced(st, r, job);
}

enum status queue_dead(struct db *db, struct arena *a, const struct job *job, const char *cause, const char *error)
{
	struct db_result *r = NULL;
	enum status st = db_query(db, a, &r,
				  "UPDATE job SET dead_at = now(), claim = NULL, worker = NULL, dead_cause = $3, last_error = $4 WHERE id "
				  "= $1 AND claim = $2",
				  DB_INT(job->id), DB_INT(job->claim), DB_TEXT(cause), short_text(a, error));
	return fenced(st, r, job);
}

/* ---- what an operator does ---- */

enum status queue_requeue(struct db *db, struct arena *a, int64_t id)
{
	struct db_result *r;
	enum status st = db_query(
		db, a, &r,
		"WITH back AS (UPDATE job SET dead_at = NULL, dead_cause = NULL, attempts = 0, deaths = 0, run_at = now(), claim = NULL, "
		"worker = NULL WHERE id = $1 AND dead_at IS NOT NULL RETURNING lane) SELECT pg_notify(job_class(lane), '') FROM back",
		DB_INT(id));
	if (st != ST_OK)
		return st;
	return db_rows(r) == 1 ? ST_OK : status_fail(ST_NOT_FOUND, "no dead job %" PRId64, id);
}

enum status queue_skip(struct db *db, struct arena *a, int64_t id, const char *reason)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT job_skip($1, $2) AS skipped", DB_INT(id), short_text(a, reason));
	if (st != ST_OK)
		return st;
	return db_bool(r, 0, "skipped") ? ST_OK : status_fail(ST_NOT_FOUND, "no job %" PRId64 " that nobody holds", id);
}

/* ---- workers ---- */

static enum status begin_worker(struct db *db, struct arena *a, const char *role, int *id)
{
	struct db_result *r;
	char name[65] = "";
	const char *host = gethostname(name, sizeof(name) - 1) == 0 ? name : "unknown";
	enum status st = db_query(db, a, &r,
				  "WITH new AS (INSERT INTO worker (role, host, pid) VALUES ($1, $2, $3) RETURNING id) "
				  "SELECT id, pg_advisory_lock(" WORKER_LOCK ", id) FROM new",
				  DB_TEXT(role), DB_TEXT(host), DB_INT(getpid()));
	if (st == ST_OK)
		*id = (int)db_int(r, 0, "id");
	return st;
}

enum status queue_worker_start(struct db *db, struct arena *a, const char *role, int *id)
{
	struct db_result *r;
	if (*id == 0)
		return begin_worker(db, a, role, id);
	enum status st = db_query(db, a, &r,
				  "WITH mine AS (UPDATE worker SET seen_at = now(), missed_at = NULL WHERE id = $1 RETURNING id) "
				  "SELECT pg_try_advisory_lock(" WORKER_LOCK ", id) AS locked FROM mine",
				  DB_INT(*id));
	if (st != ST_OK)
		return st;
	if (db_rows(r) == 0)
		return status_fail(ST_CONFLICT, "worker %d was given up", *id);
	/* the server may not have noticed yet that the connection before this one is gone */
	return db_bool(r, 0, "locked") ? ST_OK : status_fail(ST_BUSY, "the lock of worker %d is still held by its old connection", *id);
}

enum status queue_give_back(struct db *db, struct arena *a, int id, const int64_t *held, int count, int *freed)
{
	struct db_result *r;
	struct buffer b;
	buffer_init(&b, a, (size_t)count * 24 + 8);
	buffer_text(&b, "{");
	for (int i = 0; i < count; i++)
		buffer_text(&b, arena_printf(a, "%s%" PRId64, i ? "," : "", held[i]));
	buffer_text(&b, "}");
	assert(!b.overflow);
	enum status st = db_query(
		db, a, &r,
		"UPDATE job SET run_at = now(), claim = NULL, worker = NULL WHERE worker = $1 AND claim IS NOT NULL AND claim <> ALL ($2)",
		DB_INT(id), DB_TEXT(b.data));
	*freed = st == ST_OK ? (int)db_affected(r) : 0;
	return st;
}

enum status queue_worker_seen(struct db *db, struct arena *a, int id)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "UPDATE worker SET seen_at = now() WHERE id = $1", DB_INT(id));
	if (st != ST_OK)
		return st;
	return db_affected(r) == 1 ? ST_OK : status_fail(ST_CONFLICT, "worker %d was given up", id);
}

enum status queue_worker_stop(struct db *db, struct arena *a, int id)
{
	return db_query(db, a, NULL,
			"WITH gone AS (DELETE FROM worker WHERE id = $1 RETURNING id) SELECT pg_advisory_unlock(" WORKER_LOCK
			", id) FROM gone",
			DB_INT(id));
}

enum status queue_reap(struct db *db, struct arena *a, double delay_scale, int *freed)
{
	struct db_result *r;
	enum status st = db_query(db, a, &r, "SELECT job_reap(" WORKER_LOCK ", " DEATHS_MAX ", $1) AS freed", DB_TEXT(arena_printf(a, "%g", delay_scale)));
	*freed = st == ST_OK ? (int)db_int(r, 0, "freed") : 0;
	return st;
}
